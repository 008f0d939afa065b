"""What is mixed in beside train: the right counts, the same each time, never held out."""

import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge import included
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.mixing import GENERAL_SYSTEM, replayed, told, weighted
from chatforge.dialogues.split import Split, record, split_of
from chatforge.errors import UserError
from chatforge.recipe.schema import DEFAULT_SYSTEM, Data

SEEDS = st.integers(0, 2**32 - 1)
Write = Callable[..., Path]


def conversations(count: int, system: str = "") -> tuple[Conversation, ...]:
    said = Message("user", "How?"), Message("assistant", "So.")
    return tuple(Conversation(f"c{i}", said, line=i).with_system(system) for i in range(count))


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file of `count` conversations, each with words of its own."""

    def make(name: str, count: int, system: str = "", scenario: str = "") -> Path:
        path = tmp_path / name
        lines = []
        for i in range(count):
            first = [{"role": "system", "content": system}] if system else []
            said = [{"role": "user", "content": f"{name} {i}?"}, {"role": "assistant", "content": f"{name} {i}."}]
            meta = {"scenario": f"{scenario}-{i}"} if scenario else {}
            lines.append(json.dumps({"id": f"{name}-{i}", "messages": first + said, "meta": meta}) + "\n")
        path.write_text("".join(lines))
        return path

    return make


def split_with(write: Write, **more: object) -> Split:
    """A split of 8 + 2 + 4 conversations, with this in the block `data` besides."""
    files = {part: write(f"{part}.jsonl", count) for part, count in (("train", 8), ("valid", 2), ("test", 4))}
    return split_of(Data.model_validate({**files, **more}), 7)


@given(st.integers(1, 300), st.floats(0.01, 20), SEEDS)
def test_a_weight_gives_the_right_count_evenly(count: int, weight: float, seed: int) -> None:
    given_ = weighted("a.jsonl", conversations(count), weight, seed)
    seen = Counter(one.id for one in given_.conversations)
    assert seen.total() == max(1, round(count * weight))
    often = [seen[f"c{i}"] for i in range(count)]
    assert max(often) - min(often) <= 1
    assert len(given_.distinct) == len(seen)


@given(st.floats(0.01, 0.9), st.integers(1, 2_000), SEEDS)
def test_replay_is_that_share_of_a_pass(share: float, others: int, seed: int) -> None:
    found = len(replayed(conversations(50), share, others, seed).conversations)
    assert found == 1 or abs(found - share * (found + others)) <= 1


@given(st.integers(2, 100), st.floats(0.1, 3), SEEDS)
def test_the_same_seed_draws_the_same(count: int, weight: float, seed: int) -> None:
    whole = conversations(count)
    assert weighted("a.jsonl", whole, weight, seed) == weighted("a.jsonl", whole, weight, seed)


def test_another_seed_draws_others() -> None:
    whole = conversations(100)
    assert weighted("a.jsonl", whole, 0.5, 1).conversations != weighted("a.jsonl", whole, 0.5, 2).conversations


def test_one_in_ten_is_one_to_nine() -> None:
    assert len(replayed(conversations(50), 0.1, 9, 7).conversations) == 1
    assert len(replayed(conversations(50), 0.1, 900, 7).conversations) == 100


def test_more_general_chat_than_there_is_is_repeated_and_told() -> None:
    assert replayed(conversations(50), 0.5, 120, 7).how == "replay 0.5, each about 2.4 times: there are 50"


def test_a_system_message_goes_before_those_that_have_none() -> None:
    (bare,) = weighted("a.jsonl", conversations(1), 1, 7, "You are Robin.").conversations
    (own,) = weighted("a.jsonl", conversations(1, "You are Fern."), 1, 7, "You are Robin.").conversations
    (general,) = replayed(conversations(1), 0.1, 9, 7).conversations
    assert [one.messages[0].content for one in (bare, own, general)] == [
        "You are Robin.", "You are Fern.", GENERAL_SYSTEM,
    ]  # fmt: skip
    assert GENERAL_SYSTEM == DEFAULT_SYSTEM


def test_where_conversations_come_from_is_told() -> None:
    portions = [weighted("talks.jsonl", conversations(250), 0.5, 7), weighted("b.jsonl", conversations(3), 1, 7)]
    assert told(1_000, portions) == (
        "a pass learns 1,128 conversations: 1,000 of train + 125 of talks.jsonl (weight 0.5) + 3 of b.jsonl"
    )


def test_only_what_is_learned_gets_any(write: Write) -> None:
    mix = [{"files": write("a.jsonl", 10), "weight": 2.5}, {"files": write("b.jsonl", 4), "weight": 0.5}]
    plain, split = split_with(write), split_with(write, mix=mix, replay=0.2)
    assert (split.train, split.valid, split.test) == (plain.train, plain.valid, plain.test)
    files = Counter(one.file.name for one in split.learned if one.file)
    assert files == {"train.jsonl": 8, "a.jsonl": 25, "b.jsonl": 2, "replay.jsonl": 9}
    assert "8 of train + 25 of a.jsonl (weight 2.5) + 2 of b.jsonl (weight 0.5) + 9 of general chat" in split.notes[-1]
    assert record(split, 7)["beside"] == [["a.jsonl", 25], ["b.jsonl", 2], ["general chat", 9]]


def test_rivals_know_what_is_the_users_once_and_no_general_chat(write: Write) -> None:
    split = split_with(write, mix=[{"files": write("a.jsonl", 10), "weight": 2.5}], replay=0.2)
    files = Counter(one.file.name for one in split.known if one.file)
    assert files == {"train.jsonl": 8, "a.jsonl": 10}


def test_without_a_mixture_all_is_as_before(write: Write) -> None:
    split = split_with(write)
    assert split.learned == split.known == split.train
    assert "beside" not in record(split, 7)


def test_what_is_split_off_for_test_comes_from_train_alone(write: Write) -> None:
    further, ours = write("a.jsonl", 30), included.folder() / "data" / "customer_service" / "valid.jsonl"
    split = split_of(Data.model_validate({"train": ours, "mix": [{"files": further}]}), 7)
    assert all(one.file != further for one in (*split.valid, *split.test))
    assert sum(one.file == further for one in split.learned) == 30


def test_a_held_out_conversation_is_refused_by_its_place(write: Write) -> None:
    test, further = write("t.jsonl", 4, scenario="lost"), write("a.jsonl", 2, "You are Robin.", scenario="lost")
    files = {"train": write("train.jsonl", 8), "valid": write("valid.jsonl", 2), "test": test}
    with pytest.raises(UserError) as caught:
        split_of(Data.model_validate({**files, "mix": [{"files": write("b.jsonl", 2)}, {"files": further}]}), 7)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.field) == (further, 1, "data.mix[1].files")


def test_bad_lines_are_treated_as_those_of_train(write: Write) -> None:
    further = write("a.jsonl", 3)
    further.write_text(further.read_text() + "broken\n")
    with pytest.raises(UserError) as caught:
        split_with(write, mix=[{"files": further}])
    assert (caught.value.problems[0].file, caught.value.problems[0].line) == (further, 4)
    skipped = split_with(write, mix=[{"files": further}], bad_lines="skip")
    assert len(skipped.learned) == 11
    assert [line.line for line in skipped.bad] == [4]


def test_an_empty_dataset_is_refused(write: Write, tmp_path: Path) -> None:
    empty = tmp_path / "none.json"
    empty.write_text("[]")
    with pytest.raises(UserError) as caught:
        split_with(write, mix=[{"files": write("a.jsonl", 1)}, {"files": empty, "type": "messages"}])
    (problem,) = caught.value.problems
    assert (problem.file, problem.field) == (empty, "data.mix[1].files")


def test_a_dataset_is_read_in_its_own_form(write: Write, tmp_path: Path) -> None:
    table = tmp_path / "faq.csv"
    table.write_text("Frage,Antwort\nGeht das?,Ja.\nUnd das?,Nein.\n")
    columns = {"user": "Frage", "assistant": "Antwort"}
    split = split_with(write, mix=[{"files": table, "type": "question-answer", "columns": columns}])
    assert [one.messages[-1].content for one in split.learned[-2:]] == ["Ja.", "Nein."]


def test_our_general_chat_comes_with_chatforge() -> None:
    assert included.general_chat().is_file()
