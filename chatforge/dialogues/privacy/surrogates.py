"""Who is called what in one conversation: one name, one surrogate."""

import random
import re
from collections.abc import Iterable, Iterator, Sequence

from chatforge.dialogues.privacy import pools, shapes
from chatforge.dialogues.privacy.found import AFTER_TITLE, NAME_PART, Found, Kind, name_parts, squeezed
from chatforge.dialogues.privacy.made import Made
from chatforge.dialogues.privacy.words import PARTICLES

NUMBERS: frozenset[Kind] = frozenset(("phone", "card", "iban", "social", "record"))
"""Kinds that are the same with other dashes and spaces."""

TRIES = 50


class Surrogates:
    """Surrogates for one conversation. They tell nothing of the originals but their shape.

    The same name gets the same surrogate, whole or in part and in any case: after "Anna Keller" became "Wren Ashgrove",
    "ANNA" is "WREN" and "Mr Keller" is "Mr Ashgrove". The same number gets the same, however it is written.
    """

    def __init__(self, seed: int, conversation: str, made: Made | None = None) -> None:
        """Start with nothing but what is in the conversation already.

        Args:
            conversation: its id; the same seed, id and originals give the same surrogates.
            made: surrogates that are in the conversation from an earlier time.
        """
        self.made = made or Made()
        self._rng = random.Random(f"{seed}/{conversation}")  # noqa: S311 (not for secrets)
        self._parts: dict[str, str] = {}
        self._initials: dict[str, str] = {}
        self._places: dict[str, str] = {}
        self._values: dict[tuple[Kind, str], str] = {}
        self._originals: set[str] = set()
        self._given, self._family = self._endless(pools.GIVEN), self._endless(pools.FAMILY)

    def learn(self, found: Iterable[Found]) -> None:
        """Hear what is going to be replaced: no surrogate will be an original, and whole names are named first."""
        some = list(found)
        for one in some:
            self._note(one)
        for one in sorted(some, key=lambda one: (one.kind != "name", -len(name_parts(one.text)))):
            self.of(one)

    def of(self, found: Found) -> str:
        """Return the surrogate of something that was found."""
        self._note(found)
        if found.kind == "name":
            return self._name(found)
        key = (found.kind, squeezed(found.text))
        if key not in self._values:
            self._values[key] = self._fresh(found)
            self.made.add(self._values[key])
        value = self._values[key]
        if found.kind in NUMBERS and not value.startswith("["):
            return shapes.pour(found.text, value)
        return value

    def _note(self, found: Found) -> None:
        self._originals.add(squeezed(found.text))
        if found.kind == "name":
            self._originals.update(name_parts(found.text))

    def _fresh(self, found: Found) -> str:
        """Return a new surrogate that is no original and names none; only its kind if there is no such thing."""
        for _ in range(TRIES):
            text, places = self._draw(found)
            words = {squeezed(text), *name_parts(text)}
            if words.isdisjoint(self._originals) and text not in self.made:
                self._places = places
                return text
        return f"[{found.kind}]"

    def _draw(self, found: Found) -> tuple[str, dict[str, str]]:
        places = dict(self._places)
        if found.kind == "address":
            return shapes.address(found.text, self._rng, places), places
        text = shapes.MAKERS[found.kind](found.text, self._rng)
        local = found.text.partition("@")[0].casefold()
        if found.kind == "email" and any(part in self._parts for part in name_parts(local)):
            text = self._local(local) + text[text.index("@") :]
        return text, places

    def _local(self, local: str) -> str:
        """What stands before the @ for a person whose name has a surrogate: "anna.k82" → "wren.a41"."""
        digits = re.sub("[0-9]", lambda _: str(self._rng.randint(1, 9)), local)
        return NAME_PART.sub(lambda match: self._part(match[0], family=False).lower(), digits)

    def _name(self, found: Found) -> str:
        parts = name_parts(found.text)
        if not parts:
            return "[name]"

        def other(match: re.Match[str]) -> str:
            word = match[0].casefold()
            if word in PARTICLES and match[0].islower():
                return match[0]
            family = word == parts[-1] and (len(parts) > 1 or found.rule == AFTER_TITLE)
            return shapes.in_case_of(match[0], self._part(word, family=family))

        return NAME_PART.sub(other, found.text)

    def _part(self, word: str, *, family: bool) -> str:
        if len(word) == 1:
            whole = next((part for part in self._parts if part[0] == word), None)
            return self._parts[whole][0] if whole else self._initials.setdefault(word, next(self._given)[0])
        if word not in self._parts:
            self._parts[word] = next(self._family if family else self._given)
            self.made.add(self._parts[word])
        return self._parts[word]

    def _endless(self, pool: Sequence[str]) -> Iterator[str]:
        """Names of a pool in any order, then longer ones made of two, three …; none twice, none an original."""
        names, size = iter(self._rng.sample(pool, len(pool))), 1
        while True:
            for name in names:
                words = {squeezed(name), *name.casefold().split("-")}
                if words.isdisjoint(self._originals) and name not in self.made:
                    yield name
            size += 1
            names = iter(["-".join(self._rng.choices(pool, k=size)) for _ in range(len(pool) ** 2)])
