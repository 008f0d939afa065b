"""Settings come from the run's lock, and the command line has the last word."""

import json
from pathlib import Path
from typing import Any

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


def test_sampling_is_set_anew_and_the_notice_stays() -> None:
    assert Settings(9, 0.5, 0.9, "Hi").sampled(5, 1.0, 8192) == Settings(8192, 5.0, 1.0, "Hi")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((-0.1, 1.0, 9), ["temperature is a number from 0 to 5, not -0.1"]),
        ((float("nan"), 0.0, 0), ["temperature", "top_p is a number above 0, at most 1, not 0.0", "max_new_tokens"]),
        ((float("inf"), 1.01, 8193), ["temperature", "top_p", "max_new_tokens is a whole number from 1 to 8192"]),
        (("0.5", True, 1.5), ["temperature", "top_p", "max_new_tokens"]),
        ((None, None, None), ["temperature", "top_p", "max_new_tokens"]),
    ],
)
def test_sampling_out_of_bounds_is_told_value_by_value(values: Any, words: list[str]) -> None:
    with pytest.raises(UserError) as caught:
        Settings().sampled(*values)
    assert len(caught.value.problems) == len(words)
    assert all(word in problem.what for word, problem in zip(words, caught.value.problems, strict=True))
