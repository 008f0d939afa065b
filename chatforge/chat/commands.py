"""Commands that are typed into a talk: a line that begins with a slash. Light."""

from collections.abc import Mapping
from dataclasses import dataclass

COMMANDS: Mapping[str, str] = {
    "/both": "both answer; the talk goes on with the adapted one's reply",
    "/adapted": "the adapted model answers",
    "/base": "the base answers: the model before training",
    "/again": "have the last message answered again",
    "/fix": "correct the last reply: it is kept to train on",
    "/undo": "take the last correction back",
    "/closest": "show the training conversations closest to the last reply",
    "/system": "show the system message; with TEXT, set it",
    "/sampling": "show or set how replies are drawn",
    "/reset": "begin afresh",
    "/open": "go on with an earlier talk",
    "/save": "write the talk to FILE, one line of messages JSONL",
    "/help": "list the commands",
}
"""What can be typed wherever one talks, and its sentence; each face adds what only it has."""


@dataclass(frozen=True)
class Order:
    """A command and what stands behind it: `/system You help.`"""

    name: str
    rest: str


def parse(line: str) -> Order | str:
    """Return the command that a line is, or the message; two slashes begin a message with one."""
    if line.startswith("//"):
        return line.removeprefix("/")
    if not line.startswith("/"):
        return line
    name, *rest = line.split(maxsplit=1)  # a text may also begin on the next line
    return Order(name, rest[0].strip() if rest else "")
