"""One conversation as a model sees it, printed: the X-ray."""

import queue
from itertools import islice

from rich.text import Text

from chatforge import paths
from chatforge.cli import console as screen
from chatforge.cli.console import can_draw, say
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.reading import Source
from chatforge.dialogues.xray import STYLES, xray
from chatforge.errors import UserError
from chatforge.models.sources import locate
from chatforge.models.store import Store
from chatforge.project.data_client import Answer, DataClient, Ended
from chatforge.words import plain


def show(source: Source, number: int, base: str, system: str, max_length: int) -> None:
    """Print the conversation with this number, counted from 1, through the template of a base.

    Raises:
        UserError: there is no such conversation; the base is not here, or cannot render it.
    """
    conversation = _conversation(source, number)
    found = locate(base, Store(paths.store(paths.home())))
    if found.path is None:
        raise UserError(f"{base} is not on this machine", hint=f"`chatforge models fetch {base}` brings it")
    heard: queue.Queue[Answer | Ended] = queue.Queue()
    client = DataClient(found.path, system, max_length, heard.put)
    try:
        client.ask_outcome()
        client.ask("shown", conversation.messages)
        outcome, answer = _next(heard), _next(heard)
    finally:
        client.close()
    if answer.problem:
        raise UserError(answer.problem, file=conversation.file, line=conversation.line)
    say(screen.err(), f"{conversation.place}, {plain(conversation.id, one_line=True)}, for {base}: {outcome.note}")
    out = screen.out()
    pieces = xray(answer, max_length, ascii_only=not can_draw(out))
    out.print(Text.assemble(*((text, STYLES[style]) for text, style in pieces)), soft_wrap=not out.is_terminal)


def _next(heard: "queue.Queue[Answer | Ended]") -> Answer:
    found = heard.get()
    if isinstance(found, Ended):
        raise UserError(found.why)
    return found


def _conversation(source: Source, number: int) -> Conversation:
    usable = (item for item in source.read() if not isinstance(item, BadLine))
    found = next(islice(usable, number - 1, None), None)
    if found is None:
        raise UserError(f"there is no conversation {number}", file=source.path, hint="count from 1")
    return found.conversation
