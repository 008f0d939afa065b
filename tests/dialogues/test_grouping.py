"""What stays together, and a division that keeps it together: for any groups, intents, shares and seeds."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.duplicates import Duplicates, find_duplicates
from chatforge.dialogues.grouping import group, group_split

NONE_TWICE = Duplicates((), (), 0, 0)
WORDS = ["amber", "bishop", "cattle", "dagger", "ember", "funnel", "garlic", "hollow", "ivory", "jungle", "kettle"]


def talk(name: int, intent: str | None = None, **meta: Any) -> Conversation:
    """A conversation that is like no other one of another name."""
    words = " ".join(WORDS[(name * k + k * k) % 11] + str(name) for k in range(1, 8))
    said = (Message("user", f"{words}?"), Message("assistant", f"{words[::-1]}."))
    return Conversation(f"t{name}", said, {"intent": intent, **meta} if intent else meta)


def sorts(groups: tuple[int, ...]) -> list[set[int]]:
    return [{i for i, number in enumerate(groups) if number == one} for one in sorted(set(groups))]


@pytest.mark.parametrize("key", ["scenario", "customer", "customer_id", "source", "parent", "group"])
def test_what_a_file_says_belongs_together(key: str) -> None:
    many = [talk(1, **{key: "a"}), talk(2), talk(3, **{key: " a "}), talk(4, **{key: "b"}), talk(5, **{key: ""})]
    assert sorts(group(many, NONE_TWICE).of) == [{0, 2}, {1}, {3}, {4}]


def test_numbers_are_names_too_and_other_keys_are_other_names() -> None:
    many = [
        talk(1, customer=7),
        talk(2, customer="7"),
        talk(3, parent=7),
        talk(4, customer=["7"]),
        talk(5, customer=None),
    ]
    assert sorts(group(many, NONE_TWICE).of) == [{0, 1}, {2}, {3}, {4}]


def test_groups_that_touch_are_one() -> None:
    many = [talk(1, scenario="a", parent="x"), talk(2, scenario="b"), talk(3, scenario="b", parent="x"), talk(4)]
    assert sorts(group(many, NONE_TWICE).of) == [{0, 1, 2}, {3}]


def test_copies_stay_together() -> None:
    many = [talk(1), talk(2, scenario="a"), talk(3), talk(1), talk(3, scenario="a")]
    assert sorts(group(many, find_duplicates(many)).of) == [{0, 3}, {1, 2, 4}]


def test_a_source_that_nearly_all_have_divides_nothing_and_that_is_told() -> None:
    many = [talk(i, source="a data set", scenario="one" if i < 15 else f"s{i}") for i in range(20)]
    groups = group(many, NONE_TWICE)
    assert sorts(groups.of) == [set(range(15)), *({i} for i in range(15, 20))]
    assert groups.notes == ("`source` divides nothing: 20 of 20 conversations have the same",)


CASES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["buy", "ask", "return", None])), max_size=60)
SHARES = st.tuples(st.floats(0.5, 0.9), st.floats(0.05, 0.3), st.floats(0.05, 0.3)).map(
    lambda shares: dict(zip(("train", "valid", "test"), shares, strict=True))
)


@settings(max_examples=150, deadline=None)
@given(cases=CASES, shares=SHARES, seed=st.integers(0, 99), order=st.randoms(use_true_random=False))
def test_any_division(cases: list[tuple[int, str | None]], shares: dict[str, float], seed: int, order: Any) -> None:
    many = [talk(i, intent) for i, (_, intent) in enumerate(cases)]
    groups = [number for number, _ in cases]
    parts = group_split(many, groups, shares, seed)

    assert len(parts) == len(many)
    assert set(parts) <= shares.keys()
    owners = {number: {part for part, own in zip(parts, groups, strict=True) if own == number} for number in groups}
    assert all(len(own) == 1 for own in owners.values())
    if len(owners) >= len(shares):
        assert set(parts) == shares.keys()

    largest, counts = max(Counter(groups).values(), default=0), Counter(parts)
    whole = sum(shares.values())
    wanted = {part: share / whole * len(many) for part, share in shares.items()}
    # A part that gets one group only for not being empty takes it from another.
    allowed = largest if min(wanted.values()) >= largest else 2 * largest
    assert all(abs(counts[part] - wanted[part]) <= allowed for part in shares)

    places = list(range(len(many)))
    order.shuffle(places)
    again = group_split([many[i] for i in places], [100 - groups[i] for i in places], shares, seed)
    assert again == [parts[i] for i in places]


def test_each_intent_gets_its_share() -> None:
    many = [talk(i, ("buy", "ask", "return", "lost")[i % 4]) for i in range(200)]
    parts = group_split(many, range(200), {"train": 0.7, "valid": 0.1, "test": 0.2}, seed=7)
    counts = Counter(zip(parts, (c.intent for c in many), strict=True))
    for part, share in (("train", 0.7), ("valid", 0.1), ("test", 0.2)):
        for intent in ("buy", "ask", "return", "lost"):
            assert abs(counts[part, intent] - 50 * share) <= 1


def test_intents_are_followed_though_groups_are_uneven() -> None:
    many = [talk(i, "rare" if i % 10 == 0 else "common") for i in range(400)]
    parts = group_split(many, [i // 4 for i in range(400)], {"train": 0.7, "valid": 0.1, "test": 0.2}, seed=7)
    counts = Counter(part for part, c in zip(parts, many, strict=True) if c.intent == "rare")
    assert abs(counts["test"] - 8) <= 2
    assert abs(counts["valid"] - 4) <= 2


def test_another_seed_is_another_division() -> None:
    many = [talk(i) for i in range(40)]
    one, other = (group_split(many, range(40), {"train": 0.8, "test": 0.2}, seed) for seed in (1, 2))
    assert one != other
    assert Counter(one) == Counter(other) == {"train": 32, "test": 8}


def test_large_groups_are_not_always_train() -> None:
    many, groups = [talk(i) for i in range(100)], [max(0, i - 4) for i in range(100)]
    parts = {group_split(many, groups, {"train": 0.6, "test": 0.4}, seed)[0] for seed in range(12)}
    assert parts == {"train", "test"}
