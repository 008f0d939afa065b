"""Words of LLaMA-Factory, Axolotl, TRL and Unsloth recipes, and what they are called here.

Every translation leaves a note; what has no counterpart is either noted as unused or refused with the reason.
"""

from collections.abc import Callable, Mapping

from chatforge.errors import UserError

Fields = dict[str, object]

# Word there → field here, value unchanged. Valid at the top level and inside the field's own block.
ALIASES: Mapping[str, str] = {
    "base_model": "model.base",
    "model_name_or_path": "model.base",
    "model_name": "model.base",
    "model_id": "model.base",
    "torch_dtype": "model.dtype",
    "train_file": "data.train",
    "dataset_name": "data.train",
    "dataset_path": "data.train",
    "validation_file": "data.valid",
    "test_file": "data.test",
    "val_size": "data.valid_share",
    "val_set_size": "data.valid_share",
    "system_prompt": "data.system",
    "default_system": "data.system",
    "fine_tune_type": "adaptation.method",
    "lora_rank": "adaptation.lora_r",
    "rank": "adaptation.lora_r",
    "r": "adaptation.lora_r",
    "alpha": "adaptation.lora_alpha",
    "dropout": "adaptation.lora_dropout",
    "lr": "training.learning_rate",
    "num_epochs": "training.num_train_epochs",
    "epochs": "training.num_train_epochs",
    "iters": "training.max_steps",
    "micro_batch_size": "training.per_device_train_batch_size",
    "batch_size": "training.per_device_train_batch_size",
    "per_device_batch_size": "training.per_device_train_batch_size",
    "gradient_accumulation": "training.gradient_accumulation_steps",
    "cutoff_len": "training.max_length",
    "sequence_len": "training.max_length",
    "max_seq_length": "training.max_length",
    "max_seq_len": "training.max_length",
    "model_max_length": "training.max_length",
    "lr_scheduler": "training.lr_scheduler_type",
    "eval_interval": "training.eval_steps",
    "early_stopping_steps": "training.early_stopping_patience",
    "gradient_clipping": "training.max_grad_norm",
    "num_threads": "training.threads",
}

# Blocks of other tools that hold the same kind of fields.
BLOCK_ALIASES: Mapping[str, str] = {
    "adapter": "adaptation",
    "lora": "adaptation",
    "peft": "adaptation",
    "train": "training",
    "eval": "evaluation",
}

# A bare value where a block is meant: `model: smollm2-135m-instruct`.
SHORT_BLOCKS: Mapping[str, str] = {
    "model": "model.base",
    "data": "data.train",
    "adaptation": "adaptation.method",
}


def _method(value: object) -> Fields:
    """`adapter:` and `finetuning_type:`; an empty adapter means that every weight is trained."""
    return {"adaptation.method": "full" if value in (None, "", "none") else value}


def _use_peft(value: object) -> Fields:
    return {"adaptation.method": "lora" if value else "full"}


def _quantization_bit(value: object) -> Fields:
    if value in (4, "4", "int4", "bnb.nf4"):
        return {"adaptation.load_in_4bit": True}
    if value in (None, "none", "no"):
        return {}
    raise UserError(f"`{value}` is not offered", hint="use 4 bits (`method: qlora`), or leave it out")


def _targets(value: object) -> Fields:
    if isinstance(value, str):
        names = [name.strip() for name in value.split(",") if name.strip()]
        value = "all-linear" if names in (["all"], ["all-linear"]) else names
    return {"adaptation.lora_target_modules": value}


def _target_linear(value: object) -> Fields:
    return {"adaptation.lora_target_modules": "all-linear"} if value is True else {}


def _files(field: str) -> Callable[[object], Fields]:
    """`dataset: a.jsonl,b.jsonl` and `datasets: [{path: a.jsonl, type: chat_template}]`."""

    def convert(value: object) -> Fields:
        if isinstance(value, str):
            return {field: [name.strip() for name in value.split(",") if name.strip()]}
        items = value if isinstance(value, list) else [value]
        return {field: [_path_of(item) for item in items]}

    return convert


def _path_of(item: object) -> object:
    if not isinstance(item, dict):
        return item
    form = item.get("type", "chat_template")
    if form not in ("chat_template", "messages", "openai"):
        raise UserError(
            f"the form `{form}` is not read here", hint="convert it to one JSON object per line with `messages`"
        )
    return item.get("path")


def _bf16(value: object) -> Fields:
    names = {True: "bfloat16", False: "float32", "auto": "auto", "true": "bfloat16", "false": "float32"}
    return {"model.dtype": names[value]} if isinstance(value, bool | str) and value in names else {"model.dtype": value}


def _excess(value: object) -> Fields:
    names = {"drop": "drop", "delete": "drop", "truncate": "cut", "right": "cut", "raise": "stop"}
    return {"training.too_long": names.get(str(value), value)}


CONVERSIONS: Mapping[str, Callable[[object], Fields]] = {
    "adapter": _method,
    "finetuning_type": _method,
    "use_peft": _use_peft,
    "quantization_bit": _quantization_bit,
    "quantize": _quantization_bit,
    "lora_target": _targets,
    "target_modules": _targets,
    "lora_target_linear": _target_linear,
    "dataset": _files("data.train"),
    "datasets": _files("data.train"),
    "eval_dataset": _files("data.valid"),
    "test_datasets": _files("data.valid"),
    "bf16": _bf16,
    "excess_length_strategy": _excess,
    "truncation_strategy": _excess,
}

# These say "lora" without saying whether the base is in 4 bits; a second word says that.
LOOSE_METHODS = frozenset({"finetuning_type", "use_peft", "fine_tune_type"})

_OFF: tuple[object, ...] = (False, None, "false", "no", "none", 0, [])
_ANY: tuple[object, ...] | None = None

# Word there → (why it has no counterpart, values that lose nothing when left out; None = any value).
UNUSED: Mapping[str, tuple[str, tuple[object, ...] | None]] = {
    "stage": ("only supervised training (sft) is offered", ("sft",)),
    "do_train": ("the command says what to do", _ANY),
    "do_eval": ("the command says what to do", _ANY),
    "template": ("the chat template is the model's own", _ANY),
    "chat_template": ("the chat template is the model's own", _ANY),
    "output_dir": ("runs are kept in runs/; see --runs", _ANY),
    "overwrite_output_dir": ("a run never overwrites another", _ANY),
    "logging_steps": ("every step is logged", _ANY),
    "save_steps": ("checkpoints are saved at each evaluation", _ANY),
    "saves_per_epoch": ("checkpoints are saved at each evaluation", _ANY),
    "save_strategy": ("checkpoints are saved at each evaluation", _ANY),
    "save_total_limit": ("at most two checkpoints are kept", _ANY),
    "eval_strategy": ("evaluation is by steps; see eval_steps", _ANY),
    "evals_per_epoch": ("about two looks per epoch; set eval_steps for another rhythm", _ANY),
    "plot_loss": ("the loss is always shown", _ANY),
    "report_to": ("nothing is sent anywhere", _ANY),
    "wandb_project": ("nothing is sent anywhere", _ANY),
    "optim": ("the optimizer is AdamW", _ANY),
    "optimizer": ("the optimizer is AdamW", _ANY),
    "group_by_length": ("batches are always grouped by length", _ANY),
    "packing": ("conversations are grouped by length, never joined", _ANY),
    "sample_packing": ("conversations are grouped by length, never joined", _ANY),
    "pad_to_sequence_len": ("batches are padded to their longest conversation", _ANY),
    "flash_attention": ("the attention is chosen by the machine", _ANY),
    "tf32": ("the number format is chosen by `model.dtype`", _ANY),
    "overwrite_cache": ("there is no cache", _ANY),
    "preprocessing_num_workers": ("the data is small enough to be read at once", _ANY),
    "ddp_timeout": ("one machine, at most one GPU", _ANY),
    "assistant_only_loss": ("only assistant turns are learned", (True, "true")),
    "train_on_inputs": ("only assistant turns are learned", _OFF),
    "fp16": ("use `model.dtype: bfloat16` or leave it out", _OFF),
    "load_in_8bit": ("use `method: qlora` (4 bits) or leave it out", _OFF),
    "trust_remote_code": ("code that comes with weights is never run", _OFF),
    "deepspeed": ("one machine, at most one GPU", _OFF),
    "fsdp": ("one machine, at most one GPU", _OFF),
    "use_dora": ("the methods are lora, qlora and full", _OFF),
    "use_rslora": ("the methods are lora, qlora and full", _OFF),
    "rl": ("only supervised training is offered", _OFF),
    "max_samples": ("shorten the data file instead", _OFF),
    "warmup_steps": ("give `warmup_ratio`, a share of the steps, instead", _OFF),
}
