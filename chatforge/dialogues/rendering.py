"""The one renderer: a conversation becomes token ids and a mask of what is learned.

    <|im_start|>user⏎ Is it free? <|im_end|>⏎ <|im_start|>assistant⏎ Yes, from $75. <|im_end|> ⏎
    ·          ·    · ·  ·  ·   · ·         · ·          ·         · ✓   ✓    ✓  ✓  ✓          ·

Learned is what the assistant said and the stop token after it, nothing else. The mask comes from the model's own chat
template: the span of a turn begins where `history + generation prompt` ends, which must be a token prefix of the whole,
and ends with the stop token. Training, evaluation and chat all come through here.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.errors import UserError

Tokenizer = Any
"""A transformers tokenizer with a chat template. This room only calls it, and never imports the library."""


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

    Raises:
        UserError: the tokenizer has no chat template.
    """

    def __init__(self, tokenizer: Tokenizer, system: str) -> None:
        if not getattr(tokenizer, "chat_template", None):
            raise UserError(
                "the model's tokenizer has no chat template",
                field="model.base",
                hint="take an instruct or chat version of this model",
            )
        self.tokenizer = tokenizer
        self.system = system
        self.folds_system = _refuses_system(tokenizer)
        self.stop_ids = _stop_ids(tokenizer)
        self._marks = _marks(tokenizer)
        self.one_turn_each = not _is_prefix_preserving(self)

    def prompt(self, messages: Sequence[Message]) -> list[int]:
        """Token ids of a history that ends with a user turn, ready for the assistant's reply, shape (T,)."""
        return self._ids(self._with_system(messages), generate=True)

    def render(self, conversation: Conversation) -> list[Rendered]:
        """Render a conversation into training examples: one, or one per assistant turn.

        Models whose template changes earlier turns when a conversation goes on get one example per assistant turn
        (`one_turn_each`): each is then exactly what the model sees when it answers.

        Raises:
            PrefixError: not even a single turn can be found in its rendering.
        """
        messages = self._with_system(conversation.messages)
        turns = [i for i, message in enumerate(messages) if message.role == "assistant"]
        groups = [[turn] for turn in turns] if self.one_turn_each else [turns]
        return [self._example(messages[: group[-1] + 1], group, conversation) for group in groups]

    def told(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """Messages as the template gets them: with the system message, or folded, and harmless."""
        return tuple(Message(m.role, self.harmless(m.content)) for m in self._with_system(messages))

    def text(self, messages: Sequence[Message]) -> str:
        """The text whose tokens `render` returns for these messages."""
        return self._text(self._with_system(messages))

    def harmless(self, text: str) -> str:
        """Return `text` as the model gets it: its control marks broken up, no white space around it.

        Nobody can end a turn by typing its mark. White space at the start would melt into the token before it, so
        that a turn could not be found; many templates strip it anyway. Half a surrogate pair (a broken paste) is "?".
        """
        text = text.encode("utf-8", "replace").decode().strip()
        return self._marks.sub(lambda start: f"{start[0]} ", text) if self._marks else text

    def marks_in(self, text: str) -> int:
        """How many of the model's control marks a text spells out."""
        return len(self._marks.findall(text)) if self._marks else 0

    def fingerprint(self) -> str:
        """Hash of everything that decides how a conversation becomes ids."""
        parts = (str(self.tokenizer.chat_template), self.system, repr(sorted(self.stop_ids)))
        return hashlib.sha256("\x00".join(parts).encode()).hexdigest()

    def _example(self, messages: Sequence[Message], turns: list[int], source: Conversation) -> Rendered:
        ids = self._ids(messages)
        spans = tuple(self._span(ids, messages, turn, source) for turn in turns)
        # What a template adds only at the very end (a newline) is kept; it is not learned.
        return Rendered(tuple(ids), _mask(len(ids), spans), spans, source)

    def _span(self, ids: list[int], messages: Sequence[Message], turn: int, source: Conversation) -> tuple[int, int]:
        before = self._ids(messages[:turn], generate=True)
        begin = len(before)
        if ids[:begin] != before:
            raise PrefixError(
                f"the chat template does not keep its own prefix at message {turn + 1} of {source.place}",
                field="model.base",
                hint="this model cannot be trained correctly here; take another base model",
            )
        upto = begin + _common(ids[begin:], self._ids(messages[: turn + 1])[begin:])
        for position in range(begin, upto):
            if ids[position] in self.stop_ids:
                return begin, position + 1
        raise PrefixError(
            f"no stop token follows message {turn + 1} of {source.place}: the model would never learn to stop",
            field="model.base",
            hint="take another base model, or one whose chat template ends each turn with its end-of-turn token",
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
            return str(self.tokenizer.apply_chat_template(chat, tokenize=False, add_generation_prompt=generate))
        except Exception as error:  # a template raises whatever it likes
            raise UserError(
                f"the model's chat template cannot render a conversation: {error}",
                field="model.base",
                hint="take another base model; ChatForge needs system, user and assistant turns in plain text",
            ) from None


def _mask(length: int, spans: Sequence[tuple[int, int]]) -> tuple[bool, ...]:
    learned = [False] * length
    for begin, end in spans:
        learned[begin:end] = [True] * (end - begin)
    return tuple(learned)


def _common(left: Sequence[int], right: Sequence[int]) -> int:
    """Length of the common beginning."""
    for i, (a, b) in enumerate(zip(left, right, strict=False)):
        if a != b:
            return i
    return min(len(left), len(right))


def _refuses_system(tokenizer: Tokenizer) -> bool:
    """Whether the template has no lasting system role: its text then goes into the first user turn.

    Gemma's raises; Mistral's shows it before the last question and forgets it once that is answered.
    """
    probe = [
        {"role": "system", "content": "chatforge-probe"},
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": "y"},
    ]
    try:
        return "chatforge-probe" not in tokenizer.apply_chat_template(probe, tokenize=False)
    except Exception:  # a template raises whatever it likes
        return True


def _stop_ids(tokenizer: Tokenizer) -> frozenset[int]:
    """Tokens that end an assistant turn: the tokenizer's eos and the end-of-turn marks of the known families."""
    marks = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "</s>", "<|endoftext|>", "<|eom_id|>")
    known = tokenizer.get_added_vocab()
    ids = {known[mark] for mark in marks if mark in known}
    if tokenizer.eos_token_id is not None:
        ids.add(int(tokenizer.eos_token_id))
    return frozenset(ids)


def _marks(tokenizer: Tokenizer) -> re.Pattern[str] | None:
    """Pattern of the first sign of every special token spelled out in a text, overlapping ones too.

    The tokenizer would read such a text as the real token.
    """
    marks = set(tokenizer.all_special_tokens) | {mark for mark in tokenizer.get_added_vocab() if mark.strip()}
    spelled = sorted((mark for mark in marks if len(mark) > 1), key=len, reverse=True)
    return re.compile(f"(?={'|'.join(map(re.escape, spelled))}).", re.DOTALL) if spelled else None


def _is_prefix_preserving(renderer: Renderer) -> bool:
    """Whether turns can be found in a longer conversation; tried on a made-up one of two exchanges."""
    talk = (
        Message("user", "First question?"),
        Message("assistant", "First answer."),
        Message("user", "Second question?"),
        Message("assistant", "Second answer."),
    )
    probe = Conversation("probe", talk)
    messages = renderer._with_system(talk)
    turns = [i for i, message in enumerate(messages) if message.role == "assistant"]
    try:
        renderer._example(messages, turns, probe)
    except PrefixError:
        return False
    return True
