"""Many fixed texts, looked for at once in time that hardly grows with their number."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"[^\W\d_]+|[0-9]+")


class Phrases:
    """Finds texts in any case, where they don't run on: "Ann" is not in "Annual", nor "123" in "1234" or "A123".

    A text is kept under that of its tokens which tells it best from the others, so that most tokens of what is searched
    cost one look in a dictionary.
    """

    def __init__(self) -> None:
        """Start with none."""
        self._by_token: dict[str, dict[str, int]] = {}

    def add(self, text: str) -> None:
        """Add one; a text without letters and digits is never found."""
        form = _lower(text)
        tokens = _TOKEN.finditer(form)
        best = min(tokens, key=lambda token: (len(self._by_token.get(token[0], ())), -len(token[0])), default=None)
        if best:
            self._by_token.setdefault(best[0], {})[form] = best.start()

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where texts begin and end; they may overlap."""
        low = _lower(text)
        for token in _TOKEN.finditer(low) if self._by_token else ():
            for form, before in self._by_token.get(token[0], {}).items():
                start = token.start() - before
                if start >= 0 and low.startswith(form, start) and _ends_there(low, start, start + len(form)):
                    yield start, start + len(form)


def _lower(text: str) -> str:
    """Small letters; the few that would become two stay, so that places in the text stay true."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _ends_there(text: str, start: int, end: int) -> bool:
    return not (_runs_on(text[start], text[start - 1 : start]) or _runs_on(text[end - 1], text[end : end + 1]))


def _runs_on(edge: str, beside: str) -> bool:
    return beside.isalnum() if edge.isdigit() else edge.isalpha() and beside.isalpha()
