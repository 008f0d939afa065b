"""XML: the whole document is one record, a tree of plain dicts.

<Answer id="1">Take <b>one</b> a day.</Answer>

{"tag": "Answer", "attrib": {"id": "1"}, "text": "Take ", "tail": "", "children": [
    {"tag": "b", "attrib": {}, "text": "one", "tail": " a day.", "children": []}]}
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers.opened import pieces
from chatforge.dialogues.draft import Record
from chatforge.errors import UserError

MAX_XML = 64 << 20
"""Bytes; larger exports should be several files."""

MAX_DEPTH = 200
"""Elements inside each other; more is an attack or an accident."""


def records(path: Path) -> Iterator[Record]:
    """Yield the root element.

    Raises:
        UserError: the file cannot be read, is longer than `MAX_XML`, is no well-formed XML, defines entities of its
            own, or nests more than `MAX_DEPTH` elements.
    """
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import DefusedXMLParser, ParseError

    tree = _Tree()
    parser = DefusedXMLParser(target=tree)
    size = 0
    try:
        for piece in pieces(path):
            size += len(piece)
            if size > MAX_XML:
                what = f"XML of more than {MAX_XML >> 20} MB"
                raise UserError(what, file=path, hint="cut it into several files")
            parser.feed(piece)
        yield Record(1, parser.close())
    except ParseError as error:
        line, column = error.position
        what = f"broken XML at column {column + 1}: {str(error).partition(':')[0]}"
        raise UserError(what, file=path, line=line, hint="export it again, or save it as plain text") from None
    except DefusedXmlException:
        what = "the XML defines entities of its own, which may be an attack"
        raise UserError(what, file=path, hint="save it without a DOCTYPE") from None
    except (ValueError, LookupError) as error:
        raise UserError(f"broken XML: {error}", file=path, hint="export it again, as UTF-8") from None


class _Tree:
    """What the parser tells, as dicts."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}
        self._open: list[dict[str, Any]] = []
        self._last: dict[str, Any] = {}
        self._where = "text"
        self._data: list[str] = []

    def start(self, tag: str, attrib: Mapping[str, str]) -> None:
        self._flush()
        element = {"tag": tag, "attrib": dict(attrib), "text": "", "tail": "", "children": []}
        if len(self._open) == MAX_DEPTH:
            raise ValueError(f"more than {MAX_DEPTH} elements inside each other")
        if self._open:
            self._open[-1]["children"].append(element)
        self._root = self._root or element
        self._open.append(element)
        self._last, self._where = element, "text"

    def end(self, tag: str) -> None:
        self._flush()
        self._last, self._where = self._open.pop(), "tail"

    def data(self, text: str) -> None:
        self._data.append(text)

    def close(self) -> dict[str, Any]:
        return self._root

    def _flush(self) -> None:
        if self._data and self._last:
            self._last[self._where] = "".join(self._data)
        self._data = []
