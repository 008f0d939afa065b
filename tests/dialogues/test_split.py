"""Train, valid and test: whole scenarios, nothing lost, the same again for the same seed."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.split import Split, load_split
from chatforge.errors import UserError

Write = Callable[..., Path]


def rows(scenarios: Sequence[int | None], words: str = "w") -> list[dict[str, Any]]:
    """One conversation for every scenario named; None: without one."""
    return [
        {
            "id": f"{words}{i}",
            "messages": [
                {"role": "user", "content": f"{words} {i}?"},
                {"role": "assistant", "content": f"{words} {i}."},
            ],
            "meta": {} if scenario is None else {"scenario": f"s{scenario}"},
        }
        for i, scenario in enumerate(scenarios)
    ]


def load(train: Path, valid: Path | None = None, test: Path | None = None, **options: Any) -> Split:
    chosen = {"bad_lines": "stop", "valid_share": 0.1, "test_share": 0.2, "seed": 7, **options}
    return load_split([train], [valid] if valid else [], [test] if test else [], **chosen)


SCENARIOS = st.lists(st.none() | st.integers(0, 30), min_size=25, max_size=60).filter(
    lambda scenarios: len({scenario for scenario in scenarios if scenario is not None}) >= 8
)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(scenarios=SCENARIOS, seed=st.integers(0, 99), test_share=st.floats(0.1, 0.4), valid_share=st.floats(0.05, 0.3))
def test_whole_scenarios_nothing_lost_shares_about_right(
    tmp_path: Path, scenarios: list[int | None], seed: int, test_share: float, valid_share: float
) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text("\n".join(map(json.dumps, rows(scenarios))))
    options = {"seed": seed, "test_share": test_share, "valid_share": valid_share}
    split = load(path, **options)
    parts = (split.train, split.valid, split.test)

    assert Counter(c.id for part in parts for c in part) == Counter(row["id"] for row in rows(scenarios))
    owners = [{c.scenario for c in part} for part in parts]
    assert sum(map(len, owners)) == len(set.union(*owners))
    for part in parts:
        assert [c.line for c in part] == sorted(c.line or 0 for c in part)
    # Scenarios are taken until the share is reached, so a part is too large by less than one scenario.
    largest = max(Counter(c.scenario for part in parts for c in part).values())
    for part, share, whole in (
        (split.test, test_share, len(scenarios)),
        (split.valid, valid_share, len(scenarios) - len(split.test)),
    ):
        assert round(share * whole) <= len(part) < max(round(share * whole), 1) + largest
    assert load(path, **options) == split


def test_another_seed_is_another_split(write: Write) -> None:
    path = write(*rows(range(40)))
    assert {c.id for c in load(path, seed=1).test} != {c.id for c in load(path, seed=2).test}


def test_the_order_of_the_lines_does_not_matter(write: Write) -> None:
    these = rows(range(40))
    one, other = load(write(*these)), load(write(*reversed(these)))
    assert {c.id for c in one.test} == {c.id for c in other.test}
    assert {c.id for c in one.valid} == {c.id for c in other.valid}


def test_a_hair_more_data_moves_little(write: Write) -> None:
    before, after = load(write(*rows(range(40)))), load(write(*rows(range(40)), name="again.jsonl"))
    assert {c.id for c in before.test} == {c.id for c in after.test}


def test_what_was_split_off_is_told(write: Write) -> None:
    notes = load(write(*rows(range(40)))).notes
    assert notes == (
        "no test file: 8 conversations split off by scenario (test_share 0.2)",
        "no valid file: 3 conversations split off by scenario (valid_share 0.1)",
    )


def test_given_files_are_taken_as_they_are(write: Write) -> None:
    paths = [write(*rows([i], name), name=f"{name}.jsonl") for i, name in enumerate(("train", "valid", "test"))]
    split = load(*paths)
    assert [[c.file for c in part] for part in (split.train, split.valid, split.test)] == [[path] for path in paths]
    assert split.notes == ()


def test_skipped_lines_are_kept_and_told(write: Write) -> None:
    split = load(write(*rows(range(20)), "{", "[]"), bad_lines="skip")
    assert [bad.line for bad in split.bad] == [21, 22]
    assert split.notes[-1].startswith("2 bad lines skipped, as the recipe says (bad_lines: skip); first ")


def test_a_scenario_in_two_given_files_is_refused(write: Write) -> None:
    train, valid = write(*rows([1, 2], "a"), name="train.jsonl"), write(*rows([3], "b"), name="valid.jsonl")
    test = write(*rows([4, 2], "c"), name="test.jsonl")
    with pytest.raises(UserError, match="the scenario 's2' is in test and in train") as caught:
        load(train, valid, test)
    problem = caught.value.problems[0]
    assert (problem.file, problem.line, problem.field) == (test, 2, "meta.scenario")
    assert f"{train}:2" in problem.what


def test_the_same_conversation_in_two_given_files_is_refused(write: Write) -> None:
    train = write(*rows([None] * 20, "a"), name="train.jsonl")
    test = write(*rows([None] * 20, "a"), name="test.jsonl")
    with pytest.raises(UserError, match=r"conversation 'a\d+' is in (valid|test) and in (train|valid)") as caught:
        load(train, test=test)
    assert str(caught.value.problems[0].field).startswith("data.")


@pytest.mark.parametrize("with_ids", [True, False])
def test_ids_that_count_in_every_file_anew_are_no_overlap(write: Write, with_ids: bool) -> None:
    parts = []
    for name in ("train", "valid", "test"):
        these = [{**row, "id": str(i)} for i, row in enumerate(rows([None] * 3, name))]
        if not with_ids:
            these = [{"messages": row["messages"]} for row in these]
        parts.append(write(*these, name=f"{name}/talks.jsonl"))
    split = load(*parts)
    assert [len(part) for part in (split.train, split.valid, split.test)] == [3, 3, 3]


@pytest.mark.parametrize(
    ("scenarios", "options", "part"),
    [
        ([1] * 30, {}, "train"),
        (range(3), {"valid_share": 0.0}, "valid"),
        (range(30), {"test_share": 0.0}, "test"),
    ],
)
def test_an_empty_part_is_refused(write: Write, scenarios: Sequence[int], options: dict[str, Any], part: str) -> None:
    with pytest.raises(UserError, match=f"no conversation is left for {part}") as caught:
        load(write(*rows(scenarios)), **options)
    assert caught.value.problems[0].field == f"data.{part}"
