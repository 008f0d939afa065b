"""A conversation as the model gets it, for the shell: what is learned stands in brackets, with and without colour.

    <|im_start|>user⏎                       written by the template: dimmed
    Is it free?<|im_end|>⏎
    <|im_start|>assistant⏎
    ⟦Yes, from $75.┊<|im_end|>⟧⏎            learned, and the stop token after it
    ---------- cut here: 45 tokens ----------

Everything in it is printable: a control character from the data becomes a visible sign, and a bracket from the data
cannot be taken for one of ours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Style = Literal["learned", "stop", "template", "context", "lost", "sign", "cut", "count", "note"]

STYLES: dict[Style, str] = {
    "learned": "green",
    "stop": "bold green",
    "template": "dim",
    "context": "",
    "lost": "dim strike",
    "sign": "bold cyan",
    "cut": "bold yellow",
    "count": "bold",
    "note": "yellow",
}
"""The styles in rich's words."""

Piece = tuple[str, Style]


class Shown(Protocol):
    """What is known of a rendered conversation: an `Anatomy`, or what the data worker said of it."""

    @property
    def pieces(self) -> Sequence[tuple[str, str]]:
        """(text, "learned" | "template" | "context") in order; a stop token is a piece of its own."""

    @property
    def tokens(self) -> int:
        """Tokens of the whole."""

    @property
    def learned(self) -> int:
        """Tokens that the loss counts."""

    @property
    def cut(self) -> int | None:
        """Index of the first piece that is cut off."""

    @property
    def note(self) -> str:
        """What should be known besides."""


@dataclass(frozen=True)
class _Signs:
    """How marks are drawn: around what is learned, before the stop token, at a line break."""

    begin: str
    stop: str
    end: str
    newline: str


_DRAWN, _ASCII = _Signs("⟦", "┊", "⟧", "⏎"), _Signs("{+", "|", "+}", "\\n")
_WIDE = 10
"""Dashes at each side of the cut's words."""


def xray(shown: Shown, max_length: int, *, ascii_only: bool = False) -> Iterator[Piece]:
    """Yield the picture in pieces of (text, style), with a legend and counts at its end; it ends with a newline.

    Args:
        shown: what is drawn.
        max_length: tokens after which a conversation is cut.
        ascii_only: draw with ASCII alone; other characters become their code, as in <U+00E9>.
    """
    signs = _ASCII if ascii_only else _DRAWN
    style: Style = "context"
    last = ""
    for text, style in _body(shown, max_length, signs, ascii_only):
        if style == "cut" and last and not last.endswith("\n"):
            yield "\n", "cut"
        last = text
        yield text, style
    if not last.endswith("\n"):
        yield "\n", style
    yield from _legend(shown, max_length, signs)


def visible(text: str, *, ascii_only: bool = False) -> str:
    """Return text with a visible sign for every character that a terminal would obey, swallow or hide.

    Control characters become their pictures (␛), all others their code: <U+202E>. A newline counts as one of them.
    """
    if text.isprintable() and (text.isascii() or not ascii_only):
        return text
    return "".join(_sign(letter, ascii_only) for letter in text)


def _sign(letter: str, ascii_only: bool) -> str:
    if letter.isprintable() and (letter.isascii() or not ascii_only):
        return letter
    if letter < " " and not ascii_only:
        return chr(0x2400 + ord(letter))
    return f"<U+{ord(letter):04X}>"


def _body(shown: Shown, max_length: int, signs: _Signs, ascii_only: bool) -> Iterator[Piece]:
    inside = False
    for i, (text, kind) in enumerate(shown.pieces):
        if i == shown.cut:
            yield f"{'-' * _WIDE} cut here: {max_length:,} tokens {'-' * _WIDE}\n", "cut"
        lines = [_unlike_ours(visible(line, ascii_only=ascii_only), signs) for line in text.split("\n")]
        if kind != "learned":
            style: Style = "lost" if shown.cut is not None and i >= shown.cut else _known(kind)
            yield from _between(lines, style, (signs.newline, "\n"))
            continue
        if not inside:
            yield signs.begin, "sign"
        inside = i + 1 < len(shown.pieces) and shown.pieces[i + 1][1] == "learned"
        if inside:
            yield from _between(lines, "learned", (f"{signs.newline}{signs.end}", "\n", signs.begin))
        else:
            yield signs.stop, "sign"
            yield signs.newline.join(lines), "stop"
            yield signs.end, "sign"


def _between(lines: Sequence[str], style: Style, breaks: Sequence[str]) -> Iterator[Piece]:
    """Lines with a break of signs between them."""
    for i, line in enumerate(lines):
        if i:
            yield "".join(breaks), "sign"
        if line:
            yield line, style


def _known(kind: str) -> Style:
    return "template" if kind == "template" else "context"


def _unlike_ours(text: str, signs: _Signs) -> str:
    """Nobody can make a text look learned by writing the brackets into it."""
    for sign in (signs.begin, signs.end):
        text = text.replace(sign, f"<U+{ord(sign[0]):04X}>{sign[1:]}")
    return text


def _legend(shown: Shown, max_length: int, signs: _Signs) -> Iterator[Piece]:
    yield "\n", "context"
    yield f"{signs.begin}reply{signs.stop}stop token{signs.end}", "learned"
    yield " learned   ", "context"
    yield "written by the template", "template"
    yield f"   {signs.newline} line break\n", "context"
    left = max(0, shown.tokens - max_length) if shown.cut is not None else 0
    lost = f", the last {left:,} cut off" if left else ""
    yield f"{shown.tokens:,} tokens{lost}; {shown.learned:,} learned\n", "count"
    if not shown.learned:
        yield "nothing is learned of it: no reply ends before the cut\n", "note"
    if shown.note:
        yield f"{visible(shown.note, ascii_only=signs is _ASCII)}\n", "note"
