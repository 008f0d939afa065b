import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.words import bytes_text, duration_text, plain, when_text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x9b2Jgone", "gone"),
        ("a\x1b", "a"),
        ("bell\x07 back\x08", "bell back"),
        ("abc\u202edef", "abcdef"),
        ("line one\r\nline two\tend", "line one\nline two\tend"),
        ("over\rwrite", "overwrite"),
        ("half \ud800", "half "),
        ("čaj 客服 🙂 [bold]", "čaj 客服 🙂 [bold]"),
    ],
)
def test_foreign_text_cannot_steer_the_terminal(text: str, expected: str) -> None:
    assert plain(text) == expected


def test_one_line_is_one_line() -> None:
    assert plain(" a\n\nb\tc\u2028d ", one_line=True) == "a b c d"


@given(st.text())
def test_nothing_harmful_is_left_of_any_text(text: str) -> None:
    left = plain("\x1b" + text + "\x9d")
    assert all(c in "\n\t" or (c >= " " and not "\x7f" <= c <= "\x9f") for c in left)
    left.encode()


def test_markup_in_text_is_text() -> None:
    stream = io.StringIO()
    say(Console(file=stream, markup=False, highlight=False, emoji=False, width=20), "[red]x[/red] :smile: " + "y" * 30)
    assert stream.getvalue() == "[red]x[/red] :smile: " + "y" * 30 + "\n"


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1500, "1.5 KB"), (93e6, "93 MB"), (1.94e9, "1.9 GB"), (80e9, "80 GB")],
)
def test_sizes(count: float, text: str) -> None:
    assert bytes_text(count) == text


@pytest.mark.parametrize(("seconds", "text"), [(-3, "0:00"), (7.4, "0:07"), (760, "12:40"), (3723, "1:02:03")])
def test_durations(seconds: float, text: str) -> None:
    assert duration_text(seconds) == text


def test_no_time_is_a_dash() -> None:
    assert when_text(0) == "-"
    assert len(when_text(1795168031.2)) == len("11-21 19:24")


def test_a_person_looks_on_only_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not screen.is_interactive(Console(file=io.StringIO()))
    assert not screen.is_interactive(Console(file=io.StringIO(), force_terminal=True))
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    assert screen.is_interactive(Console(file=io.StringIO(), force_terminal=True))
    monkeypatch.setenv("SSH_CONNECTION", "1.2.3.4")
    assert screen.is_remote()
