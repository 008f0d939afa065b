"""Settings come from the run's lock, and the command line has the last word."""

import json
from pathlib import Path

import pytest

from chatforge.chat.settings import Settings, from_lock
from chatforge.errors import UserError


def test_what_the_lock_says_counts(tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    chat = {"max_new_tokens": 9, "temperature": 0.5, "notice": "Hi", "from_the_future": 1}
    lock.write_text(json.dumps({"resolved": {"chat": chat}}))
    assert from_lock(lock) == Settings(9, 0.5, 1.0, "Hi")


def test_without_a_chat_block_the_defaults_count(tmp_path: Path) -> None:
    lock = tmp_path / "lock.json"
    lock.write_text('{"resolved": {}}')
    assert from_lock(lock) == Settings()


@pytest.mark.parametrize("text", [None, "", "[]", "{}"])
def test_a_folder_that_is_no_run_is_named(tmp_path: Path, text: str | None) -> None:
    lock = tmp_path / "lock.json"
    if text is not None:
        lock.write_text(text)
    with pytest.raises(UserError, match=r"lock\.json"):
        from_lock(lock)


def test_the_command_line_has_the_last_word_even_with_zero() -> None:
    settings = Settings(9, 0.5, 0.9, "Hi")
    assert settings.override(None, 0.0) == Settings(9, 0.0, 0.9, "Hi")
    assert settings.override(4, None) == Settings(4, 0.5, 0.9, "Hi")
