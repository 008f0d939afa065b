"""Replies that a person rewrote, kept as training data: one line of `messages` JSONL each. Light.

    {"messages": [{"role": "system", …}, {"role": "user", …}, {"role": "assistant", "content": "as it should be"}],
     "meta": {"source": "correction", "run": "1121-shop-a", "model": "smollm2-135m-instruct", "was": "as it was",
              "scenario": "correction-3f9a…"}}

Lines are added under a lock on the file itself and are on the disk when `save` returns. Two corrections in talks with
the same first message share their scenario, so that no split puts what they have in common on two sides.
"""

import errno
import fcntl
import hashlib
import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.formats import messages as messages_format
from chatforge.errors import UserError
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder

FILE = "corrections.jsonl"


@dataclass(frozen=True)
class Correction:
    """One reply as it should be.

    Attributes:
        messages: the history up to and with the user's message, a system message first if there is one.
        reply: as it should be; was: as the model wrote it.
        run: id of the run that wrote it, "" for a bare base; model: name of the base.
    """

    messages: tuple[Message, ...]
    reply: str
    was: str
    run: str
    model: str


def path_for(run: RunFolder) -> Path:
    """Return the file for a run's corrections: beside the recipe that the run was made from.

    Raises:
        UserError: the run's lock is damaged, or that folder is gone.
    """
    recipe = Path(lockfile.read(run).recipe["path"])
    if not recipe.parent.is_dir():
        raise UserError(
            f"the folder of the recipe of run {run.id} is gone", file=recipe, hint="corrections are kept beside it"
        )
    return recipe.with_name(FILE)


def save(path: Path, correction: Correction) -> int:
    """Add a correction to the file, which is made if need be for its owner only; return how many it holds now.

    Raises:
        UserError: the reply is empty, too long or the same as it was; the file cannot be written.
    """
    line = _line(correction, path)
    with _opened(path, os.O_RDWR | os.O_CREAT) as file:
        content = file.read()
        # A writer that was killed may have left half a line: it is closed, and readers name it.
        added = b"\n" * (bool(content) and not content.endswith(b"\n")) + line
        try:
            if file.write(added) != len(added):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(file.fileno())
        except OSError:
            file.truncate(len(content))
            raise
    return count(path)


def count(path: Path, *, within: int | None = None) -> int:
    """Number of corrections in the file, or in its first bytes, that training could read; 0 if there is no file."""
    if not path.is_file():
        return 0
    found = _read(path)
    if within is None:
        return len(found)
    lines = len(path.read_bytes()[:within].splitlines())
    return sum((one.line or 0) <= lines for one in found)


def remove_last(path: Path) -> int:
    """Take back the last line of the file; return how many corrections it holds now.

    Raises:
        UserError: there is none; the file cannot be written.
    """
    if not path.is_file():
        raise UserError("there is no correction to take back", file=path)
    with _opened(path, os.O_RDWR) as file:
        kept = file.read().rstrip()
        if not kept:
            raise UserError("there is no correction to take back", file=path)
        file.truncate(kept.rfind(b"\n") + 1)
        os.fsync(file.fileno())
    return count(path)


def take_back(path: Path, number: int) -> int:
    """Take back correction `number`, counted from 1, if it is still the last; return how many are left.

    Raises:
        UserError: others were saved since, or it is gone; the file cannot be written.
    """
    if count(path) != number:
        hint = "take the line out of the file by hand"
        raise UserError("the file was changed since that correction", file=path, hint=hint)
    return remove_last(path)


def _read(path: Path) -> list[Conversation]:
    if not path.read_bytes().strip():  # all were taken back
        return []
    return [item for item in messages_format.read(path) if isinstance(item, Conversation)]


def _line(correction: Correction, path: Path) -> bytes:
    """The line of a correction, as good as the reader of training data wants it."""
    reply, was = _clean(correction.reply).strip(), _clean(correction.was).strip()
    if not reply:
        raise UserError("the corrected reply is empty", hint="write what the reply should have been")
    if reply == was:
        raise UserError("the corrected reply is the same as it was", hint="change it, or leave it as it is")
    talk = [*correction.messages, Message("assistant", reply)]
    rows = [{"role": message.role, "content": _clean(message.content)} for message in talk]
    meta = {
        "source": "correction",
        "run": correction.run,
        "model": correction.model,
        "was": was,
        "scenario": _scenario(rows),
    }
    text = json.dumps({"messages": rows, "meta": meta}, ensure_ascii=False)
    found = messages_format.from_line(text, path, 1)
    if not isinstance(found, Conversation):
        raise UserError(f"this cannot be trained on: {found.reason}")
    return text.encode() + b"\n"


def _scenario(rows: list[dict[str, str]]) -> str:
    first = next((row["content"] for row in rows if row["role"] == "user"), "")
    return f"correction-{hashlib.sha256(first.strip().encode()).hexdigest()[:16]}"


@contextmanager
def _opened(path: Path, flags: int) -> Iterator[io.FileIO]:
    """Open the file for one writer at a time, at its beginning."""
    try:
        with os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)  # let go of when the file is closed, however that happens
            yield file
    except OSError as error:
        raise UserError(f"the file cannot be written: {error.strerror}", file=path) from error


def _clean(text: str) -> str:
    """Replace half characters (lone surrogates), which no file in UTF-8 can hold."""
    return text.encode("utf-8", "replace").decode()
