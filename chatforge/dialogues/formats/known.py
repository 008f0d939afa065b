"""The table of forms, and which of them a file has."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Protocol

from chatforge.dialogues.containers.container import Container, Kind
from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats import (
    abcd,
    alpaca,
    medquad,
    messages,
    oasst,
    preference,
    prompt_completion,
    question_answer,
    refused,
    self_instruct,
    sharegpt,
    task_dialogues,
    tau_bench,
    tickets,
    transcript,
    twcs,
    vcon,
    whatsapp,
)
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError, did_you_mean

SAMPLE = 50
"""Records that are looked at to find out the form of a file."""

TYPE_HINT = "`chatforge data formats` lists the forms; `type:` in the recipe's block `data` names one"


class Format(Protocol):
    """What a module of this folder offers."""

    NAME: str
    WHAT: str
    KINDS: tuple[Kind, ...]

    def fits(self, sample: Sequence[Record]) -> bool: ...
    def drafts(
        self, records: Iterable[Record | BadLine], path: Path, choices: Choices
    ) -> Iterator[Draft | BadLine]: ...


FORMATS: tuple[Format, ...] = (
    messages, sharegpt, alpaca, prompt_completion, preference, question_answer, transcript, whatsapp, tickets, vcon,
    abcd, task_dialogues, tau_bench, oasst, twcs, medquad, self_instruct,
)  # fmt: skip
"""Every form; where several fit, the first is taken."""


def named(name: str) -> Format:
    """Return a form by its name.

    Raises:
        UserError: there is none such.
    """
    found = next((one for one in FORMATS if name == one.NAME), None)
    if found is None:
        guess = did_you_mean(name, [one.NAME for one in FORMATS])
        raise UserError(f"{name!r} is no form of dialogue files", field="data.type", hint=guess or TYPE_HINT)
    return found


def recognise(container: Container, choices: Choices) -> Format:
    """Find out the form of a file from its first records; who names the columns of question and answer has said it.

    Raises:
        UserError: no form fits; says what the file seems to be, or what is in it.
    """
    if {"user", "assistant"} <= set(choices.columns):
        return question_answer if container.kind in question_answer.KINDS else prompt_completion
    sample = [one for one in islice(container.records(), SAMPLE) if isinstance(one, Record)]
    found = next((one for one in FORMATS if sample and container.kind in one.KINDS and one.fits(sample)), None)
    if found:
        return found
    if container.kind in ("lines", "json") and not sample:
        return messages  # every line is broken: its own reader says best what is wrong
    why = refused.reason(sample) or f"no form of dialogues that ChatForge knows; {_contents(sample)}"
    raise UserError(why, file=container.path, line=sample[0].line if sample else None, hint=TYPE_HINT)


def _contents(sample: Sequence[Record]) -> str:
    """What stands in the first record, in words."""
    if not sample:
        return "nothing in it can be read"
    value = sample[0].value
    if isinstance(value, dict):
        keys = ", ".join(repr(str(key))[:40] for key in list(value)[:6]) or "nothing"
        return f"its first record has {keys}"
    return f"its first record is {type(value).__name__}"
