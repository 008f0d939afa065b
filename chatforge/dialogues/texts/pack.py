"""Packs the tokens of texts into pieces that a model can learn from.

    passages   [aaa][bb] | [cccc][d]          max_length 6, end-of-text ⏹
    pieces     aaabb⏹ · ccccd⏹                cut between passages; one that is too long alone is cut inside

Plain lists of numbers in and out: no tokenizer and no model is needed here.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

Tokens = Sequence[int]


def pack(documents: Iterable[Iterable[Tokens]], max_length: int, end: int, begin: Tokens = ()) -> list[tuple[int, ...]]:
    """Put the passages of documents into as few pieces as their order allows.

    Nothing is lost and nothing changes its place: without `begin` the pieces, one after the other, are the passages
    with `end` after the last one of each document.

    Args:
        documents: the passages of each, as token ids.
        max_length: most tokens of a piece, with `begin`.
        end: the token between documents.
        begin: tokens that the model expects at the beginning of whatever it reads.

    Raises:
        ValueError: `begin` leaves no room.
    """
    room = max_length - len(begin)
    if room < 1:
        raise ValueError(f"{len(begin)} tokens at the beginning leave no room in {max_length}")
    packed: list[tuple[int, ...]] = []
    filling: list[int] = list(begin)
    for unit in _units(documents, room, end):
        if len(filling) + len(unit) > max_length:
            packed.append(tuple(filling))
            filling = list(begin)
        filling += unit
    return [*packed, tuple(filling)] if len(filling) > len(begin) else packed


def _units(documents: Iterable[Iterable[Tokens]], room: int, end: int) -> Iterator[Tokens]:
    """What stays together: passages, the last one of a document with its end; too long ones in equal parts."""
    for document in documents:
        last: Tokens = ()
        for passage in filter(len, document):
            yield from _parts(last, room)
            last = passage
        yield from _parts([*last, end] if last else (), room)


def _parts(unit: Tokens, room: int) -> Iterator[Tokens]:
    # Equal parts: the rest of a full and a short one might be a single token, which nothing foretells.
    count = -(-len(unit) // room)
    cuts = [len(unit) * i // count for i in range(count + 1)] if count else []
    for at, upto in pairwise(cuts):
        yield unit[at:upto]
