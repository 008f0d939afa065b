"""Who answers: guessed with a reason, chosen, or asked."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.sides import Sides, guess
from chatforge.errors import UserError

PATH = Path("talks.txt")


def found(*talks: str, assistant: str | None = None) -> Sides:
    """Guess from talks given as "Anna Ben Anna"."""
    return guess([talk.split() for talk in talks], Choices(assistant), PATH)


def test_a_known_word_answers() -> None:
    sides = found("Doctor Patient Doctor_2 Docotr Guest_family Patient")
    assert sides.assistant == "Doctor"
    assert sides.guessed == ("`Doctor` taken as the assistant: a word for somebody who answers",)
    assert sides.of(["Doctor", "Patient", "Doctor_2", "Docotr", "Guest_family"]) == {
        "Doctor": "assistant",
        "Doctor_2": "assistant",
        "Docotr": "assistant",
        "Patient": "user",
        "Guest_family": "third",
    }


def test_the_system_answers_only_if_nobody_else_does() -> None:
    assert found("USER SYSTEM USER").of(["USER", "SYSTEM"]) == {"USER": "user", "SYSTEM": "assistant"}
    assert found("Agent System Anna").of(["Agent", "System", "Anna"])["System"] == "notice"


@pytest.mark.parametrize(
    ("talk", "assistant"), [("D P D", "D"), ("p d", "d"), ("Q A", "A"), ("U: A".replace(":", ""), "A")]
)
def test_single_letters(talk: str, assistant: str) -> None:
    assert found(talk).assistant == assistant


def test_whoever_speaks_with_a_customer() -> None:
    sides = found("Customer Sarah Customer", "Tom Customer")
    assert sides.guessed == ("`Sarah` taken as the assistant: speaks with `Customer`",)
    assert sides.of(["Tom", "Customer"]) == {"Tom": "assistant", "Customer": "user"}


def test_the_one_who_is_always_there() -> None:
    sides = found(*(f"Lena Guest{i} Lena" for i in range(6)))
    assert (sides.assistant, sides.reason) == ("Lena", "speaks in 6 of 6 conversations, with others each time")


def test_the_one_who_never_opens_and_always_closes() -> None:
    sides = found(*["Ben Anna Ben Anna"] * 5)
    assert (sides.assistant, sides.reason) == ("Anna", "never opens and closes 5 of 5 conversations")


@pytest.mark.parametrize(
    "talks", [["Anna Ben Anna"], ["Ben Anna Ben Anna"] * 4, ["Agent_1 Agent_2"], ["Anna Ben", "Ben Anna"] * 9]
)
def test_nothing_tells_so_it_is_asked(talks: Sequence[str]) -> None:
    with pytest.raises(UserError) as caught:
        found(*talks)
    (problem,) = caught.value.problems
    assert problem.what.startswith("cannot tell which speaker is the assistant: `")
    assert (problem.file, problem.field) == (PATH, "data.assistant")
    assert problem.hint == "say who answers: `data.assistant: NAME` in the recipe, or --assistant NAME"


def test_what_was_chosen_wins() -> None:
    sides = found("Doctor Patient Guest_family", assistant="patient")
    assert sides.guessed == ()
    assert sides.of(["Doctor", "Patient", "Guest_family"]) == {
        "Doctor": "user",
        "Patient": "assistant",
        "Guest_family": "third",
    }


def test_a_chosen_word_covers_its_numbers_but_a_chosen_number_only_itself() -> None:
    assert found("Agent_1 Agent_2 Anna", assistant="Agent").of(["Agent_1", "Agent_2"]) == {
        "Agent_1": "assistant",
        "Agent_2": "assistant",
    }
    assert found("Agent_1 Agent_2", assistant="agent_2").of(["Agent_1", "Agent_2"]) == {
        "Agent_1": "user",
        "Agent_2": "assistant",
    }
    assert found("Person_1 Person_2", assistant="Person_2").of(["Person_1", "Person_2"])["Person_1"] == "user"


def test_a_chosen_name_that_nobody_has() -> None:
    with pytest.raises(UserError, match="no speaker is called `Benn`: there are `Anna`, `Ben`") as caught:
        found("Anna Ben", assistant="Benn")
    assert caught.value.problems[0].hint == "did you mean `Ben`?"


def test_the_user_is_the_one_of_unknown_names_who_speaks_most() -> None:
    assert found("Agent Tim Zoe Zoe").of(["Agent", "Tim", "Zoe", "Zoe"]) == {
        "Agent": "assistant",
        "Tim": "third",
        "Zoe": "user",
    }


@pytest.mark.parametrize("talks", [[], [""], ["Anna Anna"]])
def test_with_less_than_two_speakers_there_is_nothing_to_ask(talks: Sequence[str]) -> None:
    assert found(*talks) == Sides("")


def test_names_are_shown_without_what_steers_a_terminal() -> None:
    with pytest.raises(UserError) as caught:
        found("\x1b[31mAnna" + "a" * 100, "Ben", "C D E F G H I")
    assert "\x1b" not in str(caught.value)
    assert "Anna" in str(caught.value)
    assert "and 3 more" in str(caught.value)
