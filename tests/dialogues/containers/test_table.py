"""Rows of a table: names for their cells, the line where each begins."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.dialogues.containers import table
from chatforge.dialogues.containers.delimiter import guess
from chatforge.dialogues.containers.table import column_names, records
from chatforge.dialogues.draft import BadLine, Record
from chatforge.errors import UserError

Put = Callable[..., Path]


def test_quotes_newlines_and_blank_rows(put: Put) -> None:
    path = put('question,answer\r\n"Where,\nis it?","He said ""here""."\r\n\r\n,\r\n<b>x</b>,y\r\n', "faq.csv")
    assert list(records(path, ",")) == [
        Record(2, {"question": "Where,\nis it?", "answer": 'He said "here".'}),
        Record(6, {"question": "<b>x</b>", "answer": "y"}),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(put: Put, encoding: str, end: str) -> None:
    path = put(end.join(["frage;antwort", "Größe?;“groß”"]).encode(encoding), "faq.csv")
    assert list(records(path, ";")) == [Record(2, {"frage": "Größe?", "antwort": "“groß”"})]


def test_rows_that_are_too_short_or_too_long(put: Put) -> None:
    path = put("a,b\n1\n1,2,3\n5,6\n", "faq.csv")
    assert list(records(path, ",")) == [
        BadLine(path, 2, "1 cell where the header has 2"),
        BadLine(path, 3, "3 cells where the header has 2"),
        Record(4, {"a": "5", "b": "6"}),
    ]


def test_a_quotation_mark_that_is_never_closed(put: Put) -> None:
    path = put('a,b\n1,2\n"3,4\n5,6\n', "faq.csv")
    good, bad = records(path, ",")
    assert good == Record(2, {"a": "1", "b": "2"})
    assert isinstance(bad, BadLine)
    assert bad.line == 3
    assert bad.reason.endswith("the row goes on to line 4: is a quotation mark not closed?")


def test_long_cells_are_read_and_endless_ones_are_told(put: Put) -> None:
    long = "x" * 500_000
    assert list(records(put(f"a,b\n{long},y\n"), ",")) == [Record(2, {"a": long, "b": "y"})]
    path = put('a,b\n"' + f"{'x' * 999_999}\n" * 11 + "1,2\n")
    items = list(records(path, ","))
    bad = items[0]
    assert isinstance(bad, BadLine)
    assert bad == BadLine(path, 2, "a cell of more than 10 MB, lines 2–12 are lost: is a quotation mark not closed?")
    assert items[-1] == Record(13, {"a": "1", "b": "2"})


def test_a_line_without_end_is_an_error(put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MAX_CELL", 1 << 20)
    with pytest.raises(UserError, match="a line of more than 1 MB"):
        list(records(put("a,b\n" + "x," * (1 << 20)), ","))


def test_every_column_has_a_name_of_its_own(put: Put) -> None:
    assert column_names(["a", " a ", "", "b", "", "a"]) == ("a", "a 2", "column 3", "b", "column 5", "a 3")
    assert column_names(["column 2", ""]) == ("column 2", "column 2 2")


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n",;\t|'), max_size=8)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(CELL, CELL, CELL), max_size=6), delimiter=st.sampled_from(",;\t|"))
def test_what_was_written_is_read(put: Put, tmp_path: Path, rows: list[tuple[str, ...]], delimiter: str) -> None:
    path = tmp_path / "faq.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([("a", "b", "c"), *rows])
    found = [item.value for item in records(path, delimiter) if isinstance(item, Record)]
    assert found == [dict(zip("abc", row, strict=True)) for row in rows if "".join(row).strip()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_under_which_rows_agree(delimiter: str) -> None:
    rows = ["question|answer".replace("|", delimiter), *(f'"Hi, {i}; so|?"{delimiter}Yes no' for i in range(30))]
    found = guess("\n".join(rows), cut_off=False)
    assert (found.delimiter, found.columns, found.agreeing, found.named) == (delimiter, 2, 1, True)


def test_sentences_are_no_header() -> None:
    found = guess("Doctor: Hello, how are you?\nPatient: Fine, thanks\n", cut_off=False)
    assert not found.named


def test_a_row_that_is_cut_off_does_not_count() -> None:
    assert guess('a,b\n1,2\n3,"4', cut_off=True).agreeing == 1
    assert guess("a,b\n1,2\n3", cut_off=True).agreeing == 1
    assert guess("a,b\n1,2\n3", cut_off=False).agreeing == 0.5
    assert guess("a,b", cut_off=True).agreeing == 0
    assert guess("\u00a0", cut_off=False).columns == 0
