import json
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from safetensors.numpy import save_file

from chatforge.cli.recipe import recipe
from chatforge.errors import UserError
from chatforge.project.facts import gather
from chatforge.recipe.files import load_recipe

HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "bitsandbytes", "sentence_transformers", "accelerate")


@pytest.fixture
def good(tmp_path: Path, write_conversations) -> Path:
    write_conversations(tmp_path / "train.jsonl", 10)
    path = tmp_path / "recipe.yaml"
    path.write_text("epochs: 2\ndata:\n  train: train.jsonl\n", encoding="utf-8")
    return path


@pytest.fixture
def bad(tmp_path: Path) -> Path:
    path = tmp_path / "bad.yaml"
    path.write_text("data:\n  train: gone.jsonl\ntraining:\n  sed: 1\n  warmup_ratio: 3\n", encoding="utf-8")
    return path


def run(*args: object):
    return CliRunner().invoke(recipe, [str(arg) for arg in args], env={"COLUMNS": "80"})


def test_explain_shows_values_and_the_translation(good):
    result = run("explain", good)
    assert result.exit_code == 0
    assert "10 conversations in train" in result.output
    assert "note: line 1: `epochs: 2` read as `training.num_train_epochs: 2`" in " ".join(result.output.split())
    assert max(map(len, result.output.splitlines())) <= 80


def test_explain_as_json(good):
    values = json.loads(run("explain", "--json", good).output)
    rows = {row["field"]: row["value"] for row in values["fields"]}
    assert rows["training.num_train_epochs"] == 2
    assert values["facts"]["conversations"] == 10 and values["facts"]["parameters"] > 1e8


def test_check_says_that_all_is_well_and_prints_notes(good):
    result = run("check", good)
    assert result.exit_code == 0
    assert "note: line 1" in result.output and "nothing is wrong" in result.output
    assert json.loads(run("check", "--json", good).output)["ok"] is True


def test_check_reports_every_problem(bad):
    result = run("check", bad)
    assert isinstance(result.exception, UserError)
    assert len(result.exception.problems) == 3
    as_json = run("check", "--json", bad)
    assert as_json.exit_code == 1
    problems = json.loads(as_json.output)["problems"]
    assert [item["line"] for item in problems] == [2, 4, 5]
    assert all(item["file"] == str(bad) for item in problems)


def test_fields_lists_everything():
    result = run("fields")
    assert result.exit_code == 0 and "| `learning_rate` | chosen |" in result.output


def test_new_writes_a_loadable_recipe_once(tmp_path, good):
    path = tmp_path / "mine.yaml"
    result = run("new", path, "--train", "train.jsonl")
    assert result.exit_code == 0 and "recipe check" in result.output
    before = path.read_text()
    assert load_recipe(path).recipe.preset == "balanced"
    assert "already there" in str(run("new", path).exception)
    assert path.read_text() == before


def test_new_needs_a_folder_that_can_be_written(tmp_path):
    assert "mkdir" in str(run("new", tmp_path / "gone" / "r.yaml").exception)
    assert "cannot be written" in str(run("new", tmp_path / ("x" * 300 + ".yaml")).exception)


def test_usage_errors_are_clicks_own():
    assert run("explain").exit_code == 2


def test_facts_of_a_folder_come_from_its_weights(good, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    weights = {"w": np.zeros((10, 7), np.float32), "b": np.zeros(3, np.float32)}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    good.write_text("model: {base: ./mine}\ndata: {train: train.jsonl}\n", encoding="utf-8")
    assert gather(load_recipe(good)).parameters == 73
    (folder / "model.safetensors").write_bytes(struct.pack("<Q", 5) + b"{bad}")
    assert gather(load_recipe(good)).parameters is None


def test_facts_of_an_unknown_base_are_none_and_bad_lines_do_not_count(good, tmp_path):
    good.write_text("model: {base: org/none}\ndata: {train: train.jsonl}\n", encoding="utf-8")
    with (tmp_path / "train.jsonl").open("a") as file:
        file.write("{broken\n")
    facts = gather(load_recipe(good))
    assert (facts.parameters, facts.conversations) == (None, 10)
    assert facts.tokens and facts.cores >= 1 and facts.ram_bytes > 0


def test_nothing_heavy_is_imported(good):
    code = (
        "import sys; from chatforge.cli.recipe import recipe; "
        f"recipe(['explain', {str(good)!r}], standalone_mode=False); "
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("[]")
