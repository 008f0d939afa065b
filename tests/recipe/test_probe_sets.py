"""`evaluation.probes`: a set by name, a file beside the recipe, or none."""

import pytest

from chatforge.recipe.files import load_recipe, recipe_from_dict

MINIMAL = "data:\n  train: train.jsonl\n"


@pytest.mark.parametrize("name", ["healthcare", "customer_service", "general_chat", "none"])
def test_sets_are_known_by_name(write, name):
    assert load_recipe(write(MINIMAL + f"evaluation: {{probes: {name}}}\n")).recipe.evaluation.probes == name


def test_general_questions_are_asked_unless_one_says_none(write):
    assert load_recipe(write(MINIMAL)).recipe.evaluation.probes == "general_chat"


def test_a_file_starts_at_the_recipe_and_survives_the_lock(write, tmp_path):
    (tmp_path / "mine.jsonl").write_text("{}\n")
    recipe = load_recipe(write(MINIMAL + "evaluation: {probes: mine.jsonl}\n")).recipe
    assert recipe.evaluation.probes == str(tmp_path / "mine.jsonl")
    assert recipe_from_dict(recipe.model_dump(mode="json"), tmp_path / "elsewhere") == recipe


@pytest.mark.parametrize(
    ("name", "what", "hint"),
    [
        ("helthcare", "`healthcare`, `customer_service`, `general_chat`, `none` or a .jsonl file", None),
        ("7", "`none` or a .jsonl file", None),
        ("zzzzzzzzzzzzz.jsonl", "there is no file `zzzzzzzzzzzzz.jsonl`", "relative to the recipe"),
        ("trian.jsonl", "there is no file", "did you mean `train.jsonl`?"),
    ],
)
def test_what_is_neither_is_told(problems, name, what, hint):
    (found,) = problems(MINIMAL + f"evaluation: {{probes: {name}}}\n")
    assert what in found.what
    assert (found.field, found.line) == ("evaluation.probes", 3)
    assert hint is None or hint in str(found.hint)
