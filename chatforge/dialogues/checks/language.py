"""Which language a text is in; "" where it is too short or too mixed to tell."""

from collections.abc import Callable
from functools import cache
from typing import Any

Identify = Callable[[str], str]

SHORTEST = 60
"""Characters below which no language is told."""

SURE = 0.95
"""Probability below which none is told."""


def language_of(text: str) -> str:
    """Return the language's code of two or three letters, such as "en", or ""."""
    letters = sum(map(str.isalpha, text))
    if len(text) < SHORTEST or letters * 2 < len(text):
        return ""
    language, probability = _identifier().classify(text)
    return str(language) if probability >= SURE else ""


@cache
def _identifier() -> Any:
    """py3langid's own model, 100 languages, read once."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
