"""What is in a file more than once: copies, beginnings, other orders, other names, nearly the same; contradictions."""

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.dialogues.contradictions import find_contradictions
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.duplicates import Union, equal, find_duplicates
from chatforge.dialogues.shingles import jaccard, likely_within, pieces, signatures

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
BOOTS = (
    "How long may I wear boots indoors before they count as used and cannot go back?",
    "As long as you like within sixty days, provided that the tags are on them and the soles are clean.",
)


def talk(*turns: str, name: str = "t") -> Conversation:
    """User and assistant in turns."""
    return Conversation(name, tuple(Message("assistant" if i % 2 else "user", turn) for i, turn in enumerate(turns)))


def swapped(turns: Sequence[str], *pairs: tuple[str, str]) -> tuple[str, ...]:
    for old, new in pairs:
        turns = [turn.replace(old, new) for turn in turns]
    return tuple(turns)


def test_nothing_twice() -> None:
    found = find_duplicates([talk(*TENT), talk(*STOVE), talk(*BOOTS)])
    assert (found.exact, found.near, found.compared, found.different) == ((), (), 3, 3)
    assert find_duplicates([]).near == ()


def test_copies_whatever_their_case_marks_and_numbers() -> None:
    loud = talk(*(turn.upper().replace(".", " !") for turn in STOVE))
    found = find_duplicates([talk(*TENT), talk(*STOVE), loud, talk(*TENT), talk(*STOVE)])
    assert found.exact == ((0, 3), (1, 2, 4))
    assert found.near == ()
    assert found.different == 2


@pytest.mark.parametrize(
    ("level", "other"),
    [
        ("begins", TENT[:2]),
        ("reordered", ("Can you send them to me? My tent came without its pegs. Hi, I'm Anna Reyes.", *TENT[1:])),
        ("swapped", swapped(TENT, ("Anna Reyes", "Ben van Dyk"), ("Anna", "Ben"), ("van", "Van"))),
        ("near", swapped(TENT, ("today", "tomorrow"), ("a message", "an e-mail"))),
        ("near", swapped(TENT, ("Anna Reyes", "anna maria reyes"), ("three days", "four days"))),
    ],
)
def test_nearly_the_same(level: str, other: tuple[str, ...]) -> None:
    found = find_duplicates([talk(*STOVE), talk(*TENT), talk(*BOOTS), talk(*other)])
    (cluster,) = found.near
    assert cluster.members == (1, 3)
    assert cluster.level == level
    assert (cluster.similarity == 1.0) == (level != "near")
    assert cluster.similarity >= 0.7


def test_a_cluster_is_as_loose_as_its_loosest_link() -> None:
    near = talk(*swapped(TENT, ("today", "tomorrow"), ("a message", "an e-mail")))
    (cluster,) = find_duplicates([talk(*TENT), talk(*TENT[:2]), talk(*STOVE), near]).near
    assert cluster.members == (0, 1, 3)
    assert [link.level for link in cluster.links] == ["begins", "near"]
    assert cluster.level == "near"


def test_short_formulas_are_no_duplicates() -> None:
    found = find_duplicates([talk("hi", "hello there"), talk("hello there", "hi"), talk("hi", "hello", *STOVE)])
    assert (found.exact, found.near) == ((), ())


def test_of_too_many_a_sample_is_compared_and_that_is_told() -> None:
    many = [talk(f"{'abcdefghij'[i % 10] * 9} {'klmnopqrst'[i // 10] * 9}?", "Yes.") for i in range(100)]
    found = find_duplicates([*many, many[0]], seed=3, most=40)
    assert (found.compared, found.different) == (40, 100)
    assert found.exact == ((0, 100),)
    assert found == find_duplicates([*many, many[0]], seed=3, most=40)


def test_thousands_of_one_template_take_no_longer_than_others() -> None:
    words = ["tent", "stove", "lamp", "boot", "rope", "knife", "map", "axe", "sock", "cup"]
    question = "I would like to know whether the {} that you sold me together with the {} can be washed at home."
    answer = "Yes, the {} can be washed, and so can the {}, but please do not wash them together with the {}."
    many = [
        talk(question.format(one, other), answer.format(one, other, third))
        for one in words
        for other in words
        for third in words[:5]
    ]
    (cluster,) = find_duplicates(many).near
    assert len(cluster.members) == len(many)
    assert len(cluster.links) == len(many) - 1


@given(st.lists(st.integers(0, 3) | st.none(), max_size=12))
def test_equal_marks(marks: list[int | None]) -> None:
    groups = equal(marks)
    for group in groups:
        assert len(group) > 1
        assert len({marks[i] for i in group}) == 1
        assert list(group) == sorted(group)
    assert sum(map(len, groups)) == sum(mark is not None and marks.count(mark) > 1 for mark in marks)


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_a_union_is_what_its_pairs_say(pairs: list[tuple[int, int]]) -> None:
    union, together = Union(10), [{i} for i in range(10)]
    for i, j in pairs:
        assert union.join(i, j) == (together[i] is not together[j])
        if together[i] is not together[j]:
            together[i] |= together[j]
            for k in together[j]:
                together[k] = together[i]
    assert [union.root(i) for i in range(10)] == [min(one) for one in together]
    assert {frozenset(one) for one in union.sets()} == {frozenset(one) for one in together if len(one) > 1}


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_jaccard_is_that_of_the_pieces(left: str, right: str) -> None:
    one, other = ({text.ljust(5)[i : i + 5] for i in range(max(1, len(text) - 4))} for text in (left, right))
    assert jaccard(pieces(left), pieces(right)) == pytest.approx(len(one & other) / len(one | other))


def test_what_is_alike_is_likely_and_little_else() -> None:
    rng = random.Random(1)
    texts = []
    for _ in range(60):
        base = "".join(rng.choices("abcdefgh", k=200))
        texts += [base, base[:100] + "#" + base[100:]]
    pairs = {tuple(pair) for band in likely_within(signatures(texts, len(texts))) for pair in band.tolist()}
    assert pairs == {(i, i + 1) for i in range(0, 120, 2)}


def test_other_numbers_in_the_answer() -> None:
    question = "How many days do I have to send the boots back?"
    (found,) = find_contradictions(
        [
            talk(question, "You have 60 days from the day of delivery."),
            talk(*STOVE),
            talk("how many days do i have to send the boots back", "You have 30 days from the day of delivery."),
            talk(question, "You have 60 days from the day of delivery."),
        ]
    )
    assert (found.first, found.second, found.why, found.asked) == (0, 2, "numbers", 3)
    assert found.question == 1.0


def test_other_words_in_the_answer() -> None:
    (found,) = find_contradictions(
        [
            talk("Hi!", "Hello, what can I do?", "Can I get a large mocha to go from you?", "We don't serve mochas."),
            talk("Can I get a large mocha to go from you", "Absolutely, it will be at the bar in two minutes."),
        ]
    )
    assert (found.first, found.second, found.why) == (0, 1, "words")
    assert found.answer < 0.3


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (("How much are 3 nights of the large tent?", "$60."), ("How much are 5 nights of the large tent?", "$90.")),
        (("Can I get a mocha to go?", "Is this correct?"), ("Can I get a mocha to go?", "We have none, sorry.")),
        (("Is it free?", "Yes, of course."), ("Is it free?", "No, it costs $5.")),
        (STOVE, STOVE),
    ],
)
def test_no_contradiction(left: tuple[str, ...], right: tuple[str, ...]) -> None:
    assert find_contradictions([talk(*left), talk(*right)]) == []
