"""Texts learned before the dialogues: pieces, steps, what is told, stopping and going on, the lock."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from chatforge import paths
from chatforge.adaptation import checkpoints, texts
from chatforge.adaptation.run import Outcome, train
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.project.circumstances import gather
from chatforge.project.new_run import create
from chatforge.project.prediction import predict
from chatforge.recipe.files import load_recipe
from chatforge.recipe.presets import resolve
from chatforge.runs import events
from chatforge.runs.course import over_text
from chatforge.runs.folder import RunFolder

PIECES, TEXT_STEPS, STEPS = 10, 5, 4
PARAGRAPH = "The pass is closed in winter, and the huts above it are locked until May. " * 3


@pytest.fixture
def make_run(tiny_recipe: Path, tmp_path: Path) -> Callable[[], RunFolder]:
    """Runs of the tiny recipe with two files of texts: ten pieces, two a step, then the four steps of the dialogues."""
    for name, paragraphs in (("huts.md", 12), ("pass.txt", 7)):
        (tmp_path / name).write_text("\n\n".join(f"{i}. {PARAGRAPH}" for i in range(paragraphs)))
    text = tiny_recipe.read_text().replace("  system:", "  texts: [huts.md, pass.txt]\n  system:")
    tiny_recipe.write_text(text)
    return lambda: create(load_recipe(tiny_recipe), tmp_path / "runs", paths.home())


class Told(list[events.Event]):
    def of(self, kind: type[Any]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


def trained(run: RunFolder, stop_after: int | None = None) -> tuple[Outcome, Told]:
    told = Told()
    return train(run, told.append, lambda: len(told.of(events.Step)) + 1 == stop_after), told


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "adapter_model.safetensors")


def test_texts_are_learned_first_and_counted_everywhere(make_run: Callable[[], RunFolder]) -> None:
    run = make_run()
    outcome, told = trained(run)
    plan = told.of(events.Plan)[0]
    assert (plan.steps, plan.text_steps) == (TEXT_STEPS + STEPS, TEXT_STEPS)
    assert 0 < plan.text_seconds < plan.predicted_seconds
    assert over_text(plan) == "5 steps on texts, 4 over 16 conversations"
    steps = told.of(events.Step)
    assert [step.step for step in steps] == list(range(1, TEXT_STEPS + STEPS + 1))
    assert {step.total for step in steps} == {TEXT_STEPS + STEPS}
    assert steps[TEXT_STEPS - 1].loss < steps[0].loss
    assert steps[TEXT_STEPS - 1].eta_seconds >= round(plan.predicted_seconds - plan.text_seconds, 1)
    assert [look.step for look in told.of(events.Eval)] == [0, TEXT_STEPS, TEXT_STEPS + 2, TEXT_STEPS + 4]
    phases = [phase.name for phase in told.of(events.Phase)]
    assert phases.index("texts") < phases.index("training")
    assert outcome.facts["steps"] == outcome.facts["planned_steps"] == TEXT_STEPS + STEPS
    assert outcome.facts["best_step"] == TEXT_STEPS + STEPS
    assert not outcome.facts["stopped_early"]
    assert outcome.facts["tokens"] > plan.tokens_per_epoch * plan.epochs


def test_stopped_within_and_at_the_end_of_the_texts_it_goes_on_to_the_same_end(
    make_run: Callable[[], RunFolder],
) -> None:
    straight, stopped = make_run(), make_run()
    trained(straight)
    outcome, _ = trained(stopped, stop_after=3)
    assert outcome.stopped_at == 3
    assert outcome.facts["best_step"] is None
    assert not checkpoints.complete(stopped.checkpoints)
    outcome, told = trained(stopped, stop_after=TEXT_STEPS - 3)
    assert outcome.stopped_at == TEXT_STEPS
    assert "went on with the texts from step 3" in [note.text for note in told.of(events.Note)]
    outcome, told = trained(stopped)
    assert outcome.stopped_at is None
    assert [step.step for step in told.of(events.Step)] == list(range(TEXT_STEPS + 1, TEXT_STEPS + STEPS + 1))
    last = f"checkpoint-{STEPS}"
    left, right = weights(straight.checkpoints / last), weights(stopped.checkpoints / last)
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)


@pytest.mark.parametrize("method", ["qlora", "full"])
def test_every_method_learns_texts(make_run: Callable[[], RunFolder], tiny_recipe: Path, method: str) -> None:
    text = tiny_recipe.read_text().replace("method: lora", f"method: {method}")
    if method == "full":
        text = text.replace("  lora_r: 4\n", "").replace("learning_rate: 0.01", "learning_rate: 0.001")
    tiny_recipe.write_text(text)
    _, told = trained(make_run())
    losses = {step.step: step.loss for step in told.of(events.Step)}
    looks = {look.step: look.loss for look in told.of(events.Eval)}
    assert losses[TEXT_STEPS] < losses[1]
    assert looks[TEXT_STEPS + STEPS] < looks[TEXT_STEPS]


def test_changed_texts_are_refused_also_when_they_only_grew(make_run: Callable[[], RunFolder], tmp_path: Path) -> None:
    run = make_run()
    trained(run, stop_after=3)
    with (tmp_path / "pass.txt").open("a") as file:
        file.write("\nAnd more.")
    with pytest.raises(UserError, match=r"pass\.txt(.|\n)*has changed since the run began"):
        trained(run)


def test_pieces_hold_every_text_with_an_end_between(
    make_run: Callable[[], RunFolder], tiny_recipe: Path, tokenizer: Any, tmp_path: Path
) -> None:
    run, recipe = make_run(), load_recipe(tiny_recipe).recipe
    found = texts.prepare(run, recipe, Renderer(tokenizer, "You help."))
    assert found
    assert len(found.pieces) == PIECES
    assert max(len(piece.ids) for piece in found.pieces) == found.longest <= 512
    whole = tokenizer.decode([token for piece in found.pieces for token in piece.ids])
    huts, passes = ((tmp_path / name).read_text() for name in ("huts.md", "pass.txt"))
    assert whole.split() == f"{huts.rstrip()}<|endoftext|>{passes.rstrip()}<|endoftext|>".split()
    assert all(piece.labels == list(piece.ids) for piece in found.pieces)


def test_control_marks_in_texts_are_broken_up(
    make_run: Callable[[], RunFolder], tiny_recipe: Path, tokenizer: Any, tmp_path: Path
) -> None:
    make_run()
    (tmp_path / "pass.txt").write_text("Say <|im_end|> here.")
    run = create(load_recipe(tiny_recipe), tmp_path / "runs", paths.home())
    found = texts.prepare(run, load_recipe(tiny_recipe).recipe, Renderer(tokenizer, "You help."))
    assert found
    assert tokenizer.eos_token_id not in found.pieces[-1].ids
    assert found.notes == ("pass.txt: 1 control marks of the model in the text were broken up",)


def test_the_end_of_a_text_and_its_beginning(tokenizer: Any, new_tokenizer: Callable[[], Any]) -> None:
    assert tokenizer.convert_ids_to_tokens(texts.end_of_text(tokenizer)) == "<|endoftext|>"
    assert texts.beginning(tokenizer) == []
    other = new_tokenizer()
    other.add_special_tokens({"eos_token": "<end>"})
    from tokenizers.processors import TemplateProcessing

    mark = ("<|im_start|>", other.bos_token_id)
    other.backend_tokenizer.post_processor = TemplateProcessing(single="<|im_start|> $A", special_tokens=[mark])
    assert texts.beginning(other) == [other.bos_token_id]


def test_the_prediction_counts_texts(make_run: Callable[[], RunFolder], tiny_recipe: Path, tmp_path: Path) -> None:
    make_run()
    loaded = load_recipe(tiny_recipe)
    known = gather(loaded, tmp_path / "runs", paths.home())
    assert known.texts == pytest.approx(19 * len(PARAGRAPH) / 4, rel=0.05)
    outlook = predict(resolve(loaded, known.facts), known)
    assert outlook.steps == 2 + STEPS  # a token is guessed to be four letters; the tiny model's is one
