"""Is it JSON by the line, or one large JSON value?"""

from pathlib import Path

from chatforge.dialogues.containers.decoding import beginning
from chatforge.dialogues.containers.lines import MAX_LINE
from chatforge.dialogues.containers.parsing import DECODER

_ROWS = 20
_OF_LINES = (".jsonl", ".ndjson")


def is_json_lines(path: Path, head: str, named: str) -> bool:
    """Whether a file that begins like JSON has a value on every line; broken lines, also the first, may be among them.

    Args:
        path: the file, which is read on if its first line is longer than `head`.
        head: how it begins.
        named: the ending of its name, which decides about a file of one line, and of only broken ones.

    Raises:
        UserError: the file cannot be read, or is no text.
    """
    for size in (1 << 20, MAX_LINE + 2):
        if "\n" not in head and head.startswith("{"):
            head = beginning(path, size).decode(errors="replace")
    rows = [row for line in head.split("\n") if (row := line.strip(" \t\r"))][: _ROWS + 1]
    first, others = rows[0], rows[1:]
    if first.startswith("["):
        return bool(others) and others[0].startswith("[") and _is_whole(first)
    if _is_whole(first):
        return bool(others) or named in _OF_LINES
    if sum(row.startswith("{") and row.endswith("}") for row in others) * 2 > len(others):
        return True
    return named in _OF_LINES and not _goes_on(first, others)


def _goes_on(first: str, others: list[str]) -> bool:
    """Whether the second line can go on with a value that the first has only begun."""
    return bool(others) and ((first == "[") or (first == "{" and others[0].startswith(('"', "}"))))


def _is_whole(row: str) -> bool:
    try:
        DECODER.decode(row)
        return True
    except (ValueError, RecursionError):
        return False
