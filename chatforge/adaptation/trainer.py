"""Every name of TRL and of the transformers Trainer that we use, in one place.

TRL's SFTTrainer runs the loop; ours are the labels, the order of the examples, the loss on learned positions, the
validation loss by token, and checkpoints that count only when they are whole.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import torch
from datasets import Dataset
from peft.helpers import disable_input_dtype_casting
from torch import Tensor, nn
from transformers import EarlyStoppingCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from chatforge.adaptation import checkpoints
from chatforge.adaptation.batching import LengthGroupedSampler, collate
from chatforge.adaptation.loss import agrees, learned_nll, whole_nll
from chatforge.recipe.schema import Training


class Trainer(SFTTrainer):
    """SFTTrainer with our loss, order, validation and checkpoints.

    `tokens_seen` counts the tokens (padding not counted) of all forward passes in training.
    """

    def __init__(self, *, pad_id: int, seed: int, **arguments: Any) -> None:
        self._dtypes = {name: p.dtype for name, p in arguments["model"].named_parameters() if p.requires_grad}
        super().__init__(data_collator=partial(collate, pad_id=pad_id), **arguments)
        self._hold_dtypes()
        self._mixed = _is_mixed(self.model)
        self._order_seed = seed
        self._lean = True
        self.tokens_seen = 0

    def choose_loss(self) -> bool:
        """Check on the first example that the loss on learned positions is the model's own; else use the model's.

        Returns:
            True if the faster loss is used.
        """
        batch = self._on_device([self.train_dataset[0]])
        self._lean = agrees(self.model, batch)
        return self._lean

    def compute_loss(
        self,
        model: nn.Module,
        inputs: dict[str, Tensor],
        return_outputs: bool = False,
        num_items_in_batch: Tensor | int | None = None,
    ) -> Tensor:
        """Mean loss over learned tokens, nats; over all batches of one optimizer step, as the Trainer counts them."""
        total = self._nll(model, inputs)
        self.tokens_seen += int(inputs["attention_mask"].sum())
        learned = (inputs["labels"][:, 1:] != -100).sum() if num_items_in_batch is None else num_items_in_batch
        return total / torch.as_tensor(learned).clamp(min=1)

    def training_step(self, *arguments: Any, **options: Any) -> Tensor:
        """One forward and backward pass, as the Trainer does it."""
        with self._adapter_in_base_dtype():
            loss: Tensor = super().training_step(*arguments, **options)
        return loss

    @torch.no_grad()
    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Loss per learned token on the validation examples, nats, every token weighing the same."""
        self.model.eval()
        total, learned = 0.0, 0
        order = sorted(range(len(self.eval_dataset)), key=lambda i: -len(self.eval_dataset[i]["input_ids"]))
        size = self.args.per_device_eval_batch_size
        for begin in range(0, len(order), size):
            batch = self._on_device([self.eval_dataset[i] for i in order[begin : begin + size]])
            with self._adapter_in_base_dtype():
                total += float(self._nll(self.model, batch))
            learned += int((batch["labels"] != -100).sum())
        self.model.train()
        metrics = {"eval_loss": total / learned}
        self.log(dict(metrics))
        control: Any = getattr(self, "control", None)
        self.control = self.callback_handler.on_evaluate(self.args, self.state, control, metrics)
        return metrics

    def take_up(self, checkpoint: Path) -> None:
        """Give the model the weights of a checkpoint, and nothing else of it."""
        self._load_from_checkpoint(str(checkpoint))

    def forget(self) -> None:
        """Let go of what only further steps would need: gradients, and the optimizer's moments."""
        self.accelerator.free_memory()
        for owner in (self, self.callback_handler):
            owner.optimizer = owner.lr_scheduler = None
        self.model.zero_grad()

    def timed_batch(self, size: int) -> dict[str, Tensor]:
        """A batch of `size` examples of middling length, on the device; for measuring before the first step."""
        order = sorted(range(len(self.train_dataset)), key=lambda i: len(self.train_dataset[i]["input_ids"]))
        middle = max(0, len(order) // 2 - size // 2)
        return self._on_device([self.train_dataset[i] for i in order[middle : middle + size]])

    def backward_once(self, batch: dict[str, Tensor]) -> None:
        """One forward and backward pass that leaves no trace: random state kept, gradients thrown away."""
        self.model.train()
        with torch.random.fork_rng(), self._adapter_in_base_dtype():
            with self.compute_loss_context_manager():
                loss = self._nll(self.model, batch)
            loss.backward()
        self.model.zero_grad()

    def _nll(self, model: nn.Module, batch: dict[str, Tensor]) -> Tensor:
        # The Trainer's own autocast wraps the model's forward, which the loss on learned positions goes around.
        mixed = self._mixed or bool(self.args.bf16)
        with torch.autocast(batch["input_ids"].device.type, torch.bfloat16, enabled=mixed):
            return learned_nll(model, batch)[0].sum() if self._lean else whole_nll(model, batch)

    def _adapter_in_base_dtype(self) -> AbstractContextManager[None]:
        """Let a float32 adapter on a bfloat16 base compute in bfloat16, as autocast does for its weights; PEFT would
        turn every input into float32 first, which took a tenth of the time and a quarter of the memory of a step."""
        context: AbstractContextManager[None] = disable_input_dtype_casting(self.model, active=self._mixed)
        return context

    def _hold_dtypes(self) -> None:
        """Give trained weights back the dtype they came with: TRL casts those on a 4-bit base to bfloat16 when it is
        built, and PEFT those it loads from a checkpoint to float32."""
        for name, parameter in self.model.named_parameters():
            if name in self._dtypes:
                parameter.data = parameter.data.to(self._dtypes[name])

    def _load_from_checkpoint(self, *arguments: Any, **options: Any) -> None:
        super()._load_from_checkpoint(*arguments, **options)
        self._hold_dtypes()

    def _load_best_model(self) -> None:
        super()._load_best_model()
        self._hold_dtypes()

    def _on_device(self, rows: Sequence[dict[str, list[int]]]) -> dict[str, Tensor]:
        prepared: dict[str, Tensor] = self._prepare_inputs(self.data_collator(rows))
        return prepared

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> LengthGroupedSampler:
        lengths = [len(ids) for ids in self.train_dataset["input_ids"]]
        return LengthGroupedSampler(lengths, self.args.per_device_train_batch_size, self._order_seed)

    def _save_checkpoint(self, model: nn.Module, trial: Any) -> None:
        folder = Path(self.args.output_dir)
        checkpoint = folder / f"checkpoint-{self.state.global_step}"
        super()._save_checkpoint(model, trial)
        checkpoints.mark(checkpoint)
        best = self.state.best_model_checkpoint
        checkpoints.prune(folder, Path(best) if best else None)

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """TRL writes a card into every checkpoint; ours belongs to the export."""


def _is_mixed(model: nn.Module) -> bool:
    """Whether float32 weights are trained on a base that computes in bfloat16."""
    trained = {p.dtype for p in model.parameters() if p.requires_grad}
    frozen = {p.dtype for p in model.parameters() if not p.requires_grad and p.is_floating_point()}
    return trained == {torch.float32} and frozen == {torch.bfloat16}


class Example(Protocol):
    """What a trainer learns from: token ids, and the same with -100 where nothing is learned; each of shape (T,)."""

    @property
    def ids(self) -> Sequence[int]:
        """Token ids."""

    @property
    def labels(self) -> list[int]:
        """What is learned."""


def as_dataset(examples: Sequence[Example]) -> Dataset:
    """The columns that TRL takes as they are: `input_ids` and `labels`."""
    rows = [{"input_ids": list(r.ids), "labels": r.labels} for r in examples]
    return Dataset.from_list(rows)


def arguments(
    output: Path, training: Training, *, steps: int, on_cpu: bool, autocast_bf16: bool, looks: bool = True
) -> SFTConfig:
    """TRL's settings for a resolved recipe; every default of TRL's that would act in silence is named here.

    Args:
        looks: whether validation looks on, and chooses what is kept in the end.
    """
    assert training.num_train_epochs and training.eval_steps  # noqa: S101 (resolved)
    return SFTConfig(
        output_dir=str(output),
        max_steps=steps,
        learning_rate=training.learning_rate,
        per_device_train_batch_size=training.per_device_train_batch_size,
        per_device_eval_batch_size=training.per_device_train_batch_size,
        gradient_accumulation_steps=training.gradient_accumulation_steps,
        gradient_checkpointing=bool(training.gradient_checkpointing),
        warmup_steps=round(training.warmup_ratio * steps),
        lr_scheduler_type=training.lr_scheduler_type,
        weight_decay=training.weight_decay,
        max_grad_norm=training.max_grad_norm,
        max_length=None,
        packing=False,
        seed=training.seed,
        data_seed=training.seed,
        use_cpu=on_cpu,
        bf16=autocast_bf16,
        eval_strategy="steps" if looks else "no",
        eval_steps=training.eval_steps,
        save_strategy="steps",
        save_steps=training.eval_steps,
        save_total_limit=None,
        restore_callback_states_from_checkpoint=True,
        load_best_model_at_end=looks,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        logging_steps=1,
        logging_strategy="steps",
        logging_nan_inf_filter=False,
        disable_tqdm=True,
        report_to=[],
        dataloader_num_workers=0,
        dataloader_pin_memory=False,
        remove_unused_columns=False,
        dataset_kwargs={"skip_prepare_dataset": True},
        activation_offloading=False,
    )


def build(
    model: Any,
    tokenizer: Any,
    settings: SFTConfig,
    train: Sequence[Example],
    valid: Sequence[Example],
    *,
    patience: int,
    callbacks: Sequence[TrainerCallback],
) -> Trainer:
    """Put a trainer together; `patience` 0 never stops early."""
    stopping: list[Callable[..., Any]] = [EarlyStoppingCallback(patience)] if patience else []
    return Trainer(
        model=model,
        args=settings,
        processing_class=tokenizer,
        train_dataset=as_dataset(train),
        eval_dataset=as_dataset(valid) if valid else None,
        callbacks=[*stopping, *callbacks],
        pad_id=tokenizer.pad_token_id,
        seed=settings.seed,
    )
