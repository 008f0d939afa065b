"""The real worker with a tiny encoder: what the axes say of texts."""

from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.evaluation.agreement.axes import AXES
from chatforge.project.agreement import score

PAIRS = [
    ("Take 2 tablets a day.", "Take 2 tablets a day."),
    ("Take 2 tablets a day.", ""),
    ("Bring a coat.", "Take two \ud83d tablets"),
    ("Take 2 tablets a day.", "Drink water, three glasses. " * 40),
]


def test_every_axis_has_a_value_for_every_pair_in_their_order(tiny_encoder: Path) -> None:
    heard: list[tuple[int, int]] = []
    values, cut = score(tiny_encoder, PAIRS, lambda *far: heard.append(far))
    assert list(values) == list(AXES)
    assert all(len(column) == 4 for column in values.values())
    assert [column[0] for axis, column in values.items() if axis != "entities"] == pytest.approx([1.0] * 5, abs=1e-5)
    assert [values[axis][1] for axis in ("cosine", "token_recall", "content_words", "numbers", "length")] == [0.0] * 5
    assert values["numbers"] == [1.0, 0.0, None, 0.0] and values["length"][3] == 1.0
    assert cut == 1 and heard[-1] == (4, 4)


@pytest.mark.long
def test_an_encoder_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="the encoder cannot be loaded"):
        score(tmp_path, PAIRS)
