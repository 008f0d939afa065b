import re

from chatforge.recipe.files import load_recipe
from chatforge.recipe.schema import BLOCKS, iter_fields
from chatforge.recipe.template import template


def test_a_new_recipe_loads_without_notes(write):
    loaded = load_recipe(write(template("train.jsonl")))
    assert loaded.notes == []
    assert loaded.recipe.data.train[0].name == "train.jsonl"


def test_every_field_is_there_explained_and_valid_when_switched_on(write):
    text = template("train.jsonl")
    on = re.sub(r"(?m)^(\s*)# (\w+:)", r"\1\2", text)
    loaded = load_recipe(write(on))
    nulls = {"chat.notice", "data.assistant", "evaluation.facts"}
    expected = {name for name, _ in iter_fields()} - nulls
    assert {name for name in loaded.lines if not name[-1].isdigit()} - set(BLOCKS) >= expected
    for _name, info in iter_fields():
        assert (info.description or "").split(";")[0][:40] in text


def test_awkward_file_names_are_quoted(write, tmp_path):
    (tmp_path / 'a: "b" #c.jsonl').write_text("{}\n")
    loaded = load_recipe(write(template('a: "b" #c.jsonl')))
    assert loaded.recipe.data.train[0].name == 'a: "b" #c.jsonl'
