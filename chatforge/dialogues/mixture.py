"""Reads what a recipe mixes in beside train (`data.mix`, `data.replay`), under the same rules as train."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

from chatforge import included
from chatforge.dialogues import mixing
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.mixing import Portion
from chatforge.dialogues.reading import read_files
from chatforge.errors import UserError


class Further(Protocol):
    """A dataset of `data.mix`."""

    @property
    def files(self) -> Sequence[Path]: ...
    @property
    def weight(self) -> float: ...
    @property
    def system(self) -> str | None: ...
    @property
    def type(self) -> str: ...
    @property
    def assistant(self) -> str | None: ...
    @property
    def columns(self) -> Mapping[str, str]: ...


class Asked(Protocol):
    """What a recipe's block `data` says of it."""

    @property
    def mix(self) -> Sequence[Further]: ...
    @property
    def replay(self) -> float: ...
    @property
    def bad_lines(self) -> Literal["stop", "skip"]: ...


@dataclass(frozen=True)
class Mixture:
    """What is learned beside train; `bad` and `notes` as in a `Split`."""

    portions: tuple[Portion, ...]
    bad: tuple[BadLine, ...] = ()
    notes: tuple[str, ...] = ()


def mixture_of(data: Asked, train: int, seed: int, general: Path | None = None) -> Mixture:
    """Read the further datasets of a recipe and its general chat.

    Args:
        train: how many conversations train has. general: another file than the one that comes with ChatForge.

    Raises:
        UserError: a file cannot be read, is empty, or has bad lines and the recipe says stop.
    """
    portions: list[Portion] = []
    bad: list[BadLine] = []
    notes: list[str] = []
    for number, one in enumerate(data.mix):
        read = read_files(one.files, data.bad_lines, one.type, Choices(one.assistant, one.columns))
        if not read.conversations:
            what, field = "there is no conversation in it", f"data.mix[{number}].files"
            raise UserError(what, file=one.files[0], field=field, hint="name another file, or take the dataset out")
        portions.append(mixing.weighted(name_of(one.files), read.conversations, one.weight, seed, one.system))
        bad += read.bad
        notes += read.notes
    if data.replay:
        whole = read_files([general or included.general_chat()], form="messages").conversations
        others = train + sum(len(portion.conversations) for portion in portions)
        portions.append(mixing.replayed(whole, data.replay, others, seed))
    if portions:
        notes.append(mixing.told(train, portions))
    return Mixture(tuple(portions), tuple(bad), tuple(notes))


def name_of(files: Sequence[Path]) -> str:
    """What a dataset of such files is called: its first file's name, and how many there are more."""
    more = f" and {len(files) - 1} more" if len(files) > 1 else ""
    return f"{files[0].name}{more}"


def check_held_out(portions: Sequence[Portion], held_out: Mapping[str, Sequence[Conversation]]) -> None:
    """See that no conversation that stops, chooses or judges is learned by way of a further dataset.

    Args:
        held_out: valid and test by name.

    Raises:
        UserError: one is: the same scenario, or the same id and words.
    """
    owner = {_key(one): (name, one) for name, part in held_out.items() for one in part}
    for number, portion in enumerate(portions):
        for learned in portion.distinct:
            if _key(learned) in owner:
                name, first = owner[_key(learned)]
                raise UserError(
                    f"this conversation is in {name}, too ({first.place}): the test would be easier than real use",
                    file=learned.file,
                    line=learned.line,
                    field=f"data.mix[{number}].files",
                    hint=f"take it out of one of the two files, or the dataset out of {name}",
                )


def _key(conversation: Conversation) -> object:
    """What must not be on both sides, as between train and test."""
    if conversation.meta.get("scenario"):
        return conversation.scenario
    return conversation.id, tuple(message for message in conversation.messages if message.role != "system")
