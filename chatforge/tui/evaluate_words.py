"""An evaluation that is to come, is at work, or broke off: what is done, what is under way, what is left."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from textwrap import wrap

from textual.content import Content

from chatforge.evaluation.rivals import RIVALS, SECOND, Rival, named, ordered
from chatforge.evaluation.scales import PRIMARY
from chatforge.evaluation.wording import percent_text
from chatforge.project.stages import Status
from chatforge.runs.course import Course
from chatforge.runs.phases import overall
from chatforge.tui.evaluate_bars import axis_of_shares, rival_bar
from chatforge.tui.evaluate_steps import few_steps, said_now, steps
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.intervals import draw
from chatforge.words import bytes_text, duration_text, plain

QUIET_SECONDS = 10.0
"""Silence after which it is said how long nothing was heard."""

REMARKS = 4
"""Notes that are shown."""

KEPT = (
    "There is no verdict before all have answered. Replies given so far are kept: evaluating again goes on from there."
)
"""What an evaluation that is stopped comes to."""


@dataclass(frozen=True)
class Standing:
    """What is known of an evaluation that has no result yet.

    Attributes:
        status: as `runs.state` has it, or "stopping".
        course: its events; None before the first. tail: the end of its log. now: seconds since 1970.
        width, height: columns and lines there are; 0 lines: nobody knows.
        asked: the rivals that need not be there and were asked for, by the recipe's words; None: it does not say.
        guests: names of those from elsewhere. why: why a report that is there cannot be read.
    """

    status: str
    course: Course | None = None
    tail: Sequence[str] = ()
    now: float = 0.0
    width: int = 76
    height: int = 0
    asked: Sequence[str] | None = None
    guests: Sequence[str] = ()
    why: str = ""


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
        case "done" if standing.why:
            lines = _unreadable(standing.why, signs)
        case "done":
            lines = iter([Content.styled("Reading the report ...", "$text-muted")])
        case _:
            lines = _to_come(standing)
    told = f"{signs.warn} {signs.typed(plain(trouble))}"
    first = [Content.styled(told, "$text-error"), Content("")] if trouble else []
    return Content("\n").join([*first, *lines])


def _unreadable(why: str, signs: Signs) -> Iterator[Content]:
    yield Content.styled("The report cannot be shown", "bold $text-error")
    yield Content("")
    yield Content(signs.typed(plain(why)))
    yield Content("")
    yield Content("Evaluating again (ctrl+n) writes a new one. What has not changed is not computed again.")


def _to_come(standing: Standing) -> Iterator[Content]:
    yield Content.styled("Not evaluated yet", "bold")
    yield Content("")
    yield Content(
        "Did training help? The adapted model and what you could have without training answer the same held-out "
        "conversations. Training leaves them out; what of them stands in train all the same is told with the verdict, "
        "which follows by rule from the figures."
    )
    yield Content.styled("It works in the background: leaving ChatForge does not stop it.", "$text-muted")
    yield Content("")
    asked = standing.asked
    always = [one.name for one in RIVALS if not one.asked_as or asked is None or one.asked_as in asked]
    coming = [named(name) for name in ordered([*always, *standing.guests])]
    width = max(len(rival.name) for rival in coming)
    for rival in coming:
        told = plain(f"{rival.what}{_note(rival, asked)}", one_line=True)
        for i, line in enumerate(wrap(told, max(20, standing.width - width - 4))):
            name = "" if i else plain(rival.name, one_line=True)
            yield Content.assemble(f"  {name:<{width}}  ", (line, "$text-muted"))


def _note(rival: Rival, asked: Sequence[str] | None) -> str:
    if rival == SECOND:
        return " (a check, if every conversation has one)"
    if rival.asked_as and asked is None:
        return " (if the preset asks for it)"
    return " (a check)" if rival.check_only else ""


def _running(standing: Standing, signs: Signs) -> Iterator[Content]:
    """All that is known; where it is more than there are lines, the steps that are over and to come are summed up."""
    course = standing.course or Course(stage="evaluate")
    whole = _frame(standing, list(steps(course, standing.now, signs)), signs)
    if standing.height and len(whole) > standing.height:
        whole = _frame(standing, list(few_steps(course, standing.now, signs)), signs)
    return iter(whole)


def _frame(standing: Standing, drawn: Sequence[Content], signs: Signs) -> list[Content]:
    course = standing.course or Course(stage="evaluate")
    head = {"waiting": "Waiting for its turn", "stopping": "Stopping ..."}.get(standing.status, "Evaluating")
    mark = ">" if signs.ascii_only else "▶"
    clocks = f"   {_clocks(course, standing.now)}"
    lines = [Content.assemble((f"{mark} {head}", "bold $text-accent"), (clocks, "$text-muted")), Content(""), *drawn]
    if course.scores:
        lines += [Content(""), *_scores(course, signs, standing.width)]
    words = "The verdict comes when all have answered; leaving does not stop it."
    return [*lines, Content.styled(words, "$text-muted"), *_remarks(course, signs)]


def _scores(course: Course, signs: Signs, width: int) -> Iterator[Content]:
    """What rivals scored so far, as bars, in the report's order."""
    known = [course.scores[name] for name in ordered(course.scores)]
    mark = ":" if signs.ascii_only else "┊"
    chance = known[0].chance
    head = f"{PRIMARY.title.capitalize()} so far"
    yield Content.assemble((head, "bold"), (f"   {mark} chance {chance:.0%}", "$text-muted"))
    bars = [rival_bar(o.rival, o, percent_text(o), check_only=named(o.rival).check_only) for o in known]
    yield from draw(bars, axis_of_shares(chance), width, ascii_only=signs.ascii_only)


def _clocks(course: Course, now: float) -> str:
    if course.begun is None or course.heard is None:
        return "the worker is starting; its libraries take some seconds to load"
    whole = overall(course)
    parts = [f"part {whole.number} of {whole.of}, about {whole.share:.0%}"] if whole else []
    left = whole.eta(course, now) if whole else None
    parts.append(f"elapsed {duration_text(now - course.begun)}{f', {duration_text(left)} left' if left else ''}")
    if now - course.heard >= QUIET_SECONDS:
        parts.append(f"nothing heard for {duration_text(now - course.heard)}")
    elif course.memory:
        parts.append(bytes_text(course.memory))
    return "   ".join(parts)


def _ended(standing: Standing, signs: Signs) -> Iterator[Content]:
    if standing.status == "stopped":
        yield from _stopped(signs)
        return
    course = standing.course
    if course is None or (standing.status == "died" and course.end):  # it never spoke: this is of an earlier attempt
        course = Course(stage="evaluate")
    mark = signs.marks[Status.FAILED]
    what = "The evaluation failed" if standing.status == "failed" else "The process that evaluates died"
    yield Content.styled(f"{mark} {what}", "bold $text-error")
    yield Content("")
    yield from _errors(course, standing.status, signs)
    if standing.tail:
        yield Content("")
        yield Content.styled("The end of its log", "bold")
        yield from (Content.styled(f"  {plain(line, one_line=True)}", "$text-muted") for line in standing.tail)


def _stopped(signs: Signs) -> Iterator[Content]:
    yield Content.styled(f"{'#' if signs.ascii_only else '■'} The evaluation was stopped", "bold $text-warning")
    yield Content("")
    yield Content(f"{KEPT} What was trained is not touched.")


def _errors(course: Course, status: str, signs: Signs) -> Iterator[Content]:
    errors = [remark for remark in said_now(course) if remark.severity == "error"]
    for error in errors[-1:]:
        yield Content(signs.typed(plain(error.text)))
        if error.hint:
            yield Content.styled(f"  -> {signs.typed(plain(error.hint))}", "$text-accent")
    if status == "died":
        yield Content("It ended without a word; memory may have run out. `chatforge doctor` checks this machine.")
        if course.phase != "starting":
            yield Content(f"It was at: {plain(course.phase, one_line=True)}.")


def _remarks(course: Course, signs: Signs) -> Iterator[Content]:
    """What this evaluation said last, each thing once: why a rival is missing is said at once and at the end again."""
    said = {one.text: one for one in reversed(said_now(course)) if one.severity != "error"}
    shown = list(said.values())[:REMARKS][::-1]
    if shown:
        yield Content("")
        yield Content.styled("Said so far", "bold")
    for remark in shown:
        warns = remark.severity == "warning"
        told = signs.typed(plain(remark.text, one_line=True))
        yield Content.styled(f"  {'warning: ' if warns else ''}{told}", "$text-warning" if warns else "")
