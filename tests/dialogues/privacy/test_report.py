"""The report: counts that add up, places that can be opened, nothing shown."""

from pathlib import Path

from chatforge.dialogues.conversation import Conversation, Message, Role
from chatforge.dialogues.privacy import anonymise, look_through

FILE = Path("talks.jsonl")


def talk(line: int, *said: str) -> Conversation:
    roles: tuple[Role, ...] = ("user", "assistant")
    return Conversation(f"t{line}", tuple(Message(roles[i % 2], text) for i, text in enumerate(said)), {}, FILE, line)


TALKS = [
    talk(1, "Is it free?", "Yes, call 555-0134."),
    talk(2, "I'm Anna Keller, or 555-0187.", "Hi Anna, call 555-0134."),
    talk(3, "Is it blue?", "It is."),
]


def test_counts_and_places() -> None:
    report = look_through(iter(TALKS))
    assert (report.conversations, report.touched) == (3, 2)
    assert list(report.kinds) == ["phone", "name"]
    phones, names = report.kinds["phone"], report.kinds["name"]
    assert (phones.findings, phones.conversations, phones.different) == (3, 2, 2)
    assert (names.findings, names.conversations, names.different) == (2, 1, 2)
    (place,) = names.examples
    assert (place.file, place.line, place.conversation, place.message, place.shown) == (FILE, 2, "t2", 1, "A•••••")
    assert [place.message for place in phones.examples] == [2, 1]


def test_nothing_is_shown_whole() -> None:
    report = look_through(TALKS)
    assert "Anna" not in repr(report)
    assert "555" not in repr(report)
    assert str(report).splitlines() == [
        "2 of 3 conversations tell who somebody is",
        "phone numbers: 3 in 2 conversations, 2 different",
        "names: 2 in 1 conversations, 2 different",
    ]


def test_what_is_kept_or_made_up_is_not_counted() -> None:
    assert list(look_through(TALKS, keep=["555-0134", "555-0187"]).kinds) == ["name"]
    assert look_through(anonymise(one, 1)[0] for one in TALKS).kinds == {}


def test_examples_are_few() -> None:
    report = look_through(talk(line, "I'm Anna Keller", "Hi Anna") for line in range(1, 100))
    assert len(report.kinds["name"].examples) == 5
    assert report.kinds["name"].conversations == 99
