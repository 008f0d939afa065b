"""A new recipe: the few lines everybody sets, and every other field commented out with its sentence."""

import json
import textwrap
from collections.abc import Iterator, Mapping

from pydantic.fields import FieldInfo

from chatforge.recipe.schema import BLOCKS, Recipe, block_fields

_ACTIVE = ("preset", "model.base", "data.train", "data.system", "adaptation.method")
_CHOSEN: Mapping[str, str] = {
    # Shown for fields without a default; a preset would choose about these.
    "name": "my-bot",
    "adaptation.load_in_4bit": "false",
    "adaptation.lora_r": "16",
    "adaptation.lora_alpha": "32",
    "adaptation.lora_dropout": "0.05",
    "training.learning_rate": "0.001",
    "training.num_train_epochs": "3",
    "training.max_steps": "-1",
    "training.per_device_train_batch_size": "4",
    "training.gradient_accumulation_steps": "2",
    "training.max_length": "1024",
    "training.eval_steps": "8",
    "training.early_stopping_patience": "3",
    "training.gradient_checkpointing": "false",
    "training.threads": "2",
    "evaluation.max_new_tokens": "96",
    "evaluation.batch_size": "8",
    "evaluation.conversations": "100",
    "evaluation.second_encoder": "all-minilm-l6-v2",
    "evaluation.rivals": "[no-system, 2-examples]",
}
_HEAD = """\
# A recipe says everything that one run asks for. Paths start at this file.
# `##` explains; a field behind `#` is optional: the preset and this machine choose it unless you remove the `#`.
#   chatforge recipe explain THIS_FILE   shows every value and why
#   chatforge run THIS_FILE              trains and evaluates
"""


def template(train: str = "conversations.jsonl", base: str = "smollm2-135m-instruct") -> str:
    """Return the text of a new recipe for the conversations in `train`."""
    return "\n".join([_HEAD, *_lines({"model.base": base, "data.train": train})]) + "\n"


def _lines(chosen: Mapping[str, str]) -> Iterator[str]:
    for name, info in block_fields("").items():
        yield from _field(name, info, chosen, "")
    for block in BLOCKS:
        fields = block_fields(block)
        if not fields:
            continue
        # A block with nothing in it is allowed, so that removing one `#` is all it takes to set a field.
        yield from ("", f"## {Recipe.model_fields[block].description}", f"{block}:")
        for name, info in fields.items():
            yield from _field(f"{block}.{name}", info, chosen, "  ")


def _field(dotted: str, info: FieldInfo, chosen: Mapping[str, str], indent: str) -> Iterator[str]:
    name = dotted.rpartition(".")[2]
    for line in textwrap.wrap(info.description or "", 90):
        yield f"{indent}## {line}"
    off = "" if dotted in _ACTIVE else "# "
    yield f"{indent}{off}{name}: {_yaml(dotted, info, chosen)}"


def _yaml(dotted: str, info: FieldInfo, chosen: Mapping[str, str]) -> str:
    if dotted in chosen:
        return json.dumps(chosen[dotted], ensure_ascii=False)
    if dotted in _CHOSEN:
        return _CHOSEN[dotted]
    value = info.default
    if isinstance(value, str):
        return value if value.replace("-", "").replace("_", "").isalnum() else json.dumps(value)
    return json.dumps(value)
