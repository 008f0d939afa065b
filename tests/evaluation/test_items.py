import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.evaluation.items import choose_items, context, every_item


def make(name: str, exchanges: int = 3, intent: str | None = None) -> Conversation:
    messages = [Message("system", "Be kind.")]
    for i in range(exchanges):
        messages += [Message("user", f"{name} q{i}"), Message("assistant", f"{name} a{i}")]
    return Conversation(name, tuple(messages), {"intent": intent} if intent else {})


def test_one_assistant_turn_with_its_true_history():
    conversations = [make(f"c{i}", intent="refund") for i in range(20)]
    items = choose_items(conversations, seed=7)
    assert [item.conversation for item in items] == [c.id for c in conversations]
    for item, conversation in zip(items, conversations, strict=True):
        assert conversation.messages[item.turn].role == "assistant"
        assert item.reference == conversation.messages[item.turn].content
        assert item.history == conversation.messages[: item.turn]
        assert item.question == item.reference.replace("a", "q")
        assert item.intent == "refund"
    assert len({item.turn for item in items}) > 1


def test_the_choice_hangs_on_seed_and_id_alone():
    conversations = [make(f"c{i}") for i in range(30)]
    all_of_them = {item.conversation: item.turn for item in choose_items(conversations, 7)}
    some = {item.conversation: item.turn for item in choose_items(conversations[10:20], 7)}
    assert some == {name: all_of_them[name] for name in some}
    other = {item.conversation: item.turn for item in choose_items(conversations, 8)}
    assert other != all_of_them


@pytest.mark.parametrize(("limit", "count"), [(None, 12), (5, 5), (12, 12), (99, 12)])
def test_a_limit_keeps_file_order_and_grows_by_adding(limit, count):
    conversations = [make(f"c{i}") for i in range(12)]
    chosen = [item.conversation for item in choose_items(conversations, 7, limit)]
    assert len(chosen) == count
    assert chosen == [c.id for c in conversations if c.id in chosen]
    if limit == 5:
        assert set(chosen) <= {item.conversation for item in choose_items(conversations, 7, 6)}


def test_every_turn_can_be_retrieved_and_the_newest_message_comes_first_in_its_context():
    items = every_item([make("a", 2), make("b", 1)])
    assert [item.reference for item in items] == ["a a0", "a a1", "b a0"]
    assert context(items[1].history) == "user: a q1\nassistant: a a0\nuser: a q0"
