"""A transcript is private, whole at every moment, and not made for nothing."""

import json
import stat
from pathlib import Path

from chatforge.chat.transcript import FileTranscript


def test_no_talk_no_file(tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path / "transcripts", {})
    assert not transcript.path.exists()


def test_every_line_is_there_when_write_returns_and_only_the_owner_reads_it(tmp_path: Path) -> None:
    transcript = FileTranscript(tmp_path / "transcripts", {"model": "m"}, clock=lambda: 12.34567)
    transcript.write("user", text="Größe \udce9?")
    rows = [json.loads(line) for line in transcript.path.read_text(encoding="utf-8").splitlines()]
    assert rows == [
        {"v": 1, "t": 12.346, "kind": "session", "model": "m"},
        {"v": 1, "t": 12.346, "kind": "user", "text": "Größe ??"},
    ]
    assert stat.S_IMODE(transcript.path.stat().st_mode) == 0o600
