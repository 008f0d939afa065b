"""Examines dialogue files beside a screen: `python -m chatforge.workers.doctor`.

One JSON line comes on stdin; the answers leave on what fd 1 was at the start, and then the process ends:

    {"files": ["train.jsonl"], "form": "auto", "assistant": null, "columns": {},
     "recipe": "recipe.yaml" or null, "model": "/folder/of/the/base" or null, "limit": 1024}

    {"done": 2000}                                                           now and then
    {"findings": {"html": {"count": 3, "places": [PLACE, …]}}, "notes": [], "next": "personal details"}
    {"personal": {"touched": 40, "kinds": {"names": {"count": 132, "places": [PLACE, …]}}}, "next": …}
    {"in_train": {"test": {"count": 7, "of": 60, "most": 0.1, "shares": {"exact": 0.1}, "places": […]}}, …}
    {"too_long": {"cut": {"count": 3, "places": […]}}, "limits": {"now": 512, …} or null, "notes": […], "next": ""}
    {"problem": "cannot be read"}                                            in the place of what would have followed

    PLACE   [file, line, id or null, message or null, words]

Without files the first two answers are left out, without a recipe the last two. `next` is what is looked for then, in
words. The end of stdin ends the process: whoever asked is gone.
"""

import json
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO

from chatforge.dialogues.checks.doctor import examine
from chatforge.dialogues.checks.likeness import Likeness
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.privacy import WORDS, Report, look_through
from chatforge.dialogues.reading import Source, open_source
from chatforge.dialogues.tidy import Tidied
from chatforge.dialogues.window import LOOK_EVERY
from chatforge.errors import UserError
from chatforge.workers import doctor_lesson, quiet
from chatforge.workers.common import NICENESS

Send = Callable[[Mapping[str, Any]], object]


@dataclass(frozen=True)
class Asked:
    """The question; see above."""

    files: tuple[Path, ...]
    form: str
    choices: Choices
    recipe: Path | None = None
    model: Path | None = None
    limit: int = 0

    @classmethod
    def read(cls, line: bytes) -> "Asked":
        """Read it from a line.

        Raises:
            ValueError, LookupError, TypeError: it is none.
        """
        said = json.loads(line)
        recipe, model = (Path(said[name]) if said[name] else None for name in ("recipe", "model"))
        choices = Choices(said["assistant"], said["columns"])
        return cls(tuple(map(Path, said["files"])), str(said["form"]), choices, recipe, model, int(said["limit"]))


def main() -> int:
    """Examine what is asked for; return the exit code: 0, or 1 if it is no question."""
    outlet = quiet.claim_fd_1()
    os.nice(max(0, NICENESS - os.nice(0)))
    quiet.hush()
    quiet.close_network()
    lines = os.fdopen(os.dup(0), "rb")
    try:
        asked = Asked.read(lines.readline())
    except (ValueError, LookupError, TypeError) as error:
        print(f"no question: {error!r}", file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    threading.Thread(target=_leave_with, args=(lines,), daemon=True).start()
    with suppress(BrokenPipeError):  # nobody listens any more
        answer(asked, lambda said: outlet.write(json.dumps(said).encode() + b"\n"))
    return 0


def answer(asked: Asked, send: Send) -> None:
    """Say what is wrong with files, what of them tells who somebody is, and then what a recipe makes of them."""
    try:
        if asked.files:
            sources = [open_source(file, asked.form, asked.choices) for file in asked.files]
            found = examine(sources, Likeness(), partial(_tell, send))
            send({"findings": doctor_lesson.findings_of(found), "notes": list(found.notes), "next": "personal details"})
            following = doctor_lesson.FIRST if asked.recipe else ""
            send({"personal": _personal(look_through(_counted(_read(sources), send))), "next": following})
        if asked.recipe:
            for said in doctor_lesson.answers(asked.recipe, asked.model, asked.limit, partial(_tell, send)):
                send(said)
    except UserError as error:
        send({"problem": error.problems[0].what})


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
            _tell(send, done)


def _tell(send: Send, done: int) -> None:
    send({"done": done})


def _leave_with(lines: BinaryIO) -> None:
    """End with whoever asked: also in the middle of a long comparison."""
    lines.read()
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
