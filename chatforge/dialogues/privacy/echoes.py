"""What was found once, wherever else it stands: in small letters, without its dashes, inside "anna_keller92"."""

from collections.abc import Iterable, Iterator

from chatforge.dialogues.privacy.found import NAME_PART, Found, Kind
from chatforge.dialogues.privacy.names import tells
from chatforge.dialogues.privacy.phrases import Phrases
from chatforge.dialogues.privacy.surrogates import NUMBERS
from chatforge.dialogues.privacy.words import PARTICLES

_SEPARATORS = str.maketrans("", "", " ().-/\u00a0")


class Echoes:
    """Finds again what is known."""

    def __init__(self) -> None:
        """Know nothing."""
        self._phrases: dict[Kind, Phrases] = {}

    def learn(self, found: Iterable[Found]) -> None:
        """Hear what has to be found everywhere."""
        for one in found:
            phrases = self._phrases.setdefault(one.kind, Phrases())
            for form in _forms(one):
                phrases.add(form)

    def find(self, text: str) -> Iterator[Found]:
        """Find what is known in a text, the longest first; findings may overlap."""
        places = [
            (end - start, start, end, kind) for kind, all_ in self._phrases.items() for start, end in all_.find(text)
        ]
        for _, start, end, kind in sorted(places, reverse=True):
            yield Found(kind, start, end, text[start:end], "said again")


def _forms(found: Found) -> Iterable[str]:
    """How the same thing may be written."""
    text = found.text
    if found.kind in NUMBERS:
        return {text, text.translate(_SEPARATORS), text.replace("-", " "), text.replace(" ", "-")}
    if found.kind == "name":
        parts = [part for part in NAME_PART.findall(text) if part.lower() not in PARTICLES]
        telling = {part for part in parts if tells(part.title())}
        return telling | {between.join(parts) for between in ("", " ", ".", "_", "-")} if len(parts) > 1 else telling
    return {text}
