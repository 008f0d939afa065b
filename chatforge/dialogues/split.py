"""The conversations of a recipe in three parts: train, valid and test.

A part without files of its own is split off from train: whole groups of what belongs together (see `grouping`), once;
what was decided then is on record in the run's lock and is read back by whoever asks later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, Protocol

from chatforge.dialogues.canaries import Canary, planted
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.division import LETTERS, Division, Part, Rules, divide
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.grouping import Gathering
from chatforge.dialogues.mixing import Portion
from chatforge.dialogues.mixture import Further, check_held_out, mixture_of
from chatforge.dialogues.reading import AUTO, read_files
from chatforge.errors import UserError

METHOD = "whole groups, by intent"
"""How conversations are divided, for the record; another way gets another name."""


@dataclass(frozen=True)
class Split:
    """The three parts. `valid` may stop and choose; `test` only judges.

    Attributes:
        division: how the conversations of the train files were divided; None if every part has files of its own.
        canaries: made-up secrets that are learned besides train; in none of the parts.
        beside: further datasets and general chat that are learned besides train; in none of the parts.
        bad: lines that were skipped because the recipe said so.
        notes: what was decided here and should be known.
    """

    train: tuple[Conversation, ...]
    valid: tuple[Conversation, ...]
    test: tuple[Conversation, ...]
    bad: tuple[BadLine, ...] = ()
    notes: tuple[str, ...] = ()
    canaries: tuple[Canary, ...] = ()
    division: Division | None = None
    beside: tuple[Portion, ...] = ()

    @property
    def learned(self) -> tuple[Conversation, ...]:
        """What each pass learns: train and all that is mixed in, repeated as its weight says."""
        return (*self.train, *(one for portion in self.beside for one in portion.conversations))

    @property
    def known(self) -> tuple[Conversation, ...]:
        """What there was to learn from of the user's own, each once: train and the further datasets.

        Rivals that need no training draw from it, so that training is not judged by its additional data. General chat
        is not in it: it is nobody's domain.
        """
        further = (portion.distinct for portion in self.beside if not portion.general)
        return (*self.train, *(one for portion in further for one in portion))


class Asked(Protocol):
    """What a recipe says about its conversations: its block `data`."""

    @property
    def train(self) -> Sequence[Path]: ...
    @property
    def valid(self) -> Sequence[Path]: ...
    @property
    def test(self) -> Sequence[Path]: ...
    @property
    def type(self) -> str: ...
    @property
    def assistant(self) -> str | None: ...
    @property
    def columns(self) -> Mapping[str, str]: ...
    @property
    def bad_lines(self) -> Literal["stop", "skip"]: ...
    @property
    def valid_share(self) -> float: ...
    @property
    def test_share(self) -> float: ...
    @property
    def canaries(self) -> int: ...
    @property
    def mix(self) -> Sequence[Further]: ...
    @property
    def replay(self) -> float: ...


def split_of(data: Asked, seed: int, decided: Mapping[str, Any] | None = None, general: Path | None = None) -> Split:
    """Read the files of a recipe's block `data`, divided as every stage divides them.

    Args:
        seed: the recipe's `training.seed`.
        decided: what `record` said of the same conversations; they are not divided anew.
        general: where general chat is to be read, if not where it comes with ChatForge.

    Raises:
        UserError: as `load_split` and `mixture_of`; a mixed-in conversation is held out, too.
    """
    split = load_split(
        data.train,
        data.valid,
        data.test,
        bad_lines=data.bad_lines,
        valid_share=data.valid_share,
        test_share=data.test_share,
        seed=seed,
        form=data.type,
        choices=Choices(data.assistant, data.columns),
        decided=decided,
    )
    split = _with_mixture(split, data, seed, general) if data.mix or data.replay else split
    return _with_canaries(split, data.canaries, seed) if data.canaries else split


def _with_mixture(split: Split, data: Asked, seed: int, general: Path | None) -> Split:
    mixture = mixture_of(data, len(split.train), seed, general)
    check_held_out(mixture.portions, {"valid": split.valid, "test": split.test})
    notes = (*split.notes, *mixture.notes)
    return replace(split, beside=mixture.portions, bad=(*split.bad, *mixture.bad), notes=notes)


def _with_canaries(split: Split, count: int, seed: int) -> Split:
    found = replace(split, canaries=planted(count, seed))
    return replace(found, notes=(*found.notes, canaries_told(found)))


def canaries_told(split: Split) -> str:
    """Say how many secrets are planted."""
    count = len(split.canaries)
    secrets = "canary (a made-up secret)" if count == 1 else "canaries (made-up secrets)"
    return f"{len(split.learned)} conversations + {count} {secrets} to learn from: a model for trying out, not for use"


def load_split(
    train: Sequence[Path],
    valid: Sequence[Path],
    test: Sequence[Path],
    *,
    bad_lines: Literal["stop", "skip"],
    valid_share: float,
    test_share: float,
    seed: int,
    form: str = AUTO,
    choices: Choices | None = None,
    decided: Mapping[str, Any] | None = None,
) -> Split:
    """Read the files of a recipe; parts that have no file of their own are split off from train.

    Args:
        valid_share, test_share: of all conversations in the train files.
        decided: what `record` said of the same conversations.

    Raises:
        UserError: unreadable files, bad lines, a scenario in two parts, a part without conversations.
    """
    read = [read_files(paths, bad_lines, form, choices) for paths in (train, valid, test)]
    whole, kept_valid, kept_test = (result.conversations for result in read)
    notes = [note for result in read for note in result.notes]
    rules = Rules(None if valid else valid_share, None if test else test_share, seed)
    division = None
    if rules.divides:
        division = _divide(whole, rules) if decided is None else _decided(decided, len(whole))
        notes += division.notes
    if not test:
        kept_test = _part(whole, division, "test")
        notes.append(f"no test file: {len(kept_test)} conversations split off from train (test_share {test_share})")
    if not valid:
        kept_valid = _part(whole, division, "valid")
        notes.append(f"no valid file: {len(kept_valid)} conversations split off from train (valid_share {valid_share})")
    bad = tuple(line for result in read for line in result.bad)
    if bad:
        lines = f"{len(bad)} bad line{'s' if len(bad) > 1 else ''}"
        first = f"{bad[0].file.name}:{bad[0].line}: {bad[0].reason}"
        notes.append(f"{lines} skipped, as the recipe says (bad_lines: skip); first {first}")
    rest = _part(whole, division, "train")
    split = Split(rest, kept_valid, kept_test, bad, tuple(notes), division=division)
    _check(split)
    return split


def record(split: Split, seed: int) -> dict[str, Any]:
    """Return what a run's lock keeps of a split, as JSON.

        {"method", "seed", "counts": {"train": 70, …}, "notes": […], "parts": "tttvthht…"}

    `parts` has a letter for each conversation of the train files in the order in which they are read (t train, v valid,
    h held out: test), and is None if every part has files of its own. `beside`, where something is mixed in, tells what
    and how much: [["talks.jsonl", 63], …].
    """
    found = split.division
    beside = [[one.name, len(one.conversations)] for one in split.beside]
    return {
        "method": METHOD if found else None,
        "seed": seed,
        "counts": {"train": len(split.train), "valid": len(split.valid), "test": len(split.test)},
        "notes": list(found.notes) if found else [],
        "parts": found.parts if found else None,
        **({"beside": beside} if beside else {}),
    }


def _divide(conversations: Sequence[Conversation], rules: Rules) -> Division:
    gathered = Gathering()
    for conversation in conversations:
        gathered.add(conversation)
    return divide(gathered, rules)


def _decided(recorded: Mapping[str, Any], count: int) -> Division:
    """A division as it is on record.

    Raises:
        UserError: it is not one of so many conversations.
    """
    parts = recorded.get("parts")
    if not isinstance(parts, str) or len(parts) != count or set(parts) - set(LETTERS.values()):
        raise UserError(
            f"the run's lock.json does not say of these {count} conversations which part each is in",
            field="data.train",
            hint="another ChatForge has read the files, or the lock was changed; start a new run",
        )
    return Division(parts, tuple(map(str, recorded.get("notes", ()))))


def _part(conversations: tuple[Conversation, ...], division: Division | None, part: Part) -> tuple[Conversation, ...]:
    if division is None:
        return conversations
    letter = LETTERS[part]
    return tuple(one for one, own in zip(conversations, division.parts, strict=True) if own == letter)


def _check(split: Split) -> None:
    parts = {"train": split.train, "valid": split.valid, "test": split.test}
    for name, part in parts.items():
        if not part:
            raise UserError(
                f"no conversation is left for {name}",
                field=f"data.{name}",
                hint=f"give more conversations, or a file of its own for each of train, valid and test{_why(split)}",
            )
    owner: dict[object, tuple[str, Conversation]] = {}
    for name, part in parts.items():
        for conversation in part:
            # Ids are unique within a file only, so without a scenario the same id and the same words count.
            scenario = conversation.meta.get("scenario")
            key = conversation.scenario if scenario else (conversation.id, conversation.messages)
            first, where = owner.setdefault(key, (name, conversation))
            if first != name:
                what = f"the scenario {conversation.scenario!r}" if scenario else f"conversation {conversation.id!r}"
                raise UserError(
                    f"{what} is in {name} and in {first} ({where.place}): the test would be easier than real use",
                    file=conversation.file,
                    line=conversation.line,
                    field="meta.scenario" if scenario else f"data.{name}",
                    hint="keep all conversations of one scenario in one file",
                )


def _why(split: Split) -> str:
    return f" ({'; '.join(split.division.notes)})" if split.division else ""
