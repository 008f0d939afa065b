"""A chart of losses that grows while one looks: a line for training, marks for validation, a cursor that reads."""

from collections.abc import Mapping
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

from chatforge.tui.widgets.painting import Curves, Ink, Row, paint
from chatforge.tui.widgets.scales import Point, is_number, smoothed

WEIGHT = 0.6
"""How much of what was before a smoothed value keeps."""


class LineChart(Widget, can_focus=True):
    """Losses by step. Paints only what it is asked for, and only when points, size or looks have changed.

    Args:
        ascii_only: draw with ASCII's signs alone. empty: what is said while there are no points.
    """

    ALLOW_MAXIMIZE: ClassVar[bool | None] = True
    HELP: ClassVar[str | None] = """\
The **loss**: how badly the model foretells your assistant's words; lower is better.

- The line is the training loss, `o` the loss on the validation conversations, `O` the best of them.
- When the marks rise while the line falls, the model learns your examples by heart: training stops early then.
- `←` `→` move the cursor and read out the values (with shift by ten), `home` and `end` jump, `esc` takes it away.
- `x` shows the raw values or their moving average, `z` fills the screen with the chart.
- `!` below marks steps where the loss was no number.
"""
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"chart--{ink}" for ink in Ink} | {"chart--words"}
    DEFAULT_CSS = """
    LineChart { width: 1fr; height: 1fr; }
    LineChart > .chart--axis { color: $text-muted; }
    LineChart > .chart--train { color: $primary; }
    LineChart > .chart--valid { color: $secondary; text-style: bold; }
    LineChart > .chart--cursor { color: $accent; }
    LineChart > .chart--bad { color: $text-error; text-style: bold; }
    LineChart > .chart--words { color: $foreground; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "move(-1)", "Read a step back", id="chart.left", show=False),
        Binding("right", "move(1)", "Read a step on", id="chart.right", show=False),
        Binding("shift+left", "move(-10)", "Read ten steps back", id="chart.left-far", show=False),
        Binding("shift+right", "move(10)", "Read ten steps on", id="chart.right-far", show=False),
        Binding("home", "jump(0)", "First step", id="chart.first", show=False),
        Binding("end", "jump(-1)", "Last step", id="chart.last", show=False),
    ]

    smoothing: reactive[bool] = reactive(True, init=False)
    cursor: reactive[float | None] = reactive(None, init=False)

    def __init__(
        self,
        *,
        id: str | None = None,  # noqa: A002 (Textual's word)
        classes: str | None = None,
        ascii_only: bool = False,
        empty: str = "",
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii_only = ascii_only
        self.empty = empty
        self._train: Mapping[float, float] = {}
        self._valid: Mapping[float, float] = {}
        self._best: float | None = None
        self._until: float | None = None
        self._strips: list[Strip] | None = None
        self._painted: tuple[object, ...] = ()

    def show(
        self,
        train: Mapping[int, float],
        valid: Mapping[int, float],
        *,
        best: int | None = None,
        until: int | None = None,
    ) -> None:
        """Show these losses by step.

        Args:
            best: step of the best validation. until: the last step that there will be.
        """
        self._train, self._valid = dict(sorted(train.items())), dict(sorted(valid.items()))
        self._best, self._until = best, until
        if self.cursor is not None and self.cursor not in self.steps:
            self.cursor = None
        self._repaint()

    @property
    def steps(self) -> list[float]:
        """Every step that the cursor can stand on."""
        return sorted({*self._train, *self._valid})

    @property
    def curves(self) -> Curves:
        """What is drawn now."""
        return Curves(self._line(), list(self._valid.items()), self._best, self._until)

    def reading(self) -> str:
        """What the line above the chart says: what the signs mean, or the values under the cursor."""
        if self.cursor is None:
            line = "--" if self.ascii_only else "──"
            raw = "train" if not self.smoothing else "train, smoothed"
            marks = "   o valid   O best" if self._valid else ""
            return f"{line} {raw}{marks}" if self._train else marks.strip()
        parts = [f"step {self.cursor:.0f}"]
        if (raw_value := self._train.get(self.cursor)) is not None:
            parts.append(f"train {_number(raw_value)}")
            if self.smoothing:
                parts.append(f"smoothed {_number(dict(self._line())[self.cursor])}")
        if (valid := self._valid.get(self.cursor)) is not None:
            parts.append(f"valid {_number(valid)}" + (", the best" if self.cursor == self._best else ""))
        return "   ".join(parts)

    def render_line(self, y: int) -> Strip:
        """One line of the picture; paints the whole first if it is not painted yet."""
        key = (self.size, self.cursor, self.smoothing, self.has_focus)
        if self._strips is None or self._painted != key:
            self._strips, self._painted = self._paint(), key
        return self._strips[y] if y < len(self._strips) else Strip.blank(self.size.width)

    def notify_style_update(self) -> None:
        """Paint anew in other colours."""
        self._strips = None
        super().notify_style_update()

    # Keys and mouse

    def action_move(self, by: int) -> None:
        """Move the cursor by some steps; it comes in at the last one."""
        steps = self.steps
        if not steps:
            return
        at = steps.index(self.cursor) + by if self.cursor in steps else len(steps) - 1
        self.cursor = steps[min(len(steps) - 1, max(0, at))]

    def action_jump(self, to: int) -> None:
        """Put the cursor on the first or the last step."""
        if steps := self.steps:
            self.cursor = steps[to]

    def on_click(self, event: events.Click) -> None:
        """Read what was clicked."""
        place = event.get_content_offset(self)
        if place is None or not self._strips:
            return
        line = self._strips[min(1, len(self._strips) - 1)].text
        begin = next((i for i, sign in enumerate(line) if sign in "┤│|+"), 0) + 1
        share = (place.x - begin) / max(1, self.size.width - begin - 1)
        wanted = share * self.curves.end
        self.cursor = min(self.steps, key=lambda step: abs(step - wanted), default=None)

    # Painting

    def _line(self) -> list[Point]:
        points = list(self._train.items())
        return smoothed(points, WEIGHT) if self.smoothing else points

    def _repaint(self) -> None:
        self._strips = None
        self.refresh()

    def _paint(self) -> list[Strip]:
        width, height = self.size
        rows = paint(self.curves, width, height - 1, ascii_only=self.ascii_only, cursor=self.cursor)
        words = self.get_component_rich_style("chart--words")
        if not rows:
            return _middle(self.empty if self.curves.empty else "", width, height, words)
        styles = {ink: self.get_component_rich_style(f"chart--{ink}") for ink in Ink}
        above = self.reading()[:width]
        return [Strip([Segment(f"{above:>{width}}", words)]), *(_strip(row, styles) for row in rows)]


def _strip(row: Row, styles: Mapping[Ink, Style]) -> Strip:
    return Strip([Segment(text, styles[ink]) for text, ink in row])


def _middle(text: str, width: int, height: int, style: Style) -> list[Strip]:
    """A text in the middle of nothing."""
    above = max(0, (height - 1) // 2)
    blank = Strip([Segment(" " * width, style)])
    return [*[blank] * above, Strip([Segment(f"{text[:width]:^{width}}", style)]), *[blank] * (height - above - 1)]


def _number(value: float) -> str:
    return f"{value:.3f}" if is_number(value) else "no number"
