import math

import pytest
import torch

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.evaluation.likelihood import likelihoods
from chatforge.evaluation.summary import bits_per_byte


def talk(name="c", answer="Yes, of course.") -> Conversation:
    return Conversation(
        name,
        (
            Message("user", "Is it free?"),
            Message("assistant", answer),
            Message("user", "Why?"),
            Message("assistant", "Öffnungszeiten ☕"),
        ),
    )


@pytest.fixture(scope="module")
def model(make_models):
    with make_models(0.0).base() as model:
        return model


def test_every_word_of_the_assistant_counts_and_nothing_else(model, renderer):
    found = likelihoods(model, renderer, [talk()])[0]
    rendered = renderer.render(talk())[0]
    with torch.no_grad():
        logs = model(input_ids=torch.tensor([rendered.ids])).logits[0].log_softmax(-1)
    nats, stops = 0.0, 0.0
    for begin, end in rendered.spans:
        nats -= sum(float(logs[i - 1, rendered.ids[i]]) for i in range(begin, end - 1))
        stops += math.exp(float(logs[end - 2, rendered.ids[end - 1]]))
    assert found.nats == pytest.approx(nats, rel=1e-5)
    assert found.stop_probability == pytest.approx(stops, rel=1e-4)
    assert found.bytes == len("Yes, of course.") + len("Öffnungszeiten ☕".encode())
    assert found.tokens == found.bytes  # the tiny tokenizer has one token a byte
    assert (found.turns, found.skipped) == (2, 0)


def test_a_model_that_knows_nothing_needs_the_bits_of_its_vocabulary(model, renderer, monkeypatch):
    real = model.forward

    def flat(*args, **more):
        out = real(*args, **more)
        out.logits = torch.zeros_like(out.logits)
        return out

    monkeypatch.setattr(model, "forward", flat)
    found = likelihoods(model, renderer, [talk(), talk("d", "No.")])
    bits = bits_per_byte(found, found, seed=1)
    assert bits.base.value == pytest.approx(math.log2(259))
    assert bits.saved.value == 0
    assert bits.base_stops == pytest.approx(1 / 259)


def test_rendering_one_example_per_turn_gives_the_same(model, renderer, monkeypatch):
    whole = likelihoods(model, renderer, [talk()])[0]
    monkeypatch.setattr(renderer, "one_turn_each", True)
    each = likelihoods(model, renderer, [talk()])[0]
    assert each.nats == pytest.approx(whole.nats, rel=1e-5)
    assert (each.bytes, each.turns, each.skipped) == (whole.bytes, whole.turns, 0)


def test_what_all_begin_with_is_read_once_and_changes_nothing(model, renderer, monkeypatch):
    talks = [talk(), talk("d", "No, it costs a little."), talk("e", "Yes.")]
    alone = [likelihoods(model, renderer, [one])[0] for one in talks]
    real, read = model.forward, []

    def seen(*args, **more):
        read.append(more["input_ids"].shape[1])
        return real(*args, **more)

    monkeypatch.setattr(model, "forward", seen)
    for one, other in zip(likelihoods(model, renderer, talks), alone, strict=True):
        assert one.nats == pytest.approx(other.nats, rel=1e-5)
        assert one.stop_probability == pytest.approx(other.stop_probability, rel=1e-4)
    ends = [renderer.render(one)[0].spans[-1][1] for one in talks]
    assert sum(read) == sum(ends) - 2 * read[0]
    assert read[0] > len("Is it free?")


def test_turns_beyond_the_window_are_counted_and_in_no_figure(model, renderer, monkeypatch):
    short = talk()
    first_end = renderer.render(short)[0].spans[0][1]
    monkeypatch.setattr(model.config, "max_position_embeddings", first_end + 3)
    found = likelihoods(model, renderer, [short])[0]
    assert (found.turns, found.skipped, found.bytes) == (1, 1, len("Yes, of course."))
    monkeypatch.setattr(model.config, "max_position_embeddings", 5)
    nothing = likelihoods(model, renderer, [short])
    assert (nothing[0].bytes, nothing[0].nats, nothing[0].skipped) == (0, 0.0, 2)
    assert bits_per_byte(nothing, nothing, seed=1) is None


def test_many_positions_are_done_in_pieces(model, renderer, monkeypatch):
    whole = likelihoods(model, renderer, [talk()])[0]
    monkeypatch.setattr("chatforge.evaluation.likelihood.ROWS", 3)
    assert likelihoods(model, renderer, [talk()])[0].nats == pytest.approx(whole.nats, rel=1e-6)


def test_progress_is_told(model, renderer):
    seen = []
    likelihoods(model, renderer, [talk("a"), talk("b")], lambda done, total: seen.append((done, total)))
    assert seen == [(1, 2), (2, 2)]
