"""Dialogue files and conversations for the tests of this room."""

import gc
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

GOOD: dict[str, Any] = {
    "messages": [{"role": "user", "content": "Is it free?"}, {"role": "assistant", "content": "Yes, from $75."}]
}


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write rows (objects become JSON, text and bytes stay as they are), one a line."""

    def write(*rows: Any, name: str = "talks.jsonl", end: bytes = b"\n") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(_bytes(row) + end for row in rows))
        return path

    return write


def _bytes(row: Any) -> bytes:
    if isinstance(row, bytes):
        return row
    return (row if isinstance(row, str) else json.dumps(row)).encode()


@pytest.fixture
def good() -> dict[str, Any]:
    """A good row, a copy of its own."""
    copy: dict[str, Any] = json.loads(json.dumps(GOOD))
    return copy


@pytest.fixture
def in_linear_time() -> Callable[[Callable[[str], object], str], None]:
    """Eight times the text takes about eight times the time, on any machine; in quadratic time it would be 64."""

    def check(read: Callable[[str], object], unit: str) -> None:
        def seconds(length: int) -> float:
            text = (unit * (length // len(unit) + 1))[:length]
            gc.disable()
            try:
                began = time.process_time()
                read(text)
                return time.process_time() - began
            finally:
                gc.enable()

        short = min(seconds(12_500) for _ in range(2))
        assert any(seconds(100_000) < 24 * max(short, 0.002) for _ in range(3))

    return check
