"""The chat template that a conversation is rendered with: the model's own, or TRL's version of it for training.

TRL ships its versions as pairs of files, `qwen3.jinja` and `qwen3_training.jinja`; the latter renders earlier turns as
if nothing came after them. They are read as files, because importing TRL takes seconds and this room is light.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chatforge.errors import UserError

NO_THINKING = "{%- set enable_thinking = false -%}\n"
"""Put before a template that lets the model think: the conversations show no thinking, so none is asked for."""

DAY = "26 July 2024"
"""What a template that writes today's date writes here (Llama's own default), at training and ever after."""

DATED = (
    "{%- macro strftime_now(form) -%}{{- form.replace('%d', '26').replace('%B', 'July').replace('%b', 'Jul')"
    ".replace('%m', '07').replace('%Y', '2024') -}}{%- endmacro -%}\n"
)
"""Put before a template that asks for the date: the function it asks, always of the same day."""

_TWIN = "_training.jinja"


def own_template(tokenizer: Any) -> str:
    """Return the chat template that a transformers tokenizer brings along.

    Raises:
        UserError: it has none.
    """
    template = getattr(tokenizer, "chat_template", None)
    if isinstance(template, dict):  # some models have one more for tools
        template = template.get("default")
    if not template:
        raise UserError(
            "the model's tokenizer has no chat template",
            field="model.base",
            hint="take an instruct or chat version of this model",
        )
    return str(template)


def settled(template: str) -> str:
    """Return a template that renders a conversation in the same way on every day and in every program."""
    needed = {"enable_thinking": NO_THINKING, "strftime_now": DATED}
    head = "".join(line for name, line in needed.items() if name in template)
    return template if template.startswith(head) else head + template


def training_twin(template: str) -> str | None:
    """Return TRL's training version of a template, None if TRL does not know the template (or is not there)."""
    spec = find_spec("trl")
    for place in (spec.submodule_search_locations or ()) if spec else ():
        for twin in sorted(Path(place, "chat_templates").glob(f"*{_TWIN}")):
            original = twin.with_name(twin.name.removesuffix(_TWIN) + ".jinja")
            if original.is_file() and original.read_text(encoding="utf-8").strip() == template.strip():
                return twin.read_text(encoding="utf-8")
    return None
