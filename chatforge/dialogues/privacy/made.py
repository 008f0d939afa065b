"""Which texts of a conversation are made up: what an earlier anonymising noted in it."""

from collections.abc import Iterable

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.privacy.found import Found, name_parts, squeezed
from chatforge.dialogues.privacy.phrases import Phrases

KEY = "surrogates"
"""Key of `meta` under which a conversation tells what in it is made up."""


class Made:
    """Texts that are made up: words of names, and whole numbers and addresses."""

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Start with some."""
        self._texts: dict[str, None] = {}
        self._plain: set[str] = set()
        self._phrases = Phrases()
        for text in texts:
            self.add(text)

    @property
    def texts(self) -> list[str]:
        """All, in the order in which they were added."""
        return list(self._texts)

    def add(self, text: str) -> None:
        """Note one more."""
        self._texts[text] = None
        self._plain.add(squeezed(text))
        self._phrases.add(text)

    def __contains__(self, text: str) -> bool:
        """Whether a text is made up, however its dashes, spaces and capitals are."""
        return squeezed(text) in self._plain

    def others(self, text: str, found: Iterable[Found]) -> list[Found]:
        """Those findings in a text that are neither made up nor part of something that is."""
        some = [one for one in found if not self._holds(one)] if self._texts else [*found]
        if not (some and self._texts):
            return some
        spans = [*self._phrases.find(text)]
        return [one for one in some if not _within(one, spans)]

    def _holds(self, found: Found) -> bool:
        if found.kind == "name":
            return all(part in self or len(part) == 1 for part in name_parts(found.text))
        return found.text in self


def _within(found: Found, spans: list[tuple[int, int]]) -> bool:
    """Whether every letter and digit of a finding lies in one of the spans."""
    near = [(start, end) for start, end in spans if start < found.end and end > found.start]
    return bool(near) and all(
        not character.isalnum() or any(start <= at < end for start, end in near)
        for at, character in enumerate(found.text, found.start)
    )


def made_in(conversation: Conversation) -> Made:
    """What a conversation says is made up in it."""
    texts = conversation.meta.get(KEY)
    return Made(text for text in texts if isinstance(text, str)) if isinstance(texts, list) else Made()
