"""The figures: every rival, the adapted model minus each, intents, likeness, sureness, bits per byte."""

from chatforge.evaluation import wording
from chatforge.evaluation.page.coverage import coverage
from chatforge.evaluation.page.dumbbells import dumbbells
from chatforge.evaluation.page.forest import forest
from chatforge.evaluation.page.histograms import histograms, values_of
from chatforge.evaluation.page.markup import Child, Markup, joined, tag
from chatforge.evaluation.page.tables import figure, interval, pairs, paragraphs, points, section, table
from chatforge.evaluation.records import RivalRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scales import AXES, PRIMARY, Axis, on_axis


def rivals(report: Report) -> Markup:
    """Every rival on every scale with its interval, axis by axis, and how its replies are written."""
    remarks = wording.remarks(report.rivals)
    return section(
        "rivals",
        "Every rival, every measure",
        tag("p", "Figures are means over conversations; below each is its 95% interval. More is better. The axes are "
            "never averaged into one figure."),
        *(_axis(report, axis) for axis in AXES),
        _form(report),
        points(remarks) if remarks else None,
        tag("h3", "Who they are"),
        pairs((_name(rival), rival.what) for rival in report.rivals),
    )  # fmt: skip


def _axis(report: Report, axis: Axis) -> Markup:
    there = on_axis(axis, report.rival(ADAPTED.name).scores)
    rows: list[list[Child]] = []
    for rival in report.rivals:
        found = [rival.scores.get(scale.key) for scale in there]
        cells = [
            interval(wording.estimate_text(scale, one)) if one else "-" for scale, one in zip(there, found, strict=True)
        ]
        rows.append([_name(rival), *cells])
    if axis == "on topic":
        rows.append(["chance", *(wording.chance_text(scale, report) for scale in there)])
    heads = [
        joined(
            (
                scale.title,
                " (decides)" if scale is PRIMARY else None,
                tag("small", f" of {wording.counted(report, scale)}"),
            )
        )
        for scale in there
    ]
    return joined(
        (
            tag("h3", axis.capitalize()),
            table(f"{axis.capitalize()}: means and 95% intervals", ["", *heads], rows, marked=ADAPTED.name),
            pairs((scale.title, scale.what) for scale in there),
        )
    )


def _form(report: Report) -> Markup:
    heads = (
        "", "length, of the true reply’s", "ends by itself", "met the limit", "went in circles", "empty",
        "copied from the question", "repeats itself", "different pairs of words", "most common reply", "seconds",
    )  # fmt: skip
    return joined(
        (
            tag("h3", "Form"),
            table(
                "How replies are written; length: the median, and between which 80% lie",
                heads,
                [_form_row(rival) for rival in report.rivals],
                marked=ADAPTED.name,
            ),
        )
    )


def _form_row(rival: RivalRecord) -> list[Child]:
    form = rival.form
    low, middle, high = form.lengths
    shares = (
        form.stopped, form.capped, form.looped, form.empty,
        form.copied, form.repeated, form.distinct_2, form.one_answer,
    )  # fmt: skip
    return [
        _name(rival),
        interval(f"{middle:.2f} [{low:.2f}, {high:.2f}]"),
        *("-" if share is None else f"{share:.0%}" for share in shares),
        "-" if form.seconds is None else f"{form.seconds:.1f}",
    ]


def differences(report: Report) -> Markup:
    """The forest plot, and the same as a table."""
    worth = 100 * report.settings.smallest_worthwhile_difference
    rows: list[list[Child]] = [
        [
            against.rival,
            interval(wording.points_text(against.primary)),
            wording.probability_text(against.primary.probability),
            wording.probability_text(against.primary.probability_worthwhile),
            wording.p_text(against.primary.p),
            f"{100 * against.primary.smallest_visible:.0f}",
        ]
        for against in report.against
    ]
    best = report.best_untrained.rival
    gap = report.gap_closed
    return section(
        "differences",
        "Adapted minus each rival",
        figure(
            forest(report),
            f"Points of “{PRIMARY.title}”, which decides. A dot is the mean difference, its line the 95% interval; "
            f"a line that crosses zero could be no difference at all. The grey band is ±{worth:g} points, less than is "
            f"worth having. In bold: {best}, the best untrained rival, which is the bar.",
        ),
        table(
            f"Differences in “{PRIMARY.title}”, paired by conversation",
            ("", "points", "P(above 0)", f"P(at least {worth:g})", "p", "smallest visible"),
            rows,
            marked=best,
        ),
        tag("p", f"Share of the gap from {best} to the true replies that training closes: {wording.percent_text(gap)}.")
        if gap
        else None,
    )


def intents(report: Report) -> Markup | None:
    """What may be said of single intents."""
    if not report.intents:
        return None
    return section(
        "intents",
        "Intent by intent",
        tag("p", wording.intents_text(report)),
        figure(
            dumbbells(report),
            f"■ base, ● adapted with its 95% interval, by “{PRIMARY.title}”, the weakest first. Rates are drawn "
            "towards the mean of all intents. n: conversations; q: under 0.05 the difference between the two is "
            "believed. Without q (in grey) an intent has too few conversations to be judged alone.",
        ),
    )


def similarity(report: Report) -> Markup | None:
    """How alike replies and true replies are, with what unrelated replies reach as the floor."""
    if not all(values_of(report).values()):
        return None
    return section(
        "similarity",
        "How alike replies and true replies are",
        figure(
            histograms(report),
            "Each column is a share of the replies; 0 is what any reply of this kind has, 1 is the true reply itself. "
            "“Shuffled” are true replies of other conversations: the floor. Where columns of a model lie above "
            "those, its replies are no nearer than replies to somebody else. The line in the middle has half of the "
            "replies on either side. Similarity does not decide: a reply that says the opposite may look alike.",
        ),
    )


def sureness(report: Report) -> Markup | None:
    """Whether the models know when they are right."""
    if not report.calibration:
        return None
    return section(
        "sureness",
        "Does it know when it is right?",
        tag("p", "0.5: not at all, 1: always."),
        points(wording.calibration_text(one) for one in report.calibration),
        figure(
            coverage(report),
            f"If only the surest replies were given and a person took the others: how those given score by "
            f"“{PRIMARY.title}”. A line that falls to the right means that the model’s own probability helps to "
            "choose; a flat one, that it does not.",
        ),
    )


def likelihood(report: Report) -> Markup | None:
    """How well the true replies are foreseen."""
    if not report.bits_per_byte:
        return None
    return section(
        "likelihood", "How well the true replies are foreseen", paragraphs(wording.bits_texts(report.bits_per_byte))
    )


def _name(rival: RivalRecord) -> str:
    return f"{rival.name} (check)" if rival.check_only else rival.name
