"""Microsoft's presidio as one more recogniser of names and places, for those who have installed it.

    find(text, also=presidio())

It needs `pip install chatforge[privacy]` and a spaCy model, which ChatForge neither brings nor fetches.
"""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from chatforge.dialogues.privacy.finding import Recogniser
from chatforge.dialogues.privacy.found import Found, Kind
from chatforge.errors import UserError

MODEL = "en_core_web_lg"
"""The spaCy model that presidio uses unless told otherwise, and would download by itself if it were not there."""

_KINDS: dict[str, Kind] = {"PERSON": "name", "LOCATION": "address"}
LEAST_SCORE = 0.6


def presidio() -> Recogniser:
    """Return presidio's analyzer for English as a recogniser.

    Raises:
        UserError: presidio or its language model is not installed.
    """
    for module, command in (
        ("presidio_analyzer", "pip install 'chatforge[privacy]'"),
        (MODEL, f"python -m spacy download {MODEL}"),
    ):
        if find_spec(module) is None:
            raise UserError(f"{module} is not installed", hint=f"install it with `{command}`, or go without presidio")
    return _Presidio(import_module("presidio_analyzer").AnalyzerEngine())


class _Presidio:
    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def __call__(self, text: str) -> Iterator[Found]:
        results = self._engine.analyze(text=text, language="en", entities=[*_KINDS], score_threshold=LEAST_SCORE)
        for result in results:
            start, end = result.start, result.end
            yield Found(_KINDS[result.entity_type], start, end, text[start:end], "presidio")
