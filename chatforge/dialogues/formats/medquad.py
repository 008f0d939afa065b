"""MedQuAD: one XML document for each disease, with questions and answers.

    <Document id="…" source="CDC"><Focus>Rabies</Focus>
      <QAPairs><QAPair><Question qid="…" qtype="symptoms">…</Question><Answer>…</Answer></QAPair> …</QAPairs></Document>

`intent` is the type of the question; `scenario` the disease, so that one disease is never in two splits.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from chatforge.dialogues.containers import Kind
from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.walk import facts, most, name, text

NAME = "medquad"
WHAT = "MedQuAD: XML documents of health questions with answers"
KINDS: tuple[Kind, ...] = ("xml",)

_SPACES = re.compile(r"[^\S\n]+")
_ITEM = re.compile(r"(?<![^\S\n])[^\S\n]{2,}-[^\S\n]+")
"""Where a list item began before the lists of the web page were flattened."""
_GAPS = re.compile(r"\n{2,}")


def fits(sample: Sequence[Record]) -> bool:
    """Whether the records are documents of MedQuAD."""
    return most(sample, lambda record: _tag(record.value) == "Document" and _child(record.value, "QAPairs") is not None)


def drafts(records: Iterable[Record | BadLine], path: Path, choices: Choices) -> Iterator[Draft | BadLine]:
    """Read one conversation for each question; one without an answer is a bad line."""
    for record in records:
        if isinstance(record, BadLine):
            yield record
            continue
        pairs = [child for child in _children(_child(record.value, "QAPairs")) if _tag(child) == "QAPair"]
        if not pairs:
            yield BadLine(path, record.line, "no questions in it: not a document of MedQuAD")
        yield from (_draft(pair, record, path) for pair in pairs)


def _draft(pair: Any, record: Record, path: Path) -> Draft | BadLine:
    question = _child(pair, "Question")
    asked, answered = _text(question), _text(_child(pair, "Answer"))
    about = facts(question.get("attrib") if isinstance(question, dict) else None, "qid", "qtype")
    if asked is None or answered is None:
        what = "answer" if asked else "question"
        return BadLine(path, record.line, f"pair {name(about.get('qid')) or 'without a number'} has no {what}")
    document = record.value
    meta = facts(document.get("attrib"), "source")
    if focus := _text(_child(document, "Focus")):
        meta["scenario"] = focus
    if "qtype" in about:
        meta["intent"] = about["qtype"]
    remarks = (Remark("user", _tidy(asked)), Remark("assistant", _tidy(answered)))
    changed = ("white space of the XML file tidied",) if (asked, answered) != tuple(r.content for r in remarks) else ()
    return Draft(remarks, path, record.line, name(about.get("qid")), meta, changed)


def _tidy(said: str) -> str:
    """Return text without the file's indentation: one space between words, a line for each item of a list."""
    lines = "\n".join(_SPACES.sub(" ", line).strip() for line in _ITEM.sub("\n- ", said).split("\n"))
    return _GAPS.sub("\n\n", lines).strip()


def _tag(node: Any) -> Any:
    return node.get("tag") if isinstance(node, dict) else None


def _children(node: Any) -> list[Any]:
    children = node.get("children") if isinstance(node, dict) else None
    return children if isinstance(children, list) else []


def _child(node: Any, tag: str) -> Any:
    return next((child for child in _children(node) if _tag(child) == tag), None)


def _text(node: Any) -> str | None:
    """Return all text in an element, None if there is none."""
    parts, waiting = [], [node]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            parts.append(item)
        elif isinstance(item, dict):
            waiting += [part for child in reversed(_children(item)) for part in (_tail(child), child)]
            waiting.append(item.get("text"))
    return text("".join(parts))


def _tail(node: Any) -> Any:
    return node.get("tail") if isinstance(node, dict) else None
