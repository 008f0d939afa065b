"""One line of what the check of the data has found, and the process behind it."""

from dataclasses import dataclass

from textual import on
from textual.message import Message

from chatforge.dialogues.checks.copies import Purpose
from chatforge.project import doctor_client
from chatforge.project.diagnosis import Diagnosis, Kind, Limits, Place
from chatforge.project.doctor_client import Doctor, Question
from chatforge.tui.data_findings import followed, summary
from chatforge.tui.modals.findings import Findings
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.told import Told


class DoctorLine(Told):
    """Has files examined, says how far that is and what was found, and goes through the places of one kind.

    Attributes:
        known: what was found so far; None while there is nothing to look at.
        kind: whose places are gone through; None if that is not done.
    """

    DEFAULT_CSS = """
    DoctorLine { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    @dataclass
    class Heard(Message):
        """The process said something."""

        doctor: int
        known: Diagnosis

    class Learned(Message):
        """More is known."""

    @dataclass
    class Lead(Message):
        """A place is to be shown."""

        place: Place

    def __init__(self, signs: Signs) -> None:
        super().__init__(id="findings")
        self._signs = signs
        self._doctor: Doctor | None = None
        self._asked: Question | None = None
        self._of_files: Diagnosis | None = None
        self._number = self._at = 0
        self.known: Diagnosis | None = None
        self.kind: Kind | None = None

    def examine(self, question: Question) -> None:
        """Have this looked at, unless that is what is looked at already.

        What is known of the files stays as it is where only the recipe has changed.
        """
        if question == self._asked:
            return
        same = self._asked and self._asked.of_files == question.of_files
        known = self._of_files if same else None
        self.forget()
        if not question.files:
            return
        self._asked, self._of_files, number = question, known, self._number
        try:
            self._doctor = Doctor(
                question, lambda known: self.post_message(self.Heard(number, known)), known, doctor_client.PROGRAM
            )
            self.known = known or Diagnosis()
        except OSError as error:
            self.known = Diagnosis(looking="", problem=f"its process cannot be started: {error.strerror}")
        self._draw()

    def forget(self) -> None:
        """The files are others from now on; end the process."""
        self._number += 1
        if self._doctor:
            self._doctor.close()
        self._doctor = self._asked = self._of_files = self.known = self.kind = None
        self._draw()

    def on_unmount(self) -> None:
        """End the process with the app."""
        self.forget()

    @on(Heard)
    def _hear(self, event: Heard) -> None:
        """Take what the process says, unless it is one that is no longer asked."""
        event.stop()
        if event.doctor != self._number:
            return
        self.known = event.known
        if event.known.read and self._of_files is None:
            self._of_files = event.known
        self._draw()
        self.post_message(self.Learned())
        if isinstance(self.app.screen, Findings):
            self.app.screen.take(event.known)

    @property
    def has_found(self) -> bool:
        """Whether there is anything to list."""
        return bool(self.known and self.known.kinds)

    async def ask(self) -> Purpose | Limits | None:
        """List what was found; go through one kind of it, or return what copies or which limit is wanted for."""
        if self.known is None:
            return None
        chosen = await self.app.push_screen_wait(Findings(self.known, self._signs))
        if isinstance(chosen, Purpose | Limits):
            return chosen
        if chosen and chosen.places:
            self.kind, self._at = chosen, 0
            self.step(0)
        return None

    def step(self, by: int) -> None:
        """Lead to the next place of the kind that is gone through, or to the one before; the first follows the last."""
        if self.kind:
            self._at = (self._at + by) % len(self.kind.places)
            self._draw()
            self.post_message(self.Lead(self.kind.places[self._at]))

    def leave(self) -> bool:
        """Go through them no longer; return whether that was done."""
        before, self.kind = self.kind, None
        self._draw()
        return before is not None

    def _draw(self) -> None:
        text = followed(self.kind, self._at) if self.kind else summary(self.known, self._signs)
        self.display = bool(text.plain)
        self.say(text)
