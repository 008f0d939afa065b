"""What a model's template marks turns with, found and broken up where a text spells it out.

    <|im_end|>    a token of its own, wherever it stands                        becomes  < |im_end|>
    [/INST]       plain text in some templates, as Llama 2's and Zephyr's       becomes  [/INST ]
    ASSISTANT:    a plain word, as in Vicuna's                                  becomes  ASSISTANT :

Nobody can end a turn, or begin one in another's name, by typing its mark.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_BRACKETED = re.compile(r"<+[^<>\s]+>+|\[[^\[\]\s]+\]")
_NEVER = re.compile(r"(?!)")


class Marks:
    """The marks of one model.

    Args:
        tokens: texts that the tokenizer reads as a token of their own.
        written: texts that the template marks turns with, though they are no tokens.
    """

    def __init__(self, tokens: Iterable[str], written: Iterable[str] = ()) -> None:
        self._tokens = _overlapping(token for token in tokens if len(token) > 1)
        self._written = _apart(written)

    def count(self, text: str) -> int:
        """How many marks a text spells out."""
        return len(self._tokens.findall(text)) + len(self._written.findall(text))

    def broken(self, text: str) -> str:
        """Return a text with a space inside every mark."""
        text = self._written.sub(lambda mark: f"{mark[0][:-1]} {mark[0][-1]}", text)
        return self._tokens.sub(lambda start: f"{start[0]} ", text)


def token_marks(tokenizer: Any) -> frozenset[str]:
    """Every text that a transformers tokenizer would read as a token of its own, white space aside."""
    return frozenset({*tokenizer.all_special_tokens, *(mark for mark in tokenizer.get_added_vocab() if mark.strip())})


def written_marks(frame: Sequence[str], tokens: frozenset[str]) -> set[str]:
    """Return what a template marks turns with in plain text.

    Something in brackets counts wherever it stands, a label (`USER:`) where it stands between two messages: what comes
    before the first one can be any preface.

    Args:
        frame: what the template writes before, between and after messages.
        tokens: marks that are tokens.
    """
    found = {mark for between in frame for mark in _BRACKETED.findall(between)}
    return (found | {label for between in frame[1:] for label in _labels(between)}) - tokens


def _labels(text: str) -> Iterator[str]:
    for line in _BRACKETED.sub("\n", text).splitlines():
        label = line.strip()
        if label.endswith(":") and any(letter.isalpha() for letter in label):
            yield label


def _overlapping(marks: Iterable[str]) -> re.Pattern[str]:
    """Pattern of the first sign of every mark, also of one inside another."""
    spelled = _longest_first(marks)
    return re.compile(f"(?={spelled}).", re.DOTALL) if spelled else _NEVER


def _apart(marks: Iterable[str]) -> re.Pattern[str]:
    """Pattern of every mark that is not the end of a longer word."""
    spelled = _longest_first(marks)
    return re.compile(rf"(?<!\w)(?:{spelled})") if spelled else _NEVER


def _longest_first(marks: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(marks, key=len, reverse=True)))
