"""A conversation with surrogates in the place of everything that tells who somebody is.

    My name is Anna Keller, order LP-204417.    →    My name is Wren Ashgrove, order LP-731902.
    Thanks, Anna! It left today.                →    Thanks, Wren! It left today.

What the rules do not find stays; `data/probes` tells how much that is.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.privacy.echoes import Echoes
from chatforge.dialogues.privacy.finding import Recogniser, find, find_all
from chatforge.dialogues.privacy.found import Found, Kind, masked, name_parts, settle, squeezed
from chatforge.dialogues.privacy.made import KEY, made_in
from chatforge.dialogues.privacy.surrogates import Surrogates

LARGEST = 10**40
"""Numbers in `meta` from here on are nobody's."""

DEEPEST = 100
"""What lies deeper in `meta` is left out of the result: it is not searched."""

ROUNDS = 5
"""How often a conversation is looked at: what stands in the place of a name may let something else be seen."""


@dataclass(frozen=True)
class Replaced:
    """One thing that was replaced in a conversation.

    Attributes:
        times: in how many places.
    """

    kind: Kind
    original: str
    surrogate: str
    times: int

    def __str__(self) -> str:
        return f"{self.kind} {masked(self.original)} → {self.surrogate} ({self.times}×)"


@dataclass(frozen=True)
class _Field:
    """A text beside the messages; `label` stands before it while it is searched ("customer name: ")."""

    text: str
    label: str = ""


def anonymise(
    conversation: Conversation, seed: int, keep: Collection[str] = (), also: Recogniser | None = None
) -> tuple[Conversation, list[Replaced]]:
    """Replace everything that tells who somebody is: in the messages, the id and all texts of `meta`.

    Roles and the number of messages stay. The result names its surrogates under `meta["surrogates"]`; they are left
    alone when it is anonymised again. A scenario, which holds conversations together, is replaced by a key that is the
    same in all conversations of one seed. A conversation without findings is returned as it is.

    Args:
        keep: what is nobody's secret and stays, such as the shop's own telephone number and the assistant's name.
        also: asked in addition to our own rules.
    """
    work = _Work(Surrogates(seed, conversation.id, made_in(conversation)), keep, also)
    texts = iter(work.replaced([message.content for message in conversation.messages], [*_fields(conversation)]))
    if not work.log:
        return conversation, []
    messages = tuple(Message(message.role, next(texts)) for message in conversation.messages)
    name = next(texts)
    meta = _rebuilt({key: value for key, value in conversation.meta.items() if key != KEY}, texts)
    scenario = conversation.meta.get("scenario")
    if scenario and meta.get("scenario") != scenario:
        meta["scenario"] = _group(seed, str(scenario))
    meta[KEY] = work.surrogates.made.texts
    return replace(conversation, id=name, messages=messages, meta=meta), [*work.log.values()]


class Kept:
    """What stays although it is found."""

    def __init__(self, texts: Collection[str]) -> None:
        """Hear what stays: names, numbers, addresses, as they stand in the conversations."""
        self._whole = frozenset(squeezed(text) for text in texts)
        names = (text for text in texts if not any(c.isdigit() or c == "@" for c in text))
        self._words = frozenset(part for name in names for part in name_parts(name))

    def holds(self, found: Found) -> bool:
        """Whether something that was found stays; so does a part of a name or of an address that stays."""
        plain = squeezed(found.text)
        if found.kind == "name":
            return self._words.issuperset(name_parts(found.text))
        return plain in self._whole or (found.kind == "address" and any(plain in whole for whole in self._whole))


class _Work:
    """What is known while one conversation is changed."""

    def __init__(self, surrogates: Surrogates, keep: Collection[str], also: Recogniser | None) -> None:
        self.surrogates = surrogates
        self.log: dict[tuple[Kind, str], Replaced] = {}
        self._echoes, self._kept, self._also = Echoes(), Kept(keep), also

    def replaced(self, messages: Sequence[str], fields: Sequence[_Field]) -> list[str]:
        """Return all texts with surrogates, looked at until nothing more is found."""
        texts = [*messages, *(field.text for field in fields)]
        for turn in range(1, ROUNDS + 1):
            said, noted = texts[: len(messages)], texts[len(messages) :]
            found = [*self._find(said), *map(self._find_in, fields, noted)]
            new = [one for some in found for one in some]
            if not new:
                break
            self.surrogates.learn(new)
            self._echoes.learn(new)
            texts = [self._swap(text, some, turn == ROUNDS) for text, some in zip(texts, found, strict=True)]
        return texts

    def _find(self, messages: Sequence[str]) -> Iterator[list[Found]]:
        return map(self._others, messages, find_all(messages, self._also))

    def _find_in(self, field: _Field, text: str) -> list[Found]:
        size = len(field.label)
        found = find(field.label + text, self._also)
        moved = (replace(one, start=one.start - size, end=one.end - size) for one in found if one.start >= size)
        return self._others(text, moved)

    def _others(self, text: str, found: Iterable[Found]) -> list[Found]:
        return [one for one in self.surrogates.made.others(text, found) if not self._kept.holds(one)]

    def _swap(self, text: str, found: Sequence[Found], last: bool) -> str:
        again = self._others(text, self._echoes.find(text))
        out, at = "", 0
        for one in settle([*found, *again], len(text)):
            surrogate = f"[{one.kind}]" if last else self.surrogates.of(one)
            out += text[at : one.start] + surrogate
            at = one.end
            key = (one.kind, one.text)
            times = self.log[key].times if key in self.log else 0
            self.log[key] = Replaced(one.kind, one.text, surrogate, times + 1)
        return out + text[at:]


def _fields(conversation: Conversation) -> Iterator[_Field]:
    """The texts of a conversation beside its messages, in the order in which they are put back."""
    yield _Field(conversation.id)
    yield from _texts({key: value for key, value in conversation.meta.items() if key != KEY}, "")


def _texts(value: Any, label: str, depth: int = 0) -> Iterator[_Field]:
    if isinstance(value, str) or _is_number(value):
        yield _Field(str(value), label)
    elif depth == DEEPEST:
        return
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield _Field(str(key))
            yield from _texts(inner, "" if key == "id" else f"{key}: ".replace("_", " "), depth + 1)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from _texts(inner, label, depth + 1)


def _rebuilt(value: Any, texts: Iterator[str], depth: int = 0) -> Any:
    """The same JSON value with other texts, taken in order."""
    if isinstance(value, str):
        return next(texts)
    if _is_number(value):
        text = next(texts)
        return value if text == str(value) else text
    if not isinstance(value, (Mapping, Sequence)):
        return value
    if depth == DEEPEST:
        return None
    if isinstance(value, Mapping):
        return {next(texts): _rebuilt(inner, texts, depth + 1) for inner in value.values()}
    return [_rebuilt(inner, texts, depth + 1) for inner in value]


def _is_number(value: Any) -> bool:
    """Whether a value is a whole number short enough to be one of somebody's."""
    return type(value) is int and abs(value) < LARGEST


def _group(seed: int, scenario: str) -> str:
    """A key for a scenario, the same wherever the scenario is: nobody is named, and no split is broken."""
    return f"scenario-{int.from_bytes(hashlib.blake2b(f'{seed}/{scenario}'.encode(), digest_size=5).digest()):013}"
