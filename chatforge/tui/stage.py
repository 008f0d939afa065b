"""What every stage of the forge is: a view of one part of the project, that says what it shows and what comes next."""

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.containers import Vertical
from textual.message import Message
from textual.widget import Widget
from textual.worker import get_current_worker

from chatforge.project.stages import Snapshot, Stage, blocker, next_stage
from chatforge.runs.course import Course
from chatforge.runs.events import Stamped

if TYPE_CHECKING:  # they know the stages, not the other way round
    from chatforge.tui.app import ChatForge
    from chatforge.tui.forge import ForgeScreen


@dataclass(frozen=True)
class Main:
    """What ctrl+n does in a stage: its label, and whether it only leads on to the next stage."""

    label: str
    leads_on: bool = False


class StagePane(Vertical, can_focus=True):
    """One stage. The screen calls `show` when the project changes and `happened` when its run says something.

    It can have the focus itself, so that its keys work when no field has it. It never changes the project behind the
    screen's back: it posts `Edit`, `Go` or `Look`.

    Args:
        snapshot: the project as it is now.
    """

    STAGE: ClassVar[Stage]
    HELP: ClassVar[str | None] = None

    @dataclass
    class Edit(Message):
        """Set fields of the recipe, such as {"adaptation.lora_r": 16}; None takes a field out."""

        fields: Mapping[str, Any]

    @dataclass
    class Go(Message):
        """Show another stage; `focus` is the id of a widget there, `why` is told to the user."""

        stage: Stage
        why: str = ""
        focus: str | None = None

    class Look(Message):
        """Something outside the recipe has changed (a model was fetched, a run made): look at the project again."""

    def __init__(self, snapshot: Snapshot) -> None:
        super().__init__(id=self.STAGE.value)
        self.snapshot = snapshot
        self.courses: Mapping[str, Course] = {}

    @property
    def forge(self) -> "ForgeScreen":
        """The screen that this is on."""
        return cast("ForgeScreen", self.screen)

    @property
    def home(self) -> Path:
        """ChatForge's own folder."""
        return cast("ChatForge", self.app).home

    def on_mount(self) -> None:
        """Fill the widgets, once they are there."""
        self.show(self.snapshot)

    def update(self, snapshot: Snapshot) -> None:
        """Take a new snapshot and show it."""
        self.snapshot = snapshot
        if self.is_mounted:
            self.show(snapshot)

    def answer(self, message: Message) -> None:
        """Post what a thread of this pane has found out, unless a newer one has begun meanwhile."""
        if not get_current_worker().is_cancelled:
            self.post_message(message)

    def show(self, snapshot: Snapshot) -> None:
        """Show how the project is now."""

    def happened(self, work: str, course: Course, new: Sequence[Stamped]) -> None:
        """Show what a worker of the run said.

        Args:
            work: "train" or "evaluate". course: what is known of it, `new` included. new: events since the last call.
        """

    def command(self) -> str:
        """The shell command that does what this stage does."""
        return f"chatforge recipe explain {shlex.quote(str(self.snapshot.recipe_path))}"

    def main(self) -> Main:
        """What ctrl+n does here now."""
        following = next_stage(self.STAGE)
        return Main(f"Next: {following.title()}" if following else "", leads_on=True)

    async def act(self) -> None:
        """Do it."""
        if following := next_stage(self.STAGE):
            self.post_message(self.Go(following))

    async def go_on(self) -> None:
        """Go on with what was broken off here: by the action `resume`, where a stage has one."""
        if hasattr(self, "action_resume"):
            await self.app.run_action("resume", self)
        else:
            await self.act()

    def in_focus(self, part: Widget) -> bool:
        """Whether a part of this stage has the focus, or is about to: nobody has it, and the stage is shown."""
        focused = self.screen.focused
        return part in focused.ancestors_with_self if focused else self.display

    def leave_blocked(self, stage: Stage) -> bool:
        """If `stage` is blocked, go to where that can be mended; return whether it was."""
        if found := blocker(self.snapshot, stage):
            why, where = found
            self.post_message(self.Go(where, why_to_say(where, why)))
            return True
        return False

    def commands(self) -> Iterable[tuple[str, str, Callable[[], Any]]]:
        """What the command palette offers here beside the keys: title, sentence, and what does it."""
        return ()

    def escape(self) -> bool:
        """Stop or close what is open here; return whether there was anything."""
        return False

    def unsaved(self) -> str | None:
        """What would be lost if the app ended now, in words; None if nothing."""
        return None


def why_to_say(where: Stage, why: str) -> str:
    """Why one is led to a stage, as far as it does not stand there already: the first four say what is wrong."""
    return why if where in (Stage.EVALUATE, Stage.CHAT, Stage.EXPORT) else ""
