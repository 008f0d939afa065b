"""The stage Export: see what would be handed on, with its card as it will read, and write it to a folder.

parcel ──► files, card        ^n ──► where? ──► (replace?) ──► written
"""

import shlex
from pathlib import Path
from typing import ClassVar, cast

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Input, Static

from chatforge.errors import UserError
from chatforge.export import adapter
from chatforge.export.adapter import Parcel
from chatforge.paths import expand
from chatforge.project.stages import Snapshot, Stage
from chatforge.runs.folder import RunFolder
from chatforge.tui.modals.question import Answer, Question
from chatforge.tui.stage import Main, StagePane
from chatforge.tui.widgets.card import in_columns, styled
from chatforge.tui.widgets.told import Told
from chatforge.words import bytes_text, plain

WHAT = {
    "adapter": "The adapter: what was learned, to be used with its base.",
    "model": "The model: every weight was trained, it needs no base.",
}


class ExportPane(StagePane):
    """Export."""

    STAGE: ClassVar[Stage] = Stage.EXPORT
    HELP = """\
**Export** copies what was learned into a folder, with a card that says how it was made and how it did: also when it did
worse. Conversations and replies are not in it, nor where things lie on this machine.

`^n` asks where, then writes. What lies there already is never overwritten without asking.
"""
    DEFAULT_CSS = """
    ExportPane { height: 1fr; padding: 0 1; }
    ExportPane Static { height: auto; }
    ExportPane #export-top { height: auto; max-height: 60%; padding: 0 1; }
    ExportPane #export-card { height: 1fr; padding: 0 1; border-top: solid $foreground 30%; }
    ExportPane.-ascii #export-card { border-top: ascii $foreground 30%; }
    ExportPane #export-where { display: none; height: auto; margin-top: 1; }
    ExportPane #export-where.-asked { display: block; }
    ExportPane #export-place { margin: 0; }
    ExportPane #export-said { margin-top: 1; display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "ask", "Export", id="export.ask", tooltip="Choose a folder and write"),
    ]

    class Packed(Message):
        """What would be handed on is known, or why it cannot be."""

        def __init__(self, run: RunFolder, parcel: Parcel | None, why: str) -> None:
            super().__init__()
            self.run, self.parcel, self.why = run, parcel, why

    class Written(Message):
        """It was written, or not."""

        def __init__(self, place: Path, why: str) -> None:
            super().__init__()
            self.place, self.why = place, why

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(snapshot)
        self._parcel: Parcel | None = None
        self._known: object = None
        self._asking = False
        self._writing = False

    def compose(self) -> ComposeResult:
        """What goes where, and under it the card as it will read."""
        with VerticalScroll(id="export-top", can_focus=False):
            yield Told(id="export-files")
            with Vertical(id="export-where"):
                yield Static("Where to? Enter writes, escape leaves.", markup=False)
                yield Input(id="export-place", compact=True, disabled=True)  # or a hidden field could be typed into
            yield Told(id="export-said")
        with VerticalScroll(id="export-card"):
            yield Told(id="export-text")

    # What is shown

    def show(self, snapshot: Snapshot) -> None:
        """Show what the run would hand on; it is put together beside the screen."""
        run = snapshot.run
        known = (run, snapshot.train, snapshot.evaluate, snapshot.verdict)
        if run is None or snapshot.train != "done":
            self._parcel, self._known = None, None
            self._say_files("Nothing is trained yet: there is nothing to hand on.")
        elif known != self._known:
            self._known = known
            self._pack(run)
        self._lay_out()

    @work(thread=True, exclusive=True, group="pack", exit_on_error=False)
    def _pack(self, run: RunFolder) -> None:
        try:
            self.post_message(self.Packed(run, adapter.pack(run), ""))
        except (UserError, OSError) as error:
            self.post_message(self.Packed(run, None, str(error)))

    @on(Packed)
    def _take(self, event: Packed) -> None:
        event.stop()
        if event.run != self.snapshot.run:
            return
        self._parcel = event.parcel
        if event.parcel is None:
            self._say_files(event.why, "$text-error")
            self.query_one("#export-text", Static).update("")
        else:
            self._draw(event.parcel)
        self.refresh_bindings()
        self.forge.draw()

    def _draw(self, parcel: Parcel) -> None:
        together = f"{len(parcel.items)} files, {bytes_text(parcel.size)}; no conversation, no path of this machine"
        lines = [Content.styled(WHAT[parcel.kind], "bold"), Content.styled(together, "$text-muted")]
        if not self.has_class("-short"):
            lines += [Content(""), *in_columns(parcel.items)]
        self.query_one("#export-files", Static).update(Content("\n").join(lines))
        self.query_one("#export-text", Static).update(styled(parcel.card))

    def _say_files(self, text: str, style: str = "") -> None:
        self.query_one("#export-files", Static).update(Content.styled(plain(text), style))

    def _say(self, text: Content) -> None:
        said = self.query_one("#export-said", Static)
        said.display = True
        said.update(text)
        said.scroll_visible(animate=False)

    def _lay_out(self) -> None:
        self.set_class("-short" in self.screen.classes, "-short")
        self.set_class(self.forge.signs.ascii_only, "-ascii")
        if self._parcel:
            self._draw(self._parcel)

    @on(events.Resize)
    def _resize(self) -> None:
        self._lay_out()

    # What can be done

    def main(self) -> Main:
        """Ask where, then write."""
        if self.snapshot.train != "done":
            return Main("Train first")
        return Main("Write" if self._asking else "Export...")

    async def act(self) -> None:
        """Do it."""
        if self.leave_blocked(Stage.EXPORT):
            return
        if self._asking:
            self._choose()
        else:
            self.action_ask()

    def command(self) -> str:
        """The same from the shell."""
        run = self.snapshot.run
        if run is None:
            return super().command()
        place = self._place()
        elsewhere = place is not None and self._parcel is not None and place != self._parcel.target
        return run.command("export") + (f" --to {shlex.quote(str(place))}" if elsewhere else "")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Export is offered when there is something to hand on."""
        return action != "ask" or (self._parcel is not None and not self._asking)

    def action_ask(self) -> None:
        """Ask for the folder."""
        if self._parcel is None or self._writing:
            return
        place = self.query_one("#export-place", Input)
        place.value = place.value or str(self._parcel.target)
        self._set_asking(True)
        place.focus()
        place.cursor_position = len(place.value)
        place.scroll_visible(animate=False)

    def escape(self) -> bool:
        """Leave the question where to."""
        if not self._asking:
            return False
        self._set_asking(False)
        self.query_one("#export-card").focus()
        return True

    @on(Input.Submitted, "#export-place")
    def _submit(self, event: Input.Submitted) -> None:
        event.stop()
        self._choose()

    @on(Input.Changed, "#export-place")
    def _type(self, event: Input.Changed) -> None:
        event.stop()
        self.forge.draw()

    def _set_asking(self, asking: bool) -> None:
        self._asking = asking
        self.query_one("#export-place").disabled = not asking
        self.query_one("#export-where").set_class(asking, "-asked")
        self.refresh_bindings()
        self.forge.draw()

    def _place(self) -> Path | None:
        """The folder that was typed; None if none was."""
        found = self.query("#export-place")
        typed = cast("Input", found.first()).value.strip() if found else ""
        return expand(typed) if typed else None

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def _choose(self) -> None:
        """Look at what is there, ask before an earlier export goes, write."""
        place, parcel = self._place(), self._parcel
        if place is None or parcel is None or self._writing:
            return
        replace = False
        try:
            if adapter.what_is_at(place) == "earlier export":
                text = f"{plain(str(place))}\nIt is replaced by that of {parcel.run.id} once this is complete."
                answers = [Answer("keep", "k", "Keep it"), Answer("replace", "r", "Replace it", "warning")]
                answer = await self.app.push_screen_wait(Question("An earlier export is there", text, answers))
                if answer != "replace":
                    return
                replace = True
        except (UserError, OSError) as error:
            self._say(Content.styled(f"{self.forge.signs.warn} {plain(str(error))}", "$text-error"))
            return
        self._writing = True
        self._say(Content.styled(f"Writing {bytes_text(parcel.size)} ...", "$text-muted"))
        self._write(parcel, place, replace)

    @work(thread=True, group="write", exit_on_error=False)
    def _write(self, parcel: Parcel, place: Path, replace: bool) -> None:
        try:
            self.post_message(self.Written(adapter.write(parcel, place, replace=replace), ""))
        except (UserError, OSError) as error:
            self.post_message(self.Written(place, str(error)))

    @on(Written)
    def _wrote(self, event: Written) -> None:
        event.stop()
        self._writing = False
        signs, parcel = self.forge.signs, self._parcel
        if event.why or parcel is None:
            self._say(Content.styled(f"{signs.warn} {plain(event.why)}", "$text-error"))
            return
        self._set_asking(False)
        self.query_one("#export-card").focus()
        self.post_message(self.Look())
        size = f"{len(parcel.items)} files, {bytes_text(parcel.size)}"
        self._say(
            Content.assemble(
                (f"{signs.yes} Exported: {size}\n", "bold $text-success"), f"{plain(str(event.place))}\n",
                ("README.md there says how to use it.", "$text-muted"),
            )
        )  # fmt: skip


PANE = ExportPane
