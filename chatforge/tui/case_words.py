"""Conversations of a report, one by one: in which order, beside which rival, and how a reply is drawn. Pure.

All of it is data: it goes through `plain`, and nothing in it is markup.
"""

from collections.abc import Iterator
from typing import Literal

from textual.content import Content

from chatforge.evaluation.records import ReplyRecord
from chatforge.evaluation.reply_wording import EARLIER, flag_text, left_out_text, places, result_texts
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.scales import CORRECTED, PRIMARY
from chatforge.evaluation.wording import worst_first
from chatforge.evaluation.words_difference import (
    Kind,
    Piece,
    beginning,
    is_same,
    marked,
    pieces,
    readable,
    summary_text,
)
from chatforge.tui.signs import Signs
from chatforge.words import plain

LONGEST = 2_000
"""Signs of a text that the reader shows, though all are compared: a reply that never ends is no news after that."""

Order = Literal["furthest", "behind", "look"]

Marks = Literal["alike", "always", "never"]
MARKS: dict[Marks, str] = {
    "alike": "word by word where texts are alike", "always": "word by word", "never": "texts as they are",
}  # fmt: skip
"""When differences from the true reply are marked, and how that is said."""

_DRAWN: dict[Kind, tuple[str, str, str]] = {
    "same": ("", "", ""),
    "missing": ("[-", "-]", "$text-error strike"),
    "added": ("{+", "+}", "$text-success underline"),
}
"""What stands before and after a piece, and its style: the signs say the same without colour."""


def rivals(report: Report) -> list[str]:
    """Who can stand beside the adapted model: the base, the bar, then all others that compete."""
    others = [one.name for one in report.rivals if not one.check_only and one.name != ADAPTED.name]
    return list(dict.fromkeys([BASE.name, report.best_untrained.rival, *others]))


def orders(report: Report) -> list[Order]:
    """The ways to sort a report's conversations."""
    flagged = any(reply.flags for reply in report.rival(ADAPTED.name).replies)
    return ["furthest", "behind", "look"] if flagged else ["furthest", "behind"]


def order_text(order: Order, rival: str) -> str:
    """How the conversations are sorted."""
    match order:
        case "furthest":
            return "furthest from the true reply first"
        case "look":
            return "needs a look first"
        case _:
            return f"most behind {plain(rival, one_line=True)} first"


def ordered(report: Report, order: Order, rival: str) -> list[int]:
    """Numbers of the conversations in this order, the worst first."""
    adapted, other = report.rival(ADAPTED.name).replies, report.rival(rival).replies
    match order:
        case "furthest":
            return worst_first(report)
        case "look":
            return sorted(worst_first(report), key=lambda i: -len(adapted[i].flags))
        case _:
            return sorted(
                range(len(report.items)),
                key=lambda i: (adapted[i].primary - other[i].primary, ahead(adapted[i], other[i]), i),
            )


def similarity(reply: ReplyRecord) -> float:
    """How alike a reply and the true one are."""
    return reply.scores.get(CORRECTED.key) or 0.0


def ahead(mine: ReplyRecord, other: ReplyRecord) -> float:
    """By how much the one is nearer to the true reply."""
    return similarity(mine) - similarity(other)


def count_text(report: Report) -> str:
    """How many replies there are to read, and of how many conversations."""
    replies, talks = len(report.items), report.conversations
    return f"{talks} conversations" if replies == talks else f"{replies} replies of {talks} conversations"


def ahead_text(order: Order, rival: str) -> str:
    """What the first column says: the figure that the list is sorted by, if it hangs on the rival."""
    name = plain(rival, one_line=True)
    return (
        f"ahead of {name}: points of {PRIMARY.title}"
        if order == "behind"
        else f"ahead of {name}: nearer the true reply"
    )


def columns_text(*, flags: bool) -> str:
    """The head of the list."""
    return f"{'ahead':>6}  {'place':<7}{'look ' if flags else ''}user"


def row(report: Report, order: Order, rival: str, i: int, *, flags: bool) -> Content:
    """One conversation in the list.

    Args:
        order: decides what the first column shows (`ahead_text`).
        flags: whether there is a column for how many places of the reply need a look.
    """
    mine, other = report.rival(ADAPTED.name).replies[i], report.rival(rival).replies[i]
    item = report.items[i]
    by = round(100 * (mine.primary - other.primary)) if order == "behind" else round(ahead(mine, other), 2)
    said = plain(item.history[-1][1] if item.history else "", one_line=True)[:200]
    look = f"{f'!{len(mine.flags)}' if mine.flags else '':<5}" if flags else ""
    shown = "0" if not by else f"{by:+d}" if order == "behind" else f"{by:+.2f}"
    figures = f"{shown:>6}  {mine.place:g}/{places(report)}"
    colour = "$text-error" if by < 0 else "$text-success" if by > 0 else ""
    return Content.assemble((f"{figures:<14}", colour), " ", (look, "$text-warning"), said)


def name_text(report: Report, i: int) -> str:
    """Which conversation it is, and how much was said before."""
    item = report.items[i]
    earlier = len(item.history) - 1
    before = f"{earlier} earlier message{'s' if earlier > 1 else ''} above" if earlier > 0 else ""
    return ", ".join(
        filter(None, [before, *(plain(said or "", one_line=True) for said in (item.conversation, item.intent))])
    )


def earlier(report: Report, i: int) -> Content:
    """What was said before the last message."""
    history = report.items[i].history
    lines = [Content.styled(left_out_text(len(history)), "$text-muted")] if left_out_text(len(history)) else []
    lines += [_message(role, said) for role, said in history[:-1][-EARLIER:]]
    return Content("\n").join(lines)


def talk(report: Report, i: int) -> Content:
    """The last message before the reply, and the true reply."""
    item = report.items[i]
    role, said = item.history[-1] if item.history else ("user", "")
    return Content.assemble(
        _message(role, said), ("\ntrue reply  ", "bold $text-success"), _shown(_whole(item.reference))
    )


def reply(report: Report, name: str, i: int, marks: Marks, signs: Signs) -> Content:
    """One rival's reply: how it did, its words with what differs from the true reply, and its flags."""
    said = report.rival(name).replies[i]
    text = _whole(said.reply)
    compared = bool(text) and marks != "never"
    found = pieces(_whole(report.items[i].reference), text) if compared else []
    notes = [*result_texts(said, report), f"similarity {similarity(said):+.2f}"]
    drawn = not is_same(found) and (marks == "always" or readable(found))
    words = list(_differences(found)) if drawn else [Content(_shown(text))]
    summary = [summary_text(found)] if compared else []
    return Content.assemble(
        (f"{plain(name, one_line=True)}\n", "bold $text-accent" if name == ADAPTED.name else "bold"),
        (". ".join([", ".join(notes), *summary]) + "\n", "$text-muted"),
        *words,
        *((f"\n{signs.warn} {signs.typed(_whole(flag_text(flag)))}", "$text-warning") for flag in said.flags),
    )


def _differences(found: list[Piece]) -> Iterator[Content]:
    for piece in marked(beginning(found, LONGEST)):
        before, after, style = _DRAWN[piece.kind]
        yield Content.styled(f"{before}{piece.text}{after}", style)
    if sum(len(piece.text) for piece in found) > LONGEST:
        yield Content(" ...")


def _message(role: str, said: str) -> Content:
    return Content.assemble((f"{plain(role, one_line=True)}  ", "bold"), _shown(_whole(said)))


def _whole(text: str) -> str:
    """Foreign text without anything that steers a terminal."""
    return plain(text).strip()


def _shown(text: str) -> str:
    """As much of it as the reader shows."""
    return (text if len(text) <= LONGEST else f"{text[:LONGEST]} ...") or "(nothing)"
