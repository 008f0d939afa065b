"""Which column is what, and which rows of several files belong together."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.evaluation.agreement.reading import Columns, read_texts

Write = Callable[[str, str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


def test_columns_are_known_by_their_usual_names_and_all_others_that_hold_numbers_are_scores(write: Write) -> None:
    file = write(
        "a.csv",
        "ID,Dialogue,Reference Summary,Automatic_Summary,Fluency,Remark,facts\n"
        "0,d1,the cat sat,a cat,4,fine,0.5\n0,d1,the cat sat,cats,,,1\n1,d2,a dog,dog,1e0,bad,0\n",
    )
    texts = read_texts([file], Columns())
    assert [row.reply for row in texts.rows] == ["a cat", "cats", "dog"]
    assert [dict(row.scores) for row in texts.rows] == [
        {"Fluency": 4.0, "facts": 0.5}, {"Fluency": None, "facts": 1.0}, {"Fluency": 1.0, "facts": 0.0},
    ]  # fmt: skip
    assert [row.group for row in texts.rows] == [0, 0, 1] and texts.groups == 2
    assert "reference: Reference Summary; reply: Automatic_Summary; scores: Fluency, facts" in texts.notes


def test_tabs_and_json_with_scores_inside_are_read_too(write: Write) -> None:
    table = write("a.tsv", "reference\treply\tscore\na\tb\t1\n")
    rows = [{"gold": "a", "output": "b", "scores": {"fluent": 3, "true": True}}, {"gold": "c", "output": None}]
    lines = write("b.jsonl", "\n".join(map(json.dumps, rows)))
    assert read_texts([table], Columns()).rows[0].scores == {"score": 1.0}
    found = read_texts([lines], Columns()).rows
    assert found[0].scores == {"scores.fluent": 3.0, "scores.true": 1.0}
    assert (found[1].reply, found[1].scores["scores.fluent"]) == ("", None)


def test_without_a_context_the_same_reference_is_the_same_document_and_any_column_can_be_named(write: Write) -> None:
    file = write("a.csv", "wanted,got,who,judge\nx,y,1,3\nx,z,2,4\ny,z,1,5\n")
    asked = Columns(reference="wanted", reply="got", scores=("judge",))
    assert [row.group for row in read_texts([file], asked).rows] == [0, 0, 1]
    by_who = Columns(reference="wanted", reply="got", scores=("judge",), group="who")
    assert [row.group for row in read_texts([file], by_who).rows] == [0, 1, 0]


def test_files_of_as_many_rows_are_put_together_row_by_row(write: Write) -> None:
    texts, scores = write("t.csv", "reference,reply\na,b\nc,d\n"), write("s.csv", "score\n1\n2\n")
    found = read_texts([texts, scores], Columns())
    assert [(row.reply, row.scores["score"]) for row in found.rows] == [("b", 1.0), ("d", 2.0)]
    assert "t.csv and s.csv are put together row by row" in found.notes


@pytest.mark.parametrize("turned", [False, True])
def test_files_are_joined_by_an_id_that_names_one_row_in_one_of_them(write: Write, turned: bool) -> None:
    texts = write("t.csv", "ID,reference,context\n7,a,k\n8,c,k\n9,e,k\n")
    scores = write("s.csv", "ID,reply,score\n8,x,1\n7,y,2\n8,z,3\n6,w,4\n")
    found = read_texts([scores, texts] if turned else [texts, scores], Columns(join="ID"))
    assert [(row.reference, row.reply, row.scores["score"]) for row in found.rows] == [
        ("c", "x", 1.0), ("a", "y", 2.0), ("c", "z", 3.0),
    ]  # fmt: skip
    assert "2 rows have no partner by ID: left out" in found.notes


def test_rows_without_a_reference_are_left_out_and_counted(write: Write) -> None:
    found = read_texts([write("a.csv", "reference,reply,score\na,b,1\n ,c,2\n")], Columns())
    assert len(found.rows) == 1 and "1 row without a reference is left out" in found.notes


@pytest.mark.parametrize(
    ("text", "asked", "words"),
    [
        ("reference,reply,score\na,b,1\nc,d\n", Columns(), "a.csv:3: 2 cells where the header has 3"),
        (
            "reference,reply,score\na,b,good\n",
            Columns(scores=("score",)),
            "a.csv:2: field `score`: 'good' is no number",
        ),
        ("reference,reply,score\na,b,1\na,b,2\na,b,N/A\n", Columns(), "a.csv:4: field `score`: 'N/A' is no number"),
        ("reference,reply,score\na,b,nan\n", Columns(scores=("score",)), "'nan' is no number"),
        ("reference,reply,remark\na,b,good\n", Columns(), "no column of numbers is left that could be a score"),
        ("reference,reply,score\na,b,1\n", Columns(scores=("scor",)), "did you mean `score`?"),
        ("text,reply,score\na,b,1\n", Columns(), "which column holds the text that is right?"),
        ("reference,text,score\na,b,1\n", Columns(), "which column holds the text that was scored?"),
        ("reference,reply,score\n", Columns(), "there are no rows in it"),
        ("reference,reply,score\n ,b,1\n", Columns(), "no row has a reference"),
        ("", Columns(), "the file is empty"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(write: Write, text: str, asked: Columns, words: str) -> None:
    with pytest.raises(UserError) as caught:
        read_texts([write("a.csv", text)], asked)
    assert words in str(caught.value)


def test_files_that_do_not_belong_together_are_refused(write: Write) -> None:
    one, two = write("t.csv", "id,reference,reply\n1,a,b\n1,c,d\n"), write("s.csv", "id,score\n1,1\n1,2\n1,3\n")
    with pytest.raises(UserError, match="has 2 rows and"):
        read_texts([one, two], Columns())
    with pytest.raises(UserError, match="names several rows in both"):
        read_texts([one, two], Columns(join="id"))
    with pytest.raises(UserError, match="no column 'ID'"):
        read_texts([one, two], Columns(join="ID"))
    with pytest.raises(UserError, match="no row has a partner"):
        read_texts([one, write("o.csv", "id,score\n5,1\n")], Columns(join="id"))
    with pytest.raises(UserError, match="cannot be read"):
        read_texts([Path("nowhere.csv")], Columns())


def test_lines_that_are_no_rows_are_refused(write: Write) -> None:
    with pytest.raises(UserError, match="no row with named columns"):
        read_texts([write("a.jsonl", '{"reference": "a", "reply": "b", "s": 1}\n[1, 2]\n')], Columns())
