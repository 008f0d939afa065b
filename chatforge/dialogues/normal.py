"""The form in which two texts are compared, and what a conversation is known by whoever copied, cased or reordered it.

    "Hi Anna, order #4711 isn't here!"  ──►  "hi anna order 0 isnt here"

Numbers, addresses of pages and mailboxes and placeholders ({{order}}, <order>, [order]) are all "0": a template and
what was filled into it are the same text.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from chatforge.dialogues.conversation import Conversation

FEW_WORDS = 8
"""Fewer words begin alike, or differ in their order or a name only, by chance ("Hi, how can I help?")."""

_VALUE = re.compile(
    r"\{{1,2}[^{}]{1,60}\}{1,2}|<[^\s<>][^<>]{0,60}>|\[[^\s\[\]][^\[\]]{0,60}\]"
    r"|(?:\w{1,9}://|www\.|WWW\.)\S+"
    r"|(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+"
)
_VALUE_SIGNS = ("{", "<", "[", "://", "www.", "WWW.", "@")
_NUMBER = re.compile(r"\d(?:[\d.,:/-]*\d)?")
_ZEROS = re.compile(r"\b0(?: 0)+\b")
_APOSTROPHES = "'’‘ʼ`"


class _Letters(dict[int, str]):
    """For str.translate: letters, marks, numbers and emoji stay, what joins them goes, the rest parts words."""

    def __missing__(self, code: int) -> str:
        letter = chr(code)
        kind = unicodedata.category(letter)
        self[code] = letter if kind[0] in "LMN" or kind == "So" else " "
        if letter in _APOSTROPHES or kind == "Cf":
            self[code] = ""
        return self[code]


_LETTERS = _Letters()


def normal_form(text: str) -> str:
    """Return what is left of a text without case, punctuation, extra white space, numbers and placeholders."""
    return _folded(_words(text))


def key_of(conversation: Conversation) -> str:
    """Return the normal form of context and reply: all turns up to the assistant's last, a line each.

    The system message is left out: it is the same in every conversation of a corpus.
    """
    return "\n".join(normal_form(turn) for turn in turns_of(conversation))


def turns_of(conversation: Conversation) -> list[str]:
    """Return what user and assistant said, up to the assistant's last turn."""
    last = max(conversation.assistant_turns, default=-1)
    return [message.content for message in conversation.messages[: last + 1] if message.role != "system"]


def digest(text: str) -> int:
    """Return 64 bits that stand for a text; among a million texts two share them by chance once in 30 million times."""
    hashed = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8)
    return int.from_bytes(hashed.digest(), "big")


@dataclass(frozen=True, slots=True)
class Prints:
    """What a conversation is recognised by; each is a `digest`, None where there are too few words to tell.

    Attributes:
        exact: of its key. starts: of its beginnings, each up to a turn of the assistant before the last.
        reordered: of its words in alphabetical order.
        swapped: of the same without the words written with a capital letter, among which are all names.
    """

    exact: int
    starts: tuple[int, ...]
    reordered: int | None
    swapped: int | None


def prints_of(conversation: Conversation) -> Prints:
    """Return what a conversation is recognised by."""
    turns = [_words(turn) for turn in turns_of(conversation)]
    folded = [_folded(words) for words in turns]
    words = " ".join(folded).split()
    small = [word for turn in turns for word in turn if not word[0].isupper()]
    enough = len(small) >= max(FEW_WORDS, len(words) / 2)
    return Prints(
        digest("\n".join(folded)),
        tuple(_starts(folded)),
        digest(" ".join(sorted(words))) if len(words) >= FEW_WORDS else None,
        digest(" ".join(sorted(small))) if enough else None,
    )


def _starts(folded: list[str]) -> Iterable[int]:
    for end in range(2, len(folded) - 1, 2):
        if sum(turn.count(" ") + 1 for turn in folded[:end]) >= FEW_WORDS:
            yield digest("\n".join(folded[:end]))


def _words(text: str) -> list[str]:
    """Words in their own case, values as "0"."""
    # The acute accent typed for an apostrophe would become a blank and a mark.
    text = unicodedata.normalize("NFKC", text.replace("´", "'"))
    if any(sign in text for sign in _VALUE_SIGNS):  # four times as fast for the many without
        text = _VALUE.sub(" 0 ", text)
    return _NUMBER.sub(" 0 ", text).translate(_LETTERS).split()


def _folded(words: list[str]) -> str:
    return _ZEROS.sub("0", unicodedata.normalize("NFKC", " ".join(words).casefold()))
