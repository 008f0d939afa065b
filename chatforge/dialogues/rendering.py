"""The one renderer: a conversation becomes token ids and a mask of what is learned.

    <|im_start|>user⏎ Is it free? <|im_end|>⏎ <|im_start|>assistant⏎ Yes, from $75. <|im_end|> ⏎
    ·          ·    · ·  ·  ·   · ·         · ·          ·         · ✓   ✓    ✓  ✓  ✓          ·

Learned is what the assistant said and the stop token after it, nothing else. The mask comes from the model's own chat
template: the span of a turn begins where `history + generation prompt` ends, which must be a token prefix of the whole,
and ends with the stop token. Training, evaluation and chat all come through here.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.marks import Marks, token_marks, written_marks
from chatforge.dialogues.template import own_template, settled, training_twin
from chatforge.errors import UserError

Tokenizer = Any
"""A transformers tokenizer with a chat template. This room only calls it, and never imports the library."""

Way = Literal["prefix", "twin", "per turn"]
"""How a conversation becomes examples: one, as the template renders it; one, as TRL's training version of the template
renders it; one for each assistant turn."""


@dataclass(frozen=True)
class Rendered:
    """One training example.

    Attributes:
        ids: token ids, shape (T,).
        learned: shape (T,); True where the loss counts.
        spans: one (begin, end) per learned assistant turn; `ids[end - 1]` is the stop token.
        conversation: where it comes from.
    """

    ids: tuple[int, ...]
    learned: tuple[bool, ...]
    spans: tuple[tuple[int, int], ...]
    conversation: Conversation

    @property
    def labels(self) -> list[int]:
        """The ids with -100 where nothing is learned, shape (T,)."""
        return [i if keep else -100 for i, keep in zip(self.ids, self.learned, strict=True)]

    def cut(self, max_length: int) -> "Rendered":
        """Return the first `max_length` tokens, without the turns whose end would be missing."""
        spans = tuple(span for span in self.spans if span[1] <= max_length)
        learned = _mask(min(len(self.ids), max_length), spans)
        return Rendered(self.ids[:max_length], learned, spans, self.conversation)


class PrefixError(UserError):
    """The template renders a conversation differently when it goes on: spans cannot be found in the whole."""


class Renderer:
    """Renders with one tokenizer, one system message and one set of stop tokens.

    Args:
        tokenizer: a transformers tokenizer that has a chat template.
        system: the system message put before every conversation that has none; "" for none.

    Attributes:
        template: the chat template that is used, in training, evaluation and chat.
        way: how conversations become examples; `one_turn_each` if one for each reply.
        folds_system: the system message goes into the first user turn.

    Raises:
        UserError: the tokenizer has no chat template, or one that cannot render a conversation.
    """

    def __init__(self, tokenizer: Tokenizer, system: str) -> None:
        self.tokenizer = tokenizer
        self.system = system
        self.stop_ids = _stop_ids(tokenizer)
        tokens = token_marks(tokenizer)
        self._marks = Marks(tokens)
        own = own_template(tokenizer)
        self.template = settled(own)
        self.folds_system = self._refuses_system()
        self.way: Way = self._choose_way(own)
        self.one_turn_each = self.way == "per turn"
        self._marks = Marks(tokens, written_marks(self.frame(_PROBE, generate=True) or (), tokens))

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of a history that ends with a user turn, ready for the assistant's reply, shape (T,)."""
        return self._ids(self._with_system(messages), generate=True)

    def render(self, conversation: Conversation) -> list[Rendered]:
        """Render a conversation into training examples: one, or one per assistant turn.

        Models whose template changes earlier turns when a conversation goes on get one example per assistant turn
        (`one_turn_each`), unless TRL has a version of the template that does not: each is then exactly what the model
        sees when it answers.

        Raises:
            PrefixError: not even a single turn can be found in its rendering.
        """
        messages = self._with_system(conversation.messages)
        turns = [i for i, message in enumerate(messages) if message.role == "assistant"]
        groups = [[turn] for turn in turns] if self.one_turn_each else [turns]
        return [self._example(messages[: group[-1] + 1], group, conversation) for group in groups]

    def length(self, conversation: Conversation) -> int:
        """Tokens of the longest example of a conversation; without looking for its turns, which takes longer."""
        messages = conversation.messages[: conversation.assistant_turns[-1] + 1]
        return len(self._ids(self._with_system(messages)))

    def told(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Messages as the template gets them: with the system message, or folded, and harmless."""
        return tuple(Message(m.role, self.harmless(m.content)) for m in self._with_system(messages))

    def text(self, messages: Sequence[Message]) -> str:
        """The text whose tokens `render` returns for these messages."""
        return self._text(self._with_system(messages))

    def frame(self, messages: Sequence[Message], generate: bool = False) -> tuple[str, ...] | None:
        """Return what the template writes before, between and after messages; None if it keeps one of them back."""
        told = self._with_system(messages)
        names = [Message(message.role, f"chatforge-probe-{i}-") for i, message in enumerate(told)]
        pieces, rest = [], self._text(names, generate)
        for name in names:
            before, found, rest = rest.partition(name.content)
            if not found:
                return None
            pieces.append(before)
        return (*pieces, rest)

    def harmless(self, text: str) -> str:
        """Return `text` as the model gets it: the template's marks broken up, no white space around it.

        White space at the start would melt into the token before it, so that a turn could not be found; many
        templates strip it anyway. Half a surrogate pair (a broken paste) is "?".
        """
        return self._marks.broken(text.encode("utf-8", "replace").decode().strip())

    def marks_in(self, text: str) -> int:
        """How many of the template's marks a text spells out."""
        return self._marks.count(text)

    def fingerprint(self) -> str:
        """Hash of everything that decides how a conversation becomes ids."""
        parts = (self.template, self.system, repr(sorted(self.stop_ids)))
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def _choose_way(self, own: str) -> Way:
        """Settle for the first way in which turns can be found in a longer conversation."""
        if self._keeps_prefix():
            return "prefix"
        kept, twin = self.template, training_twin(own)
        if twin:
            self.template = settled(twin)
            if self._keeps_prefix():
                return "twin"
            self.template = kept
        return "per turn"

    def _keeps_prefix(self) -> bool:
        messages = self._with_system(_PROBE[1:-1])
        turns = [i for i, message in enumerate(messages) if message.role == "assistant"]
        try:
            self._example(messages, turns, Conversation("probe", messages))
        except PrefixError:
            return False
        return True

    def _refuses_system(self) -> bool:
        """Whether the template has no lasting system role: its text then goes into the first user turn.

        Gemma's raises; Mistral's shows it before the last question and forgets it once that is answered.
        """
        try:
            return _PROBE[0].content not in self._text(_PROBE[:3])
        except UserError:
            return True

    def _example(self, messages: Sequence[Message], turns: list[int], source: Conversation) -> Rendered:
        ids = self._ids(messages)
        spans = tuple(self._span(ids, messages, turn, source) for turn in turns)
        # What a template adds only at the very end (a newline) is kept; it is not learned.
        return Rendered(tuple(ids), _mask(len(ids), spans), spans, source)

    def _span(self, ids: list[int], messages: Sequence[Message], turn: int, source: Conversation) -> tuple[int, int]:
        before = self._ids(messages[:turn], generate=True)
        begin = len(before)
        if ids[:begin] != before:
            raise self._no_prefix(messages, turn, source)
        upto = begin + _common(ids[begin:], self._ids(messages[: turn + 1])[begin:])
        for position in range(begin, upto):
            if ids[position] in self.stop_ids:
                return begin, position + 1
        raise PrefixError(
            f"no stop token follows {_which_reply(messages, turn, source)}: the model would never learn to stop",
            field="model.base",
            hint="take another base model, or one whose chat template ends each turn with its end-of-turn token",
        )

    def _no_prefix(self, messages: Sequence[Message], turn: int, source: Conversation) -> PrefixError:
        which = _which_reply(messages, turn, source)
        asked, whole = self._text(messages[:turn], generate=True), self._text(messages)
        added = asked[_common(asked, whole) :]
        if not added:
            return PrefixError(
                f"the beginning of {which} melts into the template's last token before it",
                field="model.base",
                hint="begin that reply with a letter, or take another base model",
            )
        return PrefixError(
            f"the chat template does not keep its own prefix at {which}: "
            f"it asks for a reply with {added[:40]!r} and then does not keep that",
            field="model.base",
            hint="this model cannot be trained correctly here; take another base model",
        )

    def _with_system(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        whole = tuple(messages)
        if self.system and whole[0].role != "system":
            whole = (Message("system", self.system), *whole)
        if self.folds_system and whole[0].role == "system" and len(whole) > 1:
            first = Message("user", f"{whole[0].content}\n\n{whole[1].content}")
            return (first, *whole[2:])
        return whole

    def _ids(self, messages: Sequence[Message], generate: bool = False) -> list[int]:
        return list(self.tokenizer(self._text(messages, generate), add_special_tokens=False)["input_ids"])

    def _text(self, messages: Sequence[Message], generate: bool = False) -> str:
        chat = [{"role": m.role, "content": self.harmless(m.content)} for m in messages]
        try:
            return str(
                self.tokenizer.apply_chat_template(
                    chat,
                    chat_template=self.template,
                    tokenize=False,
                    add_generation_prompt=generate,
                )
            )
        except Exception as error:  # a template raises whatever it likes
            raise UserError(
                f"the model's chat template cannot render a conversation: {error}",
                field="model.base",
                hint="take another base model; ChatForge needs system, user and assistant turns in plain text",
            ) from None


_PROBE = (
    Message("system", "chatforge-probe"),
    Message("user", "First question?"),
    Message("assistant", "First answer."),
    Message("user", "Second question?"),
    Message("assistant", "Second answer."),
    Message("user", "Third question?"),
)


def _which_reply(messages: Sequence[Message], turn: int, source: Conversation) -> str:
    """Replies are counted, not messages: what the file has before them may have been folded or added to."""
    return f"reply {sum(message.role == 'assistant' for message in messages[: turn + 1])} of {source.place}"


def _mask(length: int, spans: Sequence[tuple[int, int]]) -> tuple[bool, ...]:
    learned = [False] * length
    for begin, end in spans:
        learned[begin:end] = [True] * (end - begin)
    return tuple(learned)


def _common(left: Sequence[Any], right: Sequence[Any]) -> int:
    """Length of the common beginning."""
    for i, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return i
    return min(len(left), len(right))


def _stop_ids(tokenizer: Tokenizer) -> frozenset[int]:
    """Tokens that end an assistant turn: the tokenizer's eos and the end-of-turn marks of the known families."""
    marks = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "</s>", "<|endoftext|>", "<|eom_id|>")
    known = tokenizer.get_added_vocab()
    ids = {known[mark] for mark in marks if mark in known}
    if tokenizer.eos_token_id is not None:
        ids.add(int(tokenizer.eos_token_id))
    return frozenset(ids)
