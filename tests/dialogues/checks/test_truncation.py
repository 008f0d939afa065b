"""What `max_length` costs: the same that training does, told before it."""

import random
from collections import Counter
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.checks.truncation import Measured, TooLong, Truncation, estimated, measured
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError


def talk(number: int, *words: int) -> Conversation:
    """A conversation of messages with so many words each."""
    said = tuple(Message("assistant" if i % 2 else "user", "word " * count) for i, count in enumerate(words))
    return Conversation(f"c{number}", said, file=Path("talks.jsonl"), line=number)


def heard(limit: int, too_long: TooLong, *found: Measured, exact: bool = True) -> tuple[Truncation, list[str]]:
    truncation = Truncation("tiny", limit, too_long, exact=exact)
    lines = [f"{one.check}:{one.line}: {one.what}"
             for i, length in enumerate(found, start=1) for one in truncation.add(talk(i, 1, 1), length)]  # fmt: skip
    return truncation, lines


LONG = Measured(120, ((120, (30, 80, 119)),))


@pytest.mark.parametrize(
    ("limit", "too_long", "said"),
    [
        (120, "drop", []),
        (100, "drop", ["dropped:2: 120 tokens; none of 3 replies is learned, 2 would be with `cut`"]),
        (20, "drop", ["dropped:2: 120 tokens; none of 3 replies is learned"]),
        (100, "cut", ["cut:2: 120 tokens; 1 of 3 replies lost, the last"]),
        (30, "cut", ["cut:2: 120 tokens; 2 of 3 replies lost, the last"]),
        (20, "cut", ["dropped:2: 120 tokens; none of 3 replies is learned"]),
        (100, "stop", ["stopping:2: 120 tokens; 20 too many"]),
    ],
)
def test_what_is_lost_is_said_as_training_would_do_it(limit: int, too_long: TooLong, said: list[str]) -> None:
    long = LONG if limit < LONG.tokens else Measured(LONG.tokens)
    assert heard(limit, too_long, Measured(10), long)[1] == said


def test_replies_that_are_examples_of_their_own_are_dropped_one_by_one() -> None:
    each = Measured(120, ((40, (39,)), (90, (89,)), (120, (119,))))
    assert heard(100, "drop", each)[1] == ["cut:1: 120 tokens; 1 of 3 replies lost, the last"]


def test_the_whole_is_told_with_limits_that_keep_more() -> None:
    truncation, _ = heard(100, "drop", *[Measured(10 + i) for i in range(19)], LONG)
    assert (truncation.longer, truncation.longest, truncation.keeps_most) == (1, 120, 28)
    assert truncation.note == (
        "tokens, counted with tiny: 1 of 20 conversations are longer than max_length 100; "
        "120 would keep all (talks.jsonl:20 is the longest), 28 95% of them"
    )
    assert heard(100, "drop")[0].note == ""


def test_what_cannot_be_rendered_is_no_length() -> None:
    truncation, lines = heard(100, "drop", Measured(0, problem="no stop token"))
    assert lines == ["unrendered:1: no stop token"] and truncation.conversations == 0


def test_an_estimate_says_that_it_is_one() -> None:
    guess = estimated(talk(1, 10, 10, 50, 50), "You help.", 60)
    (example,) = guess.examples
    assert guess.tokens == example[0] == example[1][-1] and len(example[1]) == 2
    truncation, (line,) = heard(60, "drop", guess, exact=False)
    assert "about" in line and "guessed from their characters" in truncation.note
    assert estimated(talk(1, 2, 2), "", 60).examples == ()


def test_training_loses_what_was_told(new_tokenizer: Callable[[], Any]) -> None:
    from chatforge.adaptation.batching import prepare

    renderer, chance = Renderer(new_tokenizer(), "You help."), random.Random(7)
    talks = [talk(i, *(chance.randint(1, 20) for _ in range(chance.choice([2, 4, 6])))) for i in range(40)]
    whole = {one.id: len(renderer.render(one)[0].ids) for one in talks}
    assert whole == {one.id: renderer.length(one) for one in talks}
    middle = sorted(whole.values())[20]
    for limit, too_long in product((middle, middle // 2), ("cut", "drop", "stop")):
        truncation, told = Truncation("tiny", limit, too_long), Counter[str]()
        for one in talks:
            told.update(found.check for found in truncation.add(one, measured(renderer, one, limit)))
        try:
            kept = prepare(renderer, talks, limit, too_long)
            assert (told["cut"], told["dropped"], told["stopping"]) == (kept.cut, kept.dropped, 0)
        except UserError:
            assert told["stopping"] == truncation.longer > 0
