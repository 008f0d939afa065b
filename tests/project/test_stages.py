"""What the screens are told about a project: a table from snapshots to the status of every stage."""

from dataclasses import replace
from pathlib import Path

import pytest

from chatforge.errors import Problem
from chatforge.project.stages import (
    ORDER,
    Snapshot,
    Stage,
    Status,
    blocker,
    count_words,
    due,
    next_stage,
    stage_of,
    stale_words,
    status,
)
from chatforge.recipe.schema import Recipe
from chatforge.runs.folder import RunFolder

RECIPE = Recipe.model_validate({"data": {"train": ["a.jsonl"]}})
NEW = Snapshot(Path("recipe.yaml"), recipe=RECIPE)
HERE = replace(NEW, base_here=True)
RUN = replace(HERE, run=RunFolder(Path("runs/a")))
TRAINED = replace(RUN, train="done")
JUDGED = replace(TRAINED, evaluate="done", verdict="better")


def broken(field: str | None, snapshot: Snapshot = HERE) -> Snapshot:
    return replace(snapshot, recipe=None, problems=(Problem("is wrong", field=field),))


TABLE = [
    # model, data, adapt, train, evaluate, chat, export: the letters of `Status` below
    ("new", NEW, "○✓✓···" + "·"),
    ("base here", HERE, "✓✓✓○·○·"),
    ("data wrong", broken("data.train"), "✓○○··○·"),
    ("rank wrong", broken("adaptation.lora_r"), "✓○○··○·"),
    ("training", replace(RUN, train="running"), "✓✓✓▶·○·"),
    ("waiting", replace(RUN, train="waiting"), "✓✓✓▶·○·"),
    ("stopped", replace(RUN, train="stopped"), "✓✓✓■·○·"),
    ("failed", replace(RUN, train="failed"), "✓✓✓✗·○·"),
    ("died", replace(RUN, train="died"), "✓✓✓✗·○·"),
    ("trained", TRAINED, "✓✓✓✓○○○"),
    ("evaluating", replace(TRAINED, evaluate="running"), "✓✓✓✓▶○○"),
    ("evaluation stopped", replace(TRAINED, evaluate="stopped"), "✓✓✓✓■○○"),
    ("evaluation died", replace(TRAINED, evaluate="died"), "✓✓✓✓✗○○"),
    ("judged", JUDGED, "✓✓✓✓✓○○"),
    ("handed on", replace(JUDGED, exported=True), "✓✓✓✓✓○✓"),
    ("changed since", replace(JUDGED, changed=("training.seed",)), "✓✓✓!!○○"),
    ("weights gone", replace(JUDGED, base_here=False), "○✓✓✓✓○○"),
    ("running and broken", broken("training.seed", replace(RUN, train="running")), "✓○○▶·○·"),
]
MARKS = {
    Status.LOCKED: "·", Status.READY: "○", Status.RUNNING: "▶", Status.STOPPED: "■", Status.FAILED: "✗",
    Status.DONE: "✓", Status.STALE: "!",
}  # fmt: skip


@pytest.mark.parametrize(("snapshot", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_every_stage_says_how_it_stands(snapshot: Snapshot, expected: str) -> None:
    assert "".join(MARKS[status(snapshot, stage)] for stage in ORDER) == expected


@pytest.mark.parametrize("snapshot", [row[1] for row in TABLE], ids=[row[0] for row in TABLE])
def test_a_locked_stage_says_why_and_the_others_have_no_blocker_but_train(snapshot: Snapshot) -> None:
    for stage in ORDER:
        found = blocker(snapshot, stage)
        if status(snapshot, stage) is Status.LOCKED:
            assert found
            assert found[0]
            assert found[1] in ORDER


@pytest.mark.parametrize(
    ("field", "stage"),
    [
        (None, Stage.DATA),
        ("", Stage.DATA),
        ("data.train", Stage.DATA),
        ("model.base", Stage.MODEL),
        ("preset", Stage.ADAPT),
        ("adaptation.lora_r", Stage.ADAPT),
        ("training.seed", Stage.ADAPT),
        ("evaluation.encoder", Stage.EVALUATE),
        ("chat.notice", Stage.CHAT),
        ("export", Stage.EXPORT),
        ("no_such_field", Stage.ADAPT),
    ],
)
def test_a_field_is_mended_where_it_is_set(field: str | None, stage: Stage) -> None:
    assert stage_of(field) == stage
    if field:
        assert broken(field).problems_of(stage)


def bad(count: int, *names: str, more: str = "") -> tuple[Problem, ...]:
    """What a look says of bad lines: each with its place, then how many they are."""
    lines = [Problem("no closing quotation mark", Path(names[i % len(names)]), 7 + i) for i in range(count)]
    return (*lines, Problem(f"{more}{count} bad lines in all", field="data.bad_lines", hint="mend them"))


@pytest.mark.parametrize(
    ("problems", "words", "count"),
    [
        (
            bad(3, "train.jsonl"),
            "3 lines of train.jsonl cannot be used (first: line 7: no closing quotation mark)",
            "3 bad lines",
        ),
        (
            bad(1, "train.jsonl"),
            "1 line of train.jsonl cannot be used (first: line 7: no closing quotation mark)",
            "1 bad line",
        ),
        (
            bad(2, "train.jsonl", "test.jsonl"),
            "2 lines of 2 files cannot be used (first: train.jsonl, line 7: no closing quotation mark)",
            "2 bad lines",
        ),
        (
            bad(20, "train.jsonl", more="5 more bad lines; "),
            "over 20 lines of train.jsonl cannot be used (first: line 7: no closing quotation mark)",
            "over 20 bad lines",
        ),
        (
            (Problem("the id 'a' stands on line 3 already", Path("train.jsonl"), 9),),
            "train.jsonl, line 9: the id 'a' stands on line 3 already",
            "1 problem",
        ),
        (
            (Problem("is not a known field", Path("recipe.yaml"), 3, "trainng"), Problem("is missing", field="data")),
            "the recipe is not ready: trainng: is not a known field",
            "2 problems",
        ),
    ],
)
def test_what_blocks_training_is_told_with_its_place_and_counted_right(
    problems: tuple[Problem, ...], words: str, count: str
) -> None:
    found = blocker(replace(HERE, problems=problems), Stage.TRAIN)
    assert found and found[0] == words
    assert count_words(problems) == count


def test_what_blocks_training_leads_to_where_it_is_mended() -> None:
    wrong = ("the recipe is not ready: data.train: is wrong", Stage.DATA)
    assert blocker(broken("data.train"), Stage.TRAIN) == wrong
    assert blocker(NEW, Stage.TRAIN) == ("the base model is not on this machine yet", Stage.MODEL)
    assert blocker(HERE, Stage.TRAIN) is None
    assert blocker(HERE, Stage.EXPORT) == ("nothing is trained yet", Stage.TRAIN)


def test_only_a_trained_run_grows_stale_and_says_by_what() -> None:
    fields = ("training.seed", "adaptation.lora_r", "preset", "data")
    assert stale_words(replace(RUN, changed=fields)) is None
    assert stale_words(TRAINED) is None
    words = stale_words(replace(TRAINED, changed=fields)) or ""
    assert "training.seed, adaptation.lora_r, preset and more" in words


def test_every_stage_leads_on_but_the_last() -> None:
    assert [next_stage(stage) for stage in ORDER] == [*ORDER[1:], None]


@pytest.mark.parametrize(
    ("snapshot", "stage"),
    [
        (NEW, Stage.MODEL),
        (HERE, Stage.ADAPT),
        (replace(HERE, problems=(Problem("is wrong", field="data.train"),)), Stage.DATA),
        (replace(HERE, train="stopped"), Stage.TRAIN),
        (replace(HERE, train="done"), Stage.CHAT),
        (replace(HERE, train="done", evaluate="died"), Stage.EVALUATE),
    ],
)
def test_who_comes_back_is_shown_what_is_due(snapshot: Snapshot, stage: Stage) -> None:
    assert due(snapshot) == stage
