"""The line where one types: history, completion of commands and files, keys."""

from collections.abc import Callable, Iterator, Mapping

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion, PathCompleter
from prompt_toolkit.document import Document
from prompt_toolkit.history import FileHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent
from prompt_toolkit.output import create_output

from chatforge.chat import commands
from chatforge.paths import home

COMMANDS: Mapping[str, str] = {
    **commands.COMMANDS,
    "/fix": "the last reply should have been TEXT, or the next line: it is kept to train on",
    "/sampling": "show how replies are drawn; with TEMPERATURE [TOP_P [TOKENS]], set it",
    "/open": "list earlier talks; with NUMBER, go on with that one",
    "/quit": "leave (also Ctrl-D)",
}
"""Command → its sentence in the help and beside its completion."""


class Commands(Completer):
    """Completes commands and, after /save, files."""

    def __init__(self) -> None:
        self._files = PathCompleter(expanduser=True)

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterator[Completion]:
        """Yield what the line before the cursor may become."""
        text = document.text_before_cursor
        if text.startswith("/save "):
            rest = text.removeprefix("/save ").lstrip()
            yield from self._files.get_completions(Document(rest), complete_event)
        elif text.startswith("/") and " " not in text:
            for name, sentence in COMMANDS.items():
                if name.startswith(text):
                    yield Completion(name, start_position=-len(text), display_meta=sentence)


def prompt() -> Callable[[str], str]:
    """Return a function that asks for a line, given the words before it.

    What was typed is kept in the home, for its owner only.
    """
    history = home() / "chat-history"
    history.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    history.touch(mode=0o600)
    session: PromptSession[str] = PromptSession(
        history=FileHistory(str(history)),
        completer=Commands(),
        key_bindings=_keys(),
        # Replies may go to a file (`> replies.txt`) while a person types.
        output=create_output(always_prefer_tty=True),
    )
    return lambda words: session.prompt(words)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("escape", "enter")
    def _(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
