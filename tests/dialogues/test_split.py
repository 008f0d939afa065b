"""Train, valid and test: whole groups, nothing lost, the same again for the same seed, and from the record."""

import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.gate import compare
from chatforge.dialogues.split import Split, load_split, record
from chatforge.errors import UserError

Write = Callable[..., Path]


def sentence(name: str) -> str:
    """Nine words that no sentence of another name has."""
    own = random.Random(name)
    return " ".join("".join(own.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(9))


def rows(scenarios: Sequence[int | None], words: str = "w") -> list[dict[str, Any]]:
    """One conversation for every scenario named; None: without one."""
    return [
        {
            "id": f"{words}{i}",
            "messages": [
                {"role": "user", "content": sentence(f"{words} {i}?")},
                {"role": "assistant", "content": sentence(f"{words} {i}.")},
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
    # No part is a whole scenario away from its share; one gets a second away to make another one not empty.
    largest = max(Counter(c.scenario for part in parts for c in part).values())
    for part, share in ((split.test, test_share), (split.valid, valid_share)):
        assert abs(len(part) - share * len(scenarios)) <= 2 * largest
    assert load(path, **options) == split
    assert load(path, decided=record(split, seed), **options) == split


DISGUISES: tuple[Callable[[str], str], ...] = (
    str,
    str.upper,
    lambda text: text.replace(" ", ", "),
    lambda text: f"{text} ok",
    lambda text: " ".join(reversed(text.split())),
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    copies=st.lists(st.tuples(st.integers(0, 19), st.integers(0, len(DISGUISES) - 1)), max_size=25),
    seed=st.integers(0, 99),
)
def test_copies_in_disguise_are_never_divided(tmp_path: Path, copies: list[tuple[int, int]], seed: int) -> None:
    these = rows([None] * 20)
    for number, (of, disguise) in enumerate(copies):
        asked, said = (message["content"] for message in these[of]["messages"])
        messages = [{"role": "user", "content": DISGUISES[disguise](asked)}, {"role": "assistant", "content": said}]
        these.append({"id": f"copy{number}", "messages": messages, "meta": {"of": f"w{of}"}})
    path = tmp_path / "all.jsonl"
    path.write_text("\n".join(map(json.dumps, these)))
    split = load(path, seed=seed)
    owners = [{c.meta.get("of", c.id) for c in part} for part in (split.train, split.valid, split.test)]
    assert sum(map(len, owners)) == len(set.union(*owners))
    assert not compare((*split.test, *split.valid), split.train).leaks


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
        "40 conversations divided as 40 whole groups",
        "no test file: 8 conversations split off from train (test_share 0.2)",
        "no valid file: 4 conversations split off from train (valid_share 0.1)",
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
        ([1] * 30, {}, "valid"),
        ([1] * 15 + [2] * 15, {"valid_share": 0.0}, "valid"),
        (range(3), {"valid_share": 0.0}, "valid"),
        (range(30), {"test_share": 0.0}, "test"),
    ],
)
def test_an_empty_part_is_refused(write: Write, scenarios: Sequence[int], options: dict[str, Any], part: str) -> None:
    with pytest.raises(UserError, match=f"no conversation is left for {part}") as caught:
        load(write(*rows(scenarios)), **options)
    assert caught.value.problems[0].field == f"data.{part}"


def test_an_empty_part_says_what_had_to_stay_together(write: Write) -> None:
    with pytest.raises(UserError) as caught:
        load(write(*rows([1] * 30)))
    assert "30 conversations divided as 1 whole group" in str(caught.value.problems[0].hint)


def test_a_record_says_which_part_each_conversation_is_in(write: Write) -> None:
    train = write(*rows([None] * 10), name="train.jsonl")
    split = load(train)
    found = record(split, 7)
    assert json.loads(json.dumps(found)) == found
    assert (
        found["counts"]
        == Counter(train=7, valid=1, test=2)
        == {part: found["parts"].count(letter) for part, letter in (("train", "t"), ("valid", "v"), ("test", "h"))}
    )
    turned = {**found, "parts": found["parts"][::-1]}
    again = load(train, decided=turned)
    assert [c.line for c in again.test] == sorted(11 - (c.line or 0) for c in split.test)


def test_files_for_every_part_leave_nothing_to_record(write: Write) -> None:
    paths = [write(*rows([i], name), name=f"{name}.jsonl") for i, name in enumerate(("train", "valid", "test"))]
    found = record(load(*paths), 7)
    assert (found["parts"], found["method"], found["counts"]) == (None, None, {"train": 1, "valid": 1, "test": 1})
    assert load(*paths, decided=found) == load(*paths)


@pytest.mark.parametrize("parts", ["ttttttvhh", "ttttttvhhx", None, 3])
def test_a_record_of_other_conversations_is_refused(write: Write, parts: Any) -> None:
    train = write(*rows([None] * 10), name="train.jsonl")
    with pytest.raises(UserError, match=r"lock\.json does not say of these 10 conversations"):
        load(train, decided={**record(load(train), 7), "parts": parts})
