"""A line is a command or a message."""

import pytest

from chatforge.chat.commands import Order, parse


@pytest.mark.parametrize(
    ("line", "want"),
    [
        ("hello /x", "hello /x"),
        ("//x y", "/x y"),
        ("/", Order("/", "")),
        ("/help", Order("/help", "")),
        ("/save  my talk ", Order("/save", "my talk")),
        ("/fix\nYes,\nit is.", Order("/fix", "Yes,\nit is.")),
    ],
)
def test_a_line_is_a_command_or_a_message(line: str, want: Order | str) -> None:
    assert parse(line) == want
