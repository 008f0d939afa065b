"""MedQuAD's documents."""

from pathlib import Path
from typing import Any

from chatforge.dialogues.draft import BadLine, Draft, Record, Remark
from chatforge.dialogues.formats import medquad
from chatforge.dialogues.formats.choices import Choices

PATH = Path("0000001.xml")


def node(tag: str, *children: Any, text: str = "", tail: str = "", **attrib: str) -> dict[str, Any]:
    return {"tag": tag, "attrib": attrib, "text": text, "tail": tail, "children": list(children)}


def pair(number: int, question: str, *answer: Any, text: str = "") -> dict[str, Any]:
    asked = node("Question", text=question, qid=f"1-{number}", qtype="symptoms")
    return node("QAPair", asked, node("Answer", *answer, text=text))


def document(*pairs: Any) -> dict[str, Any]:
    return node("Document", node("Focus", text="Rabies"), node("QAPairs", *pairs), id="1", source="CDC")


def read(value: Any) -> list[Draft | BadLine]:
    return list(medquad.drafts([Record(1, value)], PATH, Choices()))


def test_questions_and_answers() -> None:
    assert read(document(pair(1, "What is it?", text="A disease."))) == [
        Draft(
            (Remark("user", "What is it?"), Remark("assistant", "A disease.")),
            PATH,
            1,
            "1-1",
            {"source": "CDC", "scenario": "Rabies", "intent": "symptoms"},
        )
    ]


def test_the_layout_of_the_file_is_tidied_and_said() -> None:
    (draft,) = read(
        document(pair(1, " What \n", text="\n      Key points    - Rest.    - Water.\n  \n\n  \n  It  helps.\n"))
    )
    assert isinstance(draft, Draft)
    assert [remark.content for remark in draft.remarks] == ["What", "Key points\n- Rest.\n- Water.\n\nIt helps."]
    assert draft.changed == ("white space of the XML file tidied",)


def test_text_in_elements_inside_an_answer_is_read() -> None:
    (draft,) = read(document(pair(1, "How?", node("b", node("i", text="one"), tail=" a day."), text="Take ")))
    assert isinstance(draft, Draft)
    assert draft.remarks[1].content == "Take one a day."


def test_pairs_without_an_answer_or_a_question() -> None:
    items = read(
        document(pair(1, "What?"), pair(2, "", text="That."), node("QAPair"), "x", pair(3, "Why?", text="So."))
    )
    assert [item.reason if isinstance(item, BadLine) else item.id for item in items] == [
        "pair 1-1 has no answer",
        "pair 1-2 has no question",
        "pair without a number has no question",
        "1-3",
    ]


def test_what_is_no_such_document() -> None:
    assert medquad.fits([Record(1, document())])
    others: list[Any] = [node("html"), node("Document"), None, []]
    for value in others:
        assert not medquad.fits([Record(1, value)])
        assert read(value) == [BadLine(PATH, 1, "no questions in it: not a document of MedQuAD")]
