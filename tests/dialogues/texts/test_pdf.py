"""PDFs, read in a process of their own: what is kept, what is left out and counted, what is refused in which words."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from chatforge.dialogues.texts import pdf as reader
from chatforge.dialogues.texts import pdf_pages
from chatforge.dialogues.texts.edges import without_edges
from chatforge.dialogues.texts.flow import passages, without_contents
from chatforge.dialogues.texts.pdf import read_pdf
from chatforge.errors import UserError
from tests.dialogues.texts.conftest import WritePdf, pdf, shown

PAGES = [
    ["Clinic handbook", "The first examination is free of charge for every new pa-", "tient of the clinic.", "1"],
    [
        "Clinic handbook",
        "Please bring your insurance card to every appoint-",
        "ment (and a list of drugs).",
        "2",
    ],
    ["Clinic handbook", "Café and pharmacy are on the ground floor.", "Opening hours", "They open at 8.", "3"],
]


def test_pages_become_paragraphs_without_what_repeats(write_pdf: WritePdf) -> None:
    document = read_pdf(write_pdf(PAGES))
    assert document.passages == (
        "The first examination is free of charge for every new patient of the clinic.",
        "Please bring your insurance card to every appointment (and a list of drugs).",
        "Café and pharmacy are on the ground floor.",
        "Opening hours",
        "They open at 8.",
    )
    assert document.left_out == {"repeated lines at the edges of pages": 6}
    assert document.notes == ()


def test_pages_without_text_are_told_and_a_scan_is_refused(write_pdf: WritePdf) -> None:
    document = read_pdf(write_pdf([PAGES[0], [], PAGES[1]]))
    assert document.left_out["pages without text"] == 1
    assert document.notes == ("no text on page 2: pictures or a scan",)
    with pytest.raises(UserError, match=r"scan(.|\n)*ocrmypdf"):
        read_pdf(write_pdf([[], []]))


def test_a_locked_pdf_is_refused(write_pdf: WritePdf, tmp_path: Path) -> None:
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=write_pdf(PAGES))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    with pytest.raises(UserError, match=r"locked\.pdf: this PDF is locked with a password"):
        read_pdf(tmp_path / "locked.pdf")


@pytest.mark.parametrize("content", [b"", b"no PDF at all", b"%PDF-1.7\n" + bytes(range(256)) * 9])
def test_what_is_no_pdf_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.pdf"
    path.write_bytes(content)
    with pytest.raises(UserError, match="page 1 of this PDF cannot be read"):
        read_pdf(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"gone\.pdf: cannot be read"):
        read_pdf(tmp_path / "gone.pdf")


def test_text_without_end_is_refused(write_pdf: WritePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_TEXT", 150)
    with pytest.raises(UserError, match="of text by page 2"):
        read_pdf(write_pdf(PAGES))


def test_too_large_a_file_is_not_even_opened(write_pdf: WritePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "MAX_FILE", 100)
    with pytest.raises(UserError, match="a PDF of more than"):
        read_pdf(write_pdf(PAGES))


@pytest.mark.skipif(os.name != "posix", reason="the system has no such limits")
def test_a_page_that_would_take_for_ever_is_ended_by_the_system(tmp_path: Path) -> None:
    """A page of a few thousand bytes that unpacks to far more, in a process that may work for one second."""
    path = tmp_path / "slow.pdf"
    path.write_bytes(pdf([shown(["Welcome."]), b"BT " + b"(a) Tj " * 3_000_000]))
    assert path.stat().st_size < 100_000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pdf_pages, "SECONDS", 1)
        process = _limited(path)
    assert process != 0


def _limited(path: Path) -> int:
    """Exit code of the reading process, its limits as they are set here."""
    pid = os.fork()
    if pid == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        pdf_pages.main(path, reader.MAX_TEXT)
        os._exit(0)
    return os.waitpid(pid, 0)[1]


def test_a_reader_that_dies_is_told_with_its_page(write_pdf: WritePdf, monkeypatch: pytest.MonkeyPatch) -> None:
    class Died:
        returncode, stdout = -24, b'{"lines": ["Welcome."]}\n{"lines": ["cut o'

    monkeypatch.setattr(reader.subprocess, "run", lambda *_, **__: Died())
    with pytest.raises(UserError, match="page 2 of this PDF takes more time or memory"):
        read_pdf(write_pdf(PAGES))


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (["an exam-", "ination"], ["an examination"]),
        (["a self-", "service desk", "the self-service"], ["a self-service desk the self-service"]),
        (["from 2019-", "2020"], ["from 2019-2020"]),
        (["Short.", "Next"], ["Short. Next"]),
        (["x" * 40, "• one", "• two"], ["x" * 40, "• one", "• two"]),
        (["y" * 40, "1.2 Naming"], ["y" * 40, "1.2 Naming"]),
        (["z" * 40, "", "New"], ["z" * 40, "New"]),
    ],
)
def test_lines_are_joined_to_paragraphs(lines: Sequence[str], expected: Sequence[str]) -> None:
    assert list(passages("\n".join(lines))) == expected


def test_the_name_of_the_chapter_goes_when_a_number_stands_beside_it() -> None:
    pages = [[f"Chapter 1: Begin {n}", f"text {chr(97 + n)}"] for n in range(3)]
    pages += [[f"Chapter {n}", f"more {chr(97 + n)}"] for n in range(7)]
    kept, count = without_edges(pages)
    assert count == 10
    assert [len(page) for page in kept] == [1] * 10


def test_two_pages_keep_everything_and_contents_go() -> None:
    assert without_edges([["a", "b"], ["a", "c"]]) == ([["a", "b"], ["a", "c"]], 0)
    assert without_contents(["1 Begin . . . . . . 3", "Well … then"]) == (["Well … then"], 1)
