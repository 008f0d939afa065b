"""Divide conversations into train, valid and test, by scenario: no scenario is in two of them."""

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats.messages import BadLine
from chatforge.dialogues.reading import read_files
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


def load_split(
    train: Sequence[Path],
    valid: Sequence[Path],
    test: Sequence[Path],
    *,
    bad_lines: Literal["stop", "skip"],
    valid_share: float,
    test_share: float,
    seed: int,
) -> Split:
    """Read the files of a recipe; parts that have no file of their own are split off from train.

    Raises:
        UserError: unreadable files, bad lines, a scenario in two parts, a part without conversations.
    """
    read = [read_files(paths, bad_lines) for paths in (train, valid, test)]
    rest, kept_valid, kept_test = (result.conversations for result in read)
    notes: list[str] = []
    if not test:
        rest, kept_test = _split_off(rest, test_share, f"test/{seed}")
        notes.append(f"no test file: {len(kept_test)} conversations split off by scenario (test_share {test_share})")
    if not valid:
        rest, kept_valid = _split_off(rest, valid_share, f"valid/{seed}")
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


def _split_off(
    conversations: Sequence[Conversation], share: float, salt: str
) -> tuple[tuple[Conversation, ...], tuple[Conversation, ...]]:
    """Take whole scenarios, in an order fixed by `salt`, until `share` of the conversations is reached."""
    scenarios = sorted({c.scenario for c in conversations})
    random.Random(hashlib.sha256(salt.encode()).digest()).shuffle(scenarios)  # noqa: S311 (not for secrets)
    wanted, taken, count = round(share * len(conversations)), set[str](), 0
    for scenario in scenarios:
        if count >= wanted:
            break
        taken.add(scenario)
        count += sum(c.scenario == scenario for c in conversations)
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
