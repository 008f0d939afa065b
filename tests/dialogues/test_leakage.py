"""The gate between train and held-out: planted leaks are found and pointed at, what is clean stays clean."""

import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from chatforge.dialogues import lookalikes
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.leakage import KINDS, Leakage, find_leakage
from chatforge.dialogues.lookalikes import FEWEST, Threshold, look, said, threshold_of
from chatforge.dialogues.reading import read_files

REPOSITORY = Path(__file__).parents[2]
TENT = (
    "Hi, I'm Anna Reyes. My tent came without its pegs. Can you send them to me?",
    "Of course, Anna. We will send the pegs out today. They are free.",
    "Great, and when will they be here with me in the end?",
    "They take three days, Anna. You will get a message when they leave us.",
)
STOVE = (
    "Does the small stove burn wood as well, or does it need a bottle of gas?",
    "It needs gas. Wood would block the burner, and the warranty would be gone with it.",
)


def talk(*turns: str, line: int = 1, file: str = "train.jsonl") -> Conversation:
    """User and assistant in turns."""
    said = tuple(Message("assistant" if i % 2 else "user", turn) for i, turn in enumerate(turns))
    return Conversation(f"{file}:{line}", said, {}, Path(file), line)


@pytest.fixture(scope="module")
def planting() -> ModuleType:
    """The planting of the benchmark."""
    spec = importlib.util.spec_from_file_location("planting", REPOSITORY / "tests" / "benchmarks" / "planting.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("rate", [0.05, 0.2])
def test_planted_leaks_are_found_and_nothing_else(planting: ModuleType, rate: float) -> None:
    own = [c for name in ("customer_service", "healthcare") for c in read_files([corpus_file(name)]).conversations]
    probe = planting.plant(own, rate, seed=1)
    found = {overlap.held_out: overlap for overlap in find_leakage(probe.held_out, probe.train).overlaps}
    assert found.keys() == probe.leaks.keys()
    assert Counter(kind for kind, _ in probe.leaks.values()).keys() == planting.DISGUISES.keys()
    for place, (kind, source) in probe.leaks.items():
        assert found[place].train == source, kind


def corpus_file(name: str) -> Path:
    return REPOSITORY / "data" / name / "train.jsonl"


def test_both_sides_are_pointed_at() -> None:
    train = [talk(*STOVE, line=7), talk(*TENT, line=9)]
    (overlap,) = find_leakage([talk(*TENT, line=3, file="test.jsonl")], train).overlaps
    assert (overlap.level, overlap.held_out, overlap.train, overlap.similarity) == ("exact", 0, 1, 1.0)
    assert (overlap.held_out_place, overlap.train_place) == ("test.jsonl:3", "train.jsonl:9")


@pytest.mark.parametrize(
    ("level", "held_out"),
    [
        ("exact", tuple(turn.upper() for turn in TENT)),
        ("begins", TENT[:2]),
        ("begins", (*TENT, "Thanks!", "You are welcome.")),
        ("reordered", ("Can you send them to me? My tent came without its pegs. Hi, I'm Anna Reyes.", *TENT[1:])),
        ("swapped", tuple(turn.replace("Anna", "Ben").replace("Reyes", "Xu") for turn in TENT)),
        ("near", tuple(turn.replace("today", "tomorrow").replace("three", "four") for turn in TENT)),
    ],
)
def test_levels(level: str, held_out: tuple[str, ...]) -> None:
    leakage = find_leakage([talk(*STOVE), talk(*held_out)], [talk(*TENT)])
    (overlap,) = leakage.overlaps
    assert (overlap.level, overlap.held_out) == (level, 1)
    assert leakage.leaked == 0.5
    assert leakage.shares == {kind: 0.5 * (kind == level) for kind in KINDS}
    assert leakage.clean() == [0]


def test_the_most_alike_is_named() -> None:
    near = tuple(turn.replace("three days", "four days or more") for turn in TENT)
    nearer = tuple(turn.replace("three", "four") for turn in TENT)
    (overlap,) = find_leakage([talk(*TENT)], [talk(*STOVE), talk(*near), talk(*nearer)]).overlaps
    assert overlap.train == 2


@pytest.mark.parametrize(("held_out", "train"), [([], [talk(*TENT)]), ([talk(*TENT)], []), ([], [])])
def test_nothing_to_compare(held_out: list[Conversation], train: list[Conversation]) -> None:
    leakage = find_leakage(held_out, train)
    assert (leakage.overlaps, leakage.leaked) == ((), 0.0)
    assert leakage.clean() == list(range(len(held_out)))


def test_of_a_large_train_a_sample_is_compared_and_that_is_told() -> None:
    train = [talk(f"{'abcdefghij'[i] * 9} {'klmnopqrst'[i] * 9}?", "Yes.") for i in range(10)]
    leakage = find_leakage([talk(*TENT), train[9]], [*train, talk(*TENT)], most=4)
    assert (leakage.compared, leakage.train) == (4, 11)
    assert [overlap.level for overlap in leakage.overlaps] == ["exact", "exact"]


def unit(rows: NDArray[np.float64]) -> NDArray[np.float32]:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("asked", [300, 1_000])
def test_the_threshold_flags_one_in_a_hundred_of_the_same_kind(asked: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookalikes, "ASKED", asked)
    rng = np.random.default_rng(5)
    train, held_out = (unit(rng.normal(size=(size, 16))) for size in (1_000, 3_000))
    threshold = threshold_of(train, range(1_000))
    assert threshold is not None
    assert threshold.asked == asked
    flagged = float(((held_out @ train.T).max(axis=1) > threshold.cosine).mean())
    assert flagged < 0.03
    assert threshold == threshold_of(train, range(1_000))


def test_neighbours_of_one_group_set_no_threshold() -> None:
    rng = np.random.default_rng(5)
    one = unit(rng.normal(size=(40, 16)))
    train = np.concatenate([one, one])
    apart = threshold_of(train, [*range(40), *range(40)])
    assert apart is not None
    assert apart.cosine < 0.95
    assert threshold_of(train, range(80)).cosine > 0.99  # type: ignore[union-attr]
    assert threshold_of(train, [0] * 80) is None
    assert threshold_of(one[: FEWEST - 1], range(FEWEST - 1)) is None


def test_what_lies_above_is_looked_at_but_is_no_leak() -> None:
    train = unit(np.eye(4))
    held_out = unit(np.array([[1.0, 0, 0, 0], [1, 0.2, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1]]))
    held, taught = ([talk(*TENT, line=i) for i in range(1, 5)] for _ in range(2))
    told = find_leakage(held[:1], taught)
    leakage = look(
        Leakage(told.overlaps, held_out=4, train=4, compared=4), held_out, train, Threshold(0.9, 99), (held, taught)
    )
    assert [(one.level, one.held_out, one.train) for one in leakage.overlaps] == [
        ("exact", 0, 0),
        ("look", 1, 0),
        ("look", 3, 3),
    ]
    assert leakage.overlaps[1].similarity == pytest.approx(1 / 1.04**0.5, abs=1e-6)
    assert leakage.look_above == 0.9
    assert (leakage.leaked, leakage.shares["look"]) == (0.25, 0.5)
    assert leakage.clean() == [1, 2, 3]


def test_what_is_encoded() -> None:
    assert said(talk("Hi!", "Hello.", "And then?")) == "Hi!\nHello."
