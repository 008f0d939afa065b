"""The screens' end of copying: files go in, what their copies are, or would be, comes out. Light."""

import asyncio
import json
import os
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatforge.dialogues.checks.copies import Purpose
from chatforge.dialogues.formats.choices import Choices
from chatforge.errors import UserError
from chatforge.runs.launch import environment

PROGRAM = ("-m", "chatforge.workers.copies")

GRACE_SECONDS = 10.0
"""What a process that is told to stop has to take away what it began."""

LONGEST_LINE = 1 << 24

Told = Callable[[int], object]
"""Hears how many conversations were gone through."""


@dataclass(frozen=True)
class Copy:
    """What becomes of a file, or would.

    Attributes:
        path, to: the file and its copy. same, changed, left_out: conversations that stay as they are, are changed, are
            not in the copy. counts: how many changes of each kind.
    """

    path: Path
    to: Path
    same: int
    changed: int
    left_out: int
    counts: Counter[str]


async def copy(
    files: Sequence[Path],
    read_as: tuple[str, Choices],
    purpose: Purpose,
    told: Told,
    *,
    write: bool,
    program: Sequence[str] = PROGRAM,
) -> list[Copy]:
    """Write copies, or only say what they would be. Who does not wait any more (cancels) leaves no half copy behind.

    Args:
        read_as: the form of the files, and what was said about them.

    Returns:
        Where nothing is written, only those files whose copy would be another.

    Raises:
        UserError: a file cannot be read on; a copy is there already, or cannot be written; the process died.
    """
    form, choices = read_as
    asked = {
        "files": [str(file) for file in files], "form": form, "assistant": choices.assistant,
        "columns": dict(choices.columns), "purpose": purpose.ending, "write": write,
    }  # fmt: skip
    try:
        # -P keeps the user's folder off Python's path: a `random.py` lying there would be taken for Python's own.
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-P", *program, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True,
            env=environment(os.environ), limit=LONGEST_LINE,
        )  # fmt: skip
    except OSError as error:
        raise UserError(f"the process that copies cannot be started: {error.strerror}") from error
    try:
        return await _hear(process, json.dumps(asked).encode() + b"\n", told)
    finally:
        await _end(process)


async def _hear(process: Process, asked: bytes, told: Told) -> list[Copy]:
    assert process.stdin and process.stdout and process.stderr  # noqa: S101 (they are pipes)
    with suppress(BrokenPipeError, ConnectionResetError):  # it has died: its last words say why
        process.stdin.write(asked)
        await process.stdin.drain()
    async for line in process.stdout:
        said: dict[str, Any] = json.loads(line)
        if "problem" in said:
            raise UserError(said["problem"], hint=said["hint"])
        if "copies" in said:
            return [_copy(one) for one in said["copies"]]
        told(int(said["done"]))
    words = (await process.stderr.read()).decode("utf-8", "replace").strip().splitlines()
    raise UserError(f"the process that copies has ended (exit code {await process.wait()})", hint="\n".join(words[-1:]))


def _copy(said: dict[str, Any]) -> Copy:
    paths = {name: Path(said[name]) for name in ("path", "to")}
    return Copy(**{**said, **paths, "counts": Counter(said["counts"])})


async def _end(process: Process) -> None:
    """Let it take away what it began, then end it in any case."""
    if process.returncode is None:
        if process.stdin:
            process.stdin.close()
        try:
            with suppress(TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE_SECONDS)
        finally:
            with suppress(ProcessLookupError):
                process.kill()
