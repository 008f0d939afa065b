"""One training, from a run folder to an adapter: check, load, plan, train, keep the best."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import set_seed

from chatforge.adaptation import binding, checkpoints, methods, outcome
from chatforge.adaptation import trainer as trainers
from chatforge.adaptation.adapted import Card
from chatforge.adaptation.attention import use_grouped
from chatforge.adaptation.batching import Examples, prepare
from chatforge.adaptation.locked_data import split_as_locked
from chatforge.adaptation.planning import plan
from chatforge.adaptation.reporting import Emit, Reporting
from chatforge.adaptation.trainer import Trainer
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.outcome import outcome as template_outcome
from chatforge.dialogues.rendering import Renderer
from chatforge.dialogues.split import Split
from chatforge.models.generation import generate
from chatforge.models.loading import load_base, load_tokenizer, torch_dtype
from chatforge.recipe.batches import total_steps
from chatforge.recipe.schema import Recipe
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
    reporting = job.work()
    emit(Phase("saving"))
    job.keep()
    trained = job.trainer.state
    facts = outcome.facts(trained, planned, job.began_at, job.seconds, job.trainer.tokens_seen, job.device)
    emit(Note(outcome.sentence(facts)))
    return Outcome(facts, trained.global_step if reporting.stopped else None)


class _Job:
    """The parts of one training, in the order in which they come to be."""

    def __init__(self, run: RunFolder, emit: Emit, stopping: Callable[[], bool]) -> None:
        self.run, self.emit, self.stopping = run, emit, stopping
        self.bound = binding.bind(run, emit)
        self.recipe: Recipe = self.bound.recipe
        self.device: torch.device = self.bound.device
        self.seconds, self.began_at = 0.0, 0
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
        self.train = prepare(self.renderer, self.split.train, length, training.too_long, "train")
        self.valid = prepare(self.renderer, self.split.valid, length, training.too_long, "valid")
        for name, examples in (("train", self.train), ("valid", self.valid)):
            self._tell_losses(name, examples, length)

    def _tell_losses(self, name: str, examples: Examples, length: int) -> None:
        if examples.cut or examples.dropped:
            self.emit(
                Note(f"{name}: {examples.cut} conversations cut and {examples.dropped} left out at {length} tokens")
            )
        if examples.broken_marks:
            self.emit(Note(f"{name}: {examples.broken_marks} control marks of the model in texts were broken up"))

    def plan(self) -> Plan:
        """Build the trainer, measure one step, and say what will happen."""
        training = self.recipe.training
        self.run.checkpoints.mkdir(exist_ok=True)
        for torn in checkpoints.clear_torn(self.run.checkpoints):
            self.emit(Note(f"{torn} was never finished and is deleted"))
        steps = total_steps(
            len(self.train.rendered),
            training.per_device_train_batch_size,
            training.gradient_accumulation_steps,
            training.num_train_epochs,
            training.max_steps,
        )
        settings = trainers.arguments(
            self.run.checkpoints,
            training,
            steps=steps,
            on_cpu=self.device.type == "cpu",
            autocast_bf16=self.bound.autocast,
        )
        self.reporting = Reporting(
            self.emit, self.stopping, lambda: self.trainer.tokens_seen, self._samples, self.device
        )
        self.trainer: Trainer = trainers.build(
            self.change.model,
            self.tokenizer,
            settings,
            self.train.rendered,
            self.valid.rendered,
            patience=training.early_stopping_patience or 0,
            callbacks=[self.reporting],
        )
        if not self.trainer.choose_loss():
            self.emit(Note("this model's head is unknown: the loss goes through its own, slower forward pass"))
        look = self._first_look()
        planned = plan(self.trainer, self.train, self.valid, self.change, self.bound, self.recipe, look)
        self.emit(planned)
        return planned

    def _first_look(self) -> float | None:
        """Validate the untrained model, unless it is trained already; return how many seconds that took."""
        if checkpoints.newest(self.run.checkpoints) is not None:
            return None
        self.emit(Phase("validating"))
        begun = time.monotonic()
        self.trainer.evaluate()
        self.emit(Phase("planning"))
        return time.monotonic() - begun

    def work(self) -> Reporting:
        """Train, from the newest whole checkpoint if there is one."""
        begun, newest = time.monotonic(), checkpoints.newest(self.run.checkpoints)
        if newest is None:
            self.trainer.train()
        else:
            self.began_at = checkpoints.step_of(newest)
            self.emit(Note(f"going on from {newest.name}"))
            self.trainer.train(resume_from_checkpoint=str(newest))
        self.seconds = time.monotonic() - begun
        return self.reporting

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
