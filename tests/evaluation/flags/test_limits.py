"""The planted changes of meaning: sound, and found as often as the report says."""

import json
import runpy
from pathlib import Path

import pytest

from chatforge.evaluation.flags import KINDS, find_flags
from chatforge.evaluation.flags.limits import HELD_OUT, MEASURED, OTHER_WORDS, Limit, limit_texts
from chatforge.evaluation.flags.probes import Probe, count, read_probes
from chatforge.evaluation.statistics import wilson

PATH = Path(__file__).parents[3] / "data" / "probes" / "meaning_flips.jsonl"
BENCHMARK = Path(__file__).parents[2] / "benchmarks" / "flags.py"


@pytest.fixture(scope="module")
def probes() -> list[Probe]:
    return read_probes(PATH)


def test_there_is_enough_of_every_kind(probes: list[Probe]) -> None:
    held = [probe for probe in probes if probe.part == "held-out"]
    assert {probe.part for probe in probes} == {"held-out", "development"}
    assert all(sum(probe.kind == kind for probe in held) == HELD_OUT for kind in KINDS)


def test_no_text_is_there_twice(probes: list[Probe]) -> None:
    rows = [json.loads(line) for line in PATH.read_text(encoding="utf-8").splitlines()]
    texts = [row[name] for row in rows for name in ("reference", "flip", "paraphrase")]
    assert len(set(texts)) == len(texts)
    assert len({probe.id for probe in probes}) == len(probes)


def test_no_true_reply_is_flagged(probes: list[Probe]) -> None:
    assert not any(probe.flags(probe.reference) for probe in probes)


def test_the_limits_are_what_is_measured(probes: list[Probe]) -> None:
    for kind, one in count([probe for probe in probes if probe.part == "held-out"]).items():
        recall, alarm = (
            tuple(round(abs(end), 2) for end in wilson(some / HELD_OUT, HELD_OUT)) for some in (one.seen, one.alarms)
        )
        assert MEASURED[kind] == Limit(one.seen, one.named, one.alarms, recall, alarm), kind


def test_and_so_are_those_of_replies_in_other_words() -> None:
    benchmark = runpy.run_path(str(BENCHMARK))
    assert benchmark["rewritten"]() == OTHER_WORDS


def test_the_limits_are_told() -> None:
    told = " ".join(limit_texts())
    assert "polarity 90% [70, 97]" in told
    assert all(kind in told for kind in KINDS)


def test_a_flag_can_be_kept_in_a_report() -> None:
    (flag,) = find_flags("It is $8.", "It is $18.", [])
    assert type(flag).model_validate_json(flag.model_dump_json()) == flag
