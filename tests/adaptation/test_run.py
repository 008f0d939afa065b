"""A whole training in this process, with the tiny model: what is told, what is kept, what is refused."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from chatforge import paths
from chatforge.adaptation import checkpoints
from chatforge.adaptation.adapted import CARD, open_base, open_pair, read_card
from chatforge.adaptation.run import Outcome, train
from chatforge.errors import UserError
from chatforge.project.new_run import create
from chatforge.recipe.files import load_recipe
from chatforge.runs import events, lockfile
from chatforge.runs.folder import RunFolder


class Told(list[events.Event]):
    """Collects what a training tells."""

    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


def never() -> bool:
    return False


@pytest.fixture
def make_run(tiny_recipe: Path, tmp_path: Path) -> Callable[..., RunFolder]:
    """Make a run of the tiny recipe, with lines of it replaced."""

    def make(**replaced: str) -> RunFolder:
        text = tiny_recipe.read_text()
        for old, new in replaced.items():
            line = next(line for line in text.splitlines() if line.strip().startswith(f"{old}:"))
            indent = line[: len(line) - len(line.lstrip())]
            text = text.replace(line, "\n".join(indent + part for part in new.splitlines()) if new else "")
        tiny_recipe.write_text(text)
        return create(load_recipe(tiny_recipe), tmp_path / "runs", paths.home())

    return make


def trained(run: RunFolder, stopping: Callable[[], bool] = never) -> tuple[Outcome, Told]:
    told = Told()
    return train(run, told.append, stopping), told


def test_a_training_tells_its_plan_its_steps_and_keeps_the_best(make_run: Callable[..., RunFolder]) -> None:
    run = make_run()
    outcome, told = trained(run)
    plan = told.of(events.Plan)[0]
    assert (plan.steps, plan.conversations, plan.cut, plan.dropped) == (4, 16, 0, 0)
    assert plan.device == "cpu"
    assert plan.predicted_seconds > 0
    assert plan.predicted_bytes > 0
    assert [step.step for step in told.of(events.Step)] == [1, 2, 3, 4]
    looks = told.of(events.Eval)
    assert [look.step for look in looks] == [0, 2, 4]
    assert looks[-1].loss < looks[0].loss
    assert {sample.step for sample in told.of(events.Sample)} == {0, 2, 4}
    assert outcome.stopped_at is None
    assert outcome.facts["best_step"] == 4
    assert outcome.facts["best_loss"] == looks[-1].loss
    assert any("predicted" in note.text for note in told.of(events.Note))
    best = load_file(run.checkpoints / "checkpoint-4" / "adapter_model.safetensors")
    kept = load_file(run.adapter / "adapter_model.safetensors")
    assert all(torch.equal(best[name], kept[name]) for name in best)
    assert len(checkpoints.complete(run.checkpoints)) <= 2


def test_the_lock_holds_what_was_measured_and_the_card_what_chat_needs(make_run: Callable[..., RunFolder]) -> None:
    run = make_run()
    trained(run)
    worker = lockfile.read(run).worker
    assert worker is not None
    assert worker["threads"] == 1
    assert worker["dtype"] in ("float32", "bfloat16")
    assert set(worker["versions"]) >= {"torch", "transformers", "trl", "peft"}
    card = read_card(run.adapter)
    assert card.system == "You help."
    assert card.template_sha256 == worker["template_sha256"]
    assert card.base == worker["weights"]["path"]
    assert not list(run.adapter.glob("*.bin"))


def test_base_and_adapted_are_one_model_with_the_adapter_off_and_on(
    make_run: Callable[..., RunFolder], tiny_model: Path
) -> None:
    run = make_run()
    trained(run)
    pair = open_pair(run)
    assert pair.adapted is not None
    ids = torch.arange(3, 40)[None]
    with pair.base() as model, torch.no_grad():
        base = model(ids).logits
    with pair.adapted() as model, torch.no_grad():
        adapted = model(ids).logits
    card = read_card(run.adapter)
    alone = open_base(tiny_model, "You help.", dtype=card.dtype)
    with alone.base() as model, torch.no_grad():
        assert torch.equal(model(ids).logits, base)
    assert not torch.equal(base, adapted)
    assert alone.adapted is None
    assert pair.context == 2048


@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_the_adapted_model_computes_in_the_numbers_that_training_computed_in(
    make_run: Callable[..., RunFolder], dtype: str
) -> None:
    run = make_run()
    trained(run)
    card = run.adapter / CARD
    card.write_text(json.dumps(json.loads(card.read_text()) | {"dtype": dtype}))
    pair = open_pair(run)
    assert pair.adapted is not None
    with pair.adapted() as model:
        assert {parameter.dtype for parameter in model.parameters()} == {getattr(torch, dtype)}


@pytest.mark.parametrize("fits", [True, False])
def test_full_training_gives_two_models(
    make_run: Callable[..., RunFolder], monkeypatch: pytest.MonkeyPatch, fits: bool
) -> None:
    run = make_run(method="method: full", lora_r="", learning_rate="learning_rate: 0.001")
    _, told = trained(run)
    assert told.of(events.Plan)[0].trainable == told.of(events.Plan)[0].parameters
    monkeypatch.setattr("chatforge.adaptation.adapted.Loader.both_fit", lambda self: fits)
    pair = open_pair(run)
    assert (pair.note is None) == fits
    assert pair.adapted is not None
    ids = torch.arange(3, 40)[None]
    with torch.no_grad():
        with pair.adapted() as model:
            adapted = model(ids).logits
        with pair.base() as model:
            base = model(ids).logits
        with pair.adapted() as model:
            assert torch.equal(model(ids).logits, adapted)
    assert not torch.equal(base, adapted)


def test_qlora_trains_on_a_four_bit_base(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(method="method: qlora")
    _, told = trained(run)
    looks = told.of(events.Eval)
    assert looks[-1].loss < looks[0].loss
    assert read_card(run.adapter).load_in_4bit
    pair = open_pair(run)
    assert pair.adapted is not None
    with pair.adapted() as model:
        kinds = {type(module).__name__ for module in model.modules()}
    assert "Linear4bit" in kinds


def test_a_stop_saves_and_resume_ends_where_the_straight_run_ends(make_run: Callable[..., RunFolder]) -> None:
    stopped, straight = make_run(), make_run()
    told_before = Told()
    outcome = train(stopped, told_before.append, lambda: len(told_before.of(events.Step)) >= 2)
    assert outcome.stopped_at == 3
    assert (stopped.adapter / "chatforge.json").is_file()
    resumed, told = trained(stopped)
    trained(straight)
    assert resumed.stopped_at is None
    assert any("going on from checkpoint-3" in note.text for note in told.of(events.Note))
    for name in ("adapter_model.safetensors",):
        left = load_file(stopped.checkpoints / "checkpoint-4" / name)
        right = load_file(straight.checkpoints / "checkpoint-4" / name)
        assert all(torch.equal(left[key], right[key]) for key in right)


def test_early_stopping_keeps_the_better_weights(make_run: Callable[..., RunFolder]) -> None:
    run = make_run(
        learning_rate="learning_rate: 0.1\nlr_scheduler_type: constant\nearly_stopping_patience: 1",
        num_train_epochs="num_train_epochs: 40",
        eval_steps="eval_steps: 1",
    )
    outcome, told = trained(run)
    looks = told.of(events.Eval)
    assert outcome.facts["stopped_early"]
    assert outcome.facts["steps"] < 80
    assert outcome.facts["best_loss"] == min(look.loss for look in looks)
    assert looks[-1].loss > outcome.facts["best_loss"]


def test_other_data_or_versions_than_the_locks_are_refused(make_run: Callable[..., RunFolder], tmp_path: Path) -> None:
    run = make_run()
    trained(run)
    lock = json.loads(run.lock.read_text())
    lock["worker"]["versions"]["torch"] = "1.0"
    run.lock.write_text(json.dumps(lock))
    with pytest.raises(UserError, match=r"torch was 1\.0"):
        trained(run)
    train = tmp_path / "train.jsonl"
    train.write_text("\n" + train.read_text())
    with pytest.raises(UserError, match="has changed since the run began"):
        trained(run)


def test_nothing_learned_yet_is_said(make_run: Callable[..., RunFolder]) -> None:
    with pytest.raises(UserError, match="nothing has been learned"):
        open_pair(make_run())


def test_a_changed_template_beside_the_adapter_is_refused(make_run: Callable[..., RunFolder]) -> None:
    run = make_run()
    trained(run)
    template = run.adapter / "chat_template.jinja"
    template.write_text(template.read_text().replace("assistant\n", "assistant:\n"))
    with pytest.raises(UserError, match="not the ones it was trained with"):
        open_pair(run)
