"""Shows what a model gets of conversations: `python -m chatforge.workers.data MODEL --system TEXT --max-length N`.

JSON lines come on stdin and one answer to each leaves on what fd 1 was at the start:

    {"id": "7", "messages": [{"role", "content"}, …], "pieces": true}
    {"id": "7", "pieces": [["<|im_start|>user\n", "template"], …], "tokens": 45, "learned": 12, "cut": null, "note": ""}

    {"id": "7", "messages": […], "measure": true}    how long it is; if longer than N, its examples with replies' ends
    {"id": "7", "tokens": 1532, "examples": [[1532, [210, 980, 1530]]]}

    {"outcome": true}
    {"id": "outcome", "note": "the template leaves earlier turns as they are: …"}       what comes of conversations here

    {"system": "You help.", "max_length": 512}      is answered by nothing: it holds for what comes after it

The end of stdin ends the process: whoever asked is gone.
"""

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from chatforge.dialogues.anatomy import anatomy
from chatforge.dialogues.checks.truncation import measured
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.outcome import outcome
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.workers import quiet
from chatforge.workers.common import NICENESS


def main(arguments: list[str] | None = None) -> int:
    """Answer until stdin ends; return the exit code: 0, or 1 if the tokenizer cannot be used."""
    parser = argparse.ArgumentParser(prog="python -m chatforge.workers.data", description=__doc__)
    parser.add_argument("model", type=Path, help="folder of the base")
    parser.add_argument("--system", default="")
    parser.add_argument("--max-length", type=int, default=1024)
    asked = parser.parse_args(arguments)
    outlet = quiet.claim_fd_1()
    os.nice(max(0, NICENESS - os.nice(0)))
    quiet.hush()
    quiet.close_network()
    try:
        from chatforge.models.loading import load_tokenizer

        renderer = Renderer(load_tokenizer(asked.model), asked.system)
    except UserError as error:
        print(error.problems[0].what, file=sys.stderr)  # noqa: T201 (its only way to say why)
        return 1
    try:
        for answer in answers(renderer, asked.max_length, os.fdopen(os.dup(0), "rb")):
            outlet.write(json.dumps(answer).encode() + b"\n")
    except BrokenPipeError:
        pass  # nobody listens any more
    return 0


def answers(renderer: Renderer, max_length: int, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """Yield an answer to every line that asks for one; what cannot be read is passed over."""
    for line in lines:
        try:
            asked = json.loads(line)
        except ValueError:
            continue
        if asked.get("outcome"):
            found = outcome(renderer.tokenizer, renderer.system)
            yield {"id": "outcome", "note": "; ".join((found.reason, *found.notes))}
        elif "messages" not in asked:
            renderer = Renderer(renderer.tokenizer, str(asked.get("system", renderer.system)))
            max_length = int(asked.get("max_length", max_length))
        else:
            yield _answer(renderer, max_length, asked)


def _answer(renderer: Renderer, max_length: int, asked: dict[str, Any]) -> dict[str, Any]:
    name = str(asked.get("id", ""))
    try:
        messages = tuple(Message(m["role"], m["content"]) for m in asked["messages"])
        if asked.get("measure"):
            length = measured(renderer, Conversation(name, messages), max_length)
            return {"id": name, "tokens": length.tokens, "examples": length.examples}
        found = anatomy(renderer, Conversation(name, messages), max_length)
    except UserError as error:
        return {"id": name, "problem": error.problems[0].what}
    except Exception as error:  # a tokenizer can fail in any way; the next conversation may be fine
        return {"id": name, "problem": f"{type(error).__name__}: {error}"}
    return {
        "id": name,
        "pieces": found.pieces if asked.get("pieces", True) else [],
        "tokens": found.tokens,
        "learned": found.learned,
        "cut": found.cut,
        "note": found.note,
    }


if __name__ == "__main__":
    sys.exit(main())
