"""An evaluation that is to come, is at work, or broke off: what is done, what is under way, what is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import wrap

from textual.content import Content

from chatforge.evaluation.rivals import RIVALS, named, ordered
from chatforge.evaluation.scales import PRIMARY
from chatforge.evaluation.wording import percent_text
from chatforge.project.stages import Status
from chatforge.runs.course import Course
from chatforge.runs.phases import overall, parts
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.intervals import draw
from chatforge.tui.widgets.result import axis_of_shares, rival_bar
from chatforge.words import bar, bytes_text, duration_text, plain

QUIET_SECONDS = 10.0
"""Silence after which it is said how long nothing was heard."""

BAR = 12
REMARKS = 4
"""Columns of a progress bar; notes that are shown."""


@dataclass(frozen=True)
class Standing:
    """What is known of an evaluation that has no result yet.

    Attributes:
        status: as `runs.state` has it, or "stopping".
        course: its events; None before the first. tail: the end of its log. now: seconds since 1970.
        width: columns there are.
    """

    status: str
    course: Course | None = None
    tail: Sequence[str] = ()
    now: float = 0.0
    width: int = 76


def words(standing: Standing, signs: Signs, trouble: str = "") -> Content:
    """Return the whole text for a state of an evaluation without a result.

    Args:
        trouble: why it could not be started just now.
    """
    match standing.status:
        case "running" | "waiting" | "stopping":
            lines = _running(standing, signs)
        case "failed" | "died" | "stopped":
            lines = _ended(standing, signs)
        case "done":
            lines = iter([Content.styled("Reading the report ...", "$text-muted")])
        case _:
            lines = _to_come(standing.width)
    first = [Content.styled(f"{signs.warn} {plain(trouble)}", "$text-error"), Content("")] if trouble else []
    return Content("\n").join([*first, *lines])


def unreadable(what: str) -> Content:
    """Return the text for a report that cannot be read."""
    return Content.assemble(("The report cannot be shown.\n\n", "bold $text-error"), plain(what))


def _to_come(width: int) -> Iterator[Content]:
    yield Content.styled("Not evaluated yet", "bold")
    yield Content("")
    yield Content(
        "Did training help? The adapted model and what you could have without training answer the same held-out "
        "conversations, which no model has seen. The verdict follows by rule from the figures."
    )
    yield Content("")
    names = max(len(rival.name) for rival in RIVALS)
    for rival in RIVALS:
        note = " (a check)" if rival.check_only else ""
        for i, line in enumerate(wrap(f"{rival.what}{note}", max(20, width - names - 4))):
            yield Content.assemble(f"  {'' if i else rival.name:<{names}}  ", (line, "$text-muted"))
    yield Content("")
    yield Content.styled("It works in the background: leaving ChatForge does not stop it.", "$text-muted")


def _running(standing: Standing, signs: Signs) -> Iterator[Content]:
    course = standing.course or Course(stage="evaluate")
    head = {"waiting": "Waiting for its turn", "stopping": "Stopping ..."}.get(standing.status, "Evaluating")
    mark = ">" if signs.ascii_only else "▶"
    yield Content.assemble(
        (f"{mark} {head}", "bold $text-accent"), (f"   {_clocks(course, standing.now)}", "$text-muted")
    )
    yield Content("")
    yield from _steps(course, standing.now, signs)
    yield Content("")
    if course.scores:
        yield from _scores(course, signs, standing.width)
        yield Content("")
    words = "There is a verdict when all have answered. Leaving ChatForge does not stop it."
    yield Content.styled(words, "$text-muted")
    yield from _remarks(course, signs)


def _steps(course: Course, now: float, signs: Signs) -> Iterator[Content]:
    """The list of phases with marks: what is done with its time, what is under way with its progress."""
    every = parts(course)
    at = next((i for i, part in enumerate(every) if course.phase in part.names), None)
    spent = _spent(course)
    done, here, to_come = (signs.marks[one] for one in (Status.DONE, Status.RUNNING, Status.READY))
    width = max(len(part.words) for part in every)
    reached = max((i for i, part in enumerate(every) if any(name in spent for name in part.names)), default=-1)
    for i, part in enumerate(every):
        if i == at:
            yield Content.assemble((f"  {here} {part.words:<{width}}", "bold"), f"  {_progress(course, now, signs)}")
        elif i < at if at is not None else i <= reached:
            took = sum(spent.get(name, 0.0) for name in part.names)
            line = f"  {done} {part.words:<{width}}  "
            yield Content.assemble((line, "$text-success"), (duration_text(took) if took else "", "$text-muted"))
        else:
            yield Content.styled(f"  {to_come} {part.words}", "$text-muted")
    if at is None:
        yield Content.styled(f"  {here} {plain(course.phase, one_line=True)}", "bold")


def _scores(course: Course, signs: Signs, width: int) -> Iterator[Content]:
    """What rivals scored so far, as bars, in the report's order."""
    known = [course.scores[name] for name in ordered(course.scores)]
    mark = ":" if signs.ascii_only else "┊"
    chance = known[0].chance
    head = f"{PRIMARY.title.capitalize()} so far"
    yield Content.assemble((head, "bold"), (f"   {mark} chance {chance:.0%}", "$text-muted"))
    bars = [rival_bar(o.rival, o, percent_text(o), check_only=named(o.rival).check_only) for o in known]
    yield from draw(bars, axis_of_shares(chance), width, ascii_only=signs.ascii_only)


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


def _clocks(course: Course, now: float) -> str:
    if course.begun is None or course.heard is None:
        return "the worker is starting; its libraries take some seconds to load"
    whole = overall(course)
    parts = [f"part {whole.number} of {whole.of}, about {whole.share:.0%}"] if whole else []
    parts.append(f"elapsed {duration_text(now - course.begun)}")
    if now - course.heard >= QUIET_SECONDS:
        parts.append(f"nothing heard for {duration_text(now - course.heard)}")
    elif course.memory:
        parts.append(f"memory {bytes_text(course.memory)}")
    return "   ".join(parts)


def _ended(standing: Standing, signs: Signs) -> Iterator[Content]:
    course = standing.course or Course(stage="evaluate")
    if standing.status == "stopped":
        yield from _stopped(course, signs)
        return
    mark = signs.marks[Status.FAILED]
    what = "The evaluation failed" if standing.status == "failed" else "The process that evaluates died"
    yield Content.styled(f"{mark} {what}", "bold $text-error")
    yield Content("")
    yield from _errors(course, standing.status)
    if standing.tail:
        yield Content("")
        yield Content.styled("The end of its log", "bold")
        yield from (Content.styled(f"  {plain(line, one_line=True)}", "$text-muted") for line in standing.tail)


def _stopped(course: Course, signs: Signs) -> Iterator[Content]:
    yield Content.styled(f"{'#' if signs.ascii_only else '■'} The evaluation was stopped", "bold $text-warning")
    yield Content("")
    if course.scores:
        yield Content(
            "The scores you saw are not kept. A verdict compares the replies of all, given by one and the same run of "
            "the evaluation; replies are written to disk only when the last one is there."
        )
    else:
        yield Content("Nothing of it is kept: there were no scores yet.")
    yield Content("")
    yield Content("Evaluating again (ctrl+n) starts afresh. What was trained is not touched.")


def _errors(course: Course, status: str) -> Iterator[Content]:
    errors = [remark for remark in course.remarks if remark.severity == "error"]
    for error in errors[-1:]:
        yield Content(plain(error.text))
        if error.hint:
            yield Content.styled(f"  -> {plain(error.hint)}", "$text-accent")
    if status == "died":
        yield Content("It ended without a word; memory may have run out. `chatforge doctor` checks this machine.")
        if course.phase != "starting":
            yield Content(f"It was at: {plain(course.phase, one_line=True)}.")


def _remarks(course: Course, signs: Signs) -> Iterator[Content]:
    said = [remark for remark in course.remarks if remark.severity != "error"][-REMARKS:]
    if said:
        yield Content("")
        yield Content.styled("Said so far", "bold")
    for remark in said:
        label = "warning: " if remark.severity == "warning" else ""
        style = "$text-warning" if remark.severity == "warning" else ""
        yield Content.styled(f"  {label}{plain(remark.text, one_line=True)}", style)
