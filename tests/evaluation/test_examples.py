"""Examples in prompts: the most similar exchanges of train, and never more than fit."""

from chatforge.dialogues.conversation import Message
from chatforge.evaluation.cache import Cache
from chatforge.evaluation.examples import Shown, left_out, look_up, prompt_with
from chatforge.evaluation.items import Item, choose_items, every_item
from chatforge.models.window import Fitted


def item(question: str, reply: str, *before: Message, name: str = "c") -> Item:
    return Item(name, None, (*before, Message("user", question)), reply, len(before) + 1)


HISTORY = (Message("user", "My boots don't fit."),)
NEAR = item("The boots are too small.", "Send them back.", Message("user", "Hi"), Message("assistant", "Hello"))
FAR = item("Is it free?", "Yes.")


def text(renderer, ids) -> str:
    return renderer.tokenizer.decode(ids)


def test_examples_stand_after_the_system_message_the_nearest_last(renderer):
    shown = prompt_with(renderer, HISTORY, [NEAR, FAR], 10_000)
    assert shown.count == 2
    asked = [
        Message("user", "Is it free?"), Message("assistant", "Yes."),
        Message("user", "The boots are too small."), Message("assistant", "Send them back."), *HISTORY,
    ]  # fmt: skip
    assert shown.prompt.ids == renderer.prompt(asked)
    assert text(renderer, shown.prompt.ids).startswith("<|im_start|>system\nYou help.")


def test_a_system_message_of_its_own_stays_in_front(renderer):
    own = (Message("system", "Be brief."), *HISTORY)
    said = text(renderer, prompt_with(renderer, own, [FAR], 10_000).prompt.ids)
    assert said.startswith("<|im_start|>system\nBe brief.")
    assert said.index("Is it free?") < said.index("My boots")


def test_the_farthest_leave_first_until_it_fits(renderer):
    both = len(prompt_with(renderer, HISTORY, [NEAR, FAR], 10_000).prompt.ids)
    one = prompt_with(renderer, HISTORY, [NEAR, FAR], both - 1)
    assert one.count == 1
    assert "too small" in text(renderer, one.prompt.ids) and "free" not in text(renderer, one.prompt.ids)
    none = prompt_with(renderer, HISTORY, [NEAR, FAR], len(renderer.prompt(HISTORY)))
    assert (none.count, none.prompt.ids) == (0, renderer.prompt(HISTORY))
    tiny = prompt_with(renderer, HISTORY, [NEAR, FAR], 20)
    assert (tiny.count, len(tiny.prompt.ids)) == (0, 20) and tiny.prompt.cut


def test_how_many_were_left_out_is_said():
    def shown(count: int) -> Shown:
        return Shown(Fitted([1], 0, 0), count)

    assert left_out([shown(2), shown(2)], 2) == ()
    assert left_out([shown(0)], 0) == ()
    assert left_out([shown(1), shown(2)], 2)[0].startswith("1 prompt holds fewer than 2 examples, 1 in all")
    assert left_out([shown(0), shown(3)], 4)[0].startswith("2 prompts hold fewer than 4 examples, 5 in all")


def test_the_same_history_is_the_most_similar_and_conversations_differ(encoder, parts, tmp_path):
    known = every_item(parts.train)
    asked = choose_items(parts.train, 7)
    told = []
    cache = Cache(tmp_path / "cache", {"encoder": "x"})
    found = look_up(asked, known, encoder, cache, lambda done, total: told.append((done, total)))
    assert told[-1][0] == told[-1][1]
    for one, places in zip(asked, found.places, strict=True):
        assert known[places[0]].history == one.history
        assert len({known[i].conversation for i in places}) == len(places) == 4
    again = look_up(asked, known, None, cache, lambda *_: None)
    assert again == found
