import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.errors import UserError
from chatforge.recipe.files import load_draft, load_recipe, recipe_from_dict
from chatforge.recipe.schema import DEFAULT_SYSTEM, iter_fields

MINIMAL = "data:\n  train: train.jsonl\n"


def test_minimal_recipe_gets_defaults_absolute_paths_and_lines(write, tmp_path):
    loaded = load_recipe(write(MINIMAL))
    assert loaded.recipe.data.train == [tmp_path / "train.jsonl"]
    assert loaded.recipe.data.system == DEFAULT_SYSTEM
    assert loaded.recipe.adaptation.lora_r is None
    assert loaded.lines["data.train"] == 2
    assert (loaded.text, loaded.path, loaded.notes) == (MINIMAL, tmp_path / "recipe.yaml", [])


def test_three_mistakes_are_reported_together_with_lines_and_hints(problems):
    found = problems(MINIMAL + "training:\n  learning_rat: 0.001\n  seed: seven\nadaptation:\n  method: qlorra\n")
    assert [(p.line, p.field) for p in found] == [
        (4, "training.learning_rat"),
        (5, "training.seed"),
        (7, "adaptation.method"),
    ]
    assert "did you mean `learning_rate`?" in str(found[0].hint)
    assert "a whole number" in found[1].what and "seven" in found[1].what
    assert found[2].hint == "did you mean `qlora`?"
    assert all(p.file and p.file.name == "recipe.yaml" for p in found)


def test_contradictions_missing_files_and_wrong_types_come_together(problems):
    text = "data:\n  train: trian.jsonl\n  valid_share: 2\nadaptation: {method: qlora, load_in_4bit: false}\n"
    fields = {p.field for p in problems(text)}
    assert fields == {"data.train", "data.valid_share", "adaptation.load_in_4bit"}


@pytest.mark.parametrize(
    ("line", "what", "hint"),
    [
        ("training: {warmup_ratio: 1.5}", "less than 1", "Share of the steps"),
        ("training: {warmup_ratio: -0.1}", "at least 0", None),
        ("training: {learning_rate: -1}", "greater than 0", None),
        ("training: {learning_rate: '1e-3'}", "a number", "without quotes"),
        ("training: {max_length: '1,024'}", "a whole number", "write 1024"),
        ("training: {max_length: abc}", "a whole number", None),
        ("training: {learning_rate: true}", "a number", None),
        ("training: {learning_rate: .nan}", "finite", None),
        ("training: {num_train_epochs: .inf}", "finite", None),
        ("training: {seed: 1.5}", "a whole number", None),
        ("training: {gradient_checkpointing: yes}", "true or false", "only true and false"),
        ("training: [1]", "a block of fields", None),
        ("training: {lora_r: 8}", "not a known field", "belongs in `adaptation`"),
        ("training: {base_model: x}", "not a known field", "called `model.base`"),
        ("training: {max_lengt: 5}", "not a known field", "max_length"),
        ("foo.bar: 1", "not a known field", "known here"),
        ("a.b.c: 1", "not a known field", "remove it"),
        ("zzzzqqq: 1", "not a known field", "known here"),
        ("export: {zzzzqqq: 1}", "not a known field", "no fields yet"),
        ("max_new_tokens: 5", "not a known field", "`evaluation` or `chat`"),
        ("trainning: {seed: 1}", "not a known field", "training"),
        ("learning_rte: 1", "not a known field", "training.learning_rate"),
        ("name: 'a b'", "a b", "letters"),
        ("preset: 7", "'quick'", None),
        ("adaptation: {lora_target_modules: 3}", "all-linear", None),
        ("adaptation: {lora_target_modules: []}", "all-linear", None),
        ("chat: {top_p: 0}", "greater than 0", None),
        ("evaluation: {encoder: ''}", "empty", None),
        ("evaluation: {encoder: {a: 1}}", "text, found a block", None),
    ],
)
def test_each_wrong_value_says_what_was_expected(problems, line, what, hint):
    (found,) = problems(MINIMAL + line + "\n")
    assert what in found.what
    assert hint is None or hint in str(found.hint)
    assert found.line == 3


@pytest.mark.parametrize("text", ["preset: quick\n", "data:\n", "data: {}\n", "data:\n  train:\n"])
def test_missing_train_is_said(problems, text):
    assert [(p.field, p.what) for p in problems(text)] == [("data.train", "is missing")]


@pytest.mark.parametrize(
    ("train", "what", "hint"),
    [
        ("tran.jsonl", "there is no file", "did you mean `train.jsonl`?"),
        ("nowhere/x.jsonl", "there is no file", "there is no folder"),
        ("zzzzzzzzzzz", "there is no file", "relative to the recipe"),
        (".", "is a folder", "train.jsonl"),
        ("''", "empty", "remove"),
        ("x" * 5000, "cannot be opened", "check"),
        ("[]", "is empty", "learn from"),
        ("7", "a file name, found `7`", None),
        ("{path: x}", "a file name, found a block", None),
    ],
)
def test_data_files_are_looked_for(problems, train, what, hint):
    (found,) = problems(f"data:\n  train: {train}\n")
    assert what in found.what
    assert hint is None or hint in str(found.hint)
    assert found.line == 2


def test_a_missing_file_in_a_list_has_its_own_line(problems):
    (found,) = problems("data:\n  train:\n    - train.jsonl\n    - gone.jsonl\n")
    assert (found.line, found.field) == (4, "data.train")


@pytest.mark.parametrize("field", ["model: {base: %s}", "evaluation: {encoder: %s}"])
@pytest.mark.parametrize("name", ["./bse", "gone.gguf", "/nowhere/model"])
def test_a_missing_model_folder_is_a_problem(problems, field, name):
    (found,) = problems(MINIMAL + field % name)
    assert "no file or folder" in found.what


def test_model_folders_become_absolute_and_guesses_are_noted(write, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "config.json").write_text("{}")
    loaded = load_recipe(write(MINIMAL + "model: {base: mine}\nevaluation: {encoder: ./mine}\n"))
    assert loaded.recipe.model.base == loaded.recipe.evaluation.encoder == str(tmp_path / "mine")
    assert len(loaded.notes) == 1 and "beside the recipe" in loaded.notes[0]


def test_hub_ids_stay_as_they_are(write):
    assert load_recipe(write(MINIMAL + "model: {base: org/name}\n")).recipe.model.base == "org/name"


def test_a_folder_stands_for_its_recipe(write, tmp_path):
    write(MINIMAL)
    assert load_recipe(tmp_path).path.name == "recipe.yaml"


def test_lock_values_come_back_as_they_were(write, tmp_path):
    recipe = load_recipe(write(MINIMAL)).recipe
    values = json.loads(json.dumps(recipe.model_dump(mode="json")))
    assert recipe_from_dict(values, Path("/elsewhere")) == recipe
    relative = recipe_from_dict({"data": {"train": ["train.jsonl"]}}, tmp_path)
    assert relative.data.train == [tmp_path / "train.jsonl"]
    with pytest.raises(UserError, match="not a known field"):
        recipe_from_dict({"data": {"train": ["a"]}, "oops": 1}, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=80), st.binary(max_size=80)))
def test_no_input_gives_anything_but_a_recipe_or_a_user_error(tmp_path, content):
    path = tmp_path / "fuzz.yaml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "replace"))
    with pytest.raises(UserError):
        load_recipe(path)


def test_a_flat_key_and_a_block_that_is_no_block_are_told_together(write):
    """Found by the test below."""
    with pytest.raises(UserError) as caught:
        load_recipe(write("data: {train: train.jsonl}\nseed: 3\ntraining: []\n"))
    assert any("`training` on line 2" in str(problem) for problem in caught.value.problems)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
_WORDS = (
    "data train training adaptation adapter lora_r method datasets bf16 seed test load_in_4bit max_steps "
    "quantization_bit lora_target valid_share model packing fp16"
)
_KEYS = st.sampled_from(_WORDS.split())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(_KEYS, _VALUES | st.dictionaries(_KEYS, _VALUES, max_size=3), max_size=4))
def test_known_words_with_odd_values_never_crash(tmp_path, values):
    path = tmp_path / "fuzz.yaml"
    path.write_text(json.dumps(values).replace("NaN", ".nan").replace("Infinity", ".inf"))
    try:
        load_recipe(path)
    except UserError as error:
        assert all(problem.what for problem in error.problems)


def test_what_is_wrong_in_a_further_dataset_is_told_by_its_place(problems):
    text = """
data:
  train: train.jsonl
  mix:
    - files: valid.jsonl
      weight: 0
    - files: [tset.jsonl]
      wieght: 2
    - {weight: 2}
  replay: 1
"""
    found = {problem.field: (problem.line, problem.hint) for problem in problems(text)}
    assert found == {
        "data.mix[0].weight": (
            6,
            "How often a pass learns each of its conversations; 0.5 draws half of them, by seed.",
        ),
        "data.mix[1].files": (7, "did you mean `test.jsonl`?"),
        "data.mix[1].wieght": (8, "did you mean `weight`?"),
        "data.mix[2].files": (9, "write `files: talks.jsonl`"),
        "data.replay": (10, schema_sentence("data.replay")),
    }


def schema_sentence(name):
    return next(info.description for field, info in iter_fields() if field == name)


def test_further_datasets_start_at_the_recipe_and_survive_the_lock(write, tmp_path):
    text = "data:\n  train: train.jsonl\n  mix: [{files: valid.jsonl, weight: 2}]\n  replay: 0.1\n"
    recipe = load_recipe(write(text)).recipe
    assert recipe.data.mix[0].files == [tmp_path / "valid.jsonl"]
    assert recipe_from_dict(recipe.model_dump(mode="json"), tmp_path / "elsewhere") == recipe


def test_a_draft_lives_without_a_further_dataset_that_is_wrong(write):
    draft = load_draft(write("data:\n  train: train.jsonl\n  mix: [{files: valid.jsonl, weight: -1}]\n"))
    assert draft.loaded is not None
    assert draft.loaded.recipe.data.mix == []
