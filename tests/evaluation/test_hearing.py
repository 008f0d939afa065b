"""What every rival says: who answers, with which prompts, in which order, and what is kept of it."""

import dataclasses
from typing import get_args

import pytest

from chatforge.errors import UserError
from chatforge.evaluation import hearing
from chatforge.evaluation.cache import Cache
from chatforge.evaluation.hearing import Options, hear, spoken_by
from chatforge.evaluation.items import choose_items
from chatforge.evaluation.measures import make_design
from chatforge.evaluation.memorisation.probing import Memory
from chatforge.evaluation.replies import given, second_references
from chatforge.evaluation.rivals import OPTIONAL, RIVALS, named, ordered
from chatforge.recipe.evaluation import RivalWord
from chatforge.runs.events import Phase, Phases, Progress
from chatforge.runs.events import Warning as WarningEvent


@pytest.fixture
def listen(encoder, parts):
    """Hear all rivals; returns what was said, what was told and the order of names."""

    def run(models, emit=lambda _: None, **more):
        options = Options(encoder="tiny", max_new_tokens=4, batch_size=4, **more)
        items = choose_items(parts.test, 7)
        told, names = [], []
        heard = hear(
            models, encoder, items, train=parts.train, valid=parts.valid, judged=parts.test,
            design=make_design(len(items), 10, 7), options=options,
            emit=lambda event: (told.append(event), emit(event)),
            take=lambda name, _: names.append(name),
        )  # fmt: skip
        return heard, told, names

    return run


def test_the_recipe_knows_the_words_of_the_rivals_that_need_not_be_there():
    assert set(get_args(RivalWord)) == set(OPTIONAL)


def test_all_answer_the_adapted_model_last_and_what_is_to_come_is_told(make_models, listen):
    heard, told, names = listen(make_models(2.0))
    assert names[-2:] == ["adapted + 2 examples", "adapted"]
    assert set(names) == set(heard.replies) == {rival.name for rival in RIVALS} - {"second reference"}
    ahead = next(event for event in told if isinstance(event, Phases)).names
    assert [event.name for event in told if isinstance(event, Phase)] == list(ahead)
    for name, said in heard.replies.items():
        wrote = named(name).by is not None
        assert len(said.texts) == len(said.log_probabilities) == 14
        assert all((one is not None) == wrote for one in said.log_probabilities)
    sure = {heard.replies[rival.name].log_probabilities for rival in RIVALS if rival.by == "base"}
    assert len(sure) == 4, "other prompts, other probabilities"
    assert heard.notes == []


def test_only_those_asked_for_answer(make_models, listen):
    heard, told, _ = listen(make_models(2.0), rivals=("4-examples",))
    assert {name for name in heard.replies if named(name).by} == {"base", "base + 4 examples", "adapted"}
    ahead = next(event for event in told if isinstance(event, Phases)).names
    assert "base + 4 examples: replies" in ahead and "base + 2 examples: replies" not in ahead
    assert [rival.name for rival in spoken_by("adapted", ())] == ["adapted"]


def test_prompts_are_what_their_rival_is_called(make_models, listen, monkeypatch):
    models, asked = make_models(2.0), []
    real = hearing.Speaker.answer

    def spy(self, rival, *rest):
        said = real(self, rival, *rest)
        asked.append(rival.name)
        return said

    prompts = []
    rendered = type(models.renderer).prompt
    monkeypatch.setattr(hearing.Speaker, "answer", spy)
    monkeypatch.setattr(
        type(models.renderer),
        "prompt",
        lambda self, messages: prompts.append((self, messages)) or rendered(self, messages),
    )
    listen(models)
    assert asked == [
        "base", "base, no system message", "base + 2 examples", "base + 4 examples", "adapted + 2 examples", "adapted",
    ]  # fmt: skip
    texts = [models.renderer.tokenizer.decode(rendered(who, messages)) for who, messages in prompts]
    plain = [text for text in texts if "You help." not in text]
    assert len(plain) == 14, "one rival has no system message"
    extra = sorted({text.count("<|im_start|>user") for text in texts})
    assert max(extra) >= 5 and min(extra) == 1


def test_nothing_is_said_twice_and_a_broken_off_evaluation_goes_on(make_models, listen, tmp_path):
    models = dataclasses.replace(make_models(2.0), cache=Cache(tmp_path / "cache", {"base": "b", "adapted": "a"}))
    calls = []
    with models.base() as base, models.adapted() as adapted:
        for model in (base, adapted):
            model.register_forward_pre_hook(lambda *_: calls.append(1))
    memory = Memory(strings=3)

    class BrokenOffError(Exception):
        pass

    def broken(event):
        if isinstance(event, Progress) and event.unit == "replies" and event.done >= 6:
            raise BrokenOffError

    with pytest.raises(BrokenOffError):
        listen(models, broken, memory=memory)
    whole, _, _ = listen(dataclasses.replace(models, cache=Cache()), memory=memory)
    all_calls = len(calls)
    calls.clear()
    first, told, _ = listen(models, memory=memory)
    assert 0 < len(calls) < all_calls
    assert Progress(4, 14, "replies") in told, "the first batch of 4 was kept"
    calls.clear()
    again, told, _ = listen(models, memory=memory)
    assert calls == []
    assert again == first
    for name, said in whole.replies.items():
        assert (said.texts, said.stopped_by) == (again.replies[name].texts, again.replies[name].stopped_by)
    assert (whole.likelihoods, whole.remembered) == (again.likelihoods, again.remembered)
    assert [event for event in told if isinstance(event, Progress)][-1].done >= 14


class Guest:
    """A rival from elsewhere."""

    def __init__(self, name, trouble=None):
        self.name, self._trouble = name, trouble

    def answer(self, items, on_progress):
        if self._trouble:
            raise self._trouble
        on_progress(len(items), len(items))
        return given([item.question for item in items])


def test_guests_answer_and_one_that_cannot_is_missing_with_a_note(make_models, listen):
    guests = (Guest("endpoint big"), Guest("run 1121-x", UserError("nothing has been learned in this run yet")))
    heard, told, names = listen(dataclasses.replace(make_models(2.0), guests=guests), rivals=())
    assert "endpoint big" in names and "run 1121-x" not in heard.replies
    (note,) = heard.notes
    assert "run 1121-x is missing: nothing has been learned" in note
    assert WarningEvent(note) in told
    assert "adapted" in heard.replies


def second(conversation, told):
    return dataclasses.replace(conversation, meta={**conversation.meta, **told})


def test_a_second_reference_is_a_row_where_every_conversation_has_one(make_models, listen, parts):
    whole = parts.test
    parts.test = tuple(second(c, {"reply_2": [f"again {i}" for i in range(len(c.assistant_turns))]}) for c in whole)
    heard, _, _ = listen(make_models(2.0), rivals=())
    assert all(text.startswith("again ") for text in heard.replies["second reference"].texts)
    parts.test = (second(whole[0], {"second_reference": "once more"}), *whole[1:])
    heard, _, _ = listen(make_models(2.0), rivals=())
    assert "second reference" not in heard.replies
    items = choose_items(whole, 7)
    expected = 1 if items[0].turn == whole[0].assistant_turns[-1] else 0
    assert len(heard.notes) == expected


@pytest.mark.parametrize(
    "told", [{"second_reference": 5}, {"second_reference": [None, "x", "y", "z"]}, {"reply_2": " "}]
)
def test_what_is_no_second_reference_is_none(parts, told):
    conversation = second(parts.test[0], told)
    assert second_references(choose_items([conversation], 7), [conversation]) == [None]


def test_rivals_have_an_order_and_those_from_elsewhere_stand_before_the_checks():
    names = ["references", "endpoint b", "constant", "shuffled", "adapted", "run x", "base + 2 examples"]
    assert ordered(names) == [
        "adapted", "base + 2 examples", "constant", "endpoint b", "run x", "shuffled", "references",
    ]  # fmt: skip
    assert ordered(rival.name for rival in reversed(RIVALS)) == [rival.name for rival in RIVALS]
    assert named("run x").trained and not named("endpoint b").trained
    assert (named("run x").phrase, named("endpoint b").phrase) == ("what run x learned", "asking the endpoint b")
