"""The real doctor's process: what it finds comes over the pipe as it is; it ends when nobody listens, and can die."""

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from chatforge.dialogues.formats.choices import Choices
from chatforge.project.diagnosis import IN_TRAIN, PERSONAL, Diagnosis, Kind, Place
from chatforge.project.doctor_client import Doctor, Question
from chatforge.workers import doctor as worker
from chatforge.workers import doctor_lesson
from chatforge.workers.doctor import Asked


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


def answers(talks: Path, *more: Path) -> list[Mapping[str, object]]:
    said: list[Mapping[str, object]] = []
    worker.answer(Asked((talks, *more), "auto", Choices()), said.append)
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


def heard(question: Question, known: Diagnosis | None = None) -> list[Diagnosis]:
    said: queue.Queue[Diagnosis] = queue.Queue()
    doctor = Doctor(question, said.put, known)
    found = [said.get(timeout=60)]
    while found[-1].looking:
        found.append(said.get(timeout=60))
    doctor.close()
    return found


def test_the_process_answers_and_leaves(talks: Path) -> None:
    found = heard(Question((talks,)))
    assert [one.looking for one in found] == ["personal details", ""]
    assert all(isinstance(kind, Kind) for kind in found[-1].kinds or ())


# What a recipe makes of the files


def told(line: Mapping[str, object], known: Diagnosis | None = None) -> Diagnosis:
    return (known or Diagnosis()).hear(json.dumps(line).encode())


@pytest.fixture
def leaking(tiny_recipe: Path, write_conversations: Callable[..., Path]) -> Path:
    """The tiny recipe; of its six test conversations two are in train, too, one of them with other names."""
    folder = tiny_recipe.parent
    train = write_conversations(folder / "train.jsonl", 16, 0).read_text().splitlines()
    test = write_conversations(folder / "test.jsonl", 6, 500).read_text().splitlines()
    names = [json.dumps({"messages": [{"role": "user", "content": f"I am {name} Miller, where is my parcel 7?"},
                                      {"role": "assistant", "content": f"Dear {name} Miller, it is on its way."}]})
             for name in ("Anna", "Bernard")]  # fmt: skip
    (folder / "train.jsonl").write_text("\n".join([*train, names[0]]) + "\n")
    (folder / "test.jsonl").write_text("\n".join([*test[:4], train[3].upper().lower(), names[1]]) + "\n")
    return tiny_recipe


def lesson(recipe: Path, model: Path | None = None, limit: int = 0) -> list[Diagnosis]:
    said: list[Diagnosis] = []
    for one in doctor_lesson.answers(recipe, model, limit, lambda done: None):
        said.append(told(one, said[-1] if said else None))
    return said


def test_what_of_the_test_is_in_train_is_told_with_what_it_costs(leaking: Path) -> None:
    first, last = lesson(leaking)
    assert (first.looking, last.looking, last.limits) == ("what is too long", "", None)
    kind = last.kind(f"{IN_TRAIN}test")
    assert kind and (kind.severity, kind.count, kind.mended) == ("error", 2, False)
    assert kind.title == "2 of 6 test conversations are in train, too (33%)"
    assert "More than data.max_overlap (10%): a run is refused." in kind.why
    places = [(place.file.name, place.line, place.what) for place in kind.places]
    assert [(name, line) for name, line, _ in places] == [("test.jsonl", 5), ("test.jsonl", 6)]
    assert places[0][2].startswith("as train.jsonl:4, word for word")
    assert places[1][2] == "as train.jsonl:17, the same but for names"
    assert last.count("error") == 0  # its title counts them already

    leaking.write_text(leaking.read_text().replace("data:\n", "data:\n  max_overlap: 0.4\n"))
    (allowed,) = lesson(leaking)[-1].kinds or ()
    assert allowed.severity == "warning" and "scores will be given with and without them" in allowed.why


def test_what_is_too_long_is_told_with_what_would_keep_it(leaking: Path, tiny_model: Path) -> None:
    ((*_, exact), (*_, guessed), (*_, enough)) = (
        lesson(leaking, tiny_model, 30), lesson(leaking, None, 30), lesson(leaking, tiny_model, 5_000)
    )  # fmt: skip
    assert enough.limits is None and enough.kind("dropped") is None
    for known in (exact, guessed):
        limits, kind = known.limits, known.kind("dropped")
        assert limits and kind
        assert limits.exact == (known is exact) and limits.now == 30
        assert limits.longer == kind.count <= limits.conversations and limits.keeps_most <= limits.keeps_all
        assert f"{limits.keeps_all:,} would keep all of them" in kind.mend
    again = lesson(leaking, tiny_model, exact.limits.keeps_all if exact.limits else 0)[-1]
    assert again.limits is None


def test_a_recipe_that_is_not_ready_is_a_note(leaking: Path) -> None:
    leaking.write_text("data: {}\n")
    (known,) = lesson(leaking)
    assert known.looking == "" and known.kinds == () and "cannot be looked at" in known.notes[0]


def test_only_the_recipes_part_is_looked_at_again(talks: Path, leaking: Path) -> None:
    (*_, read) = heard(Question((talks,)))
    assert read.read and read.kind("html")
    found = heard(Question((talks,), recipe=leaking), read)
    assert [one.looking for one in found] == ["what is too long", ""]
    assert found[-1].kind("html") and found[-1].kind(f"{IN_TRAIN}test") and found[-1].kind(PERSONAL)
    assert [kind.id for kind in found[-1].kinds or ()][-1] == PERSONAL


def test_its_death_is_told(talks: Path) -> None:
    said: queue.Queue[Diagnosis] = queue.Queue()
    doctor = Doctor(Question((talks,)), said.put, program=("-c", "import time; time.sleep(60)"))
    os.kill(doctor.pid, signal.SIGKILL)
    assert "has ended (killed by signal 9)" in said.get(timeout=60).problem
    doctor.close()


def test_it_ends_with_whoever_asked_and_refuses_what_is_no_question() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "chatforge.workers.doctor"], input=b"{}\n", capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 1 and b"no question" in done.stderr
