"""Write a new file from a dialogue file: repaired, or only in ChatForge's own form. The original is never touched.

What was right stays byte for byte as it was; every change is a line in the log beside the new file.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from chatforge.dialogues.checks.corpus import mark_of
from chatforge.dialogues.checks.mend import Change, Mended, mend
from chatforge.dialogues.containers.decoding import utf8_pieces
from chatforge.dialogues.containers.lines import MAX_LINE
from chatforge.dialogues.containers.raw_lines import raw_lines
from chatforge.dialogues.draft import BadLine, Draft
from chatforge.dialogues.formats.messages import line_of
from chatforge.dialogues.reading import Source, held
from chatforge.errors import UserError

if TYPE_CHECKING:
    from chatforge.dialogues.privacy.finding import Recogniser

Mender = Callable[[Draft], Mended]
"""What is done with each conversation."""


@dataclass
class Rewritten:
    """What became of a file, or would become of it.

    Attributes:
        to, log: the new file and what was changed; `log` is None if nothing was.
        same, changed, left_out: conversations that stayed as they were, were repaired, are not in the new file.
        counts: how many changes of each kind.
    """

    to: Path
    log: Path | None
    same: int = 0
    changed: int = 0
    left_out: int = 0
    counts: Counter[str] = field(default_factory=Counter)


def only_convert(draft: Draft) -> Mended:
    """Bring a conversation into ChatForge's form; nothing else."""
    found = held(draft)
    if isinstance(found, BadLine):
        return Mended(None, (), found.reason)
    return Mended(found.conversation, tuple(Change(what, None, "", "") for what in found.changed))


def anonymising(seed: int, keep: Collection[str] = (), also: "Recogniser | None" = None) -> Mender:
    """Return what puts surrogates in the place of personal data; the log tells kinds and places, no originals.

    Args:
        keep: what is nobody's secret. also: asked besides our own rules.
    """
    from chatforge.dialogues.privacy import WORDS, anonymise, masked

    def mender(draft: Draft) -> Mended:
        found = held(draft)
        if isinstance(found, BadLine):
            return Mended(None, (), found.reason)
        conversation, replaced = anonymise(found.conversation, seed, keep, also)
        changes = (Change(WORDS[one.kind], None, masked(one.original), one.surrogate) for one in replaced)
        return Mended(conversation, tuple(changes))

    return mender


def rewrite(source: Source, to: Path, mender: Mender = mend, *, unique: bool = True) -> Rewritten:
    """Write the conversations of a source to a new file, one line each.

    Args:
        unique: leave out what was there before, word for word, and give a new id to those whose id is taken.

    Raises:
        UserError: the new file exists, or cannot be written; the source cannot be read on.
    """
    log = to.with_name(f"{to.name}.log.jsonl")
    found = Rewritten(to, log)
    with ExitStack() as stack:
        broken_off = stack.enter_context(ExitStack())  # closed if nothing stands in the way: then both files stay
        out, notes = (stack.enter_context(_new(path, broken_off)) for path in (to, log))
        for line, rows in _rows(source, mender, unique, found):
            out.write(line)
            for row in rows:
                notes.write(json.dumps(row, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        broken_off.pop_all()
    if not found.counts:
        log.unlink()
        found.log = None
    return found


def preview(source: Source, to: Path, mender: Mender = mend, *, unique: bool = True) -> Rewritten:
    """Say what `rewrite` would do; nothing is written.

    Raises:
        UserError: the source cannot be read on.
    """
    found = Rewritten(to, None)
    for _ in _rows(source, mender, unique, found):
        pass
    return found


def _rows(
    source: Source, mender: Mender, unique: bool, found: Rewritten
) -> Iterator[tuple[bytes, list[dict[str, Any]]]]:
    """Yield the line to write of each conversation, with the rows for the log; count in `found`."""
    known = _Known() if unique else None
    for item, raw in _items(source):
        yield _row(item, raw, mender, known, found)


class _Known:
    """Remembers what was written."""

    def __init__(self) -> None:
        self.lines: dict[bytes, int] = {}
        self.ids: set[str] = set()


def _items(source: Source) -> Iterator[tuple[Draft | BadLine, bytes | None]]:
    """Yield what a source says, with the raw line where it is one in ChatForge's own form already."""
    if not source.is_plain:
        for item in source.drafts():
            yield item, None
        return
    raw_of = enumerate(raw_lines(utf8_pieces(source.path), MAX_LINE), start=1)
    for item in source.drafts():
        yield item, next(raw for number, raw in raw_of if number == item.line)


def _row(
    item: Draft | BadLine, raw: bytes | None, mender: Mender, known: _Known | None, found: Rewritten
) -> tuple[bytes, list[dict[str, Any]]]:
    """The line to write, b"" if the conversation is left out, and the rows for the log."""
    if isinstance(item, BadLine):
        return _left_out(found, item.line, None, "broken", item.reason)
    done = mender(item)
    conversation, changes = done.conversation, list(done.changes)
    if conversation is None:
        return _left_out(found, item.line, item.id, "left out", done.why)
    if known:
        first = known.lines.setdefault(mark_of(conversation.messages), item.line)
        if first != item.line:
            return _left_out(found, item.line, item.id, "duplicate", f"the same as line {first}")
        if conversation.id in known.ids:
            fresh = f"{conversation.id}-line-{item.line}"
            changes.append(Change("id-twice", None, conversation.id, fresh))
            conversation = replace(conversation, id=fresh)
        known.ids.add(conversation.id)
    if not changes and raw is not None:
        found.same += 1
        return raw if raw.endswith(b"\n") else raw + b"\n", []
    found.changed += bool(changes)
    found.same += not changes
    found.counts.update(change.check for change in changes)
    rows = [
        {"line": item.line, "id": item.id, "check": c.check, "turn": c.turn, "was": c.was, "now": c.now}
        for c in changes
    ]
    named = item.id is not None or conversation.id != f"{item.file.name}:{item.line}"
    return line_of(conversation, _object(raw), named=named), rows


def _left_out(
    found: Rewritten, line: int, name: str | None, check: str, why: str
) -> tuple[bytes, list[dict[str, Any]]]:
    found.left_out += 1
    found.counts[check] += 1
    return b"", [{"line": line, "id": name, "check": check, "left out": why}]


def _object(raw: bytes | None) -> dict[str, Any] | None:
    return None if raw is None else dict(json.loads(raw.decode("utf-8-sig")))


def _new(path: Path, broken_off: ExitStack) -> IO[bytes]:
    """Open a file that must not exist yet, for its owner only: it holds what customers said.

    Args:
        broken_off: takes it away again.
    """
    try:
        file = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")
        broken_off.callback(path.unlink)
        return file
    except FileExistsError:
        raise UserError("the file exists already", file=path, hint="give another name, or remove it") from None
    except OSError as error:
        raise UserError(f"cannot be written: {error.strerror}", file=path) from error
