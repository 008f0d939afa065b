"""Commands that are typed into a talk: a line that begins with a slash. Light."""

from dataclasses import dataclass


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
