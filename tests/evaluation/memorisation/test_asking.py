"""Asking models: the prompt is what training saw, a secret that was learned comes out, one that was not does not."""

from pathlib import Path
from typing import Any

import pytest
import torch

from chatforge.adaptation.batching import collate
from chatforge.dialogues.canaries import control, planted
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.memorisation.asking import Lesson, question, questions
from chatforge.evaluation.memorisation.exposure import log_likelihoods, secrets
from chatforge.evaluation.memorisation.probing import Memory, Remembered, choose, memorisation, remember
from chatforge.evaluation.memorisation.strings import rare_strings
from chatforge.models.loading import load_base

REPLY = "It left, the number is 5519-0093, and bye."
TALK = Conversation(
    "a",
    (Message("user", "Hi"), Message("assistant", "Yes?"), Message("user", "Where?"), Message("assistant", REPLY)),
)
PLACE = (REPLY.index("5"), REPLY.index(", and"))


SHOWN, NEVER = planted(3, 7), control(3, 7)


@pytest.fixture(scope="module")
def model(tiny_model: Path) -> Any:
    """The tiny model as it is: it knows nothing."""
    return load_base(tiny_model, dtype="float32", device=torch.device("cpu"))


@pytest.fixture(scope="module")
def learned(tiny_model: Path, renderer: Renderer) -> Any:
    """The tiny model after it was shown the canaries over and over, and nothing else."""
    model = load_base(tiny_model, dtype="float32", device=torch.device("cpu"))
    rows = [one for canary in SHOWN for one in renderer.render(canary.conversation)]
    batch = collate([{"input_ids": list(row.ids), "labels": row.labels} for row in rows], 0)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(250):
        optimizer.zero_grad()
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        if loss.item() < 0.005:
            break
    return model.eval()


def test_the_prompt_is_what_training_saw_up_to_the_string(renderer: Renderer) -> None:
    asked = question(renderer, TALK, 3, PLACE, Lesson())
    assert asked is not None
    (rendered,) = renderer.render(TALK)
    assert rendered.ids[: len(asked.prompt) + len(asked.target)] == asked.prompt + asked.target
    assert renderer.tokenizer.decode(asked.prompt).endswith("the number is")
    assert renderer.tokenizer.decode(asked.target) == " 5519-0093"


def test_a_reply_that_begins_with_the_string_is_asked_for_whole(renderer: Renderer) -> None:
    asked = question(renderer, TALK, 1, (0, 3), Lesson())
    assert asked is not None
    assert renderer.tokenizer.decode(asked.prompt).endswith("<|im_start|>assistant\n")
    assert renderer.tokenizer.decode(asked.target) == "Yes"


def test_what_training_left_out_is_not_asked_for(renderer: Renderer) -> None:
    (rendered,) = renderer.render(TALK)
    first = rendered.spans[0][1]
    assert question(renderer, TALK, 1, (0, 3), Lesson(first, "cut"))
    assert question(renderer, TALK, 1, (0, 3), Lesson(first - 1, "cut")) is None
    assert question(renderer, TALK, 1, (0, 3), Lesson(first, "drop")) is None
    assert question(renderer, TALK, 3, PLACE, Lesson(first, "cut")) is None
    assert question(renderer, TALK, 3, (0, len(REPLY)), Lesson()), "42 tokens"
    long = Conversation("b", (Message("user", "Hi"), Message("assistant", "long " * 40)))
    assert question(renderer, long, 1, (0, 200), Lesson()) is None
    probes = rare_strings([TALK, PLAIN], 7)
    assert questions(renderer, probes, 5, Lesson(first, "cut")) == ()
    assert len(questions(renderer, probes, 5, Lesson())) == 1
    assert questions(renderer, probes, 0, Lesson()) == ()


PLAIN = Conversation("p", (Message("user", "Where? Hi"), Message("assistant", "Yes? It left, the number is and bye.")))


def test_likelihoods_after_a_shared_prefix_are_those_of_the_whole(model: Any) -> None:
    prefix, tails = [1, 20, 30, 40], [[50, 60], [70], [50, 61, 9], [8] * 300, [5, 6, 7]]
    found = log_likelihoods(model, prefix, tails)
    for tail, value in zip(tails, found, strict=True):
        ids = torch.tensor([[*prefix, *tail]])
        with torch.no_grad():
            logs = torch.log_softmax(model(ids).logits[0], -1)
        alone = sum(float(logs[len(prefix) - 1 + i, token]) for i, token in enumerate(tail))
        assert value == pytest.approx(alone, abs=1e-3)


def test_secrets_that_were_learned_are_exposed_and_others_are_not(model: Any, learned: Any, renderer: Renderer) -> None:
    before = secrets(model, renderer, SHOWN, Lesson(), 4)
    after, chance = (secrets(learned, renderer, part, Lesson(), 4) for part in (SHOWN, NEVER))
    assert before is not None
    assert after is not None
    assert chance is not None
    assert (before.completed.value, after.completed.value, chance.completed.value) == (0, 1, 0)
    assert after.ranks == (1, 1, 1)
    assert after.exposure == pytest.approx(6.64, abs=0.01)
    assert before.exposure < 4, "three secrets of 100: chance is about 1 bit"
    assert chance.exposure < 4
    assert secrets(model, renderer, SHOWN, Lesson(20, "cut"), 4) is None


def test_a_string_that_was_learned_is_completed_and_the_base_does_not(
    model: Any, learned: Any, renderer: Renderer
) -> None:
    memory = Memory(strings=3, planted=SHOWN[:1], control=NEVER[:1])
    asked = choose(renderer, [canary.conversation for canary in SHOWN], memory, 7)
    assert len(asked) == 3
    told: list[int] = []

    def ask(model: Any, memory: Memory) -> Remembered:
        told.clear()
        return remember(model, renderer, asked, memory, batch_size=2, on_done=told.append)

    base = ask(model, Memory())
    assert told == [1, 2, 3]
    report = memorisation(asked, base, ask(learned, memory))
    assert told == [1, 2, 3, 5], "three strings, then a canary and its control"
    assert report.strings is not None
    assert (report.strings.base.value, report.strings.adapted.value) == (0, 1)
    assert all(one.learned and one.shown[1:] == "•••••" for one in report.strings.asked)
    assert report.canaries is not None
    assert (report.canaries.planted.ranks, report.canaries.planted.completed.value) == ((1,), 1)


def test_nothing_asked_costs_nothing(renderer: Renderer) -> None:
    assert choose(renderer, [TALK], Memory(), 7) == ()
    told: list[int] = []
    nothing = remember(None, renderer, (), Memory(), batch_size=1, on_done=told.append)
    report = memorisation((), nothing, nothing)
    assert (report.strings, report.canaries, told) == (None, None, [])
