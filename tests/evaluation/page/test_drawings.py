"""What is drawn is what the report says: places on the page go back to its figures."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chatforge.evaluation.page import coverage, dumbbells, forest, histograms
from chatforge.evaluation.page.drawing import EDGE, Axis
from chatforge.evaluation.page.markup import number

FIGURES = st.floats(-1e6, 1e6)


@given(FIGURES, FIGURES, st.floats(0, 1))
def test_an_axis_goes_there_and_back(a, b, share):
    low, high = min(a, b), max(a, b)
    assume(high - low > 1e-6 * max(1.0, abs(low), abs(high)))
    axis = Axis(low, high)
    value = low + share * (high - low)
    assert EDGE - 1e-6 <= axis.at(value) <= 100 - EDGE + 1e-6
    assert axis.value(axis.at(value)) == pytest.approx(value, abs=1e-6 * (high - low) + 1e-9 * max(abs(low), abs(high)))


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_an_axis_holds_what_it_is_made_for_and_keeps_the_order(values):
    axis = Axis.around(values)
    places = [axis.at(value) for value in sorted(values)]
    assert places == sorted(places)
    assert axis.low < min(values) and max(values) < axis.high
    ticks = axis.ticks()
    assert 1 <= len(ticks) <= 7
    assert all(axis.low - 1e-9 <= tick <= axis.high + 1e-9 for tick in ticks)


def test_an_axis_of_nothing_and_of_one_value():
    assert Axis.around([]).at(0.0) == pytest.approx(50)
    assert Axis.around([0.2, 0.2, float("nan")]).at(0.2) == pytest.approx(50)


@given(st.floats(-1e5, 1e5))
def test_coordinates_have_no_exponent(value):
    assert "e" not in number(value)
    assert float(number(value)) == pytest.approx(value, abs=5e-4)


def percent(value):
    assert value.endswith("%")
    return float(value[:-1])


def test_the_forest_plot(make_report, read_page):
    report = make_report(0.08)
    against = tuple(
        one.model_copy(
            update={
                "scores": {key: replace(d, value=d.value - i / 50, low=d.low - i / 25) for key, d in one.scores.items()}
            }
        )
        for i, one in enumerate(report.against)
    )
    report = report.model_copy(update={"against": against})
    axis = forest.axis_of(report)
    found = read_page(report)
    dots = [axis.value(percent(one["cx"])) for one in found.all("circle", "adapted")]
    assert dots == pytest.approx([one.primary.value for one in against], abs=1e-4)
    spans = [one for one in found.all("line", "interval") if one["y1"] == one["y2"]]
    assert [axis.value(percent(one["x1"])) for one in spans] == pytest.approx(
        [one.primary.low for one in against], abs=1e-4
    )
    assert [axis.value(percent(one["x2"])) for one in spans] == pytest.approx(
        [one.primary.high for one in against], abs=1e-4
    )
    [band] = found.all("rect", "band")
    left, width = percent(band["x"]), percent(band["width"])
    assert (axis.value(left), axis.value(left + width)) == pytest.approx((-0.05, 0.05), abs=1e-4)
    assert axis.value(percent(found.all("line", "zero")[0]["x1"])) == pytest.approx(0, abs=1e-4)


def test_the_dumbbells(whole_report, read_page):
    report = whole_report("x").model_copy(update={"calibration": ()})
    axis = dumbbells.axis_of(report)
    found = read_page(report)
    ends = [(axis.value(percent(one["x1"])), axis.value(percent(one["x2"]))) for one in found.all("line", "path")]
    for end, one in zip(ends, report.intents, strict=True):
        assert end == pytest.approx((one.base.value, one.adapted.value), abs=1e-4)
    assert "n 9, q 0.010" in found.text
    assert "n 3" in found.text


@given(st.lists(st.floats(-1, 1), min_size=1))
def test_every_value_is_in_one_column(values):
    axis = Axis.around(values, room=0.0)
    assert sum(histograms.counts(values, axis)) == len(values)


def test_the_histograms_stand_on_one_axis(whole_report, read_page):
    found = read_page(whole_report("x"))
    for kind in ("adapted", "floor"):
        heights = [float(one["height"]) for one in found.all("rect", kind)]
        assert sum(heights) == pytest.approx(histograms.HEIGHT)  # all replies have the same similarity: one column


def test_the_risk_coverage_curve(whole_report, read_page):
    report = whole_report("x")
    up = coverage.height_of(report)
    found = read_page(report)
    for one in report.calibration:
        [drawn] = found.all("line", f"path {histograms.KINDS[one.rival]}")
        (share, score), (_, last) = one.curve
        assert coverage.ACROSS.value(percent(drawn["x1"])) == pytest.approx(share, abs=1e-4)
        assert [float(drawn["y1"]), float(drawn["y2"])] == pytest.approx(
            [coverage.level(up, score), coverage.level(up, last)], abs=0.01
        )
