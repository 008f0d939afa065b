"""Which kind of file it is: told by what is in it; the ending of its name decides only where that leaves it open."""

import re
from functools import partial
from pathlib import Path

from chatforge.dialogues.containers import json_value, lines, parquet, table, text, xml
from chatforge.dialogues.containers.container import Container
from chatforge.dialogues.containers.decoding import beginning, guessed, note_on_encoding
from chatforge.dialogues.containers.delimiter import Guess, guess
from chatforge.dialogues.containers.folder import ending
from chatforge.dialogues.containers.line_test import is_json_lines
from chatforge.dialogues.containers.opened import pieces

_LOOKED_AT = 64 << 10
"""Bytes that tell the kind of a file."""

_JSON = re.compile(r"""\{\s*(["'}]|$) | \[[\s\[]*(["'{\]]|$)""", re.VERBOSE)
"""How JSON begins (and Python's idea of it); "[10:02] Anna: Hi" and "{{Name}}: Hi" begin otherwise."""

_NAMED_JSON = (".jsonl", ".ndjson", ".json", ".vcon")

_XML = re.compile(r"<(\?xml|!DOCTYPE|!--)", re.IGNORECASE)
_ELEMENT = re.compile(r"<[^\W\d][\w.:-]*[\s/>]")


def open_container(path: Path) -> Container:
    """Look at the beginning of a file and say what kind it is.

    Raises:
        UserError: the file is missing, a folder, unreadable, damaged, empty or binary.
    """
    if next(pieces(path), b"").startswith(parquet.MAGIC):
        parquet.refuse_packed(path)
        return Container(path, "parquet", partial(parquet.records, path))
    start = beginning(path, _LOOKED_AT)
    head = "".join(map(guessed, start.splitlines(keepends=True)))
    named = ending(path)
    found = guess(head, cut_off=len(start) == _LOOKED_AT)
    if named in _NAMED_JSON and _is_misnamed(head, found):
        return _table(path, found, "", f"this is a table: {named} is a wrong ending for it, .csv would be right")
    if _JSON.match(head) or named in _NAMED_JSON:
        return _json(path, head, named)
    if _is_xml(head, named):
        return Container(path, "xml", partial(xml.records, path))
    if named in (".csv", ".tsv") or (found.columns > 1 and found.named and found.agreeing == 1):
        return _table(path, found, named)
    return Container(path, "text", partial(text.records, path), _encoding(path))


def _is_misnamed(head: str, found: Guess) -> bool:
    """Whether what is called JSON is a table, whatever its cells hold."""
    rows = head.lstrip().split("\n")[:2]
    return found.columns > 1 and found.named and found.agreeing == 1 and not any(row[:1] in "{[" for row in rows)


def _json(path: Path, head: str, named: str) -> Container:
    if is_json_lines(path, head, named):
        return Container(path, "lines", partial(lines.records, path))
    return Container(path, "json", partial(json_value.records, path), json_value.notes(path))


def _is_xml(head: str, named: str) -> bool:
    if named == ".xml" or _XML.match(head):
        return head.startswith("<")
    return _ELEMENT.match(head) is not None and "</" in head and named in ("", ".html", ".htm")


def _table(path: Path, found: Guess, named: str, *told: str) -> Container:
    usual = "\t" if named == ".tsv" else ","
    delimiter = found.delimiter if found.columns > 1 else usual
    notes = [*told, *_encoding(path)]
    if delimiter != usual:
        notes.append(f"columns are parted by {'a tab' if delimiter == chr(9) else delimiter}")
    columns = table.column_names(found.header)
    if new := [name for name, cell in zip(columns, found.header, strict=True) if name != cell.strip()]:
        notes.append(f"columns without a name of their own are called {', '.join(f'`{name}`' for name in new)}")
    return Container(path, "table", partial(table.records, path, delimiter), tuple(notes))


def _encoding(path: Path) -> tuple[str, ...]:
    note = note_on_encoding(path)
    return (note,) if note else ()
