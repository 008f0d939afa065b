"""Text and Markdown files into paragraphs, and what is refused."""

from pathlib import Path

import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.texts import read_texts, replies_in
from chatforge.errors import UserError
from tests.dialogues.texts.conftest import WritePdf


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_paragraphs_stand_between_empty_lines(tmp_path: Path) -> None:
    (document,) = read_texts([write(tmp_path / "a.txt", "\ufeffOne\r\nline.\r\n \r\n\r\nTwo.\x1b[31m\n")])
    assert document.passages == ("One\nline.", "Two.[31m")
    assert document.left_out == {"control characters": 1}
    assert document.characters == 17


def test_markdown_keeps_all_but_its_front_matter(tmp_path: Path) -> None:
    body = "# Fees\n\n- one\n- two\n\n---\n\nEnd\n"
    (document,) = read_texts([write(tmp_path / "a.md", f"---\ntitle: Fees\n---\n{body}")])
    assert document.passages == ("# Fees", "- one\n- two", "---", "End")
    assert document.left_out == {"front matter": 1}
    (plain,) = read_texts([write(tmp_path / "b.md", body)])
    assert (plain.passages, plain.left_out) == (document.passages, {})


def test_windows_letters_are_read_and_told(tmp_path: Path) -> None:
    (document,) = read_texts([write(tmp_path / "a.txt", "Übung\n\nCafé".encode("cp1252"))])
    assert document.passages == ("Übung", "Café")
    assert "Windows-1252" in document.notes[0]


def test_every_file_that_cannot_be_used_is_named_at_once(tmp_path: Path) -> None:
    bad = [
        write(tmp_path / "empty.txt", " \n\n"),
        write(tmp_path / "talks.docx", "PK"),
        write(tmp_path / "binary.txt", b"\0\1"),
        tmp_path / "gone.md",
    ]
    with pytest.raises(UserError) as caught:
        read_texts([write(tmp_path / "good.txt", "x"), *bad])
    assert [problem.file for problem in caught.value.problems] == bad


def test_a_pdf_is_one_whatever_its_name(tmp_path: Path, write_pdf: WritePdf) -> None:
    (document,) = read_texts([write_pdf([["Welcome."]], name="welcome.txt")])
    assert document.passages == ("Welcome.",)


def test_held_out_replies_in_texts_are_counted(tmp_path: Path) -> None:
    reply = "Please bring your insurance card and a list of your drugs."
    documents = read_texts([write(tmp_path / "a.txt", f"Before.\n\nplease  bring{reply[12:]}\nAfter.")])
    said = [reply, "Please bring your insurance card and a list of your pets.", "Yes."]
    talks = [Conversation(text, (Message("user", "Hi"), Message("assistant", text))) for text in said]
    assert replies_in(documents, talks) == (1, 2)
