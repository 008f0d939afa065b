"""XML is one record, a tree; what attacks or is broken is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.dialogues.containers import xml
from chatforge.dialogues.containers.xml import records
from chatforge.dialogues.draft import Record
from chatforge.errors import UserError

Put = Callable[..., Path]

TREE = {
    "tag": "A",
    "attrib": {"id": "1"},
    "text": "Nimm ",
    "tail": "",
    "children": [{"tag": "b", "attrib": {}, "text": "größere & <2>", "tail": " am Tag.", "children": []}],
}
TEXT = '<A id="1">Nimm <b>größere &amp; <![CDATA[<2>]]></b> am<!-- täglich --> Tag.</A>\n'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252", "iso-8859-1"])
def test_the_tree(put: Put, encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    path = put(f'<?xml version="1.0" encoding="{declared}"?>\n{TEXT}'.encode(encoding), "qa.xml")
    assert list(records(path)) == [Record(1, TREE)]


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        ("<a>\n<b>x</a>", "broken XML at column 7: mismatched tag", 2),
        ("<a>", "broken XML at column 4: no element found", 1),
        ("hello", "broken XML at column 1: syntax error", 1),
        ("<a/>\nx", "broken XML at column 1: junk after document element", 2),
        ("<a>" * 300, "more than 200 elements inside each other", None),
        ('<!DOCTYPE a [<!ENTITY x "boom">]><a>&x;</a>', "defines entities of its own", None),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "defines entities of its own", None),
        ('<?xml version="1.0" encoding="klingon"?><a/>', "broken XML", None),
    ],
)
def test_what_is_refused(put: Put, text: str, words: str, line: int | None) -> None:
    path = put(text, "qa.xml")
    with pytest.raises(UserError) as caught:
        list(records(path))
    (problem,) = caught.value.problems
    assert words in problem.what
    assert problem.file == path
    assert problem.hint
    if line is not None:
        assert problem.line == line


def test_too_much(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MAX_XML", 10)
    with pytest.raises(UserError, match="cut it into several files"):
        list(records(put("<a>0123456789</a>", "qa.xml")))
