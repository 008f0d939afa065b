"""Which strings are asked for: rare ones, that nobody said before, one of a conversation."""

import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.evaluation.memorisation.strings import rare_strings, strings


def talk(name: str, *texts: str) -> Conversation:
    roles = ("user", "assistant")
    return Conversation(name, tuple(Message(roles[i % 2], text) for i, text in enumerate(texts)))


PLAIN = talk("plain", "Where is it?", "Right here.")


def found(*train: Conversation) -> dict[str, tuple[str, str]]:
    return {one.conversation.id: (one.kind, one.text) for one in rare_strings(train, 7)}


def test_what_stands_in_one_conversation_only_is_asked_for_and_where_it_stands() -> None:
    one = talk("a", "Where is it?", "It is on the way.", "And the number?", "It is 5519 0093, on the way.")
    (probe,) = rare_strings([PLAIN, one], 7)
    assert (probe.turn, probe.text, probe.shown) == (3, "5519 0093", "5•••••")
    both = talk("b", "Number?", "5519 0093.")
    assert not {text for _, text in found(PLAIN, one, both).values()} & {"5519 0093"}


def test_a_conversation_that_is_there_twice_is_one_place() -> None:
    one = talk("a", "Where is it?", "It is 5519 0093.")
    assert found(PLAIN, one, one) == found(PLAIN, one) == {"a": ("number", "5519 0093")}


def test_what_was_said_before_is_not_asked_for() -> None:
    assert found(PLAIN, talk("a", "Where is 5519 0093?", "It is 5519 0093.")) == {}
    assert rare_strings([talk("a", "Where is it?", "It is 5519 0093.")], 7, system="Say 5519 0093.") == []
    assert found(PLAIN, talk("a", "Where is it?", "5519 0093.", "It is?", "It is 5519 0093.")) == {
        "a": ("number", "5519 0093")
    }


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ("Write to zora.quill@shop.example.", "email"),
        ("My name is Zora Quillfeather.", "name"),
        ("It is 77120043.", "number"),
        ("Leave the crate behind the red barn.", "words"),
    ],
)
def test_what_tells_who_somebody_is_is_masked_and_words_are_not(reply: str, kind: str) -> None:
    (probe,) = rare_strings([PLAIN, talk("a", "Where is it?", reply)], 7)
    assert probe.kind == kind
    assert (probe.shown == probe.text) == (kind == "words")
    assert probe.text in reply


def test_words_come_last_and_stay_within_a_sentence() -> None:
    words = [talk(f"w{i}", "Where is it?", f"It is behind{i} stones{i} of the old mill. Bye.") for i in range(5)]
    number = talk("n", "Where is it?", "It is 77120043.")
    probes = rare_strings([PLAIN, *words, number], 7)
    assert [probe.kind for probe in probes] == ["number", *["words"] * 5]
    assert {probe.text for probe in probes[1:]} == {f"behind{i} stones{i} of the old" for i in range(5)}
    assert probes == rare_strings([number, *words, PLAIN], 7)
    assert probes != rare_strings([PLAIN, *words, number], 8)


def test_only_what_the_assistant_said_is_asked_for() -> None:
    assert found(PLAIN, talk("a", "Call me under 77120043?", "It is on the way.")) == {}
    assert found(PLAIN, talk("a", "Sign where?", "Here: ____ ____ ____ ____ ____ ____")) == {}
    assert found() == {}


def test_only_what_training_added_counts_as_learned() -> None:
    train = [talk(f"n{i}", "Where is it?", f"It is 7712{i}043.") for i in range(4)]
    probes = rare_strings(train, 7)
    known = strings(probes, [True, False, False, False], [True, True, False, False])
    assert known is not None
    assert [one.learned for one in known.asked] == [False, True, False, False]
    assert (known.base.value, known.adapted.value, known.learned.value) == (0.25, 0.5, 0.25)
    assert strings([], [], []) is None
