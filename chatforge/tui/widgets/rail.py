"""Where one is on the way: the rail at the left, and the strip that takes its place on narrow screens."""

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events, on
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chatforge.project.stages import ORDER, Snapshot, Stage, Status, status
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.key_list import Rows


@dataclass
class Chosen(Message):
    """A stage was chosen."""

    stage: Stage


class Rail(Rows):
    """The stages, one under the other, each with its mark and word."""

    HELP = "The seven stages. Enter opens one; the digits 1 to 7 do so from anywhere outside a text field."
    DEFAULT_CSS = """
    Rail { width: 20; height: 1fr; padding: 0; background: $background;
        border: round $foreground 30%; border-title-color: $text-muted; }
    Rail:focus { border: round $accent; }
    """

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="rail", markup=False)
        self._signs = signs
        self.border_title = "Stages"

    def show(self, snapshot: Snapshot, now: Stage) -> None:
        """Draw how the stages stand."""
        for number, stage in enumerate(ORDER, 1):
            found = status(snapshot, stage)
            here = self._signs.here if stage == now else " "
            words = f"{here}{self._signs.marks[found]} {number} {stage.title()}"
            text = Content.assemble((words, _style(found, stage == now)), (_word(found), "dim"))
            if self.option_count < len(ORDER):
                self.add_option(Option(text, id=stage.value))
            else:
                self.replace_option_prompt(stage.value, text)
        self.highlighted = ORDER.index(now)

    @on(OptionList.OptionSelected)
    def _select(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.post_message(Chosen(Stage(event.option_id or "")))


class Strip(Static):
    """The stages in one line: ` ✓1 ✓2  3:Adapt  ·4 ○6 `. A click chooses."""

    DEFAULT_CSS = "Strip { height: 1; width: auto; padding: 0; background: $panel; }"

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="strip", markup=False)
        self._signs = signs
        self._ends: list[int] = []

    def show(self, snapshot: Snapshot, now: Stage) -> None:
        """Draw how the stages stand."""
        parts: list[Content] = [Content(" ")]
        self._ends, width = [], 1
        for number, stage in enumerate(ORDER, 1):
            found = status(snapshot, stage)
            mark = self._signs.marks[found]
            words = f" {mark} {number} {stage.title()} " if stage == now else f" {mark}{number} "
            parts.append(Content.styled(words, "reverse bold" if stage == now else _style(found, False)))
            width += cell_len(words)
            self._ends.append(width)
        self.update(Content("").join(parts))

    @on(events.Click)
    def _click(self, event: events.Click) -> None:
        at = next((i for i, end in enumerate(self._ends) if event.x < end), None)
        if at is not None:
            self.post_message(Chosen(ORDER[at]))


def _style(found: Status, here: bool) -> str:
    colour = {
        Status.DONE: "$text-success", Status.RUNNING: "$text-accent", Status.STALE: "$text-warning",
        Status.STOPPED: "$text-warning", Status.FAILED: "$text-error", Status.LOCKED: "$text-disabled",
    }.get(found, "$foreground")  # fmt: skip
    return f"{colour} bold" if here else colour


def _word(found: Status) -> str:
    """The word beside the mark, where the mark alone could be missed."""
    words = {
        Status.RUNNING: " run", Status.STALE: " old", Status.STOPPED: " stop", Status.FAILED: " fail",
    }  # fmt: skip
    return words.get(found, "")
