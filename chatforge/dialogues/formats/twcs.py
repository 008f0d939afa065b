"""TWCS (Customer Support on Twitter): a table of tweets, from which the threads are put together again.

    tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id
    8,115712,True,…,"@sprintcare help",9,                        ──►   user:      @sprintcare help
    9,sprintcare,False,…,"@115712 Please write to us.",,8              assistant: @115712 Please write to us.

Of a thread with branches the longest line is read. All threads of one customer have one `scenario`. Ids and texts of
the whole file are held in memory, as answers may stand anywhere in it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.walk import most, name

NAME = "twcs"
WHAT = "Customer Support on Twitter: a table of tweets with `inbound` and `in_response_to_tweet_id`"
KINDS: tuple[Kind, ...] = ("table", "parquet")

_COLUMNS = frozenset({"tweet_id", "author_id", "inbound", "text", "in_response_to_tweet_id"})


@dataclass(frozen=True, slots=True)
class _Tweet:
    line: int
    author: str
    is_customer: bool
    text: str
    answers: str | None


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records are tweets."""
    return most(sample, lambda record: isinstance(record.value, dict) and record.value.keys() >= _COLUMNS)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read all tweets, then yield a conversation for each tweet that answers no other one of the file."""
    tweets: dict[str, _Tweet] = {}
    for record in records:
        if isinstance(record, BadLine):
            yield record
        elif (identity := _id(record.value)) is None:
            yield BadLine(path, record.line, "no tweet: `tweet_id`, `author_id` or `text` is missing")
        elif identity in tweets:
            yield BadLine(path, record.line, f"tweet {identity[:40]} is there twice")
        else:
            tweets[identity] = _tweet(record)
    yield from _threads(tweets, path)


def _threads(tweets: Mapping[str, _Tweet], path: Path) -> Iterator[Draft | BadLine]:
    answers: dict[str, list[str]] = defaultdict(list)
    for identity, tweet in tweets.items():
        if tweet.answers in tweets:
            answers[tweet.answers or ""].append(identity)
    circling = dict.fromkeys(tweets)
    for root, tweet in tweets.items():
        if tweet.answers in tweets:
            continue
        thread = _in_order(root, answers)
        for identity in thread:
            del circling[identity]
        yield _draft(root, thread, answers, tweets, path)
    for identity in circling:
        yield BadLine(path, tweets[identity].line, f"tweet {identity[:40]} answers itself in a circle")


def _draft(
    root: str, thread: Sequence[str], answers: Mapping[str, list[str]], tweets: Mapping[str, _Tweet], path: Path
) -> Draft:
    depth: dict[str, int] = {}
    for identity in reversed(thread):
        depth[identity] = 1 + max((depth[answer] for answer in answers.get(identity, ())), default=0)
    line = [root]
    while answers.get(line[-1]):
        line.append(max(answers[line[-1]], key=depth.__getitem__))
    said = [tweets[identity] for identity in line]
    remarks = tuple(Remark("user" if tweet.is_customer else "assistant", tweet.text) for tweet in said)
    customer = next((tweet.author for tweet in said if tweet.is_customer), None)
    company = next((tweet.author for tweet in said if not tweet.is_customer), None)
    meta = {key: value for key, value in (("scenario", customer), ("category", company)) if value}
    changed = ("tweets beside the longest line of a thread left out",) * (len(thread) - len(line))
    return Draft(remarks, path, said[0].line, root, meta, changed)


def _in_order(root: str, answers: Mapping[str, list[str]]) -> list[str]:
    """Return the tweets of a thread, each before its answers."""
    thread = [root]
    for identity in thread:
        thread += answers.get(identity, ())
    return thread


def _id(row: Any) -> str | None:
    if not isinstance(row, dict) or not isinstance(row.get("text"), str) or name(row.get("author_id")) is None:
        return None
    return name(row.get("tweet_id"))


def _tweet(record: Record) -> _Tweet:
    row = record.value
    is_customer = str(row.get("inbound")).strip().casefold() in ("true", "1")
    answered = name(row.get("in_response_to_tweet_id"))
    answered = answered.removesuffix(".0") if answered else None  # as pandas writes whole numbers beside empty cells
    return _Tweet(record.line, name(row["author_id"]) or "", is_customer, row["text"], answered)
