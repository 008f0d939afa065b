"""The real doctor's process: what it finds comes over the pipe as it is; it ends when nobody listens, and can die."""

import json
import os
import queue
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from chatforge.dialogues.formats.choices import Choices
from chatforge.project.doctor_client import PERSONAL, Diagnosis, Doctor, Kind, Place
from chatforge.workers import doctor as worker


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    path = tmp_path / "talks.jsonl"
    rows = [("Is it <b>free</b>?", "Yes."), ("I am at anna.keller@example.com", "Thank you.")]
    lines = [
        json.dumps({"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]})
        for asked, said in rows
    ]
    path.write_text("\n".join([*lines, "{broken"]) + "\n")
    return path


def answers(talks: Path, *more: Path) -> list[dict[str, object]]:
    said: list[dict[str, object]] = []
    worker.answer([talks, *more], "auto", Choices(), said.append)
    return said


def test_findings_and_personal_details_are_told_with_places(talks: Path) -> None:
    known = Diagnosis()
    for said in answers(talks):
        known = known.hear(json.dumps(said).encode())
    assert known.looking == known.problem == ""
    broken, html = known.kind("broken"), known.kind("html")
    assert broken and (broken.severity, broken.count, broken.places[0].line, broken.mended) == ("error", 1, 3, True)
    assert html and html.places == (Place(talks, 1, None, 1, "user: '<b>'"),)
    personal = known.kind(PERSONAL)
    assert personal and (personal.count, personal.mended) == (1, False)
    assert personal.title == "personal details in 1 conversation"
    assert "anna" not in personal.places[0].what and personal.places[0].line == 2
    assert (known.count("error"), known.count("warning")) == (1, 1)


def test_a_file_that_cannot_be_read_ends_it_with_a_word(talks: Path, tmp_path: Path) -> None:
    (last,) = answers(talks, tmp_path / "gone.jsonl")
    known = Diagnosis().hear(json.dumps(last).encode())
    assert known.looking == "" and "No such file" in known.problem


def test_what_is_no_answer_changes_nothing() -> None:
    known = Diagnosis(done=3)
    for line in (
        b"{nonsense",
        b"[]",
        b"{}",
        b'{"findings": {"what": {"count": 1}}, "notes": []}',
    ):
        assert known.hear(line) == known
    assert known.hear(b'{"done": 2000, "of": "conversations"}').done == 2_000


def heard(files: list[Path]) -> list[Diagnosis]:
    said: queue.Queue[Diagnosis] = queue.Queue()
    doctor = Doctor(files, "auto", Choices(), said.put)
    found = [said.get(timeout=60)]
    while found[-1].looking:
        found.append(said.get(timeout=60))
    doctor.close()
    return found


def test_the_process_answers_and_leaves(talks: Path) -> None:
    found = heard([talks])
    assert [one.looking for one in found] == ["personal details", ""]
    assert all(isinstance(kind, Kind) for kind in found[-1].kinds or ())


def test_its_death_is_told(talks: Path) -> None:
    said: queue.Queue[Diagnosis] = queue.Queue()
    doctor = Doctor([talks], "auto", Choices(), said.put, ("-c", "import time; time.sleep(60)"))
    os.kill(doctor.pid, signal.SIGKILL)
    assert "has ended (killed by signal 9)" in said.get(timeout=60).problem
    doctor.close()


def test_it_ends_with_whoever_asked_and_refuses_what_is_no_question() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatforge.workers.doctor"], input=b"{}\n", capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 1 and b"no question" in done.stderr
