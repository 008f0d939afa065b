"""What there is to choose from, and what a word for a model means."""

import json

import pytest

from chatforge.models.machine import Machine
from chatforge.models.store import Store, StoredModel
from chatforge.project import bases

LAPTOP = Machine("Linux x86_64", 2, 8_000_000_000, 6_000_000_000)


@pytest.fixture
def put(home, tiny_model):
    """Put the tiny model into the store under a name."""

    def do(name: str) -> None:
        store = Store(home / "models")
        with store.partial(name) as made:
            for file in tiny_model.iterdir():
                (made / file.name).write_bytes(file.read_bytes())
            store.publish(made, StoredModel(name, made, "folder:/x", None, 8, None, 0))

    return do


def test_catalogue_store_and_recipe_come_together(home, put, tiny_model, tiny_encoder):
    put("own")
    shelf = bases.gather(home, str(tiny_model), str(tiny_encoder), LAPTOP)
    names = [base.name for base in shelf.bases]
    assert names[0] == str(tiny_model), "the recipe's own stands nowhere else"
    assert {"own", "smollm2-135m-instruct"} <= set(names)
    assert "all-minilm-l6-v2" not in names, "an encoder cannot be talked with"
    assert shelf.used is not None
    assert shelf.used.path == tiny_model
    assert shelf.used.fits["lora"].verdict == "fits"
    assert shelf.missing == ()


def test_what_has_to_be_fetched(home):
    shelf = bases.gather(home, "HuggingFaceTB/SmolLM2-360M-Instruct", "all-minilm-l6-v2", LAPTOP)
    assert [base.name for base in shelf.missing] == ["smollm2-360m-instruct", "all-minilm-l6-v2"]
    assert bases.gather(home, None, None, LAPTOP).missing == ()


def test_a_damaged_model_in_the_store_is_listed_all_the_same(home, put):
    put("own")
    (home / "models" / "own" / "config.json").write_text("{}")
    (own,) = [base for base in bases.gather(home, "own", None, LAPTOP).bases if base.name == "own"]
    assert own.entry is None
    assert own.path


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [
        ("SmolLM2-135M-Instruct", "smollm2-135m-instruct", "smollm2-135m-instruct"),
        ("Qwen/Qwen3-0.6B", "qwen3-0.6b", "qwen3-0.6b"),
        ("somebody/something", "somebody/something", "somebody/something"),
    ],
)
def test_typed_names(home, tmp_path, word, name, value):
    base, written = bases.typed(word, home, tmp_path)
    assert (base.name, written, base.problem) == (name, value, None)


def test_typed_paths_are_written_as_seen_from_the_recipe(home, tmp_path, tiny_model):
    (tmp_path / "mine").symlink_to(tiny_model)
    inside = tmp_path / "copy"
    inside.mkdir()
    for file in tiny_model.iterdir():
        (inside / file.name).write_bytes(file.read_bytes())
    (tmp_path / "a.gguf").write_bytes(b"GGUF")
    assert bases.typed(str(tiny_model), home, tmp_path)[1] == str(tiny_model)
    assert bases.typed("copy", home, tmp_path)[1] == "./copy"
    base, written = bases.typed("a.gguf", home, tmp_path)
    assert written == "./a.gguf"
    assert base.path is None


def test_pickles_are_a_problem_in_words(home, tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    base, _ = bases.typed(str(folder), home, tmp_path)
    assert base.problem
    assert "pickled" in str(base.problem)


def test_a_recipe_with_problems_elsewhere_still_names_its_base(tmp_path):
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("model:\n  base: ./mine\ndata:\n  train: nowhere.jsonl\n")
    assert bases.asked(recipe, None) == (str(tmp_path / "mine"), "all-minilm-l6-v2")
    recipe.write_text("data:\n  train: nowhere.jsonl\n")
    assert bases.asked(recipe, None)[0] == "smollm2-135m-instruct"
    recipe.write_text("{")
    assert bases.asked(recipe, None) == (None, None)
