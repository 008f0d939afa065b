"""A question and its answer under two names: which names, in many spellings and some languages.

{"Question Text": "…", "Antwort": "…", "Topic": "…"}   ──►   user, assistant, meta
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats.endings import template_mark, without_endings
from chatforge.dialogues.formats.said import remarks_of, speaker_of
from chatforge.dialogues.formats.sides import shown
from chatforge.dialogues.formats.values import draft_of, found, object_of, text_at
from chatforge.dialogues.formats.walk import NoConversationError, walk

_QUESTIONS = (
    *("subject body", "questiontitle questiontext", "instruction input", "instruction context", "question context"),
    *("prompt", "question", "query", "instruction", "message", "utterance", "inputtext", "questiontext", "input"),
    *("frage", "anfrage", "pregunta", "domanda", "pergunta"),
)
_ANSWERS = (
    *("completion", "response", "answer", "output", "reply", "assistant"),
    *("answertext", "outputtext", "referenceanswer", "antwort", "reponse", "respuesta", "risposta", "resposta"),
)
_SYSTEMS = ("system", "systemprompt", "systemmessage")
# Names that belong together come first; those that mean little alone come last.
_ORDER = (
    *(("subject body", "answer"), ("questiontitle questiontext", "answertext"), ("question context", "answer")),
    *(("instruction input", "output"), ("prompt", "completion"), ("question", "answer"), ("query", "response")),
    *(("inputtext", "outputtext"), ("input", "output")),
    *((question, answer) for question in _QUESTIONS for answer in _ANSWERS),
    *(("user", "assistant"), ("human", "assistant"), ("patient", "doctor"), ("context", "response"), ("q", "a")),
    *(("f", "a"), ("eingabe", "ausgabe")),
)


@dataclass(frozen=True)
class Layout:
    """Under which names a record holds what.

    Attributes:
        user: names whose texts make the question, joined by an empty line.
        others: ("intent", name) …: what a person said about further names.
    """

    user: tuple[str, ...]
    assistant: str
    system: str | None = None
    others: tuple[tuple[str, str], ...] = ()


def layout_of(names: Iterable[str], columns: Mapping[str, str]) -> Layout | None:
    """Return who is who among names, or None if there is no question or no answer.

    Args:
        columns: {"user": name, "assistant": name, "system": name, …} as a person said; the rest is found by the names.
    """
    by_word = {_word(name): name for name in names if name not in columns.values()}
    system = columns.get("system") or next((by_word[word] for word in _SYSTEMS if word in by_word), None)
    others = tuple((key, name) for key, name in columns.items() if key not in ("user", "assistant", "system"))
    for question, answer in _ORDER:
        parts = [columns["user"]] if "user" in columns else [by_word.get(word) for word in question.split()]
        user = tuple(part for part in parts if part)
        assistant = columns.get("assistant") or by_word.get(answer)
        if assistant and len(user) == len(parts):
            return Layout(user, assistant, system, others)
    return None


def paired(
    records: Iterable[Record | BadLine],
    path: Path,
    columns: Mapping[str, str],
    before: Callable[[Mapping[str, Any]], Iterable[Remark]] = lambda value: (),
) -> Iterator[Draft | BadLine]:
    """Turn records to drafts, in order; `before` returns what was said before a record's question."""
    find = finder(columns)

    def make(record: Record) -> Draft:
        value = object_of(record)
        layout = find(value)
        if layout is None:
            raise NoConversationError(f"no question and answer under names that are known: {found(value)}")
        return pair(record, path, layout, before(value))

    return walk(records, path, make)


def finder(columns: Mapping[str, str]) -> Callable[[Mapping[Any, Any]], Layout | None]:
    """Return a function from an object to its layout, which remembers the last few sets of names."""
    find = lru_cache(maxsize=16)(lambda names: layout_of(names, columns))
    return lambda value: find(names_of(value))


def names_of(value: Mapping[Any, Any]) -> tuple[str, ...]:
    """Return the names in an object or a row."""
    return tuple(name for name in value if isinstance(name, str))


def looks(value: Mapping[str, Any]) -> bool:
    """Whether an object holds a question and an answer, as texts or messages, under known names."""
    layout = layout_of(names_of(value), {})
    return layout is not None and all(
        value[name] is None or isinstance(value[name], str | list) for name in (*layout.user, layout.assistant)
    )


def pair(record: Record, path: Path, layout: Layout, before: Iterable[Remark] = ()) -> Draft:
    """Read a question and its answer, each a text or messages; `before` is what was said before.

    Raises:
        NoConversationError: one of them is missing, is no text, or holds a chat template.
    """
    value, changed = object_of(record), list[str]()
    question = said_under(value, layout.user, "user", changed)
    answer = said_under(value, (layout.assistant,), "assistant", changed)
    if not question:
        raise NoConversationError(f"no question in `{shown(layout.user[0])}`")
    if not answer:
        raise NoConversationError(f"no answer in `{shown(layout.assistant)}`")
    remarks = [*system_of(value, layout), *before, *exchange(question, answer, changed)]
    used = {*layout.user, layout.assistant, layout.system or ""}
    return draft_of(_renamed(record, layout), path, remarks, used, changed)


def said_under(value: Mapping[str, Any], names: tuple[str, ...], role: str, changed: list[str]) -> list[Remark]:
    """Return the messages under the first name, or the texts under all of them as one remark; [] if there is nothing.

    Raises:
        NoConversationError: something else stands there.
    """
    content = value.get(names[0])
    if isinstance(content, dict) or (isinstance(content, list) and content and speaker_of(content[0]) is not None):
        return remarks_of(content, changed)
    text = "\n\n".join(filter(str.strip, (text_at(value, name) for name in names)))
    return [Remark(role, text)] if text else []


def system_of(value: Mapping[str, Any], layout: Layout) -> list[Remark]:
    """Return the system message, [] if there is none."""
    return said_under(value, (layout.system,), "system", []) if layout.system else []


def exchange(question: Sequence[Remark], answer: Sequence[Remark], changed: list[str]) -> list[Remark]:
    """Return question and answer without what was put around them for other trainers.

    Raises:
        NoConversationError: the question holds a chat template already.
    """
    for remark in question:
        mark = template_mark(remark.content or "")
        if mark:
            raise NoConversationError(
                f"the question already holds a chat template ({mark}): it would be wrapped twice; give the bare text"
            )
    if len(question) == 1 and len(answer) == 1:
        asked, answered = without_endings(question[0].content or "", answer[0].content or "", changed)
        return [Remark(question[0].role, asked), Remark(answer[0].role, answered)]
    return [*question, *answer]


def _renamed(record: Record, layout: Layout) -> Record:
    """The record with the names that a person gave to its other fields."""
    if not layout.others:
        return record
    old = {name for _, name in layout.others}
    rest = {name: content for name, content in record.value.items() if name not in old}
    return replace(record, value={**rest, **{key: record.value.get(name) for key, name in layout.others}})


def _word(name: str) -> str:
    """A name without accents, case and signs: "Réponse_1" is "reponse1"."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", name).casefold() if sign.isalnum())
