import pytest

from chatforge.recipe.schema import BLOCKS, Recipe, block_fields, iter_fields


def test_every_field_has_one_sentence():
    described = {name: info.description or "" for name, info in iter_fields()}
    assert len(described) > 40
    assert all(text.endswith(".") and text[0].isalnum() for text in described.values()), described
    assert all(Recipe.model_fields[block].description for block in BLOCKS)


def test_recipes_do_not_change_after_loading():
    recipe = Recipe.model_validate({"data": {"train": "a.jsonl"}})
    with pytest.raises(ValueError, match="frozen"):
        recipe.preset = "quick"  # type: ignore[misc]


def test_blocks():
    assert set(block_fields("")) == {"preset", "name"}
    assert block_fields("export") == {}
    with pytest.raises(KeyError):
        block_fields("name")
