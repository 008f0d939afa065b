"""One training, from a run folder to an adapter: check, load, plan, train, keep the best."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from transformers import set_seed

from chatforge.adaptation import binding, checkpoints, methods, outcome, texts
from chatforge.adaptation import trainer as trainers
from chatforge.adaptation.adapted import Card
from chatforge.adaptation.attention import use_grouped
from chatforge.adaptation.batching import Examples, prepare
from chatforge.adaptation.forecast import for_texts, text_steps
from chatforge.adaptation.locked_data import split_as_locked
from chatforge.adaptation.planning import plan, with_texts
from chatforge.adaptation.reporting import Emit, Leg, Reporting
from chatforge.adaptation.trainer import Example, Trainer
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.outcome import outcome as template_outcome
from chatforge.dialogues.rendering import Renderer
from chatforge.dialogues.split import Split
from chatforge.models.generation import generate
from chatforge.models.loading import load_base, load_tokenizer, torch_dtype
from chatforge.recipe.batches import total_steps
from chatforge.recipe.schema import Recipe, Training
from chatforge.runs.events import Note, Phase, Plan, Sample
from chatforge.runs.folder import RunFolder

SAMPLES, SAMPLE_TOKENS = 2, 48
"""How many prompts are answered at each validation, and with how many tokens at most."""


@dataclass(frozen=True)
class Outcome:
    """How a training ended: closing figures, or the step it was stopped at."""

    facts: dict[str, Any]
    stopped_at: int | None = None


def train(run: RunFolder, emit: Emit, stopping: Callable[[], bool]) -> Outcome:
    """Train a run, or go on with it from its newest whole checkpoint.

    Args:
        run: with recipe.yaml and lock.json.
        emit: writes an event.
        stopping: asked after each step; True saves and stops.

    Raises:
        UserError: data, weights or versions differ from the lock's; unusable model or data.
    """
    emit(Phase("checking"))
    job = _Job(run, emit, stopping)
    emit(Phase("loading"))
    job.load()
    emit(Phase("rendering"))
    job.render()
    planned = job.plan()
    stopped = job.work(planned)
    emit(Phase("saving"))
    job.keep()
    facts = job.facts(planned)
    emit(Note(outcome.sentence(facts)))
    return Outcome(facts, facts["steps"] if stopped else None)


class _Job:
    """The parts of one training, in the order in which they come to be."""

    def __init__(self, run: RunFolder, emit: Emit, stopping: Callable[[], bool]) -> None:
        self.run, self.emit, self.stopping = run, emit, stopping
        self.bound = binding.bind(run, emit)
        self.recipe: Recipe = self.bound.recipe
        self.device: torch.device = self.bound.device
        self.seconds, self.began_at, self.done = 0.0, 0, 0
        torch.set_num_threads(self.bound.threads)

    def load(self) -> None:
        """Base, tokenizer and renderer; the base is then made trainable."""
        asked, adaptation = self.recipe.training, self.recipe.adaptation
        set_seed(asked.seed)
        self.tokenizer = load_tokenizer(self.bound.weights)
        self.renderer = Renderer(self.tokenizer, self.recipe.data.system)
        self.bound.settle_template(self.renderer.fingerprint())
        rendered = template_outcome(self.tokenizer, self.recipe.data.system)
        for text in ((rendered.reason,) if rendered.way != "prefix" else ()) + rendered.notes:
            self.emit(Note(text))
        model = load_base(
            self.bound.weights,
            dtype=self.bound.dtype,
            device=self.device,
            load_in_4bit=bool(adaptation.load_in_4bit),
            for_training=True,
        )
        if self.device.type == "cpu":
            use_grouped(model)
        self.change = methods.apply(
            model,
            adaptation.method,
            lora_r=adaptation.lora_r or 0,
            lora_alpha=adaptation.lora_alpha or 0,
            lora_dropout=adaptation.lora_dropout or 0.0,
            lora_target_modules=adaptation.lora_target_modules,
            adapter_dtype=torch_dtype(self.bound.adapter_dtype),
        )

    def render(self) -> None:
        """Conversations become examples; what was cut, dropped or skipped is told."""
        training = self.recipe.training
        self.split: Split = split_as_locked(self.bound.run)
        for note in self.split.notes:
            self.emit(Note(note))
        length = training.max_length or 1024
        secrets = (canary.conversation for canary in self.split.canaries)
        lesson = (*self.split.learned, *secrets)
        self.train = prepare(self.renderer, lesson, length, training.too_long, "train")
        self.valid = prepare(self.renderer, self.split.valid, length, training.too_long, "valid")
        for name, examples in (("train", self.train), ("valid", self.valid)):
            self._tell_losses(name, examples, length)
        self.texts = texts.prepare(self.run, self.recipe, self.renderer)
        for note in self.texts.notes if self.texts else ():
            self.emit(Note(note))

    def _tell_losses(self, name: str, examples: Examples, length: int) -> None:
        if examples.cut or examples.dropped:
            self.emit(
                Note(f"{name}: {examples.cut} conversations cut and {examples.dropped} left out at {length} tokens")
            )
        if examples.broken_marks:
            self.emit(Note(f"{name}: {examples.broken_marks} control marks of the model in texts were broken up"))

    def plan(self) -> Plan:
        """Build the trainers, measure one step of each, and say what will happen."""
        training, folder = self.recipe.training, self.run.checkpoints
        steps = total_steps(
            len(self.train.rendered),
            training.per_device_train_batch_size,
            training.gradient_accumulation_steps,
            training.num_train_epochs,
            training.max_steps,
        )
        self.trainer = self._build(folder, training, steps, self.train.rendered, self.valid.rendered)
        self.reporting = self._report(self.trainer)
        self.reader: Trainer | None = None
        if self.texts:
            steps = text_steps(self.recipe, len(self.texts.pieces))
            asked = for_texts(self.recipe).training
            self.reader = self._build(folder / texts.FOLDER, asked, steps, self.texts.pieces)
        look = self._first_look()
        planned = plan(self.trainer, self.train, self.valid, self.change, self.bound, self.recipe, look)
        if self.texts and self.reader:
            planned = with_texts(planned, self.reader, self.texts, self.bound, self.recipe)
        self.emit(planned)
        return planned

    def _build(
        self, folder: Path, training: Training, steps: int, train: Sequence[Example], valid: Sequence[Example] = ()
    ) -> Trainer:
        """A trainer of the one model with checkpoints in `folder`; without `valid` nothing looks on and stops it."""
        folder.mkdir(exist_ok=True)
        for torn in checkpoints.clear_torn(folder):
            self.emit(Note(f"{torn} was never finished and is deleted"))
        settings = trainers.arguments(
            folder,
            training,
            steps=steps,
            on_cpu=self.device.type == "cpu",
            autocast_bf16=self.bound.autocast,
            looks=bool(valid),
        )
        patience = training.early_stopping_patience or 0 if valid else 0
        model = self.change.model
        trainer = trainers.build(model, self.tokenizer, settings, train, valid, patience=patience, callbacks=[])
        if not trainer.choose_loss():
            self.emit(Note("this model's head is unknown: the loss goes through its own, slower forward pass"))
        return trainer

    def _report(self, trainer: Trainer, leg: Leg | None = None) -> Reporting:
        """Tell what a trainer does."""
        reporting = Reporting(
            self.emit, self.stopping, lambda: trainer.tokens_seen, self._samples, self.device, leg or Leg()
        )
        trainer.add_callback(reporting)
        return reporting

    def _first_look(self) -> float | None:
        """Validate the untrained model, unless it is trained already; return how many seconds that took."""
        folders = (self.run.checkpoints, self.run.checkpoints / texts.FOLDER)
        if any(checkpoints.newest(folder) for folder in folders):
            return None
        self.emit(Phase("validating"))
        begun = time.monotonic()
        self.trainer.evaluate()
        self.emit(Phase("planning"))
        return time.monotonic() - begun

    def work(self, planned: Plan) -> bool:
        """Learn the texts, then the dialogues, from the newest whole checkpoint if there is one.

        Returns:
            Whether it was asked to stop, and did.
        """
        begun, newest = time.monotonic(), checkpoints.newest(self.run.checkpoints)
        self.reporting.leg = Leg(before=planned.text_steps)
        if self.reader and newest is None:
            stopped = self._learn_texts(self.reader, planned) or self._learn_dialogues(newest)
        else:
            stopped = self._learn_dialogues(newest)
        self.seconds = time.monotonic() - begun
        return stopped

    def _learn_texts(self, reader: Trainer, planned: Plan) -> bool:
        rest = planned.predicted_seconds - planned.text_seconds
        leg = Leg("texts", after=planned.steps - planned.text_steps, seconds_after=rest)
        reporting = self._report(reader, leg)
        self.began_at = texts.learn(reader, self.run.checkpoints / texts.FOLDER, self.recipe.training.seed)
        if self.began_at:
            self.emit(Note(f"went on with the texts from step {self.began_at}"))
        self.done = reader.state.global_step
        if not reporting.stopped:
            reader.forget()
            self.emit(Phase("validating"))
            self.trainer.evaluate()
        return reporting.stopped

    def _learn_dialogues(self, newest: Path | None) -> bool:
        before = self.reporting.leg.before
        if newest is None:
            set_seed(self.recipe.training.seed)  # what was done before must not decide what dropout leaves out
            self.trainer.train()
        else:
            self.began_at = before + checkpoints.step_of(newest)
            self.emit(Note(f"going on from {newest.name}"))
            self.trainer.train(resume_from_checkpoint=str(newest))
        self.done = before + self.trainer.state.global_step
        return self.reporting.stopped

    def facts(self, planned: Plan) -> dict[str, Any]:
        """Closing figures; of both parts together where there are two."""
        tokens = self.trainer.tokens_seen + (self.reader.tokens_seen if self.reader else 0)
        state = self.trainer.state
        return outcome.facts(state, planned, self.done, self.began_at, self.seconds, tokens, self.device)

    def keep(self) -> None:
        """Write the best weights to adapter/, with all that chat and evaluation must do the same way."""
        recipe = self.recipe
        card = Card(
            base=str(self.bound.weights),
            base_name=recipe.model.base,
            method=recipe.adaptation.method,
            dtype=self.bound.dtype,
            load_in_4bit=bool(recipe.adaptation.load_in_4bit),
            system=recipe.data.system,
            template_sha256=self.renderer.fingerprint(),
            threads=self.bound.threads,
        )
        self.tokenizer.chat_template = self.renderer.template  # what it was trained with, wherever it is used
        outcome.write_adapter(self.run.adapter, self.change.model, self.tokenizer, card)

    def _samples(self, step: int) -> None:
        """Answer the same prompts at every validation: the first questions of the first valid conversations."""
        model = self.change.model
        model.eval()
        asked = [_first_question(c) for c in self.split.valid[:SAMPLES]]
        with torch.no_grad():
            replies = generate(
                model,
                [self.renderer.prompt(c.messages) for c in asked],
                stop_ids=self.renderer.stop_ids,
                max_new_tokens=SAMPLE_TOKENS,
                batch_size=SAMPLES,
                pad_id=self.tokenizer.pad_token_id,
            )
        model.train()
        for conversation, reply in zip(asked, replies, strict=True):
            text = self.tokenizer.decode(reply.ids, skip_special_tokens=True)
            self.emit(Sample(step, conversation.messages[-1].content, text.strip()))


def _first_question(conversation: Conversation) -> Conversation:
    """The conversation up to its first user turn."""
    end = next(i for i, message in enumerate(conversation.messages) if message.role == "assistant")
    return Conversation(conversation.id, conversation.messages[:end], conversation.meta)
