import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.runs.course import plan_texts
from chatforge.runs.events import Plan
from chatforge.words import bar, count_text, sparkline

PLAN = Plan(
    48, 3.0, 120, 9000, 0.31, 2, 1, 754.0, 1_900_000_000, "cpu", "bfloat16", "1.9 x as fast", 2, 4_884_480, 134_515_008
)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [
        ([], ""),
        ([math.nan, math.inf], ""),
        ([2.0], "▁"),
        ([1.0, 1.0], "▁▁"),
        ([8, 7, 6, 5, 4, 3, 2, 1], "█▇▆▅▄▃▂▁"),
        ([1.0, math.nan, 8.0], "▁█"),
    ],
)
def test_curves(values: list[float], drawn: str) -> None:
    assert sparkline(values, 8) == drawn


def test_curves_for_poor_terminals() -> None:
    assert sparkline([1, 8], 8, ascii_only=True) == "_@"
    assert bar(0.5, 4, ascii_only=True) == "##.."


@given(st.lists(st.floats(allow_nan=True)), st.integers(1, 40))
def test_a_curve_is_never_too_wide(values: list[float], width: int) -> None:
    assert len(sparkline(values, width)) <= width


@given(st.floats(-1, 2), st.integers(1, 60))
def test_a_bar_is_always_as_wide_as_asked(share: float, width: int) -> None:
    assert len(bar(share, width)) == width


@pytest.mark.parametrize(("count", "text"), [(7, "7"), (32_100, "32.1 K"), (4_884_480, "4.88 M"), (1.7e9, "1.7 B")])
def test_counts(count: float, text: str) -> None:
    assert count_text(count) == text


def test_the_plan_in_words() -> None:
    assert plan_texts(PLAN) == (
        "48 steps over 120 conversations (3 epochs, 2 cut, 1 dropped)",
        "31% of the tokens learned, 4.88 M of 135 M weights trained",
        "about 12:34 and 1.9 GB of memory on cpu, 2 threads, bfloat16 (1.9 x as fast)",
    )
