"""Threads of tweets."""

from pathlib import Path
from typing import Any

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import twcs
from chatforge.dialogues.formats.choices import Choices

PATH = Path("twcs.csv")


def tweet(number: int, author: str, text: str, answers: str = "", **more: Any) -> dict[str, Any]:
    row = {
        "tweet_id": str(number),
        "author_id": author,
        "inbound": str(author.isdigit()),
        "created_at": "Tue",
        "text": text,
    }
    return row | {"response_tweet_id": "", "in_response_to_tweet_id": answers, **more}


def read(*rows: Any) -> list[Draft | BadLine]:
    return list(twcs.drafts([Record(i, row) for i, row in enumerate(rows, start=2)], PATH, Choices()))


def test_a_thread_in_any_order_and_its_longest_line() -> None:
    rows = (
        tweet(9, "shop", "Which one?", "8"),
        tweet(11, "5", "lol", "8"),
        tweet(10, "115", "The red one", "9.0"),
        tweet(8, "115", "@shop help"),
    )
    assert twcs.fits([Record(1, row) for row in rows])
    assert read(*rows) == [
        Draft(
            (Remark("user", "@shop help"), Remark("assistant", "Which one?"), Remark("user", "The red one")),
            PATH,
            5,
            "8",
            {"scenario": "115", "category": "shop"},
            ("tweets beside the longest line of a thread left out",),
        )
    ]


def test_an_answer_to_a_tweet_of_another_file_begins_a_thread() -> None:
    assert [item.id for item in read(tweet(1, "shop", "Hi", "77"), tweet(2, "5", "Ho")) if isinstance(item, Draft)] == [
        "1",
        "2",
    ]


def test_broken_rows() -> None:
    items = read(
        tweet(1, "5", "a"), tweet(1, "5", "b"), {"text": "x"}, None, tweet(3, "5", "a", "4"), tweet(4, "5", "b", "3")
    )
    assert [(item.line, item.reason) for item in items if isinstance(item, BadLine)] == [
        (3, "tweet 1 is there twice"),
        (4, "no tweet: `tweet_id`, `author_id` or `text` is missing"),
        (5, "no tweet: `tweet_id`, `author_id` or `text` is missing"),
        (6, "tweet 3 answers itself in a circle"),
        (7, "tweet 4 answers itself in a circle"),
    ]


def test_a_very_long_thread() -> None:
    (draft,) = read(*(tweet(i, "5", "x", str(i - 1)) for i in range(20_000)))
    assert isinstance(draft, Draft)
    assert len(draft.remarks) == 20_000
