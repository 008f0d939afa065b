"""Divide conversations into train, valid and test, by scenario: no scenario is in two of them."""

import hashlib
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO, read_files
from chatforge.errors import UserError


@dataclass(frozen=True)
class Split:
    """The three parts. `valid` may stop and choose; `test` only judges.

    Attributes:
        bad: lines that were skipped because the recipe said so.
        notes: what was decided here and should be known.
    """

    train: tuple[Conversation, ...]
    valid: tuple[Conversation, ...]
    test: tuple[Conversation, ...]
    bad: tuple[BadLine, ...] = ()
    notes: tuple[str, ...] = ()


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


def split_of(data: Asked, seed: int) -> Split:
    """Read the files of a recipe's block `data`, divided as every stage divides them.

    Args:
        seed: the recipe's `training.seed`.

    Raises:
        UserError: as `load_split`.
    """
    return load_split(
        data.train,
        data.valid,
        data.test,
        bad_lines=data.bad_lines,
        valid_share=data.valid_share,
        test_share=data.test_share,
        seed=seed,
        form=data.type,
        choices=Choices(data.assistant, data.columns),
    )


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
) -> Split:
    """Read the files of a recipe; parts that have no file of their own are split off from train.

    Raises:
        UserError: unreadable files, bad lines, a scenario in two parts, a part without conversations.
    """
    read = [read_files(paths, bad_lines, form, choices) for paths in (train, valid, test)]
    rest, kept_valid, kept_test = (result.conversations for result in read)
    notes = [note for result in read for note in result.notes]
    divided = divide(rest, None if valid else valid_share, None if test else test_share, seed)
    rest = divided.train
    if not test:
        kept_test = divided.test
        notes.append(f"no test file: {len(kept_test)} conversations split off by scenario (test_share {test_share})")
    if not valid:
        kept_valid = divided.valid
        notes.append(
            f"no valid file: {len(kept_valid)} conversations split off by scenario (valid_share {valid_share})"
        )
    bad = tuple(line for result in read for line in result.bad)
    if bad:
        lines = f"{len(bad)} bad line{'s' if len(bad) > 1 else ''}"
        first = f"{bad[0].file.name}:{bad[0].line}: {bad[0].reason}"
        notes.append(f"{lines} skipped, as the recipe says (bad_lines: skip); first {first}")
    split = Split(rest, kept_valid, kept_test, bad, tuple(notes))
    _check(split)
    return split


def divide(
    conversations: tuple[Conversation, ...], valid_share: float | None, test_share: float | None, seed: int
) -> Split:
    """Split valid and test off by scenario; a share of None means that the part has files of its own."""
    valid: tuple[Conversation, ...] = ()
    test: tuple[Conversation, ...] = ()
    if test_share is not None:
        conversations, test = _split_off(conversations, test_share, f"test/{seed}")
    if valid_share is not None:
        conversations, valid = _split_off(conversations, valid_share, f"valid/{seed}")
    return Split(conversations, valid, test)


def _split_off(
    conversations: Sequence[Conversation], share: float, salt: str
) -> tuple[tuple[Conversation, ...], tuple[Conversation, ...]]:
    """Take whole scenarios, in an order fixed by `salt`, until `share` of the conversations is reached."""
    sizes = Counter(c.scenario for c in conversations)
    scenarios = sorted(sizes)
    random.Random(hashlib.sha256(salt.encode()).digest()).shuffle(scenarios)  # noqa: S311 (not for secrets)
    wanted, taken, count = round(share * len(conversations)), set[str](), 0
    for scenario in scenarios:
        if count >= wanted:
            break
        taken.add(scenario)
        count += sizes[scenario]
    return (
        tuple(c for c in conversations if c.scenario not in taken),
        tuple(c for c in conversations if c.scenario in taken),
    )


def _check(split: Split) -> None:
    parts = {"train": split.train, "valid": split.valid, "test": split.test}
    for name, part in parts.items():
        if not part:
            raise UserError(
                f"no conversation is left for {name}",
                field=f"data.{name}",
                hint="give more conversations, or a file of its own for each of train, valid and test",
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
