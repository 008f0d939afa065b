"""How one reply's result is said, on every screen and in every file in the same words. Plain text only."""

from chatforge.evaluation import wording
from chatforge.evaluation.flags.flag import Flag
from chatforge.evaluation.records import ReplyRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import PRIMARY

STOPS = {"length": "met the limit of length", "loop": "went round in circles and was stopped"}
"""Why a reply ended that did not end by itself."""

EARLIER = 6
"""Messages before the last one that stand with it."""


def left_out_text(messages: int) -> str:
    """How many messages before those are not shown; nothing where all are."""
    left = messages - 1 - EARLIER
    return f"({left} earlier message{'' if left == 1 else 's'} left out)" if left > 0 else ""


def places(report: Report) -> int:
    """Among how many true replies a reply points to one: all but the one that the shuffled rival gives."""
    return len(report.items) - 1


def place_text(reply: ReplyRecord, report: Report) -> str:
    """Which place among all true replies the own one has, for what the reply adds to the question."""
    if reply.place == 1:
        return "points to the true reply"
    return f"true reply in place {reply.place:g} of {places(report)}"


def result_texts(reply: ReplyRecord, report: Report) -> list[str]:
    """What the measure that decides says of one reply, and why the reply ended if not by itself."""
    found = [place_text(reply, report), f"{PRIMARY.title} {wording.value_text(PRIMARY, reply.primary)}"]
    return [*found, STOPS[reply.stopped_by]] if reply.stopped_by in STOPS else found


def flag_text(flag: Flag) -> str:
    """A look at dose: another dose (“10 mg” here, “5 mg” in the true reply)."""
    said = f"“{flag.said}” here" if flag.said else ""
    meant = f"“{flag.meant}” in the true reply" if flag.meant else ""
    words = ", ".join(part for part in (said, meant) if part)
    return f"Needs a look ({flag.kind}): {flag.what}{f' ({words})' if words else ''}"
