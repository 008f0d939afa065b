"""Examines dialogue files beside a screen: `python -m chatforge.workers.doctor`.

One JSON line comes on stdin; the answers leave on what fd 1 was at the start, and then the process ends:

    {"files": ["train.jsonl"], "form": "auto", "assistant": null, "columns": {}}

    {"done": 2000, "of": "conversations"}                                    now and then; then "personal"
    {"findings": {"html": {"count": 3, "places": [PLACE, …]}}, "notes": []}
    {"personal": {"touched": 40, "kinds": {"names": {"count": 132, "places": [PLACE, …]}}}}
    {"problem": "cannot be read"}                                            in the place of what would have followed

    PLACE   [file, line, id or null, message or null, words]

The end of stdin ends the process: whoever asked is gone.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

from chatforge.dialogues.checks.doctor import Examination, examine
from chatforge.dialogues.checks.finding import Finding
from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.privacy import WORDS, Report, look_through
from chatforge.dialogues.reading import Source, open_source
from chatforge.dialogues.tidy import Tidied
from chatforge.dialogues.window import LOOK_EVERY
from chatforge.errors import UserError
from chatforge.workers import quiet
from chatforge.workers.common import NICENESS

Send = Callable[[dict[str, Any]], object]


def main() -> int:
    """Examine what is asked for; return the exit code: 0, or 1 if it is no question."""
    outlet = quiet.claim_fd_1()
    os.nice(max(0, NICENESS - os.nice(0)))
    quiet.close_network()
    lines = os.fdopen(os.dup(0), "rb")
    try:
        asked = json.loads(lines.readline())
        files, form = [Path(file) for file in asked["files"]], str(asked["form"])
        choices = Choices(asked["assistant"], asked["columns"])
    except (ValueError, LookupError, TypeError) as error:
        print(f"no question: {error!r}", file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    threading.Thread(target=_leave_with, args=(lines,), daemon=True).start()
    with suppress(BrokenPipeError):  # nobody listens any more
        answer(files, form, choices, lambda said: outlet.write(json.dumps(said).encode() + b"\n"))
    return 0


def answer(files: Sequence[Path], form: str, choices: Choices, send: Send) -> None:
    """Say what is wrong with files, then what of them tells who somebody is."""
    try:
        sources = [open_source(file, form, choices) for file in files]
        found = examine(sources, Likeness(), lambda done: send({"done": done, "of": "conversations"}))
        send({"findings": _findings(found), "notes": list(found.notes)})
        send({"personal": _personal(look_through(_counted(_read(sources), send)))})
    except UserError as error:
        send({"problem": error.problems[0].what})


def _findings(found: Examination) -> dict[str, Any]:
    return {
        check.id: {"count": found.counts[check.id], "places": [_place(one) for one in found.places[check.id]]}
        for check in found.found
    }


def _place(one: Finding) -> list[Any]:
    return [str(one.file), one.line, one.conversation, one.turn, one.what]


def _personal(found: Report) -> dict[str, Any]:
    kinds = {
        WORDS[kind]: {
            "count": count.findings,
            "places": [
                [str(one.file), one.line, one.conversation, one.message, f"{one.shown}, {one.rule}"]
                for one in count.examples
            ],
        }
        for kind, count in found.kinds.items()
    }
    return {"touched": found.touched, "kinds": kinds}


def _read(sources: Sequence[Source]) -> Iterator[Conversation]:
    for source in sources:
        yield from (one.conversation for one in source.read() if isinstance(one, Tidied))


def _counted(conversations: Iterator[Conversation], send: Send) -> Iterator[Conversation]:
    for done, one in enumerate(conversations, start=1):
        yield one
        if done % LOOK_EVERY == 0:
            send({"done": done, "of": "personal"})


def _leave_with(lines: BinaryIO) -> None:
    """End with whoever asked: also in the middle of a long comparison."""
    lines.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
