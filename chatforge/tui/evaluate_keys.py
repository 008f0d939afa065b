"""What can be done with an evaluation as it stands: help, keys, questions. Pure."""

from textual.binding import Binding

from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import SCALES, Scale
from chatforge.tui.evaluate_words import KEPT
from chatforge.tui.evaluate_work import BUSY, Guests
from chatforge.tui.modals.question import Answer, Question
from chatforge.words import plain

HELP = """\
**Evaluate** shows whether training helped. The adapted model and everything you could have without training answer the
same held-out conversations; the verdict follows by rule from the difference to the best of them.

- `^n` evaluates, or goes on to Chat · `s` stops
- `m` another measure · `n` the next part of the report · `p` what was said to the probes
- `w` conversation by conversation: `o` another order, `r` another rival, `d` marks what differs
- `h` the report as a page in the browser · `b` judge replies without knowing whose they are
"""

KEYS = (
    Binding("m", "measure", "Measure", id="evaluate.measure", tooltip="The next measure"),
    Binding("w", "cases", "Read", id="evaluate.cases", tooltip="Result, or conversation by conversation"),
    Binding("o", "order", "Order", id="evaluate.order", tooltip="Sort the conversations in another way"),
    Binding("r", "rival", "Rival", id="evaluate.rival", tooltip="Another rival beside the adapted model"),
    Binding("d", "marks", "Marks", id="evaluate.marks", tooltip="Mark what differs from the true reply, or not"),
    Binding("p", "probes", "Probes", id="evaluate.probes", tooltip="What was said to probes and general questions"),
    Binding("h", "page", "Page", id="evaluate.page", tooltip="Write the report as a page, and open it in the browser"),
    Binding("b", "blind", "Blind", id="evaluate.blind", tooltip="Judge replies without knowing whose they are"),
    Binding("n", "part(1)", "Next part", show=False, id="evaluate.next", tooltip="Go to the next part of the report"),
    Binding("N", "part(-1)", "Part before", show=False, id="evaluate.before"),
    Binding("e", "again", "Again", show=False, id="evaluate.again", tooltip="Evaluate once more"),
    Binding("s", "stop", "Stop", id="evaluate.stop", tooltip="Stop the evaluation"),
)

_WHERE = {
    "measure": ("result",), "part": ("result",), "again": ("result",), "probes": ("result",), "blind": ("result",),
    "cases": ("result", "cases"), "page": ("result", "cases"),
    "order": ("cases",), "rival": ("cases",), "marks": ("cases",),
}  # fmt: skip
"""In which views a key does something."""


def may(action: str, view: str, status: str, report: Report | None, rivals: int) -> bool:
    """Whether an action can be done now.

    Args:
        view: which one is shown. status: of the evaluation. rivals: how many can stand beside the adapted model.
    """
    if action == "stop":
        return status in BUSY
    if action not in _WHERE:
        return True
    if report is None or view not in _WHERE[action]:
        return False
    match action:
        case "probes":
            return report.probes is not None and bool(report.probes.safety or report.probes.forgetting)
        case "rival":
            return rivals > 1
    return True


def next_measure(report: Report, now: Scale) -> Scale:
    """The measure after this one that the report has."""
    there = [scale for scale in SCALES if scale.key in report.against[0].scores]
    return there[(there.index(now) + 1) % len(there)]


def ask_first(guests: Guests) -> Question | None:
    """Whether to ask rivals from elsewhere, where the recipe does not name them or conversations leave this machine.

    Answers "keep", "evaluate", or "alone" to leave out those that a command named.
    """
    if not guests.kept and not guests.hosts:
        return None
    answers = [Answer("keep", "k", "Not now"), Answer("evaluate", "e", "Evaluate"), *_alone(guests)]
    return Question("Ask rivals from elsewhere?", _who(guests), answers)


def ask_again(guests: Guests) -> Question:
    """Whether to evaluate once more; answers as `ask_first`."""
    text = (
        "The report is replaced when the new one is complete. What has not changed is not computed again: with the "
        "same data and weights it takes less time and says the same."
    )
    answers = [Answer("keep", "k", "Keep this report"), Answer("evaluate", "e", "Evaluate again"), *_alone(guests)]
    return Question("Evaluate again?", "\n\n".join([text, *([_who(guests)] if guests.names else [])]), answers)


def _who(guests: Guests) -> str:
    text = f"Asked from elsewhere, too: {', '.join(guests.names)}."
    if guests.hosts:
        text += f" Held-out conversations are sent to {', '.join(guests.hosts)}."
    if guests.kept:
        all_are = len(guests.kept) == len(guests.names)
        which = "They" if all_are else f"Those that a command named ({', '.join(guests.kept)})"
        text += f" {which} can be left out, from now on."
    return plain(text, one_line=True)


def _alone(guests: Guests) -> list[Answer]:
    return [Answer("alone", "w", "Evaluate without those that a command named", "warning")] if guests.kept else []


def ask_to_stop() -> Question:
    """Whether to stop; answers "keep" or "stop"."""
    answers = [Answer("keep", "k", "Keep evaluating"), Answer("stop", "s", "Stop", "warning")]
    return Question("Stop the evaluation?", KEPT, answers)
