"""One part of a report on the screen: a heading, then tables, bars and sentences, as far as it has them."""

import io
from collections.abc import Sequence

from rich.console import Console
from rich.segment import Segment
from rich.table import Table
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from chatforge.tui.evaluate_parts import Part
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.widgets.intervals import IntervalBars
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

FAILED = "FAILED:"
"""How a self-check that failed is marked."""


class Tables(Widget):
    """The tables of `chatforge report`, one under the other; as high as they are."""

    DEFAULT_CSS = "Tables { height: auto; width: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        self._tables: Sequence[Table] = ()
        self._signs = UNICODE
        self._drawn: tuple[int, Content] | None = None

    def show(self, tables: Sequence[Table], signs: Signs) -> None:
        """Draw these."""
        self._tables, self._signs, self._drawn = tables, signs, None
        self.refresh(layout=True)

    def render(self) -> Content:
        """Draw as wide as there is room."""
        return self._at(self.content_size.width)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as that has."""
        return len(self._at(width).plain.split("\n")) if self._tables else 0

    def _at(self, width: int) -> Content:
        if self._drawn is None or self._drawn[0] != width:
            lines = [line for table in self._tables for line in [Content(""), *drawn(table, width, self._signs)]]
            self._drawn = width, Content("\n").join(lines[1:])
        return self._drawn[1]


def drawn(table: Table, width: int, signs: Signs) -> list[Content]:
    """A table in lines, without the empty ones at its ends; its texts are no markup.

    Its columns are nearer to each other where they would be cut otherwise: a screen has less room than a page of 80.
    """
    console = Console(file=io.StringIO(), width=max(1, width), markup=False, highlight=False, emoji=False)
    for near in (False, True):
        table.padding, table.show_edge = (0, 0 if near else 1, 0, 0), not near
        if console.measure(table, options=console.options.update(width=10 * width)).maximum <= width:
            break
    lines = [_line(line, signs) for line in console.render_lines(table, pad=False)]
    return [line for i, line in enumerate(lines) if line.plain.strip() or 0 < i < len(lines) - 1]


def _line(segments: Sequence[Segment], signs: Signs) -> Content:
    parts = [Content.styled(signs.typed(plain(segment.text)), _style(segment)) for segment in segments]
    return Content("").join(parts).rstrip()


def _style(segment: Segment) -> str:
    found = segment.style
    return "" if found is None else "bold" if found.bold else "$text-muted" if found.dim else ""


class PartView(Vertical):
    """A part of a report; hidden where the report has nothing of it."""

    DEFAULT_CSS = """
    PartView { height: auto; }
    PartView > * { height: auto; }
    PartView > .heading { margin-top: 1; }
    PartView > .lines { padding-left: 2; }
    """

    def compose(self) -> ComposeResult:
        """Heading, tables, bars, sentences."""
        yield Told(classes="heading")
        yield Tables()
        yield IntervalBars()
        yield Told(classes="lines")

    def show(self, part: Part, signs: Signs) -> None:
        """Draw it."""
        self.display = not part.empty
        head, lines = self.query(Told)
        head.say(Content.assemble((part.title, "bold"), (f"   {part.aside}" if part.aside else "", "$text-muted")))
        tables, bars = self.query_one(Tables), self.query_one(IntervalBars)
        tables.display = bool(part.tables)
        tables.show(part.tables, signs)
        bars.display = bool(part.bars)
        if part.axis:
            bars.show(part.bars, part.axis, signs)
        lines.display = bool(part.lines)
        lines.say(Content("\n").join(_sentence(line, signs) for line in part.lines))


def _sentence(text: str, signs: Signs) -> Content:
    return Content.styled(signs.typed(plain(text, one_line=True)), "$text-error" if FAILED in text else "")
