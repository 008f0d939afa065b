import asyncio
import math
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from chatforge.tui.themes import LIGHT
from chatforge.tui.widgets.chart import LineChart
from chatforge.tui.widgets.painting import Curves, Frame, Ink, Row, paint, trace
from chatforge.tui.widgets.scales import Point, axis_end, level, smoothed, tick_labels, ticks, value_range

FALLING = [(float(i), 3.0 - i / 50) for i in range(1, 101)]
VALID = [(0.0, 3.1), (50.0, 2.2), (100.0, 1.4)]


def lines(rows: Sequence[Row]) -> list[str]:
    return ["".join(text for text, _ in row) for row in rows]


def inks(rows: Sequence[Row], ink: Ink) -> str:
    return "".join(text for row in rows for text, found in row if found is ink)


# The picture


@pytest.mark.parametrize(("width", "height"), [(40, 8), (120, 30), (20, 5), (12, 3)])
@pytest.mark.parametrize("ascii_only", [True, False])
def test_a_picture_is_exactly_as_large_as_asked(width: int, height: int, ascii_only: bool) -> None:
    rows = lines(paint(Curves(FALLING, VALID), width, height, ascii_only=ascii_only))
    assert len(rows) == height
    assert {cell_len(row) for row in rows} == {width}
    assert all(row.isascii() for row in rows) or not ascii_only


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.floats(allow_nan=True)), max_size=60),
    st.lists(st.tuples(st.integers(0, 5000), st.floats(allow_nan=True)), max_size=8),
    st.integers(0, 60),
    st.integers(0, 20),
    st.booleans(),
)
@settings(max_examples=150, deadline=None)
def test_whatever_comes_is_drawn_within_its_frame(
    train: list[Point], valid: list[Point], width: int, height: int, ascii_only: bool
) -> None:
    curves = Curves(sorted(train, key=lambda p: p[0]), valid)
    rows = lines(paint(curves, width, height, ascii_only=ascii_only, cursor=7))
    assert rows == [] or (len(rows), {len(row) for row in rows}) == (height, {width})


def test_a_falling_curve_goes_from_the_upper_left_to_the_lower_right_without_gaps() -> None:
    rows = lines(paint(Curves(FALLING), 60, 12, ascii_only=True))
    drawn = [(y, x) for y, row in enumerate(rows[:-2]) for x, sign in enumerate(row) if sign == "*"]
    columns = sorted({x for _, x in drawn})
    assert columns == list(range(columns[0], columns[-1] + 1))
    assert min(y for y, x in drawn if x == columns[0]) <= 1
    assert max(y for y, x in drawn if x == columns[-1]) == 9


def test_few_points_are_joined() -> None:
    frame = Frame(0, 10, 0, 1, 101, 41)
    pixels = set(trace([(0, 0.0), (10, 1.0)], frame))
    assert {x for x, _ in pixels} == set(range(101))
    assert {y for _, y in pixels} == set(range(41))


def test_a_spike_between_two_pixels_is_kept() -> None:
    points = [(float(i), 1.0) for i in range(1000)]
    points[500] = (500.0, 2.0)
    frame = Frame(0, 999, 0, 2, 20, 10)
    assert min(y for _, y in trace(points, frame)) == 0


def test_a_line_breaks_where_there_is_no_number_and_a_mark_says_so() -> None:
    points = [(x, math.nan if 40 <= x <= 60 else y) for x, y in FALLING]
    rows = paint(Curves(points), 60, 12)
    assert set(inks(rows, Ink.BAD)) == {"!"}
    pixels = set(trace(points, Frame(0, 100, 1, 3, 101, 41)))
    assert not {x for x, _ in pixels} & set(range(41, 60))


def test_validations_are_marks_and_the_best_one_is_another_mark() -> None:
    rows = paint(Curves(FALLING, VALID, best=100.0), 60, 12)
    assert sorted(inks(rows, Ink.VALID)) == ["O", "o", "o"]


def test_the_cursor_goes_from_top_to_bottom() -> None:
    rows = paint(Curves(FALLING, VALID), 60, 12, cursor=50.0)
    assert len(inks(rows, Ink.CURSOR)) == 9  # and the mark of a validation


@pytest.mark.parametrize("curves", [Curves(), Curves([(1, math.nan)], [(0, math.inf)])])
def test_without_a_number_nothing_is_drawn(curves: Curves) -> None:
    assert curves.empty
    assert paint(curves, 60, 12) == []


def test_the_axes_can_be_read() -> None:
    rows = lines(paint(Curves(FALLING, VALID), 60, 14))
    assert [(y, row.split("┤")[0].strip()) for y, row in enumerate(rows) if "┤" in row] == [
        (1, "3"),
        (6, "2"),
        (11, "1"),
    ]
    assert rows[-1].split() == ["0", "20", "40", "60", "80", "step"]


# Scales


def test_a_spike_of_the_warm_up_does_not_set_the_scale() -> None:
    spiky = [(1.0, 11.0), (2.0, 9.0), *FALLING[2:]]
    assert value_range(spiky, VALID)[1] < 3.5
    assert value_range(FALLING, VALID) == (1.0, 3.1)


def test_what_is_no_number_does_not_set_the_scale() -> None:
    broken = [*FALLING, (101.0, math.inf), (102.0, math.nan), (103.0, 1e30)]
    assert value_range(broken) == value_range(FALLING)


@pytest.mark.parametrize("points", [[], [(1.0, 2.0)], [(1.0, 0.0), (2.0, 0.0)]])
def test_a_scale_is_never_empty(points: list[Point]) -> None:
    low, high = value_range(points)
    assert low < high


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6), st.integers(1, 20))
def test_ticks_are_within_the_range_and_even(low: float, span: float, most: int) -> None:
    found = ticks(low, low + span, most)
    assert len(found) <= most
    assert all(low - span * 1e-6 <= tick <= low + span * (1 + 1e-6) for tick in found)
    assert len(set(tick_labels(found))) == len(found)


@given(st.floats(-1e4, 1e4), st.floats(1e-3, 1e4), st.integers(4, 60))
def test_levels_hold_what_must_be_shown_and_their_ticks_fall_on_rows(low: float, span: float, rows: int) -> None:
    bottom, top, marks = level(low, low + span, rows)
    slack = span * 1e-3
    assert bottom <= low + slack
    assert top >= low + span - slack
    at = [(top - mark) / (top - bottom) * (rows - 1) for mark in marks]
    assert at == pytest.approx([round(row) for row in at], abs=1e-3)


@pytest.mark.parametrize(
    ("last", "until", "end"), [(1, None, 1), (7, None, 8), (212, 405, 250), (390, 405, 400), (405, 405, 405)]
)
def test_an_axis_ends_at_a_round_step_and_never_after_the_last(last: float, until: float | None, end: float) -> None:
    assert axis_end(last, until) == end


def test_smoothing_begins_with_the_first_value_and_follows_without_numbers() -> None:
    assert smoothed([(1, 2.0)]) == [(1, 2.0)]
    found = dict(smoothed([(1, 2.0), (2, math.nan), (3, 4.0), (4, 4.0)]))
    assert math.isnan(found[2])
    assert 2.0 < found[3] < found[4] < 4.0
    assert dict(smoothed([(float(i), 1.5) for i in range(50)]))[49.0] == pytest.approx(1.5)


# The widget


class Charted(App[None]):
    def __init__(self, ascii_only: bool = False) -> None:
        super().__init__()
        self.chart = LineChart(ascii_only=ascii_only, empty="no step yet")

    def compose(self) -> ComposeResult:
        yield self.chart

    def text(self) -> str:
        return "\n".join(self.chart.render_line(y).text for y in range(self.chart.size.height))


def filled(app: Charted) -> None:
    app.chart.show({int(x): y for x, y in FALLING}, {int(x): y for x, y in VALID}, best=100, until=200)


def test_an_empty_chart_says_so() -> None:
    async def check() -> None:
        app = Charted()
        async with app.run_test(size=(60, 14)):
            assert "no step yet" in app.text()
            app.chart.action_move(1)
            app.chart.action_jump(0)
            assert app.chart.cursor is None

    asyncio.run(check())


def test_the_cursor_reads_out_what_is_there() -> None:
    async def check() -> None:
        app = Charted()
        async with app.run_test(size=(60, 14)) as pilot:
            filled(app)
            app.chart.smoothing = False
            app.chart.focus()
            await pilot.press("left")
            assert app.chart.reading() == "step 100   train 1.000   valid 1.400, the best"
            await pilot.press("left")
            assert app.chart.reading() == "step 99   train 1.020"
            await pilot.press("shift+left", "left", "right")
            assert app.chart.reading() == "step 89   train 1.220"
            await pilot.press("home", "left")
            assert app.chart.reading() == "step 0   valid 3.100"
            await pilot.press("end")
            assert "step 100" in app.text()
            app.chart.smoothing = True
            assert "smoothed" in app.chart.reading()
            app.chart.show({1: math.nan}, {})
            assert app.chart.cursor is None

    asyncio.run(check())


def test_a_click_puts_the_cursor_there() -> None:
    async def check() -> None:
        app = Charted()
        async with app.run_test(size=(61, 14)) as pilot:
            filled(app)
            await pilot.pause()
            await pilot.click(app.chart, offset=(33, 6))
            assert app.chart.cursor == pytest.approx(51, abs=2)

    asyncio.run(check())


def test_a_loss_that_is_no_number_is_named_so() -> None:
    async def check() -> None:
        app = Charted()
        async with app.run_test(size=(60, 14)):
            app.chart.show({1: 2.0, 2: math.nan}, {})
            app.chart.action_jump(-1)
            assert app.chart.reading() == "step 2   train no number   smoothed no number"

    asyncio.run(check())


@pytest.mark.parametrize("ascii_only", [True, False])
def test_it_follows_size_theme_and_smoothing(ascii_only: bool) -> None:
    async def check() -> None:
        app = Charted(ascii_only)
        async with app.run_test(size=(60, 14)) as pilot:
            filled(app)
            await pilot.pause()
            smooth = app.text()
            assert "o valid   O best" in smooth
            app.chart.smoothing = False
            assert app.text() != smooth
            await pilot.resize_terminal(90, 20)
            await pilot.pause()
            assert {len(line) for line in app.text().splitlines()} == {90}
            dark = app.chart.render_line(5)
            app.register_theme(LIGHT)
            app.theme = LIGHT.name
            await pilot.pause()
            assert app.chart.render_line(5) != dark

    asyncio.run(check())


def test_nothing_is_painted_twice() -> None:
    async def check(pilot: Pilot[None], app: Charted) -> None:
        filled(app)
        await pilot.pause()
        first = app.chart.render_line(3)
        assert app.chart.render_line(3) is first
        app.chart.cursor = 50.0
        assert app.chart.render_line(3) is not first

    async def run() -> None:
        app = Charted()
        async with app.run_test(size=(60, 14)) as pilot:
            await check(pilot, app)

    asyncio.run(run())
