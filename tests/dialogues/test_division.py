"""A division that keeps together what belongs together: for any groups, intents, shares and seeds."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.division import Part, Rules, group_split


def divided(groups: list[int], intents: list[str], shares: dict[Part, float], seed: int = 7) -> list[Part]:
    """Each conversation says something else."""
    return group_split(groups, intents, range(len(groups)), shares, seed)


CASES = st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["buy", "ask", "return", ""])), max_size=60)
SHARES = st.tuples(st.floats(0.5, 0.9), st.floats(0.05, 0.3), st.floats(0.05, 0.3)).map(
    lambda shares: dict(zip(("train", "valid", "test"), shares, strict=True))
)


@settings(max_examples=150, deadline=None)
@given(cases=CASES, shares=SHARES, seed=st.integers(0, 99), order=st.randoms(use_true_random=False))
def test_any_division(cases: list[tuple[int, str]], shares: dict[Part, float], seed: int, order: Any) -> None:
    groups, intents = [number for number, _ in cases], [intent for _, intent in cases]
    parts = divided(groups, intents, shares, seed)

    assert len(parts) == len(groups)
    assert set(parts) <= shares.keys()
    owners = {number: {part for part, own in zip(parts, groups, strict=True) if own == number} for number in groups}
    assert all(len(own) == 1 for own in owners.values())
    if len(owners) >= len(shares):
        assert set(parts) == shares.keys()

    largest, counts = max(Counter(groups).values(), default=0), Counter(parts)
    whole = sum(shares.values())
    wanted = {part: share / whole * len(groups) for part, share in shares.items()}
    # A part that gets one group only for not being empty takes it from another.
    allowed = largest if min(wanted.values()) >= largest else 2 * largest
    assert all(abs(counts[part] - wanted[part]) <= allowed for part in shares)

    places = list(range(len(groups)))
    order.shuffle(places)
    again = group_split([100 - groups[i] for i in places], [intents[i] for i in places], places, shares, seed)
    assert again == [parts[i] for i in places]


SEVEN_ONE_TWO: dict[Part, float] = {"train": 0.7, "valid": 0.1, "test": 0.2}


def test_each_intent_gets_its_share() -> None:
    intents = [("buy", "ask", "return", "lost")[i % 4] for i in range(200)]
    counts = Counter(zip(divided(list(range(200)), intents, SEVEN_ONE_TWO), intents, strict=True))
    for part, share in SEVEN_ONE_TWO.items():
        for intent in ("buy", "ask", "return", "lost"):
            assert abs(counts[part, intent] - 50 * share) <= 1


def test_intents_are_followed_though_groups_are_uneven() -> None:
    intents = ["rare" if i % 10 == 0 else "common" for i in range(400)]
    parts = divided([i // 4 for i in range(400)], intents, SEVEN_ONE_TWO)
    counts = Counter(part for part, intent in zip(parts, intents, strict=True) if intent == "rare")
    assert abs(counts["test"] - 8) <= 2
    assert abs(counts["valid"] - 4) <= 2


def test_another_seed_is_another_division() -> None:
    groups, none = list(range(40)), [""] * 40
    one, other = (divided(groups, none, {"train": 0.8, "test": 0.2}, seed) for seed in (1, 2))
    assert one != other
    assert Counter(one) == Counter(other) == {"train": 32, "test": 8}


def test_large_groups_are_not_always_train() -> None:
    groups, none = [max(0, i - 4) for i in range(100)], [""] * 100
    parts = {divided(groups, none, {"train": 0.6, "test": 0.4}, seed)[0] for seed in range(12)}
    assert parts == {"train", "test"}


def test_shares_are_of_all_that_is_divided() -> None:
    assert Rules(0.1, 0.2, 7).shares == {"train": 1 - 0.1 - 0.2, "valid": 0.1, "test": 0.2}
    assert Rules(None, 0.2, 7).shares == {"train": 0.8, "test": 0.2}
    assert Rules(0.0, None, 7).shares == {"train": 1.0}
    assert not Rules(None, None, 7).divides
