"""What stays together when conversations are divided, and what is told of it."""

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues import grouping
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.grouping import Gathering, group


def words(name: int, count: int = 8) -> list[str]:
    own = random.Random(name)
    return ["".join(own.choices("abcdefghijklmnopqrstuvwxyz", k=6)) for _ in range(count)]


def talk(name: int, intent: str | None = None, **meta: Any) -> Conversation:
    """A conversation that is like no other one of another name."""
    said = words(name, 16)
    turns = (Message("user", " ".join(said[:8])), Message("assistant", " ".join(said[8:])))
    return Conversation(f"t{name}", turns, {"intent": intent, **meta} if intent else meta)


def sorts(groups: tuple[int, ...]) -> list[set[int]]:
    return [{i for i, number in enumerate(groups) if number == one} for one in sorted(set(groups))]


@pytest.mark.parametrize("key", ["scenario", "customer", "customer_id", "source", "parent", "group"])
def test_what_a_file_says_belongs_together(key: str) -> None:
    many = [talk(1, **{key: "a"}), talk(2), talk(3, **{key: " a "}), talk(4, **{key: "b"}), talk(5, **{key: ""})]
    assert sorts(group(many).of) == [{0, 2}, {1}, {3}, {4}]


def test_numbers_are_names_too_and_other_keys_are_other_names() -> None:
    many = [
        talk(1, customer=7),
        talk(2, customer="7"),
        talk(3, parent=7),
        talk(4, customer=["7"]),
        talk(5, customer=None),
    ]
    assert sorts(group(many).of) == [{0, 1}, {2}, {3}, {4}]


def test_groups_that_touch_are_one() -> None:
    many = [talk(1, scenario="a", parent="x"), talk(2, scenario="b"), talk(3, scenario="b", parent="x"), talk(4)]
    assert sorts(group(many).of) == [{0, 1, 2}, {3}]


def test_copies_stay_together() -> None:
    many = [talk(1), talk(2, scenario="a"), talk(3), talk(1), talk(3, scenario="a")]
    assert sorts(group(many).of) == [{0, 3}, {1, 2, 4}]


def test_a_source_that_nearly_all_have_divides_nothing_and_that_is_told() -> None:
    many = [talk(i, source="a data set", scenario="one" if i < 15 else f"s{i}") for i in range(20)]
    groups = group(many)
    assert sorts(groups.of) == [set(range(15)), *({i} for i in range(15, 20))]
    assert groups.notes == ("`source` divides nothing: 20 of 20 conversations have the same",)


@pytest.mark.parametrize("value", [None, "", " ", True, [], ["a"], {"a": 1}])
@pytest.mark.parametrize("key", ["customer", "source"])
def test_what_names_nobody_joins_nobody(key: str, value: Any) -> None:
    assert sorts(group([talk(1, **{key: value}), talk(2, **{key: value})]).of) == [{0}, {1}]


def said(*turns: str) -> Conversation:
    return Conversation("", tuple(Message("assistant" if i % 2 else "user", turn) for i, turn in enumerate(turns)), {})


FIRST = "Hello, this is Anna Berg and my parcel has not come yet, can you help me with it please?"
REPLY = "I am sorry to hear that, could you tell me the number of the order, and where it should go?"


@pytest.mark.parametrize(
    "other",
    [
        said(FIRST.upper(), REPLY.replace(",", " -")),
        said(FIRST.replace("Anna Berg", "Zoe Ito"), REPLY),
        said(REPLY, FIRST),
        said(FIRST, REPLY, "It is 4711", "Thank you, it will be with you on Monday."),
        said(FIRST.replace("please", "pls"), REPLY),
    ],
    ids=["case", "name", "order", "begins", "near"],
)
def test_copies_in_disguise_stay_together(other: Conversation) -> None:
    assert sorts(group([said(FIRST, REPLY), talk(1), other]).of) == [{0, 2}, {1}]
    assert sorts(group([other, talk(1), said(FIRST, REPLY)]).of) == [{0, 2}, {1}]


def test_copies_keep_their_own_names_together_too() -> None:
    """One is the other but for case; in the third one that stands small is the only one with another name."""
    small, large = FIRST.lower(), FIRST
    assert sorts(group([said(small, REPLY), said(large, REPLY), said(large.replace("Anna", "Zoe"), REPLY)]).of) == [
        {0, 1, 2}
    ]


def test_of_too_many_only_what_a_hash_tells_is_grouped_and_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    copy, near = said(FIRST.upper(), REPLY), said(FIRST.replace("please", "pls"), REPLY)
    many = [said(FIRST, REPLY), copy, near]
    assert group(many).notes == ()
    monkeypatch.setattr(grouping, "MOST_NEAR", 2)
    found = group(many)
    assert sorts(found.of) == [{0, 1}, {2}]
    assert "among more than 2 conversations" in found.notes[0] and "was not looked at" in found.notes[0]


def test_grouping_can_be_given_up() -> None:
    class EnoughError(Exception): ...

    def stop() -> None:
        raise EnoughError

    gathered = Gathering()
    for i in range(3):
        gathered.add(talk(i))
    with pytest.raises(EnoughError):
        gathered.groups(stop)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from([None, "a", "b", 3]), st.booleans()), max_size=25),
    st.randoms(use_true_random=False),
)
def test_groups_do_not_depend_on_the_order(rows: list[tuple[int, Any, bool]], order: random.Random) -> None:
    many = [
        said(*(" ".join(words(name, 9)).upper() if loud else " ".join(words(name, 9)), "Yes."))
        if not customer
        else talk(name, customer=customer)
        for name, customer, loud in rows
    ]
    places = list(range(len(many)))
    order.shuffle(places)
    one = group(many).of
    other = dict(zip(places, group([many[i] for i in places]).of, strict=True))
    assert all((one[i] == one[j]) == (other[i] == other[j]) for i in range(len(many)) for j in range(i))
