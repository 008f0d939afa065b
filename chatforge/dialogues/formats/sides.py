"""Who of the speakers is the assistant: told by a person, or by their names and places, with the reason.

    Doctor, Patient, Doctor, Guest_family, Docotr   ──►   Doctor: "a word for somebody who answers"
    Anna, Shop Lena, Anna │ Ben, Shop Lena │ …      ──►   Shop Lena: "speaks in 20 of 20 conversations, …"
    Anna, Ben                                       ──►   UserError: say who answers

A guess is said with its reason in each draft, and so counted and shown.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.names import kind, same
from chatforge.errors import UserError, did_you_mean
from chatforge.words import plain

Side = Literal["assistant", "user", "third", "notice"]

_LETTERS = (("d", "p"), ("a", "q"), ("a", "c"), ("a", "u"), ("a", "h"), ("b", "u"), ("t", "c"), ("t", "p"))
"""Single letters that stand for two sides, the answering one first: doctor and patient, answer and question …"""

SHARE = 0.8
"""In so many of the conversations a rule must hold before it says who answers."""
TAKEN = "taken as the assistant"
"""Stands in what is said about every guess."""
ENOUGH = 5
"""Habits are only read from this many conversations or more."""


@dataclass(frozen=True)
class Sides:
    """Who answers in a file.

    Attributes:
        assistant: as the file names them; "" if there is nobody to ask about.
        reason: why that is thought; None if a person said so.
        anyone: known speakers that answer, by their words: all of a kind; "partner": whoever is no known user.
    """

    assistant: str
    reason: str | None = None
    anyone: Literal["assistant", "service", "partner"] | None = None

    @property
    def guessed(self) -> tuple[str, ...]:
        """What to say about a guess, for `Draft.changed`; nothing if a person chose."""
        return (f"`{shown(self.assistant)}` {TAKEN}: {self.reason}",) if self.reason else ()

    def of(self, speakers: Sequence[str]) -> dict[str, Side]:
        """Return the side of each speaker of one conversation, given in the order in which they speak."""
        sides: dict[str, Side] = {}
        others = Counter(speakers)
        for speaker in tuple(others):
            if self._answers(speaker):
                sides[speaker] = "assistant"
            elif kind(speaker) in ("notice", "service"):
                sides[speaker] = "notice"
        for speaker in sides:
            del others[speaker]
        return sides | _users(others)

    def _answers(self, speaker: str) -> bool:
        if self.anyone == "partner":
            return kind(speaker) is None
        if self.anyone:
            return kind(speaker) == self.anyone
        return speaker.casefold() == self.assistant.casefold() or (
            not any(sign.isdigit() for sign in self.assistant) and same(speaker, self.assistant)
        )


def guess(talks: Sequence[Sequence[str]], choices: Choices, path: Path) -> Sides:
    """Find out who answers from who speaks in some conversations, each given as its speakers in their order.

    Raises:
        UserError: the chosen speaker is not there, or nothing tells who answers.
    """
    names = list(dict.fromkeys(speaker for talk in talks for speaker in talk))
    if choices.assistant is not None:
        return _chosen(choices.assistant, names, path)
    found = _by_word(names) or _by_letter(names) or _by_partner(talks) or _by_habit(talks)
    if found or len(names) < 2:
        return found or Sides("")
    raise UserError(
        f"cannot tell which speaker is the assistant: {listed(names)}",
        file=path,
        field="data.assistant",
        hint="say who answers: `data.assistant: NAME` in the recipe, or --assistant NAME",
        answers=tuple(names),
    )


def shown(speaker: str) -> str:
    """Return a name from a file as it may be printed."""
    return plain(speaker, one_line=True)[:40]


def listed(names: Sequence[str]) -> str:
    """Return names for a message, the first six."""
    more = f" and {len(names) - 6} more" if len(names) > 6 else ""
    return ", ".join(f"`{shown(name)}`" for name in names[:6]) + more


def _chosen(choice: str, names: Sequence[str], path: Path) -> Sides:
    wanted = Sides(choice.strip())
    if not names or "assistant" in wanted.of(names).values():
        return wanted
    near = did_you_mean(choice, names)
    raise UserError(
        f"no speaker is called `{shown(choice)}`: there are {listed(names)}",
        file=path,
        field="data.assistant",
        hint=near or "name one of them: `data.assistant: NAME` in the recipe, or --assistant NAME",
        answers=tuple(names),
    )


def _by_word(names: Sequence[str]) -> Sides | None:
    groups: tuple[Literal["assistant", "service"], ...] = ("assistant", "service")
    for group in groups:
        of_it = [name for name in names if kind(name) == group]
        if of_it and len(of_it) < len(names):
            return Sides(of_it[0], "a word for somebody who answers", group)
    return None


def _by_letter(names: Sequence[str]) -> Sides | None:
    letters = {name.casefold().rstrip("."): name for name in names}
    for answers, asks in _LETTERS:
        if answers in letters and asks in letters:
            return Sides(letters[answers], f"it speaks with `{shown(letters[asks])}`")
    return None


def _by_partner(talks: Sequence[Sequence[str]]) -> Sides | None:
    """Find the one unknown name that speaks with a "Customer"; it may be another one in each conversation."""
    partners = []
    for talk in talks:
        unknown = {name for name in talk if kind(name) is None}
        if len(unknown) == 1 and any(kind(name) == "user" for name in talk):
            partners.append(unknown.pop())
    if not partners or len(partners) < SHARE * len(talks):
        return None
    user = next(name for talk in talks for name in talk if kind(name) == "user")
    return Sides(partners[0], f"speaks with `{shown(user)}`", "partner")


def _by_habit(talks: Sequence[Sequence[str]]) -> Sides | None:
    """Find the one who is always there while the others change, or who never opens and always closes."""
    talks = [talk for talk in talks if len(set(talk)) > 1]
    if len(talks) < ENOUGH:
        return None
    present = Counter(name for talk in talks for name in set(talk)).most_common(2)
    (first, there), (_, second) = present
    if there >= SHARE * len(talks) and second <= (1 - SHARE) * len(talks):
        return Sides(first, f"speaks in {there} of {len(talks)} conversations, with others each time")
    opens = Counter(talk[0] for talk in talks)
    closer, closes = Counter(talk[-1] for talk in talks).most_common(1)[0]
    if closes >= SHARE * len(talks) and not opens[closer]:
        return Sides(closer, f"never opens and closes {closes} of {len(talks)} conversations")
    return None


def _users(others: Counter[str]) -> dict[str, Side]:
    """Return who of the speakers that do not answer is the user; the rest are third persons."""
    for group in ("user", "assistant", None, "third"):
        of_it = [name for name, _ in others.most_common() if kind(name) == group]
        if of_it:
            users = of_it if group in ("user", "assistant") else of_it[:1]
            return {name: "user" if name in users else "third" for name in others}
    return {}
