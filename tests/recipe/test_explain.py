import dataclasses
import io
import json

import pytest
from rich.console import Console

from chatforge.recipe.explain import explain_json, facts_sentence, fields_markdown, print_explanation, shown
from chatforge.recipe.files import load_recipe
from chatforge.recipe.presets import resolve
from chatforge.recipe.schema import iter_fields

TEXT = (
    "preset: quick\ncutoff_len: 256\ndata:\n  train: train.jsonl\n  system: '[bold]You[/bold] are "
    + "a very patient helper who " * 20
    + "helps.'\n"
)


@pytest.fixture
def explained(write, laptop):
    loaded = load_recipe(write(TEXT))
    resolved = resolve(loaded, laptop)
    out = io.StringIO()
    print_explanation(Console(file=out, width=80), loaded, resolved, laptop)
    return out.getvalue(), explain_json(loaded, resolved, laptop)


def test_every_field_is_shown_within_80_columns(explained):
    text, _ = explained
    assert max(map(len, text.splitlines())) <= 80
    lines = text.splitlines()
    for name, _info in iter_fields():
        assert any(line.startswith(name.rpartition(".")[2] + " ") for line in lines), name


def test_sources_notes_and_facts_are_said(explained):
    text, _ = explained
    for words in ("135M parameters", "126 conversations", "line 1", "note: line 2", "not needed in 16 GB", "machine"):
        assert words in text
    assert "[bold]You[/bold]" in text.replace("\n", "")  # markup in data stays text
    assert "words)" in text.replace("\n", " ")


def test_json_says_the_same_in_full(explained):
    _, values = explained
    kept = json.loads(json.dumps(values))
    rows = {row["field"]: row for row in kept["fields"]}
    assert rows["training.max_length"] == {
        "field": "training.max_length",
        "value": 256,
        "source": "recipe",
        "why": "line 2, as `cutoff_len`",
        "description": "Longest conversation in tokens; see too_long.",
    }
    assert rows["data.system"]["value"].endswith("helps.")
    assert kept["facts"]["cores"] == 2 and len(kept["notes"]) == 1


def test_facts_that_are_not_known_are_said_to_be(laptop):
    unknown = dataclasses.replace(laptop, parameters=None, conversations=None, tokens=None, cores=1)
    assert "unknown size, data not counted, 1 core," in facts_sentence(unknown)
    assert "a GPU with 24.0 GB" in facts_sentence(dataclasses.replace(laptop, gpu_bytes=24_000_000_000))
    assert "1.7B" in facts_sentence(dataclasses.replace(laptop, parameters=1_700_000_000))
    assert "about 900 tokens" in facts_sentence(dataclasses.replace(laptop, tokens=900))


def test_the_list_of_fields_is_complete():
    text = fields_markdown()
    for name, info in iter_fields():
        assert f"| `{name.rpartition('.')[2]}` |" in text
        assert (info.description or "") in text


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (True, "true"), (0.001, "0.001"), ([], "none"), (["a", "b"], "a, b"), ("/far/x", "/far/x")],
)
def test_values_are_written_as_in_a_recipe(value, words, tmp_path):
    assert shown(value, tmp_path / "project") == words


def test_escapes_in_a_recipe_do_not_reach_the_terminal(write, laptop):
    loaded = load_recipe(write('data: {train: train.jsonl, system: "You\\e]0;hi\\a \\e[31mred"}\n'))
    out = io.StringIO()
    print_explanation(Console(file=out, width=80), loaded, resolve(loaded, laptop), laptop)
    assert "\x1b" not in out.getvalue() and "\x07" not in out.getvalue()


def test_paths_are_shown_from_the_recipe(tmp_path):
    assert shown(str(tmp_path / "a" / "x"), tmp_path / "a") == "x"
    assert shown(str(tmp_path / "b" / "x"), tmp_path / "a") == "../b/x"
