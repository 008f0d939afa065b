"""A person judges pairs of replies without knowing whose they are, and sees at the end what it came to.

    opening ──► pair ◄──1 2 t b u──► judged ──enter──► result        (trouble: in words, where a pair would stand)

Nothing that is drawn before the result knows whose a reply is: it gets the pair's two texts in their order. Answers are
written beside the screen, one at a time.
"""

import asyncio
import shlex
from collections.abc import Callable
from functools import partial
from typing import ClassVar, Literal

from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.widgets import ContentSwitcher

from chatforge.errors import UserError
from chatforge.evaluation import blind_result, blind_words
from chatforge.evaluation.blind import PAIRS, Choice, Sitting, rivals
from chatforge.evaluation.blind_result import Result
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.runs.folder import RunFolder
from chatforge.tui import blind_pages as pages
from chatforge.tui.modals.question import Answer, Question
from chatforge.tui.modals.rivals import Rivals
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.blind_pair import BlindPair
from chatforge.tui.widgets.frame import Bar
from chatforge.tui.widgets.keys import Keys
from chatforge.tui.widgets.told import Told
from chatforge.words import plain

SEEN_SECONDS = 0.3
"""A key that answers sooner after its pair has appeared was not meant for it: it is held down, or was hit twice."""

_LABELS: dict[Choice, str] = {"first": "Wins", "second": "Wins", "tie": "Tie", "bad": "Both bad"}
"""Short, beside their keys: with Undo the footer fills 80 columns."""
_FIRST = {"blind-page": "#blind-page", "blind-pair": "#blind-first"}
"""What has the focus in each view."""

View = Literal["opening", "trouble", "pair", "judged", "result"]


class BlindScreen(Screen[None]):
    """The blind comparison of a run's adapted model with a rival.

    Args:
        run: whose replies are judged. report: of its evaluation. signs: what can be drawn.
    """

    HELP = pages.HELP
    DEFAULT_CSS = """
    BlindScreen #blind-head { height: 1; background: $panel; padding: 0 1; }
    BlindScreen #blind-title { width: 1fr; text-style: bold; color: $text-accent; text-wrap: nowrap;
        text-overflow: ellipsis; }
    BlindScreen #blind-run { width: auto; max-width: 50%; padding-left: 1; color: $text-muted; text-wrap: nowrap;
        text-overflow: ellipsis; }
    BlindScreen #blind-place { height: 1; padding: 0 1; text-wrap: nowrap; text-overflow: ellipsis; }
    BlindScreen #blind-said { height: auto; max-height: 3; padding: 0 1; color: $text-muted; }
    BlindScreen #blind-said.-wrong { color: $text-error; }
    BlindScreen ContentSwitcher { height: 1fr; }
    BlindScreen #blind-page { padding: 0 1; scrollbar-size-vertical: 1; }
    BlindScreen #blind-page > Told { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(key, f"judge('{said}')", _LABELS[said], id=f"blind.{said}", tooltip=blind_words.SAID[said])
            for key, said in blind_words.KEYS.items()
        ),
        Binding("m", "more", "More pairs", id="blind.more", tooltip="Judge more pairs"),
        Binding("u", "undo", "Undo", id="blind.undo", tooltip="Take the last answer back"),
        Binding("r", "rival", "Rival", id="blind.rival", tooltip="Choose whose replies stand against it"),
        Binding("escape", "leave", "Leave", id="blind.leave", tooltip="Every answer is kept"),
        Binding("enter", "result", "Result", show=False, id="blind.result", tooltip="Whose they are, and what follows"),
        Binding("ctrl+g", "copy", "Copy command", id="command.copy", priority=True, show=False),
    ]

    def __init__(self, run: RunFolder, report: Report, signs: Signs) -> None:
        super().__init__()
        self._run, self._report, self._signs = run, report, signs
        names = rivals(report)
        self._rival = names[0] if names and BASE.name not in names else BASE.name
        self._sitting: Sitting | None = None
        self._found: Result | None = None
        self._trouble = ""
        self._busy = False

    # What is drawn

    def compose(self) -> ComposeResult:
        """Head, how far it is, the pair or a page of text, the bar with the command, keys."""
        with Horizontal(id="blind-head"):
            yield Told(id="blind-title")
            yield Told(id="blind-run")
        yield Told(id="blind-place")
        yield Told(id="blind-said")
        with ContentSwitcher(initial="blind-page"):
            with VerticalScroll(id="blind-page"):
                yield Told()
            yield BlindPair(self._signs)
        yield Bar()
        yield Keys()

    def on_mount(self) -> None:
        """Begin, or go on."""
        self._say("")
        self._open(self._rival)

    @property
    def _view(self) -> View:
        if self._sitting is None:
            return "trouble" if self._trouble else "opening"
        if self._found:
            return "result"
        return "pair" if self._sitting.current else "judged"

    def _draw(self) -> None:
        """Draw how it stands, and put the focus where it can do something."""
        if not self.is_mounted:
            return
        rival = plain(self._rival, one_line=True)
        self.query_one("#blind-title", Told).say(f"Blind comparison: {ADAPTED.name} or {rival}?")
        self.query_one("#blind-run", Told).say(plain(f"run {self._run.id}", one_line=True))
        self.query_one(Bar).show(self._command, "")
        place = self.query_one("#blind-place", Told)
        place.display = self._view == "pair"
        if self._sitting and (pair := self._sitting.current) and not self._found:
            place.say(pages.place(self._sitting, self._signs))
            self.query_one(BlindPair).show(pair)
        else:
            self.query_one("#blind-page > Told", Told).say(self._page())
        self._switch("blind-pair" if self._view == "pair" else "blind-page")
        self.refresh_bindings()

    def _switch(self, view: str) -> None:
        switcher = self.query_one(ContentSwitcher)
        if switcher.current != view or self.focused is None:
            self.set_focus(None)  # what is hidden with the focus takes it away later, from whoever has it then
            switcher.current = view
            self.query_one(_FIRST[view]).focus()

    def _page(self) -> Content:
        match self._view:
            case "trouble":
                return pages.nothing(self._trouble, self._signs)
            case "judged":
                return pages.all_judged()
            case "result" if self._found and self._sitting:
                return pages.result(self._found, self._sitting, self._signs)
        return Content.styled("Reading the judgements ...", "$text-muted")

    def _say(self, text: str, *, wrong: bool = False) -> None:
        said = self.query_one("#blind-said", Told)
        said.set_class(wrong, "-wrong")
        said.display = bool(text)
        said.say(self._signs.typed(plain(f"{self._signs.warn} {text}" if wrong else text, one_line=True)))

    @property
    def _command(self) -> str:
        against = f" --against {shlex.quote(self._rival)}" if self._rival != BASE.name else ""
        return f"{self._run.command('blind')}{against}"

    # What is kept

    @work(exclusive=True, group="blind", exit_on_error=False)
    async def _open(self, rival: str, count: int = PAIRS, wrong: str = "") -> None:
        """Take up what was judged so far against a rival; what is judged wholly shows its result.

        Args:
            count: pairs that are asked about. wrong: why that is done anew, where something is wrong.
        """
        self._rival, self._sitting, self._found, self._trouble, self._busy = rival, None, None, "", True
        self._draw()
        known = ""
        try:
            self._sitting = await asyncio.to_thread(Sitting, self._run.evaluation, self._report, rival, count=count)
            self._found = None if self._sitting.current else await self._result(self._sitting)
            known = " ".join(blind_words.begin_texts(self._sitting)) if self._sitting.current else ""
        except Exception as error:  # whatever it is: "Reading" must not stand there for ever
            self._sitting, self._trouble = None, pages.told(error)
        self._say(wrong or known, wrong=bool(wrong))
        self._draw()
        self.set_timer(SEEN_SECONDS, self._ready)

    async def _result(self, sitting: Sitting) -> Result:
        return await asyncio.to_thread(blind_result.result, sitting, self._report)

    @work(group="write", exit_on_error=False)
    async def _write(self, sitting: Sitting, do: Callable[[], object], done: str) -> None:
        """Change the judgements beside the screen; what cannot be written does not count, and that is said."""
        try:
            await asyncio.to_thread(do)
            self._say(done)
        except UserError as error:  # others have judged, too: go on after them
            self._open(sitting.rival, len(sitting.pairs), f"not kept: {error.problems[0].what}")
            return
        except Exception as error:  # whatever it is: keys must not be dead for ever
            why = error.strerror if isinstance(error, OSError) else None
            self._say(f"not kept: {why or pages.told(error)}. The same key tries again.", wrong=True)
        self._draw()
        self.set_timer(SEEN_SECONDS, self._ready)

    def _ready(self) -> None:
        self._busy = False

    # What can be done

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys are offered where they do something."""
        answers = len(self._sitting.answers) if self._sitting else 0
        match action:
            case "judge":
                return self._view == "pair"
            case "undo":
                return self._view in ("pair", "judged") and answers > 0
            case "result":
                return self._view == "judged" or (self._view == "pair" and answers > 0)
            case "more":
                return self._view == "result" and self._sitting is not None and answers < self._sitting.askable
        return True

    def action_judge(self, said: Choice) -> None:
        """Keep what was said of the pair that is shown."""
        if self._sitting and not self._busy:
            self._busy = True
            number = len(self._sitting.answers) + 1
            kept = f"{number}: {blind_words.SAID[said]}; kept. u takes it back."
            self._write(self._sitting, partial(self._sitting.answer, said), kept)

    def action_undo(self) -> None:
        """Take the last answer back, and ask again."""
        if self._sitting and not self._busy:
            self._busy = True
            self._write(self._sitting, self._sitting.undo, f"{len(self._sitting.answers)}: {blind_words.TAKEN_BACK}")

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_result(self) -> None:
        """Show the result; asks first while pairs are left."""
        if self._busy or (sitting := self._sitting) is None:
            return
        if sitting.current and not await self._really(sitting):
            return
        self._busy = True
        try:
            self._found = await self._result(sitting)
            self._say("")
        except Exception as error:  # whatever it is: keys must not be dead for ever
            self._say(pages.told(error), wrong=True)
        self._busy = False
        self._draw()

    async def _really(self, sitting: Sitting) -> bool:
        left = len(sitting.pairs) - len(sitting.answers)
        text = (
            f"{left} of {len(sitting.pairs)} pairs are left. Whoever has seen whose replies they were knows them by "
            "their manner, and judges the others less blindly."
        )
        answers = [Answer("stay", "j", "Judge on"), Answer("show", "s", "Show the result", "warning")]
        return await self.app.push_screen_wait(Question("Show the result now?", text, answers)) == "show"

    def action_more(self) -> None:
        """Go on with the pairs that are left; where none is, with further ones."""
        if self._sitting and not self._busy:
            judged = len(self._sitting.answers)
            if judged < len(self._sitting.pairs):
                self._found = None
                self._draw()
            else:
                self._open(self._rival, judged + PAIRS)

    @work(exclusive=True, group="ask", exit_on_error=False)
    async def action_rival(self) -> None:
        """Choose whose replies stand against the adapted model's."""
        if self._busy:
            return
        if rival := await self.app.push_screen_wait(Rivals(self._report, self._rival, self._signs)):
            self._open(rival)

    def action_copy(self) -> None:
        """Copy the shell command."""
        self.app.copy_to_clipboard(self._command)
        self.notify(plain(f"copied: {self._command}"), markup=False)

    def action_leave(self) -> None:
        """Go back to where one came from; everything is kept."""
        if not self.is_active:
            return  # the same key once more: it has led away already
        if self._sitting and self._view in ("pair", "judged") and self._sitting.answers:
            self.app.notify(f"{blind_words.kept_text(self._sitting)}; the same key goes on", markup=False)
        self.dismiss()
