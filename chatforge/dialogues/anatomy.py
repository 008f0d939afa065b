"""A rendered conversation taken apart for the eye: what is learned, what the template adds, what is only read.

<|im_start|>user⏎ Is it free? <|im_end|>⏎<|im_start|>assistant⏎ Yes, from $75.<|im_end|> ⏎
template          context     template                          learned                  template
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise, zip_longest
from typing import Literal

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer

Kind = Literal["learned", "template", "context"]


@dataclass(frozen=True)
class Anatomy:
    """What the model gets of one conversation.

    Attributes:
        pieces: (text, kind) in order; together the whole text. The stop token after a learned reply is a piece of its
            own, the last one of a run of learned pieces.
        tokens: of the whole, before anything is cut.
        learned: tokens that the loss counts, after the cut.
        cut: index of the first piece behind `max_length`; None if all fits.
        note: what should be known besides; "" if nothing.
    """

    pieces: tuple[tuple[str, Kind], ...]
    tokens: int
    learned: int
    cut: int | None
    note: str = ""


def anatomy(renderer: Renderer, conversation: Conversation, max_length: int) -> Anatomy:
    """Take a conversation apart.

    Raises:
        UserError: the template cannot render it.
    """
    examples = renderer.render(conversation)
    fitted = [e.cut(max_length) if len(e.ids) > max_length else e for e in examples]
    whole, shown = examples[-1], fitted[-1]
    turns = conversation.messages[: conversation.assistant_turns[-1] + 1]
    learned = (*shown.learned, *[False] * (len(whole.ids) - len(shown.learned)))
    kinds = _kinds(renderer, whole.ids, learned, turns)
    pieces = list(_pieces(kinds, {max_length, *(end - 1 for _, end in shown.spans)}))
    cut = next((i for i, (_, _, first) in enumerate(pieces) if first >= max_length), None)
    return Anatomy(
        tuple((text, kind) for text, kind, _ in pieces if text),
        len(whole.ids),
        sum(sum(e.learned) for e in fitted),
        None if cut is None else sum(1 for text, _, _ in pieces[:cut] if text),
        _note(conversation, turns, len(examples)),
    )


def _note(conversation: Conversation, turns: Sequence[Message], examples: int) -> str:
    notes = []
    if examples > 1:
        notes.append(
            f"this model's template changes earlier turns: {examples} examples, one per reply; shown is the last"
        )
    if left := len(conversation.messages) - len(turns):
        notes.append(f"{left} message{'s' if left > 1 else ''} after the last reply: nothing to learn from")
    return "; ".join(notes)


def _kinds(
    renderer: Renderer, ids: Sequence[int], learned: Sequence[bool], turns: Sequence[Message]
) -> Iterator[tuple[str, Kind]]:
    """Yield (text, kind) of every token; the last token of a sign that is several tokens has its text."""
    text = renderer.text(turns)
    starts = _starts(renderer, text, len(ids))
    said = _said(renderer, turns, text)
    special = {renderer.tokenizer.convert_tokens_to_ids(mark) for mark in renderer.tokenizer.all_special_tokens}
    for i, token in enumerate(ids):
        if starts is None:
            words = renderer.tokenizer.decode([token])
            inside = token not in special
        else:
            words = text[starts[i] : starts[i + 1]]
            inside = any(begin <= starts[i] < end for begin, end in said) and token not in special
        yield words, "learned" if learned[i] else "context" if inside else "template"


def _starts(renderer: Renderer, text: str, count: int) -> list[int] | None:
    """Where each token begins in the text, and the text's end; None if the tokenizer does not know."""
    if not getattr(renderer.tokenizer, "is_fast", False):
        return None
    pairs = renderer.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)["offset_mapping"]
    if len(pairs) != count:
        return None
    starts = [begin for begin, _ in pairs] + [len(text)]
    starts[0] = 0
    return starts if all(a <= b for a, b in pairwise(starts)) else None


def _said(renderer: Renderer, turns: Sequence[Message], text: str) -> list[tuple[int, int]]:
    """Where in the text the messages stand, found by what the template writes around them.

    A template that rewrites a message is met by a search for each, and those it rewrites are left out.
    """
    told = [message.content for message in renderer.told(turns)]
    frame = renderer.frame(turns)
    known = frame is not None and text == "".join(chain(*zip_longest(frame, told, fillvalue="")))
    spans, at = [], 0
    for i, content in enumerate(told):
        begin = at + len(frame[i]) if frame and known else text.find(content, at)
        if begin >= 0:
            at = begin + len(content)
            spans.append((begin, at))
    return spans


def _pieces(kinds: Iterator[tuple[str, Kind]], borders: Container[int]) -> Iterator[tuple[str, Kind, int]]:
    """Join neighbours of one kind: (text, kind, index of the first token); a piece never crosses a border."""
    words: list[str] = []
    now: Kind = "template"
    first = 0
    for i, (text, kind) in enumerate(kinds):
        if words and (kind != now or i in borders):
            yield "".join(words), now, first
            words = []
        if not words:
            now, first = kind, i
        words.append(text)
    if words:
        yield "".join(words), now, first
