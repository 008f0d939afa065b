"""Which held-out replies stand word for word in texts that are learned: scores on them would be too kind."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.texts.document import Document

FEWEST_WORDS = 8
"""Shorter replies stand in many texts by chance."""

Words = tuple[str, ...]


def replies_in(documents: Iterable[Document], held_out: Iterable[Conversation]) -> tuple[int, int]:
    """Count the held-out replies that are in a text from their first word to their last.

    Upper and lower case and white space count alike.

    Returns:
        (found, of): how many are, and how many are long enough to tell.
    """
    replies = [_words(m.content) for one in held_out for m in one.messages if m.role == "assistant"]
    wanted: defaultdict[Words, set[int]] = defaultdict(set)
    for number, reply in enumerate(replies):
        if len(reply) >= FEWEST_WORDS:
            wanted[reply[:FEWEST_WORDS]].add(number)
    found: set[int] = set()
    for document in documents:
        found |= _found(_words("\n".join(document.passages)), wanted, replies)
    return len(found), sum(map(len, wanted.values()))


def _found(words: Words, wanted: defaultdict[Words, set[int]], replies: Sequence[Words]) -> set[int]:
    return {
        number
        for at in range(len(words) - FEWEST_WORDS + 1)
        for number in wanted.get(words[at : at + FEWEST_WORDS], ())
        if words[at : at + len(replies[number])] == replies[number]
    }


def _words(text: str) -> Words:
    return tuple(text.casefold().split())
