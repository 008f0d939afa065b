import io

import pytest
from rich.console import Console

from chatforge.evaluation.tables import tables
from chatforge.words import plain


def shown(report, width=80) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    for part in tables(report, lambda text: plain(text, one_line=True)):
        console.print(part)
    return console.file.getvalue()


def test_everything_fits_and_nothing_hostile_comes_through(make_report):
    text = shown(make_report())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text and "\u202e" not in text
    assert "[bold]red[/bold]" in text  # markup is text
    assert "…" not in text.split("Worst cases")[0].replace("adapted minus …", "")


def test_figures_come_with_chance_interval_and_number(make_report):
    text = shown(make_report())
    for part in (
        "(chance 10%)", "(chance 0)", "42% [34, 50]", "0.20 [0.12, 0.28]", "+12 [+5, +19]", "98%", "<0.001",
        "4 held-out conversations", "saved 0.60 [0.52, 0.68]", "it does not decide", "2 more beyond",
        "shuffled (check)", "25% are empty", "50% went round in circles", "note: base: 2 histories were cut",
    ):  # fmt: skip
        assert part in text, part


def test_the_smallest_visible_difference_stands_before_the_verdict(make_report):
    text = shown(make_report())
    assert text.index("Smallest difference") < text.index("✔ better")
    assert "11 points, against base" in " ".join(text.split())


@pytest.mark.parametrize(
    ("gain", "failures", "words"),
    [
        (0.12, (), "✔ better"),
        (-0.12, (), "✘ worse"),
        (0.0, (), "= no meaningful difference"),
        (0.12, ("it is broken",), "! no verdict"),
    ],
)
def test_the_verdict_has_sign_and_word(make_report, gain, failures, words):
    report = make_report(gain, failures)
    if words.startswith("="):
        report = report.model_copy(update={"verdict": narrow(report)})
    text = shown(report)
    assert words in text
    assert ("FAILED" in text) is bool(failures)


def narrow(report):
    from chatforge.evaluation.figures import Difference, Estimate
    from chatforge.evaluation.verdict import Standing, judge

    d = Difference(0.0, -0.02, 0.02, "bca", 1.0, 0.5, 0.0, 0.1, 0.03, 100)
    e = Estimate(0.3, 0.2, 0.4, "bca")
    return judge(e, [Standing("base", e, d)], chance=0.1, worthwhile=0.05, failures=[])


def test_a_report_without_likelihoods_is_shown(make_report):
    report = make_report().model_copy(update={"bits_per_byte": None})
    assert "Bits per byte" not in shown(report)
