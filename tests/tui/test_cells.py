"""A text takes exactly the cells it is given, whatever its signs are."""

import pytest
from rich.cells import cell_len

from chatforge.tui.cells import fit, middle


@pytest.mark.parametrize("cut", ["…", "..."])
@pytest.mark.parametrize("keep_end", [False, True])
@pytest.mark.parametrize("text", ["", "short", "a name of more cells", "日本語の名前です", "e\u0301" * 12])
def test_it_is_as_wide_as_asked(text: str, cut: str, keep_end: bool) -> None:
    for width in range(12):
        found = fit(text, width, cut, keep_end=keep_end)
        assert cell_len(found) == width
        assert cut[:width] in found or found.rstrip() == text


def test_it_is_cut_where_it_says() -> None:
    assert fit("customers.jsonl", 8, "…") == "custome…"
    assert fit("customers.jsonl", 8, "…", keep_end=True) == "…s.jsonl"


def test_of_a_name_that_is_too_long_the_middle_is_left_out() -> None:
    assert middle("1121-customer-service-a", 13, "…") == "1121-c…vice-a"
    assert middle("1121-shop-a", 13, "…") == "1121-shop-a"
    for width in range(12):
        assert cell_len(middle("日本語の名前です", width, "...")) <= width
