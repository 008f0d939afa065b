"""How conversations become training examples with one tokenizer, said in words.

prefix      one example a conversation, every reply in it learned        ChatML, Llama, Mistral, Gemma, Phi …
twin        the same, with TRL's version of the template for training    Qwen3
per turn    one example a reply                                          templates that rewrite earlier turns
refused     none: what would be learned is not what is used              DeepSeek R1
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer, Tokenizer, Way
from chatforge.dialogues.template import DAY, NO_THINKING
from chatforge.errors import UserError

REASONS: dict[Way, str] = {
    "prefix": "the template leaves earlier turns as they are: a conversation is one example, every reply is learned",
    "twin": "the template changes earlier turns, TRL's version of it for training does not and is used in training, "
    "evaluation and chat: a conversation is one example, every reply is learned",
    "per turn": "the template changes earlier turns when a conversation goes on: every reply is an example of its own, "
    "exactly what the model sees when it answers",
}

_TALK = Conversation(
    "any conversation",
    (
        Message("user", "Is it free?"),
        Message("assistant", "Yes."),
        Message("user", "Also today?"),
        Message("assistant", "Today as well."),
    ),
)


@dataclass(frozen=True)
class Outcome:
    """What comes of conversations.

    Attributes:
        way: how they become examples, or that they cannot.
        reason: why, in one sentence.
        notes: what else the renderer does because of this template.
    """

    way: Way | Literal["refused"]
    reason: str
    notes: tuple[str, ...] = ()


def outcome(tokenizer: Tokenizer, system: str = "You help.") -> Outcome:
    """Try the template of a transformers tokenizer on a small conversation and say what comes of it. Never raises.

    Args:
        tokenizer: as for `Renderer`.
        system: the system message of the recipe.
    """
    try:
        renderer = Renderer(tokenizer, system)
        examples = renderer.render(_TALK)
    except UserError as error:
        return Outcome("refused", error.problems[0].what)
    begin, end = examples[0].spans[0]
    learned = str(renderer.tokenizer.decode(list(examples[0].ids[begin : end - 1])))
    return Outcome(renderer.way, REASONS[renderer.way], tuple(_notes(renderer, learned)))


def _notes(renderer: Renderer, learned: str) -> Iterator[str]:
    if renderer.folds_system:
        yield "the template has no lasting system role: the system message stands in the first question"
    if renderer.template.startswith(NO_THINKING):
        yield "thinking before a reply is switched off: the conversations show none"
    if "strftime_now" in renderer.template:
        yield f"the template writes the date: always {DAY}, the same in training and chat"
    before, _, after = learned.partition(_TALK.messages[1].content)
    if before or after:
        yield f"the template puts {before!r} before and {after!r} after every reply: that is learned with it"
