"""Conversations of a report, one by one: in which order, beside which rival, and how a reply is drawn. Pure.

All of it is data: it goes through `plain`, and nothing in it is markup.
"""

from collections.abc import Iterator
from typing import Literal

from textual.content import Content

from chatforge.evaluation.records import ReplyRecord
from chatforge.evaluation.reply_wording import flag_text, places, result_texts
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.scales import CORRECTED
from chatforge.evaluation.wording import worst_first
from chatforge.evaluation.words_difference import READABLE, Kind, Piece, alike, is_same, marked, pieces, summary_text
from chatforge.tui.signs import Signs
from chatforge.words import plain

LONGEST = 2_000
"""Signs of a text that the reader shows: a reply that never ends is no news after that."""

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


def columns_text(*, flags: bool) -> str:
    """The head of the list."""
    return f"{'ahead':>6}  {'place':<7}{'look ' if flags else ''}user"


def row(report: Report, rival: str, i: int, *, flags: bool) -> Content:
    """One conversation in the list.

    Args:
        flags: whether there is a column for how many places of the reply need a look.
    """
    mine, other = report.rival(ADAPTED.name).replies[i], report.rival(rival).replies[i]
    item, by = report.items[i], ahead(mine, other)
    said = plain(item.history[-1][1] if item.history else "", one_line=True)[:200]
    look = f"{f'!{len(mine.flags)}' if mine.flags else '':<5}" if flags else ""
    figures = f"{by:+.2f}  {mine.place:g}/{places(report)}"
    colour = "$text-error" if by < 0 else "$text-success"
    return Content.assemble((f" {figures:<13}", colour), " ", (look, "$text-warning"), said)


def talk(report: Report, i: int) -> Content:
    """What was said before the reply, and the true one."""
    item = report.items[i]
    earlier = len(item.history) - 1
    head = [plain(item.conversation, one_line=True), plain(item.intent or "", one_line=True)]
    head.append(f"{earlier} earlier message{'s' if earlier > 1 else ''}" if earlier > 0 else "")
    return Content.assemble(
        (", ".join(filter(None, head)) + "\n", "$text-muted"),
        ("user  ", "bold"), _text(item.history[-1][1] if item.history else ""),
        ("\ntrue reply  ", "bold $text-success"), _text(item.reference),
    )  # fmt: skip


def reply(report: Report, name: str, i: int, marks: Marks, signs: Signs) -> Content:
    """One rival's reply: how it did, its words with what differs from the true reply, and its flags."""
    said, reference = report.rival(name).replies[i], _text(report.items[i].reference)
    found = pieces(reference, _text(said.reply))
    notes = [*result_texts(said, report), f"similarity {similarity(said):+.2f}"]
    shown = marks == "always" or (marks == "alike" and (is_same(found) or alike(found) >= READABLE))
    words = [Content(f"{_text(said.reply)}")] if not shown or is_same(found) else list(_differences(found))
    summary = [] if marks == "never" else [summary_text(found)]
    return Content.assemble(
        (f"{plain(name, one_line=True)}\n", "bold $text-accent" if name == ADAPTED.name else "bold"),
        (". ".join([", ".join(notes), *summary]) + "\n", "$text-muted"),
        *words,
        *((f"\n{signs.warn} {signs.typed(_text(flag_text(flag)))}", "$text-warning") for flag in said.flags),
    )


def _differences(found: list[Piece]) -> Iterator[Content]:
    for piece in marked(found):
        before, after, style = _DRAWN[piece.kind]
        yield Content.styled(f"{before}{piece.text}{after}", style)


def _text(text: str) -> str:
    """Foreign text for the reader."""
    harmless = plain(text).strip()
    return (harmless if len(harmless) <= LONGEST else f"{harmless[:LONGEST]} ...") or "(nothing)"
