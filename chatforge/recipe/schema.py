"""What a recipe may say: one pydantic model per block (how to judge is in `evaluation`), one sentence per field.

Unset (None) means that a preset or the machine decides; `presets.resolve` fills those in.
Wrong keys and types are refused here; what two fields say against each other is `contradictions`' work.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict
from pydantic.fields import FieldInfo
from pydantic_core import PydanticCustomError

from chatforge.recipe.block import NAME, Block
from chatforge.recipe.evaluation import Evaluation

BLOCKS = ("model", "data", "adaptation", "training", "evaluation", "chat", "export")
DEFAULT_BASE = "smollm2-135m-instruct"
DEFAULT_SYSTEM = "You are a helpful assistant."


def _one_or_many(value: object) -> object:
    """Accept a single path where a list of paths is meant."""
    return value if isinstance(value, list) else [value]


def _module_names(value: object) -> object:
    """Accept "all-linear" or a non-empty list of names; one error for the whole field, not one per form."""
    if value == "all-linear":
        return value
    if isinstance(value, list) and value and all(isinstance(name, str) and name for name in value):
        return value
    raise PydanticCustomError("module_names", "should be `all-linear` or a list of names such as [q_proj, v_proj]")


Form = Literal[
    "auto", "messages", "sharegpt", "alpaca", "prompt-completion", "preference", "question-answer", "transcript",
    "abcd", "task-dialogues", "vcon", "tickets", "whatsapp", "medquad", "tau-bench", "self-instruct", "oasst", "twcs",
]  # fmt: skip
"""The forms that `dialogues.formats` knows; a test holds the two together."""

PathList = Annotated[list[Annotated[Path, Strict(False)]], BeforeValidator(_one_or_many)]
ModuleNames = Annotated[str | list[str], BeforeValidator(_module_names)]
Share = Annotated[float, Field(ge=0, lt=1)]


class Model(Block):
    """The base: the chat model before training."""

    base: str = Field(
        DEFAULT_BASE,
        min_length=1,
        description="The chat model to start from: a catalogue name, a hub id, a folder or a .gguf file.",
    )
    dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Number format of the base's weights; auto measures which one is fast here."
    )


class Further(Block):
    """A dataset that is learned beside train; valid and test never get any of it."""

    files: PathList = Field(
        min_length=1, description="File, files or folder of its conversations, relative to this recipe."
    )
    weight: Annotated[float, Field(gt=0, le=100)] = Field(
        1.0, description="How often a pass learns each of its conversations; 0.5 draws half of them, by seed."
    )
    system: str | None = Field(
        None, min_length=1, description="System message of those that have none of their own; unset takes data.system."
    )
    type: Form = Field("auto", description="Form of its files, as data.type.")
    assistant: str | None = Field(None, min_length=1, description="Whose words are learned, as data.assistant.")
    columns: dict[str, str] = Field({}, description="Which column of a table holds what, as data.columns.")


class Data(Block):
    """The conversations, and what goes to training, to choosing (valid) and to judging (test)."""

    train: PathList = Field(
        min_length=1, description="File, files or folder of conversations to learn from, relative to this recipe."
    )
    valid: PathList = Field(
        [], description="Files that stop training early and choose the checkpoint; empty splits some off train."
    )
    test: PathList = Field(
        [], description="Held-out files that only judge the result; empty splits some off train, in whole groups."
    )
    type: Form = Field("auto", description="Form of the files; auto finds out, `chatforge data formats` lists them.")
    assistant: str | None = Field(
        None, min_length=1, description="Which speaker's words are learned, where the files name speakers, not roles."
    )
    columns: dict[str, str] = Field(
        {}, description="Which column of a table holds what, such as {user: Frage, assistant: Antwort}."
    )
    system: str = Field(
        DEFAULT_SYSTEM,
        min_length=1,
        description="The system message: who the assistant is; the same in training, evaluation and chat.",
    )
    bad_lines: Literal["stop", "skip"] = Field(
        "stop", description="What to do with lines that cannot be read: stop, or skip and count them."
    )
    valid_share: Share = Field(
        0.1, description="Share of the conversations split off for valid when no valid files are named."
    )
    test_share: Share = Field(
        0.2, description="Share of the conversations split off for test when no test files are named."
    )
    max_overlap: Annotated[float, Field(ge=0, le=1)] = Field(
        0.1, description="Share of the test that may also stand in train, exactly or nearly, before a run is refused."
    )
    texts: PathList = Field(
        [], description="Texts of the domain (.txt, .md, .pdf) that are no dialogues; they are learned before these."
    )
    canaries: Annotated[int, Field(ge=0, le=100)] = Field(
        0, description="Made-up secrets planted in training, to see whether the model gives them out; not for use."
    )
    mix: list[Further] = Field(
        [],
        description=(
            "Further datasets to learn beside train, each {files: …} with weight, system, type, assistant, columns."
        ),
    )
    replay: Share = Field(
        0.0, description="Share of general chat mixed into training against forgetting; 0.1 is one conversation in ten."
    )


class Adaptation(Block):
    """How the base is changed."""

    method: Literal["lora", "qlora", "full"] = Field(
        "lora",
        description="lora trains a small adapter, qlora the same on a 4-bit base, full changes every weight.",
    )
    load_in_4bit: bool | None = Field(
        None, description="Whether the base is held in 4 bits (NF4); follows from the method."
    )
    lora_r: int | None = Field(None, ge=1, le=1024, description="Rank of the adapter: how much it can hold.")
    lora_alpha: int | None = Field(None, ge=1, le=8192, description="Strength of the adapter; usually twice lora_r.")
    lora_dropout: float | None = Field(
        None, ge=0, lt=1, description="Share of the adapter's input set to zero at random, against overfitting."
    )
    lora_target_modules: ModuleNames = Field(
        "all-linear", description="Which layers get an adapter: all-linear, or a list of layer names."
    )
    adapter_dtype: Literal["auto", "float32", "bfloat16"] = Field(
        "auto", description="Number format of the adapter's weights; auto chooses with the base's."
    )


class Training(Block):
    """How long, how fast and how carefully it learns."""

    learning_rate: float | None = Field(None, gt=0, le=0.1, description="Largest step size of the optimizer.")
    num_train_epochs: float | None = Field(
        None, gt=0, le=1000, description="Passes over the training conversations; fractions are allowed."
    )
    text_epochs: Annotated[float, Field(gt=0, le=1000)] = Field(
        1.0, description="Passes over data.texts before the dialogues; fractions are allowed."
    )
    max_steps: Annotated[int, Field(ge=-1)] | None = Field(
        None, description="Number of optimizer steps instead of num_train_epochs; -1 means epochs decide."
    )
    per_device_train_batch_size: int | None = Field(
        None, ge=1, le=4096, description="Conversations held in memory at once while training."
    )
    gradient_accumulation_steps: int | None = Field(
        None, ge=1, le=4096, description="Batches summed up before one optimizer step."
    )
    max_length: int | None = Field(
        None, ge=16, le=1_000_000, description="Longest conversation in tokens; see too_long."
    )
    too_long: Literal["stop", "cut", "drop"] = Field(
        "drop",
        description="What to do with longer conversations: stop, cut off whole last exchanges, or drop; counted.",
    )
    warmup_ratio: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.06, description="Share of the steps in which the learning rate rises from zero."
    )
    weight_decay: Annotated[float, Field(ge=0, lt=1)] = Field(
        0.0, description="How strongly weights are pulled towards zero at each step."
    )
    max_grad_norm: Annotated[float, Field(gt=0)] = Field(
        1.0, description="Gradients longer than this are shortened to it."
    )
    lr_scheduler_type: Literal["linear", "cosine", "constant"] = Field(
        "cosine", description="How the learning rate falls after the warmup."
    )
    eval_steps: int | None = Field(
        None, ge=1, description="Optimizer steps between two looks at the valid conversations."
    )
    early_stopping_patience: int | None = Field(
        None, ge=0, description="Stop after this many looks without a better validation loss; 0 never stops."
    )
    gradient_checkpointing: bool | None = Field(
        None, description="Save memory by computing parts twice; about a third slower."
    )
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        7, description="Start of every random choice in training; the same seed gives the same run."
    )
    threads: int | None = Field(None, ge=1, le=1024, description="Processor threads to use.")


class Chat(Block):
    """How the result answers in `chatforge chat`."""

    max_new_tokens: Annotated[int, Field(ge=1, le=8192)] = Field(
        256, description="Longest reply in tokens while chatting."
    )
    temperature: Annotated[float, Field(ge=0, le=5)] = Field(
        0.0, description="Randomness of replies; 0 always takes the likeliest word."
    )
    top_p: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="Keep only the likeliest words that together have this probability."
    )
    notice: str | None = Field(
        None, min_length=1, description="Text shown once when a chat begins, such as what the bot is not for."
    )


class Export(Block):
    """Nothing to set yet."""


class Recipe(Block):
    """Everything that one run asks for.

    `num_train_epochs=None`, `lora_r=None` and the like mean "not asked"; see `presets.resolve`.
    """

    preset: Literal["quick", "balanced", "thorough"] = Field(
        "balanced", description="Budget that fills what is unset: quick, balanced or thorough."
    )
    name: str | None = Field(
        None,
        pattern=NAME,
        description="Name of the runs; unset takes the recipe's file name.",
    )
    model: Model = Field(default_factory=Model, description="The base: the chat model before training.")
    data: Data = Field(description="The conversations.")
    adaptation: Adaptation = Field(default_factory=Adaptation, description="How the base is changed.")
    training: Training = Field(default_factory=Training, description="How long and how fast it learns.")
    evaluation: Evaluation = Field(default_factory=Evaluation, description="How the result is judged.")
    chat: Chat = Field(default_factory=Chat, description="How the result answers in a chat.")
    export: Export = Field(default_factory=Export, description="How the result is handed on.")


def block_fields(block: str) -> dict[str, FieldInfo]:
    """Fields of one block by name; `""` is the top level without the blocks.

    Raises:
        KeyError: no such block.
    """
    if not block:
        return {name: info for name, info in Recipe.model_fields.items() if name not in BLOCKS}
    model = Recipe.model_fields[block].annotation
    # Every block of a Recipe is a Block; anything else is a mistake in this file.
    if not (isinstance(model, type) and issubclass(model, Block)):
        raise KeyError(block)
    return dict(model.model_fields)


def iter_fields() -> Iterator[tuple[str, FieldInfo]]:
    """Yield every field that can be set as ("training.learning_rate", its FieldInfo), in file order."""
    for block in ("", *BLOCKS):
        for name, info in block_fields(block).items():
            yield (f"{block}.{name}" if block else name), info
