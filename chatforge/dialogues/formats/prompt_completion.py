"""A prompt and its completion, one object each, under these or other names; texts or lists of messages.

{"prompt": "What color is the sky?", "completion": "It is blue."}
{"prompt": [{"role": "user", "content": "…"}], "completion": [{"role": "assistant", "content": "…"}]}
{"input_text": "…", "output_text": "…"}     {"id": 7, "question": "…", "reference_answer": "…", "intent": "…"}
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats import alpaca, pairs, self_instruct, sharegpt
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.values import is_judged, mostly

NAME = "prompt-completion"
WHAT = "Prompt and completion: an object with `prompt` and `completion`, `question` and `answer` or names like these"
KINDS: tuple[Kind, ...] = ("lines", "json")


def looks(value: Mapping[str, Any]) -> bool:
    """Whether an object holds a question and its answer, and is of no narrower format."""
    narrower = is_judged(value) or any(module.looks(value) for module in (alpaca, self_instruct, sharegpt))
    return not narrower and pairs.looks(value)


def fits(sample: Sequence[Record]) -> bool:
    """Whether most records hold a question and its answer."""
    return mostly(sample, looks)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Turn records to drafts, in order."""
    return pairs.paired(records, path, choices.columns)
