"""Makes mended or anonymised copies of dialogue files beside a screen: `python -m chatforge.workers.copies`.

One JSON line comes on stdin; the answers leave on what fd 1 was at the start, and then the process ends:

    {"files": ["train.jsonl"], "form": "auto", "assistant": null, "columns": {}, "purpose": "fixed", "write": false}

    {"done": 400}                                                            conversations, now and then
    {"copies": [{"path": "train.jsonl", "to": "train.fixed.jsonl", "same": 9, "changed": 2, "left_out": 1,
                 "counts": {"html": 2}}]}                                    of files whose copy would be another
    {"problem": "cannot be written", "hint": null}                           in the place of what would have followed

Nothing is written unless `write` says so. The end of stdin ends the process: whoever asked has given up, and what was
begun is taken away again.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any, BinaryIO

from chatforge.dialogues.checks import copies
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import open_source
from chatforge.dialogues.window import GivenUpError
from chatforge.errors import UserError
from chatforge.workers import quiet
from chatforge.workers.common import NICENESS

TELL_EVERY = 200

Send = Callable[[Mapping[str, Any]], object]


def main() -> int:
    """Do what is asked for; return the exit code: 0, or 1 if it is no question."""
    outlet = quiet.claim_fd_1()
    os.nice(max(0, NICENESS - os.nice(0)))
    quiet.close_network()
    lines = os.fdopen(os.dup(0), "rb")
    try:
        asked = json.loads(lines.readline())
        files, purpose = [Path(file) for file in asked["files"]], copies.PURPOSES[asked["purpose"]]
        read_as, write = (str(asked["form"]), Choices(asked["assistant"], asked["columns"])), bool(asked["write"])
    except (ValueError, LookupError, TypeError) as error:
        print(f"no question: {error!r}", file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    given_up = threading.Event()
    threading.Thread(target=_listen, args=(lines, given_up), daemon=True).start()

    def send(said: Mapping[str, Any]) -> None:
        outlet.write(json.dumps(said).encode() + b"\n")

    with suppress(BrokenPipeError, GivenUpError):  # nobody listens any more
        try:
            told = _Progress(send, given_up)
            send({"copies": _copies(files, read_as, purpose, told, write=write)})
        except UserError as error:
            send({"problem": error.problems[0].what, "hint": error.problems[0].hint})
    return 0


class _Progress:
    """Hears of every conversation, and breaks off when nobody wants them any more."""

    def __init__(self, send: Send, given_up: threading.Event) -> None:
        self._send, self._given_up, self._done = send, given_up, 0

    def __call__(self) -> None:
        self._done += 1
        if self._done % TELL_EVERY == 0:
            self._send({"done": self._done})
        if self._given_up.is_set():
            raise GivenUpError


def _copies(
    files: list[Path], read_as: tuple[str, Choices], purpose: copies.Purpose, told: copies.Told, *, write: bool
) -> list[dict[str, Any]]:
    """Go through the files; of what is written all is kept, or nothing."""
    made: list[dict[str, Any]] = []
    with ExitStack() as broken_off:
        for path in files:
            source = open_source(path, *read_as)
            found = (copies.write if write else copies.preview)(source, purpose, told)
            for new in filter(None, (found.to, found.log) if write else ()):
                broken_off.callback(new.unlink, missing_ok=True)
            if write or copies.differs(source, found):
                made.append({
                    "path": str(path), "to": str(found.to), "same": found.same, "changed": found.changed,
                    "left_out": found.left_out, "counts": dict(found.counts),
                })  # fmt: skip
        broken_off.pop_all()
    return made


def _listen(lines: BinaryIO, given_up: threading.Event) -> None:
    lines.read()
    given_up.set()


if __name__ == "__main__":
    sys.exit(main())
