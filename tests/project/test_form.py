"""The recipe as a form: every field with what is written, what it comes to, and what is wrong with it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatforge.errors import UserError
from chatforge.project.editing import changed
from chatforge.project.form import Entry, edit, entries
from chatforge.recipe.batches import Facts
from chatforge.recipe.entry import choices_of, problem_of, value_of
from chatforge.recipe.files import load_draft, load_recipe
from chatforge.recipe.schema import iter_fields

FACTS = Facts(134_515_008, 126, 44_000, 2, 16 * 10**9, None)


@pytest.fixture
def form(tmp_path: Path) -> Callable[[str], dict[str, Entry]]:
    def make(text: str) -> dict[str, Entry]:
        (tmp_path / "t.jsonl").write_text("{}\n")
        path = tmp_path / "recipe.yaml"
        path.write_text(f"data:\n  train: t.jsonl\n{text}")
        try:
            problems: Any = ()
            load_recipe(path)
        except UserError as error:
            problems = error.problems
        return entries(load_draft(path), FACTS, problems)

    return make


def test_every_field_has_an_entry_with_its_value_and_reason(form: Callable[[str], dict[str, Entry]]) -> None:
    found = form("adaptation:\n  lora_r: 8\n")
    assert set(found) == {name for name, _ in iter_fields()}
    rank, alpha = found["adaptation.lora_r"], found["adaptation.lora_alpha"]
    assert (rank.written, rank.comes_to, rank.origin) == ("8", "8", "recipe: line 4")
    assert (alpha.written, alpha.comes_to, alpha.origin) == ("", "16", "preset: 2 x lora_r")
    assert not any(entry.problem for entry in found.values())


def test_wrong_fields_are_shown_as_written_and_told_beside(form: Callable[[str], dict[str, Entry]]) -> None:
    found = form("adaptation:\n  lora_r: many\ntraining:\n  max_steps: 5\n  num_train_epochs: 2\n  seed: 9\n")
    rank = found["adaptation.lora_r"]
    assert (rank.written, rank.comes_to) == ("many", "16")
    assert rank.problem == "should be a whole number, found the text `many`"
    assert "only one can say how long to train; remove one of the two" in found["training.max_steps"].problem
    assert (found["training.seed"].written, found["training.seed"].problem) == ("9", "")


def test_words_of_other_tools_are_shown_at_our_fields(form: Callable[[str], dict[str, Entry]]) -> None:
    found = form("adapter:\n  rank: 8\nlr: 5\n")
    assert found["adaptation.lora_r"].written == "8"
    assert found["training.learning_rate"].problem.startswith("should be at most 0.1")


def test_an_unknown_field_does_no_harm(form: Callable[[str], dict[str, Entry]]) -> None:
    assert form("trainng:\n  x: 1\ntraining:\n  sed: 3\n")["training.seed"].comes_to == "7"


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("lr: 0.001\n", "training.learning_rate", 0.002),
        ("adaptation: qlora\n", "adaptation.lora_r", 8),
        ("adaptation: qlora\n", "adaptation.method", "lora"),
        ("finetuning_type: full\n", "adaptation.method", "lora"),
        ("train:\n  lr: 0.001\n  epochs: 2\n", "training.learning_rate", None),
        ("training:\n  lr: 0.001\n", "training.learning_rate", 0.003),
    ],
)
def test_editing_what_is_written_in_other_words(tmp_path: Path, text: str, field: str, value: object) -> None:
    (tmp_path / "t.jsonl").write_text("{}\n")
    path = tmp_path / "recipe.yaml"
    path.write_text(f"data:\n  train: t.jsonl\n{text}")
    before = load_draft(path).values
    path.write_text(changed(path.read_text(), edit(load_draft(path), field, value)))
    load_recipe(path)
    after = load_draft(path).values
    assert after.get(field) == value
    others = {name: given for name, given in before.items() if name != field}
    assert {name: given for name, given in after.items() if name != field} == others


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("adaptation.lora_r", "16", 16),
        ("adaptation.lora_r", "", None),
        ("adaptation.lora_r", " 8 ", 8),
        ("training.learning_rate", "1e-4", 1e-4),
        ("training.learning_rate", "0", 0),
        ("training.gradient_checkpointing", "true", True),
        ("adaptation.lora_target_modules", "all-linear", "all-linear"),
        ("adaptation.lora_target_modules", "q_proj, v_proj", ["q_proj", "v_proj"]),
        ("name", "2026", "2026"),
        ("adaptation.lora_r", "many", "many"),
    ],
)
def test_what_is_typed_becomes_the_value_that_the_field_takes(field: str, text: str, value: object) -> None:
    assert value_of(field, text) == value
    assert type(value_of(field, text)) is type(value)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("adaptation.lora_r", 0, "at least 1"),
        ("adaptation.lora_r", 3.5, "a whole number"),
        ("training.learning_rate", float("nan"), "a finite number"),
        ("training.lr_scheduler_type", "cosin", "'cosine'"),
        ("adaptation.lora_target_modules", [], "all-linear"),
        ("preset", "fast", "'quick'"),
    ],
)
def test_one_field_is_judged_by_the_schemas_own_limits(field: str, value: object, words: str) -> None:
    problem = problem_of(field, value)
    assert problem
    assert (problem.field, words in problem.what) == (field, True), problem


@pytest.mark.parametrize(
    ("field", "text", "hint"),
    [
        ("training.num_train_epochs", "2,5", "write 2.5 without"),
        ("training.num_train_epochs", "2,50", "write 2.5 without"),
        ("training.learning_rate", "0,0005", "write 0.0005 without"),
        ("training.learning_rate", "0,001", "write 0.001 without"),
        ("training.max_length", "1,024", "write 1024 without"),
        ("training.max_steps", "1,000,000", "write 1000000 without"),
        ("adaptation.lora_r", "2,5", None),
        ("training.num_train_epochs", "2,5,1", None),
    ],
)
def test_a_comma_is_read_as_its_writer_meant_it(field: str, text: str, hint: str | None) -> None:
    problem = problem_of(field, value_of(field, text))
    assert problem
    assert hint in (problem.hint or "") if hint else "write" not in (problem.hint or "")


def test_choices_come_from_the_schema() -> None:
    assert choices_of("adaptation.method") == ("lora", "qlora", "full")
    assert choices_of("training.gradient_checkpointing") == ("true", "false")
    assert choices_of("adaptation.lora_r") == choices_of("adaptation.lora_target_modules") == ()
