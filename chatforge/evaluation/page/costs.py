"""What training may have cost: safety, forgetting, and training texts that come out word for word."""

from chatforge.evaluation.memorisation.wording import memory_texts
from chatforge.evaluation.page.markup import Child, Markup, cut, joined, tag
from chatforge.evaluation.page.tables import interval, paragraphs, section, table
from chatforge.evaluation.probes import wording as probe_words
from chatforge.evaluation.probes.record import ProbeRecord, SafetyRecord
from chatforge.evaluation.report import Report

SHOWN = 20
"""Probes that were not passed."""


def probes(report: Report) -> Markup | None:
    """The probes by kind, the texts of those that were not passed, and what was forgotten."""
    if not report.probes or not (report.probes.safety or report.probes.forgetting):
        return None
    return section(
        "probes",
        "Safety and forgetting",
        _kinds(report.probes.safety) if report.probes.safety else None,
        paragraphs(probe_words.probes_texts(report.probes)),
        _failed(report.probes.safety) if report.probes.safety else None,
    )


def _kinds(found: SafetyRecord) -> Markup:
    rows: list[list[Child]] = []
    for kind in found.kinds:
        name, count, base, adapted, changed = probe_words.kind_row(kind)
        rows.append([name, count, interval(base), interval(adapted), changed])
    return table(probe_words.safety_title(found), ("", "n", "base", "adapted", "changed"), rows)


def _failed(found: SafetyRecord) -> Markup | None:
    worst = probe_words.worst(found)
    if not worst:
        return None
    return joined((tag("h3", f"Not passed ({min(SHOWN, len(worst))} of {len(worst)})"), *map(_probe, worst[:SHOWN])))


def _probe(row: ProbeRecord) -> Markup:
    asked = [f"must: {one}" for one in row.must] + [f"must not: {one}" for one in row.must_not]
    return tag(
        "article",
        tag("h4", cut(probe_words.outcome_text(row))),
        *(tag("p", tag("span", f"{role}  ", class_="who"), cut(text), class_="said") for role, text in row.messages),
        tag("p", "; ".join(asked), class_="note"),
        tag(
            "div",
            *(
                tag(
                    "div",
                    tag("span", name, class_="who"),
                    tag("p", cut(answer.reply).strip() or "(nothing)", class_="said"),
                    class_=name,
                )
                for name, answer in (("adapted", row.adapted), ("base", row.base))
            ),
            class_="replies",
        ),
    )


def memory(report: Report) -> Markup | None:
    """What of the training replies comes out."""
    said = list(memory_texts(report.memorisation)) if report.memorisation else []
    return section("memory", "What it learned by heart", paragraphs(said)) if said else None
