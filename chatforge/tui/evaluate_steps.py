"""The steps of an evaluation at work: what is done with its time, who is missing, what is under way, what is to come.

✓ base answers          2:10
! run 1121-b            is missing: its base is gone
▶ base + 2 examples …   ━━━━╌╌╌╌ 31/100  ETA 1:05
○ adapted answers
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from textual.content import Content

from chatforge.project.stages import Status
from chatforge.runs.course import Course, Remark
from chatforge.runs.phases import Part, parts
from chatforge.tui.signs import Signs
from chatforge.words import bar, duration_text, plain

BAR = 12
"""Columns of a progress bar."""

_ANSWERS = ": replies"
"""How the worker calls a rival's turn."""


@dataclass(frozen=True)
class Step:
    """One part of the evaluation, and how it stands.

    Attributes:
        seconds: how long it took, if it is over. why: why its rival is missing, if it is.
    """

    part: Part
    state: Literal["done", "missing", "here", "to come"]
    seconds: float = 0.0
    why: str = ""


def said_now(course: Course) -> list[Remark]:
    """What this attempt said: the remarks of a course are of all there were."""
    return [remark for remark in course.remarks if remark.t >= (course.begun or 0.0)]


def standing(course: Course) -> list[Step]:
    """Every part in order. A phase that no part knows is not among them."""
    every = parts(course)
    at = next((i for i, part in enumerate(every) if course.phase in part.names), None)
    spent = _spent(course)
    reached = max((i for i, part in enumerate(every) if any(name in spent for name in part.names)), default=-1)
    found = []
    for i, part in enumerate(every):
        if i == at:
            found.append(Step(part, "here"))
        elif i < at if at is not None else i <= reached:
            why = _missing(part, course)
            seconds = sum(spent.get(name, 0.0) for name in part.names)
            found.append(Step(part, "done" if why is None else "missing", seconds, why or ""))
        else:
            found.append(Step(part, "to come"))
    return found


def steps(course: Course, now: float, signs: Signs) -> Iterator[Content]:
    """A line for each."""
    every = standing(course)
    width = max(len(step.part.words) for step in every)
    for step in every:
        yield _line(step, width, course, now, signs)
    if not any(step.state == "here" for step in every):
        yield _unknown(course, signs)


def few_steps(course: Course, now: float, signs: Signs) -> Iterator[Content]:
    """What is over and what is to come in a line each; who is missing and what is under way as ever."""
    every = standing(course)
    done = [step for step in every if step.state == "done"]
    here = [step for step in every if step.state in ("missing", "here")]
    to_come = [step for step in every if step.state == "to come"]
    if done:
        took = duration_text(sum(step.seconds for step in done))
        words = f"  {signs.marks[Status.DONE]} {len(done)} part{'s' if len(done) > 1 else ''} done"
        yield Content.assemble((words, "$text-success"), (f"  {took}", "$text-muted"))
    width = max((len(step.part.words) for step in here), default=0)
    for step in here:
        yield _line(step, width, course, now, signs)
    if not any(step.state == "here" for step in here):
        yield _unknown(course, signs)
    if to_come:
        more = f", and {len(to_come) - 1} more" if len(to_come) > 1 else ""
        first = plain(to_come[0].part.words, one_line=True)
        yield Content.styled(f"  {signs.marks[Status.READY]} then {first}{more}", "$text-muted")


def _line(step: Step, width: int, course: Course, now: float, signs: Signs) -> Content:
    words = plain(step.part.words, one_line=True)
    match step.state:
        case "here":
            mark = signs.marks[Status.RUNNING]
            return Content.assemble((f"  {mark} {words:<{width}}", "bold"), f"  {_progress(course, now, signs)}")
        case "done":
            mark, took = signs.marks[Status.DONE], duration_text(step.seconds) if step.seconds else ""
            return Content.assemble((f"  {mark} {words:<{width}}  ", "$text-success"), (took, "$text-muted"))
        case "missing":
            return Content.styled(f"  {signs.warn} {signs.typed(plain(step.why, one_line=True))}", "$text-warning")
    return Content.styled(f"  {signs.marks[Status.READY]} {words}", "$text-muted")


def _unknown(course: Course, signs: Signs) -> Content:
    """What is done now, where no part knows of it."""
    return Content.styled(f"  {signs.marks[Status.RUNNING]} {plain(course.phase, one_line=True)}", "bold")


def _missing(part: Part, course: Course) -> str | None:
    """Why the rival whose turn is over has not answered; None if it has, or if this was no rival's turn."""
    name = part.names[0]
    rival = name.removesuffix(_ANSWERS)
    if rival == name or rival in course.scores:
        return None
    said = [remark.text for remark in said_now(course) if remark.text.startswith(f"{rival} is missing")]
    return said[-1] if said else f"{rival} is missing"


def _spent(course: Course) -> dict[str, float]:
    """Seconds of each phase that is over."""
    spent: dict[str, float] = {}
    for (name, begun), (_, ended) in pairwise(course.phases):
        spent[name] = spent.get(name, 0.0) + ended - begun
    return spent


def _progress(course: Course, now: float, signs: Signs) -> str:
    if course.progress is None:
        return plain(course.phase, one_line=True) if course.phase.startswith("loading") else ""
    done, total = course.progress.done, course.progress.total
    drawn = bar(done / max(total, 1), BAR, ascii_only=signs.ascii_only)
    return f"{drawn} {done}/{total}{_left(course, now)}"


def _left(course: Course, now: float) -> str:
    """How long the present phase will still take, as far as that is known."""
    if course.progress and course.progress.done >= course.progress.total:
        return "  finishing"
    left = course.eta(now)
    if left is None:
        return ""
    return f"  ETA {duration_text(left)}" if round(left) else "  later than expected"
