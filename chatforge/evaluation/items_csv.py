"""Every reply of every rival as a table for a spreadsheet: one row for each scored turn and rival.

    conversation  turn  intent  rival    trained  check  question  true reply  reply  …  beyond_question  …  flags
    shop1-070     3     refund  adapted  yes      no     Nobody …  By …        I …       0.1

A spreadsheet takes a cell that begins with = + - or @ for a formula and runs it. A text cell that begins so, also after
blanks or in the wide letters of East Asian keyboards, gets an apostrophe in front; figures are written as they are. So
the texts here are for looking: report.json has them to the letter. Light: standard library only.
"""

import csv
import io
import unicodedata
from collections.abc import Iterator

from chatforge.evaluation.records import ItemRecord, ReplyRecord, RivalRecord
from chatforge.evaluation.reply_wording import flag_text
from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import SCALES
from chatforge.words import plain

FILE = "items.csv"

MARK = "\ufeff"
"""At the beginning of the file: without it Excel takes UTF-8 for the letters of the machine's country."""

HEAD = (
    "conversation", "turn", "intent", "rival", "trained", "check", "question", "true_reply", "reply", "stopped_by",
    "seconds", "log_probability", "place",
)  # fmt: skip
"""Columns before those of the scales; `flags` is the last."""

Cell = str | float | None


def items_csv(report: Report) -> str:
    """Return the table as text, with a head."""
    file = io.StringIO(newline="")
    file.write(MARK)
    writer = csv.writer(file)
    keys = scored_by(report)
    writer.writerow([*HEAD, *keys, "flags"])
    for row in _rows(report, keys):
        writer.writerow(["" if cell is None else harmless(cell) if isinstance(cell, str) else cell for cell in row])
    return file.getvalue()


def scored_by(report: Report) -> list[str]:
    """Keys of the scales on which any reply was scored, in the order they are shown."""
    there = {key for rival in report.rivals for reply in rival.replies for key in reply.scores}
    return [scale.key for scale in SCALES if scale.key in there]


def harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula, and that steers nothing else either."""
    shown = plain(text)
    first = unicodedata.normalize("NFKC", shown.lstrip()[:1])
    return f"'{shown}" if first.startswith(("=", "+", "-", "@")) else shown


def _rows(report: Report, keys: list[str]) -> Iterator[list[Cell]]:
    for i, item in enumerate(report.items):
        for rival in report.rivals:
            yield _row(item, rival, rival.replies[i], keys)


def _row(item: ItemRecord, rival: RivalRecord, reply: ReplyRecord, keys: list[str]) -> list[Cell]:
    return [
        item.conversation, item.turn, item.intent, rival.name, _yes(rival.trained), _yes(rival.check_only),
        item.history[-1][1] if item.history else None, item.reference, reply.reply, reply.stopped_by,
        reply.seconds, reply.log_probability, reply.place, *(reply.scores.get(key) for key in keys),
        "; ".join(map(flag_text, reply.flags)),
    ]  # fmt: skip


def _yes(is_so: bool) -> str:
    return "yes" if is_so else "no"
