"""Every shipped recipe is a test case."""

from pathlib import Path

import pytest

from chatforge.recipe.files import load_recipe
from chatforge.recipe.presets import resolve

RECIPES = sorted((Path(__file__).parents[2] / "recipes").glob("*.yaml"))


def test_there_are_recipes_to_test():
    assert {path.stem for path in RECIPES} >= {"customer_service", "healthcare"}


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_shipped_recipe_loads_in_our_own_words(path, laptop):
    loaded = load_recipe(path)
    assert loaded.notes == []
    assert 60 <= len(loaded.recipe.data.system.split()) <= 90
    assert resolve(loaded, laptop).recipe.name == path.stem


@pytest.mark.parametrize(
    ("stem", "words"),
    [
        ("customer_service", ["Fern", "Larkspur & Pine", "60 days", "$6", "$75", "555-0134"]),
        ("healthcare", ["Robin", "Willow Street Family Clinic", "never give a diagnosis, a dose", "911", "555-0163"]),
    ],
)
def test_system_messages_are_true_to_the_fact_sheets(stem, words):
    root = Path(__file__).parents[2]
    system = load_recipe(root / "recipes" / f"{stem}.yaml").recipe.data.system
    facts = (root / "data" / stem / "facts.yaml").read_text(encoding="utf-8")
    for word in words:
        assert word in system
        assert word.startswith("never") or word in facts
