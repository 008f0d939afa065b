"""A training in words: what its course comes to, ready to be shown. Pure: no widgets, no disk, no clock."""

import time
from collections.abc import Iterator, Sequence
from itertools import groupby
from textwrap import wrap
from typing import Literal

from textual.content import Content

from chatforge.project.stages import Status
from chatforge.runs import events
from chatforge.runs.course import Course, over_text
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    Event,
    Finished,
    Note,
    Plan,
    Sample,
    Started,
    Stopped,
)
from chatforge.runs.state import WAITING, StageStatus
from chatforge.tui.signs import Signs
from chatforge.words import bar, bytes_text, duration_text, plain

Standing = Literal["new", "starting", "waiting", "running", "stopping", "stopped", "failed", "died", "done"]
"""How a training stands: a stage's status, and what this screen itself is just doing."""

LIVE = ("waiting", "running", "stopping")
BROKEN = ("stopped", "failed", "died")

EXPECTED = ("checking", "loading", "rendering", "planning", "training", "saving")
"""Phases that every training has."""

PHASE_WORDS = {
    "checking": "checking data and weights", "measuring": "measuring this machine", "loading": "loading the base",
    "rendering": "turning conversations into tokens", "validating": "trying the base on the validation conversations",
    "planning": "trying one batch, to tell time and memory", "saving": "saving what was learned",
    "texts": "learning the texts, before the dialogues",
}  # fmt: skip
"""What a phase is for; some take minutes on a busy machine and count nothing."""

QUIET_SECONDS = 10.0
"""Silence that is worth a colour: a living worker gives a sign every two seconds."""

_MARKS = {
    "waiting": Status.RUNNING, "running": Status.RUNNING, "stopping": Status.RUNNING, "stopped": Status.STOPPED,
    "failed": Status.FAILED, "died": Status.FAILED, "done": Status.DONE, "starting": Status.RUNNING,
}  # fmt: skip
_STYLES = {"done": "$text-success", "stopped": "$text-warning", "failed": "$text-error", "died": "$text-error"}


def head(course: Course, standing: Standing, signs: Signs, now: float, width: int) -> Content:
    """One line: what it does, how far it is, how long that will take."""
    mark = signs.marks[_MARKS[standing]] if standing in _MARKS else ""
    style = f"{_STYLES.get(standing, '$text-accent')} bold"
    begin = Content.styled(f"{mark} {_doing(course, standing)}", style)
    if course.step is None or standing in ("starting", "waiting"):
        return begin
    done, total = course.step.step, course.step.total
    step, share = f"   step {done}/{total}   {done / max(total, 1):.0%}  ", done / max(total, 1)
    left = f"  {_left(course, now)}" if standing in LIVE else ""
    room = width - begin.cell_length - len(step) - len(left)
    drawn = bar(share, min(room, 60), ascii_only=signs.ascii_only) if room >= 6 else ""
    return Content.assemble(begin, step, (drawn, "$primary"), (left, "bold"))


def phases(course: Course, standing: Standing, signs: Signs, width: int) -> Content:
    """One line: what was done, what is done now, what comes; the oldest left out where there is no room."""
    if standing in ("new", "starting"):
        return Content("")
    seen = list(dict.fromkeys(plain(name, one_line=True) for name, _ in course.phases))
    here = course.phase if standing in LIVE else None
    parts = []
    for name in [*seen, *(name for name in EXPECTED if name not in seen)]:
        if name == here:
            parts.append(Content.styled(f"{name} {signs.marks[Status.RUNNING]}", "bold"))
        elif name in seen and not _comes_again(name, course):
            parts.append(Content.styled(f"{name} {signs.yes}", "$text-muted"))
        else:
            parts.append(Content.styled(f"{name} {signs.marks[Status.LOCKED]}", "$text-disabled"))
    line = Content("  ").join(parts)
    while line.cell_length > width and len(parts) > 1:
        parts = parts[1:]
        line = Content("  ").join([Content.styled(signs.cut, "$text-muted"), *parts])
    return line


def clocks(course: Course, standing: Standing, now: float) -> Content:
    """One line: how long it has worked, when it was heard of last, what is saved."""
    if course.begun is None or course.heard is None:
        words = "its libraries take some seconds to load" if standing in LIVE else ""
        return Content.styled(words, "$text-muted")
    live, silent = standing in LIVE, max(0.0, now - course.heard)
    parts = [f"{'elapsed' if live else 'worked'} {duration_text((now if live else course.heard) - course.begun)}"]
    if course.checkpoint is not None:
        parts.append(f"saved at step {course.checkpoint}")
    if count := warnings(course):
        parts.append(f"{count} warning{'s' * (count > 1)}, w shows")
    style = "$text-warning" if live and silent >= QUIET_SECONDS else "$text-muted"
    heard = (f"last event {_ago(silent)}   ", style) if live else ""
    return Content.assemble(heard, ("   ".join(parts), "$text-muted"))


def figures(course: Course, signs: Signs, machine_bytes: int | None) -> Content:
    """The numbers of now, one a line."""
    return Content("\n").join(_figures(course, signs, machine_bytes))


def warnings(course: Course) -> int:
    """How many warnings there were."""
    return sum(remark.severity == "warning" for remark in course.remarks)


def replies(course: Course, signs: Signs, width: int, *, brief: bool = False) -> Content:
    """What the model answered to each prompt at each look; `brief`: one line each, the first and the newest."""
    lines: list[Content] = []
    ordered = sorted(course.samples.values(), key=lambda sample: sample.prompt)
    groups = [list(group) for _, group in groupby(ordered, key=lambda sample: sample.prompt)]
    for found in sorted(groups, key=lambda group: _first_seen(course, group)):
        said = sorted(found, key=lambda sample: sample.step)
        if brief:
            said = said if len(said) < 3 else [said[0], said[-1]]
        if lines and not brief:
            lines.append(Content(""))
        cut = signs.cut if brief else None
        lines += _hang("user", said[0].prompt, width, "bold", cut)
        for sample in said:
            lines += _hang(f"@{sample.step}", sample.reply or "(nothing)", width, "", cut)
    return Content("\n").join(lines)


def story(course: Course, width: int) -> Content:
    """What happened, the newest at the end."""
    lines: list[Content] = []
    for stamped in course.story:
        word, text, style = _tell(stamped.event)
        clock = time.strftime("%H:%M:%S", time.localtime(stamped.t))
        begin = f"{clock}  {word:<8}"
        rows = wrap(plain(text, one_line=True), max(20, width - len(begin) - 1)) or [""]
        lines.append(Content.assemble((begin, "$text-muted"), " ", (rows[0], style)))
        lines += [Content.assemble(" " * (len(begin) + 1), (row, style)) for row in rows[1:]]
    return Content("\n").join(lines)


def newest(course: Course) -> Content:
    """The newest event in one line."""
    if not course.story:
        return Content("")
    stamped = course.story[-1]
    word, text, style = _tell(stamped.event)
    clock = time.strftime("%H:%M:%S", time.localtime(stamped.t))
    return Content.assemble((f"{clock}  ", "$text-muted"), (f"{word}  {plain(text, one_line=True)}", style))


def after(standing: Standing, evaluation: StageStatus, key: str) -> str:
    """What has followed a training that is done; `key` leads there."""
    if standing == "done" and evaluation in ("running", "waiting"):
        return f"The evaluation has begun by itself: {key} shows it."
    return f"It is evaluated, too: {key} shows how it did." if standing == evaluation == "done" else ""


def waits_for(course: Course) -> str | None:
    """What a waiting training says it waits for."""
    notes = [remark.text for remark in course.remarks if remark.text.startswith(WAITING)]
    return plain(notes[-1], one_line=True) if notes else None


def _doing(course: Course, standing: Standing) -> str:
    match standing:
        case "starting":
            return "starting: checking recipe, data and weights"
        case "waiting":
            return waits_for(course) or "waiting for its turn"
        case "stopping":
            return "stopping, first it saves"
        case "running":
            words = PHASE_WORDS.get(course.phase, plain(course.phase, one_line=True))
            return "training" if course.phase == "training" else f"training: {words}"
        case "done":
            return "trained"
        case _:
            return standing


def _comes_again(name: str, course: Course) -> bool:
    """Whether a phase that was seen is not over: saving an adapter is what a stopped run has yet to do."""
    return name == "training" and course.phase != "saving" and course.end not in ("finished",)


def _left(course: Course, now: float) -> str:
    if course.step and course.step.step >= course.step.total:
        return "finishing"
    left = course.eta(now)
    return f"ETA {'-' if left is None else duration_text(left)}"


def _ago(seconds: float) -> str:
    return f"{seconds:.1f} s ago" if seconds < QUIET_SECONDS else f"{duration_text(seconds)} ago"


def _figures(course: Course, signs: Signs, machine_bytes: int | None) -> Iterator[Content]:
    step, plan = course.step, course.plan
    yield _row("train loss", _loss(step.loss if step else None), _trend(list(course.losses.values()), signs))
    valid = [found.loss for _, found in sorted(course.evals.items())]
    yield _row("valid loss", _loss(valid[-1] if valid else None), _trend(valid, signs))
    best = course.best
    yield _row("best", f"{_loss(best.loss)} @ {best.step}" if best else "-")
    yield _row("learning rate", f"{step.learning_rate:.2e}" if step else "-")
    yield _row("grad norm", f"{step.grad_norm:.2f}" if step else "-")
    epochs = f" of {plan.epochs:g}" if plan else ""
    yield _row("epoch", f"{step.epoch:.2f}{epochs}" if step else "-")
    yield _row("speed", f"{step.tokens_per_second:.0f} tokens/s" if step else "-")
    yield _row("step time", f"{course.step_seconds:.1f} s" if course.step_seconds else "-")
    yield _row("memory", bytes_text(course.memory) if course.memory else "-")
    yield _row("  peak", bytes_text(course.peak) if course.peak else "-")
    if plan:
        yield _row("  predicted", bytes_text(plan.predicted_bytes))
    if machine_bytes:
        share = course.peak / machine_bytes
        yield _row("  machine", bytes_text(machine_bytes))
        yield Content.assemble((bar(share, 20, ascii_only=signs.ascii_only), "$primary"), f" {share:.0%}")


def _row(name: str, value: str, after: str = "") -> Content:
    style = "$text-error bold" if value == "no number" else "bold"
    return Content.assemble((f"{name:<14}", "$text-muted"), (value, style), f" {after}" if after else "")


def _loss(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if abs(value) < 1e9 else "no number"


def _trend(values: Sequence[float], signs: Signs) -> str:
    """An arrow: where the values have gone lately."""
    finite = [value for value in values if abs(value) < 1e9]
    if len(finite) < 2 or finite[-1] != values[-1]:
        return ""
    last = max(1, len(finite) // 10)
    now, before = sum(finite[-last:]) / last, finite[-2 * last : -last] or finite[:1]
    up, down = ("^", "v") if signs.ascii_only else ("↑", "↓")
    was = sum(before) / len(before)
    return down if now < was else up if now > was else ""


def _hang(label: str, text: str, width: int, style: str, cut: str | None) -> list[Content]:
    """A label and its text, further lines of it indented; with `cut`, one line that ends with it."""
    flat, room = plain(text, one_line=True), max(20, width - 7)
    rows = wrap(flat, room) or [""]
    if cut and len(rows) > 1:
        rows = [f"{rows[0][: room - 4].rstrip()} {cut}"]
    lines = [Content.assemble((f"{label:<6} ", "$text-muted"), (rows[0], style))]
    return lines + [Content.assemble(" " * 7, (row, style)) for row in rows[1:]]


def _first_seen(course: Course, group: Sequence[Sample]) -> int:
    """Where a prompt stands in the order in which prompts were first answered."""
    prompts = list(dict.fromkeys(prompt for _, prompt in course.samples))
    return prompts.index(group[0].prompt)


def _tell(event: Event) -> tuple[str, str, str]:
    """A word, a text and a style for an event of the story."""
    match event:
        case Started(pid=pid):
            return "started", f"process {pid}", ""
        case Plan() as plan:
            return "plan", over_text(plan), ""
        case Eval(step=step, loss=loss, best=best):
            return "valid", f"loss {_loss(loss)} at step {step}{', the best so far' if best else ''}", ""
        case Checkpoint(step=step):
            return "saved", f"checkpoint at step {step}", ""
        case Note(text=text):
            return "note", text, ""
        case events.Warning(text=text):
            return "warning", text, "$text-warning"
        case Error(what=what, hint=hint):
            return "error", f"{what} ({hint})" if hint else what, "$text-error"
        case Stopped(step=step):
            return "stopped", f"at step {step}", "$text-warning"
        case Finished(seconds=seconds):
            return "done", f"in {duration_text(seconds)}", "$text-success"
        case _:
            return "", "", ""
