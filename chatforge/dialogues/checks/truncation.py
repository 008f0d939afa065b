"""Conversations that are longer than `max_length`: which, what of them is not learned, and what limit would keep more.

    max_length 512                                         too_long: cut      too_long: drop
    Hi ─ Hello! ─ When? ─ At six. ┊ ─ And? ─ Then seven.   2 of 3 replies     none

Memory grows by eight bytes a conversation.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from math import ceil
from pathlib import Path
from typing import Literal

from chatforge.dialogues.checks.finding import Finding
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.dialogues.survey import CHARACTERS_PER_TOKEN, MARKS_PER_MESSAGE

TooLong = Literal["stop", "cut", "drop"]

Example = tuple[int, tuple[int, ...]]
"""Tokens of a training example, and where each of its replies ends, counted in tokens."""

MOST = 0.95
"""Share of the conversations that the second proposed limit keeps."""


_TEMPLATE, _TURN = 128, 32
"""Tokens that no template is known to exceed: around the whole, and around each message."""


@dataclass(frozen=True)
class Measured:
    """How long a conversation is.

    Attributes:
        tokens: of its longest example. examples: all of them, if one is longer than the limit; else none.
        problem: why it cannot be rendered; "" if it can.
    """

    tokens: int
    examples: tuple[Example, ...] = ()
    problem: str = ""


def measured(renderer: Renderer, conversation: Conversation, limit: int) -> Measured:
    """Measure with a model's own tokens; only what is too long is looked at more closely, which takes longer.

    Raises:
        UserError: the template cannot render it.
    """
    tokens = renderer.length(conversation)
    if tokens <= limit:
        return Measured(tokens)
    rendered = renderer.render(conversation)
    return Measured(tokens, tuple((len(one.ids), tuple(end for _, end in one.spans)) for one in rendered))


def cannot_exceed(conversation: Conversation, system: str, limit: int) -> bool:
    """Whether a conversation is shorter than so many tokens with any tokenizer: a token is a byte or more.

    What a template writes is allowed for generously.
    """
    messages = conversation.with_system(system).messages
    return _TEMPLATE + sum(len(one.content.encode("utf-8", "replace")) + _TURN for one in messages) <= limit


def estimated(conversation: Conversation, system: str, limit: int) -> Measured:
    """Guess from the number of characters, where there is no tokenizer."""
    messages = conversation.with_system(system).messages
    ends = accumulate((len(one.content) + MARKS_PER_MESSAGE) / CHARACTERS_PER_TOKEN for one in messages)
    replies = [round(end) for end, one in zip(ends, messages, strict=True) if one.role == "assistant"]
    return Measured(replies[-1], ((replies[-1], tuple(replies)),) if replies[-1] > limit else ())


class Truncation:
    """Hears how long every conversation is, and says what is lost.

    Args:
        base: name of the model. limit: the recipe's `max_length`. too_long: what a run does with longer ones.
        exact: whether the tokens are the model's own, not guessed.
    """

    def __init__(self, base: str, limit: int, too_long: TooLong, *, exact: bool = True) -> None:
        self.base, self.limit, self.too_long, self.exact = base, limit, too_long, exact
        self._lengths = array("Q")
        self._longest = ""
        self.longer = 0

    def add(self, conversation: Conversation, found: Measured) -> Iterator[Finding]:
        """Hear of one; yield what is wrong with it."""
        file, line = conversation.file or Path(conversation.id), conversation.line or 0
        if found.problem:
            yield Finding("unrendered", file, line, found.problem, conversation.id)
            return
        if found.tokens > self.longest:
            self._longest = f"{file.name}:{line}"
        self._lengths.append(found.tokens)
        if found.examples:
            self.longer += 1
            check, what = self._lost(found)
            yield Finding(check, file, line, f"{self._about}{found.tokens:,} tokens; {what}", conversation.id)

    @property
    def conversations(self) -> int:
        """How many were measured."""
        return len(self._lengths)

    @property
    def longest(self) -> int:
        """Tokens of the longest: the limit that would keep all."""
        return max(self._lengths, default=0)

    @property
    def keeps_most(self) -> int:
        """The smallest limit that would keep 95 % of them whole."""
        return sorted(self._lengths)[ceil(MOST * len(self._lengths)) - 1] if self._lengths else 0

    @property
    def note(self) -> str:
        """The whole in a sentence."""
        if not self._lengths:
            return ""
        how = f"counted with {self.base}" if self.exact else f"guessed from their characters, {self.base} is not here"
        return (
            f"tokens, {how}: {self.longer:,} of {self.conversations:,} conversations are longer than max_length "
            f"{self.limit:,}; {self._about}{self.longest:,} would keep all ({self._longest} is the longest), "
            f"{self._about}{self.keeps_most:,} {MOST:.0%} of them"
        )

    @property
    def _about(self) -> str:
        return "" if self.exact else "about "

    def _lost(self, found: Measured) -> tuple[str, str]:
        """The kind of finding, and what is lost in words."""
        replies = sum(len(ends) for _, ends in found.examples)
        if self.too_long == "stop":
            return "stopping", f"{found.tokens - self.limit:,} too many"
        if self.too_long == "drop":
            kept = sum(len(ends) for length, ends in found.examples if length <= self.limit)
        else:
            kept = sum(end <= self.limit for _, ends in found.examples for end in ends)
        if kept:
            return "cut", f"{replies - kept} of {replies} replies lost, the last"
        more = sum(end <= self.limit for _, ends in found.examples for end in ends)
        return "dropped", f"none of {replies} replies is learned" + (f", {more} would be with `cut`" if more else "")
