"""The labelled texts: sound, and found as well as is claimed."""

import json
from pathlib import Path

import pytest

from chatforge.dialogues.privacy import KINDS, find
from chatforge.dialogues.privacy.checked import luhn, mod_97
from chatforge.dialogues.privacy.found import Found
from chatforge.dialogues.privacy.probes import Probe, Score, Span, read_probes, score

PATH = Path(__file__).parents[3] / "data" / "probes" / "privacy.jsonl"

FLOORS = {
    "name": (0.83, 0.90), "email": (0.95, 0.95), "phone": (0.85, 0.95), "address": (0.85, 0.85), "card": (0.95, 0.95),
    "iban": (0.95, 0.95), "record": (0.90, 0.90), "birth": (0.80, 0.95), "url": (0.95, 0.95), "ip": (0.95, 0.95),
    "social": (0.95, 0.95),
}  # fmt: skip
"""Least recall and precision on the held-out part."""


@pytest.fixture(scope="module")
def probes() -> list[Probe]:
    return read_probes(PATH)


def test_spans_say_what_stands_there(probes: list[Probe]) -> None:
    rows = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
    for row in rows:
        at = 0
        for span in row["spans"]:
            assert at <= span["start"]
            assert row["text"][span["start"] : span["end"]] == span["text"]
            at = span["end"]
    assert len({row["id"] for row in rows}) == len({row["text"] for row in rows}) == len(rows) >= 150
    assert {row["part"] for row in rows} == {"development", "held-out"}


def test_marked_cards_and_accounts_check(probes: list[Probe]) -> None:
    for probe in probes:
        for span in probe.spans:
            text = probe.text[span.start : span.end]
            if span.kind == "card":
                assert luhn("".join(filter(str.isdigit, text))), text
            elif span.kind == "iban":
                assert mod_97(text) == 1, text


def test_there_is_enough_of_everything(probes: list[Probe]) -> None:
    held, made = ([probe for probe in probes if probe.part == part] for part in ("held-out", "development"))
    assert len(held) >= 150
    assert all(sum(span.kind == kind for probe in held for span in probe.spans) >= 12 for kind in KINDS)
    assert sum(not probe.spans for probe in held) >= 40
    assert sum(not probe.spans for probe in made) >= 25


def test_the_held_out_part_is_found(probes: list[Probe]) -> None:
    scores = score((probe for probe in probes if probe.part == "held-out"), find)
    reached = {kind: (counts.hit / counts.marked, counts.right / counts.found) for kind, counts in scores.items()}
    assert {
        kind: values for kind, values in reached.items() if values[0] < FLOORS[kind][0] or values[1] < FLOORS[kind][1]
    } == {}


def test_how_scores_are_counted() -> None:
    probe = Probe("1", "held-out", "Anna Keller of Rome", (Span("name", 0, 11), Span("address", 15, 19)))

    def find_some(text: str) -> list[Found]:
        return [
            Found("name", 0, 4, "Anna", ""),
            Found("name", 5, 14, "Keller of", ""),
            Found("card", 15, 19, "Rome", ""),
        ]

    scores = score([probe], find_some)
    assert scores["name"] == Score(marked=1, hit=1, found=2, right=2, exact=0)
    assert scores["address"] == Score(marked=1)
    assert scores["card"] == Score(found=1)
