from typing import get_args

from chatforge.dialogues.formats.known import FORMATS
from chatforge.recipe.schema import Form


def test_recipes_know_every_form_by_its_name() -> None:
    assert set(get_args(Form)) == {"auto", *(one.NAME for one in FORMATS)}


def test_every_form_says_what_it_is_in_one_line() -> None:
    for one in FORMATS:
        assert one.WHAT and "\n" not in one.WHAT and len(one.WHAT) < 140
        assert one.KINDS
