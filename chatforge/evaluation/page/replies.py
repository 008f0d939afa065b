"""Conversations with both replies beside the true one, to judge for oneself."""

from collections.abc import Iterable, Iterator

from chatforge.evaluation import reply_wording
from chatforge.evaluation.page.cases import Group, groups
from chatforge.evaluation.page.markup import LONGEST, NAME, Markup, cut, joined, tag
from chatforge.evaluation.page.tables import section
from chatforge.evaluation.records import ReplyRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.words_difference import Piece, beginning, is_same, marked, pieces, readable, summary_text
from chatforge.words import plain

_MARKS = {"added": "ins", "missing": "del"}


def replies(report: Report) -> Markup:
    """Every group; a conversation that was shown before is linked."""
    shown: set[int] = set()
    parts: list[Markup] = []
    for group in groups(report):
        parts.append(_group(report, group, shown))
        shown.update(group.items)
    return section(
        "replies",
        "Read them yourself",
        tag(
            "p",
            "No figure replaces this. “Word by word” marks what the reply ",
            tag("ins", "adds"),
            " to the true reply, and what of it is ",
            tag("del", "missing"),
            ". Other words can be just as right. All replies of all rivals are in items.csv and report.json.",
        ),
        *parts,
    )


def _group(report: Report, group: Group, shown: set[int]) -> Markup:
    count = f"{len(group.items)} of {group.total}" if len(group.items) < group.total else f"{group.total}"
    again = [i for i in group.items if i in shown]
    links = joined(
        part for i in again for part in (tag("a", cut(report.items[i].conversation, NAME), href=f"#case-{i}"), " ")
    )
    return joined(
        (
            tag("h3", f"{group.title} ({count})"),
            tag("p", group.why if group.items else f"{group.why} There are none."),
            tag("p", "Shown above: ", links) if again else None,
            *(case(report, i) for i in group.items if i not in shown),
        )
    )


def case(report: Report, i: int) -> Markup:
    """One conversation: what was said, what was truly answered, and both replies."""
    item = report.items[i]
    head = ", ".join(part for part in (cut(item.conversation, NAME), cut(item.intent or "", NAME)) if part)
    *before, last = item.history or (("user", ""),)
    left_out = reply_wording.left_out_text(len(before) + 1)
    return tag(
        "article",
        tag("h4", plain(head, one_line=True)),
        tag(
            "div",
            tag("p", left_out, class_="note") if left_out else None,
            *(_message(*one) for one in before[-reply_wording.EARLIER :]),
            _message(*last),
            class_="talk",
        ),
        tag("p", tag("span", "true reply  ", class_="who"), cut(item.reference), class_="true"),
        tag(
            "div",
            *(
                _reply(name, report.rival(name).replies[i], item.reference, report)
                for name in (ADAPTED.name, BASE.name)
            ),
            class_="replies",
        ),
        id=f"case-{i}",
    )


def _message(role: str, text: str) -> Markup:
    return tag("p", tag("span", f"{role}  ", class_="who"), tag("span", cut(text), class_="said"))


def _reply(name: str, reply: ReplyRecord, reference: str, report: Report) -> Markup:
    return tag(
        "div",
        tag("span", name, class_="who"),
        tag("p", "; ".join(reply_wording.result_texts(reply, report)), class_="note"),
        tag("p", cut(reply.reply).strip() or "(nothing)", class_="said"),
        *(tag("p", cut(reply_wording.flag_text(flag)), class_="flag") for flag in reply.flags),
        differences(reference, reply.reply),
        class_=name,
    )


def differences(reference: str, reply: str) -> Markup | None:
    """What a reply adds to the true one and what it leaves out; closed where they have little in common.

    An empty reply differs in nothing that could be marked.
    """
    said = plain(reply).strip()
    if not said:
        return None
    found = pieces(plain(reference).strip(), said)
    if is_same(found):
        return tag("p", summary_text(found), class_="note")
    return tag(
        "details",
        tag("summary", summary_text(found)),
        tag("p", *_marked(beginning(found, LONGEST)), _more(found), class_="said"),
        open=readable(found),
    )


def _more(found: Iterable[Piece]) -> str | None:
    left = sum(len(piece.text) for piece in found) - LONGEST
    return f" … ({left} more characters)" if left > 0 else None


def _marked(found: Iterable[Piece]) -> Iterator[Markup | str]:
    """Differences as elements."""
    for piece in marked(found):
        yield piece.text if piece.kind == "same" else tag(_MARKS[piece.kind], piece.text)
