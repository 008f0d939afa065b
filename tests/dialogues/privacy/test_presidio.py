"""The seam to presidio, with a stand-in for it."""

import sys
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

import pytest

from chatforge.dialogues.privacy import find
from chatforge.dialogues.privacy.presidio import MODEL, presidio
from chatforge.errors import UserError


@dataclass
class Result:
    entity_type: str
    start: int
    end: int
    score: float = 0.85


class AnalyzerEngine:
    def analyze(self, text: str, language: str, entities: list[str], score_threshold: float) -> list[Result]:
        assert language == "en"
        assert entities == ["PERSON", "LOCATION"]
        assert 0 < score_threshold < 0.85
        words = {"Yggdra": "PERSON", "Anna": "PERSON", "Lyon": "LOCATION"}
        return [Result(kind, text.index(word), text.index(word) + len(word)) for word, kind in words.items()]


def pretend(monkeypatch: pytest.MonkeyPatch, name: str, **contents: Any) -> None:
    module = ModuleType(name)
    module.__spec__ = ModuleSpec(name, None)
    module.__dict__.update(contents)
    monkeypatch.setitem(sys.modules, name, module)


def test_its_names_and_places_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, "presidio_analyzer", AnalyzerEngine=AnalyzerEngine)
    pretend(monkeypatch, MODEL)
    found = find("so Yggdra met Anna Keller near Lyon", also=presidio())
    assert [(one.kind, one.text, one.rule) for one in found] == [
        ("name", "Yggdra", "presidio"),
        ("name", "Anna Keller", "a common name"),
        ("address", "Lyon", "presidio"),
    ]


@pytest.mark.parametrize(("there", "words"), [([], "pip install"), (["presidio_analyzer"], "spacy download")])
def test_what_is_missing_is_said(monkeypatch: pytest.MonkeyPatch, there: list[str], words: str) -> None:
    for name in ("presidio_analyzer", MODEL):
        monkeypatch.delitem(sys.modules, name, raising=False)
    for name in there:
        pretend(monkeypatch, name)
    with pytest.raises(UserError, match="is not installed") as caught:
        presidio()
    assert words in str(caught.value)
