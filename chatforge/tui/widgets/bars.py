"""A bar of parts that together fill something, such as a machine's memory: each with its own sign and colour."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from chatforge.tui.signs import Signs
from chatforge.words import bytes_text

_SIGNS, _ASCII = "█▓▒░", "#=+:"
_STYLES = ("$text-accent", "$text-secondary", "$text-primary", "dim")


@dataclass(frozen=True)
class Part:
    """A part of the whole, in bytes; `short` stands for the word where there is little room."""

    word: str
    short: str
    size: int


class MemoryBar(Widget):
    """Two lines: the parts against what may be used, and what each sign means."""

    DEFAULT_CSS = """
    MemoryBar { height: auto; width: 1fr; }
    """

    parts: reactive[tuple[Part, ...]] = reactive((), layout=True)
    usable: reactive[int] = reactive(0)

    def __init__(self, signs: Signs, *, id: str) -> None:  # noqa: A002 (Textual's own word)
        super().__init__(id=id)
        self._signs = signs

    def show(self, parts: Sequence[Part], usable: int) -> None:
        """Draw these parts against `usable` bytes."""
        self.parts, self.usable = tuple(parts), usable

    def render(self) -> Content:
        """Draw bar and legend."""
        if not self.parts:
            return Content("")
        return Content("\n").join([self._bar(self.content_size.width), self._legend(self.content_size.width)])

    def _bar(self, width: int) -> Content:
        """Parts from the left; a stroke where the usable memory ends."""
        total = sum(part.size for part in self.parts)
        scale = max(total, self.usable, 1) / max(1, width - 1)
        cells = cells_of([part.size for part in self.parts], scale, width - 1)
        signs = _ASCII if self._signs.ascii_only else _SIGNS
        drawn: list[tuple[str, str]] = [(signs[i] * count, _STYLES[i]) for i, count in enumerate(cells)]
        free = max(0, round(self.usable / scale) - sum(cells))
        empty, end = (".", "|") if self._signs.ascii_only else ("·", "│")
        if total <= self.usable:
            drawn += [(empty * free, "dim"), (end, "dim")]
            return Content.assemble(*drawn)
        return _with_limit(drawn, round(self.usable / scale), end)

    def _legend(self, width: int) -> Content:
        """The signs with their words, as long as there is room for them."""
        signs = _ASCII if self._signs.ascii_only else _SIGNS
        for gap, words in (
            (3, [part.word for part in self.parts]),
            (2, [part.short for part in self.parts]),
            (1, [part.short for part in self.parts]),
        ):
            texts = [f" {word} {bytes_text(part.size)}" for word, part in zip(words, self.parts, strict=True)]
            if sum(map(len, texts)) + len(texts) + gap * (len(texts) - 1) <= width:
                break
        shown = [Content.assemble((signs[i], _STYLES[i]), text) for i, text in enumerate(texts)]
        return Content(" " * gap).join(shown)


def cells_of(sizes: Sequence[int], scale: float, most: int) -> list[int]:
    """How many of at most `most` cells each size gets: its share, but one at least, so that nothing is left out."""
    cells = [max(1, round(size / scale)) if size else 0 for size in sizes]
    while sum(cells) > max(most, len(cells)):
        cells[cells.index(max(cells))] -= 1
    return cells


def _with_limit(drawn: Sequence[tuple[str, str]], limit: int, sign: str) -> Content:
    """A bar that is longer than it may be: the stroke stands inside, what is behind it is a warning."""
    signs = "".join(text for text, _ in drawn)
    styles = [style for text, style in drawn for _ in text]
    inside = [(signs[i], styles[i]) for i in range(min(limit, len(signs)))]
    return Content.assemble(*inside, (sign, "$text-error bold"), (signs[limit:], "$text-error"))
