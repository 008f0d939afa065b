"""Reading prompt and completion: names, messages, and what other trainers put around them."""

from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.draft import BadLine, Draft, Record
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.formats.prompt_completion import drafts

PATH = Path("pairs.jsonl")
PAIR = [("user", "Hi"), ("assistant", "Hello")]


def one(value: Any, **columns: str) -> Draft | BadLine:
    (item,) = drafts([Record(1, value)], PATH, Choices(columns=columns))
    return item


def read(value: Any, **columns: str) -> Draft:
    draft = one(value, **columns)
    assert isinstance(draft, Draft), draft
    return draft


def said(value: Any, **columns: str) -> list[tuple[str, str | None]]:
    return [(remark.role, remark.content) for remark in read(value, **columns).remarks]


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        *(("prompt", "completion"), ("prompt", "response"), ("prompt", "answer"), ("input_text", "output_text")),
        *(("question", "answer"), ("question", "reference_answer"), ("instruction", "response"), ("query", "response")),
        *(("Question Text", "Answer Text"), ("input", "output"), ("user", "assistant"), ("Context", "Response")),
        *(("Patient", "Doctor"), ("Frage", "Antwort"), ("question", "réponse"), ("Pregunta", "Respuesta"), ("Q", "A")),
    ],
)
def test_names_of_the_two_sides(question: str, answer: str) -> None:
    assert said({"id": 1, answer: "Hello", "score": 0.5, question: "Hi"}) == PAIR


@pytest.mark.parametrize(
    "value",
    [
        {"prompt": "Hi", "completion": "Hello", "question": "x", "answer": "y"},
        {"user": "anna@example.com", "question": "Hi", "response": "Hello"},
        {"context": "shop", "query": "Hi", "response": "Hello"},
    ],
)
def test_names_that_belong_together_come_first(value: Any) -> None:
    assert said(value) == PAIR


def test_a_context_belongs_to_its_question() -> None:
    assert said({"question": "When?", "context": "In 1999.", "answer": "1999"})[0] == ("user", "When?\n\nIn 1999.")


def test_system_id_and_what_else_there_is() -> None:
    draft = read({"id": "r-1", "system_prompt": "Be kind.", "question": "Hi", "response": "Hello", "Intent": "greet"})
    assert (draft.id, draft.meta) == ("r-1", {"intent": "greet"})
    assert [remark.role for remark in draft.remarks] == ["system", "user", "assistant"]


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        ([{"role": "user", "content": "Hi"}], [{"role": "assistant", "content": "Hello"}]),
        ([{"role": "user", "content": "Hi"}], "Hello"),
        ("Hi", {"role": "assistant", "content": "Hello"}),
        ([{"type": "text", "text": "Hi"}], "Hello"),
    ],
)
def test_lists_of_messages(prompt: Any, completion: Any) -> None:
    assert said({"prompt": prompt, "completion": completion}) == PAIR


def test_a_longer_list_of_messages() -> None:
    before = [("system", "Be kind."), ("user", "Yo"), ("assistant", "Yes?"), ("user", "Hi")]
    prompt = [{"role": role, "content": text} for role, text in before]
    assert said({"prompt": prompt, "completion": "Hello"}) == [*before, ("assistant", "Hello")]


SEPARATOR, SPACE, STOP = (
    "separators after the question left out",
    "spaces before the answer left out",
    "stop words after the answer left out",
)


@pytest.mark.parametrize(
    ("prompt", "completion", "changed"),
    [
        ("Hi ->", " Hello END", (SEPARATOR, SPACE, STOP)),
        ("Hi\n\n###\n\n", " Hello\nEND", (SEPARATOR, SPACE, STOP)),
        ("Hi\n\n###\n\n", "Hello ###\n", (SEPARATOR, STOP)),
        ("Hi\n->", "Hello", (SEPARATOR,)),
        ("Hi", " Hello", (SPACE,)),
        ("Hi", "Hello", ()),
    ],
)
def test_old_endings_are_left_out_and_counted(prompt: str, completion: str, changed: tuple[str, ...]) -> None:
    draft = read({"prompt": prompt, "completion": completion})
    assert [(remark.role, remark.content) for remark in draft.remarks] == PAIR
    assert draft.changed == changed


@pytest.mark.parametrize(
    ("prompt", "completion"), [("How is it in C###", "THE END"), ("->", "So THE END"), ("a->", "b")]
)
def test_words_that_only_look_like_endings_stay(prompt: str, completion: str) -> None:
    assert said({"prompt": prompt, "completion": completion}) == [("user", prompt), ("assistant", completion)]


@pytest.mark.parametrize(
    "mark", ["### Instruction:", "<|im_start|>", "[INST]", "<start_of_turn>", "<|start_header_id|>", "### Human:"]
)
def test_a_prompt_in_a_chat_template_is_refused(mark: str) -> None:
    bad = one({"prompt": f"{mark} Hi", "completion": "Hello"})
    assert isinstance(bad, BadLine)
    assert f"already holds a chat template ({mark}): it would be wrapped twice" in bad.reason


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ({"prompt": "Hi", "completion": None}, "no answer in `completion`"),
        ({"prompt": "", "completion": "Hello"}, "no question in `prompt`"),
        ({"prompt": [], "completion": "Hello"}, "`prompt` is a list, not text"),
        ({"prompt": "Hi", "completion": {"a": 1}}, "message 1 is an object that does not say who speaks"),
        ({"prompt": "Hi"}, "no question and answer under names that are known: found `prompt`"),
        ({f"a{i}": 1 for i in range(9)}, "found `a0`, `a1`, `a2`, `a3`, `a4` …"),
        ({"\x1b[31mred\n": 1}, "found `red`"),
        ({"prompt": "Hi", "completion": "Hello", "system": 1}, "`system` is a number, not text"),
    ],
)
def test_a_bad_line_and_its_reason(value: Any, reason: str) -> None:
    bad = one(value)
    assert isinstance(bad, BadLine)
    assert reason in bad.reason


def test_names_that_a_person_gave() -> None:
    value = {"mail": "Hi", "note": "Hello", "prompt": "x", "completion": "y", "why": "greet", "number": 12}
    columns = {"user": "mail", "assistant": "note", "intent": "why", "id": "number"}
    draft = read(value, **columns)
    assert said(value, **columns) == PAIR
    assert (draft.id, draft.meta) == ("12", {"prompt": "x", "completion": "y", "intent": "greet"})


def test_one_name_given_and_the_other_found() -> None:
    assert said({"question": "Hi", "answer": "x", "note": "Hello"}, assistant="note") == PAIR
    assert said({"mail": "Hi", "answer": "Hello"}, user="mail") == PAIR
