import io
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from rich.console import Console

from chatforge.cli.faces import Answer, JsonFace, LinesFace, LiveFace, choose_face
from chatforge.cli.live import Ending, exit_code, failure, watch
from chatforge.cli.view import View
from chatforge.errors import UserError
from chatforge.runs import launch, state
from chatforge.runs.events import Finished, Stamped, Step
from chatforge.runs.folder import RunFolder

Fake = Callable[[str], None]
Wait = Callable[[Callable[[], object]], None]


@dataclass
class Scripted:
    """A face that presses Ctrl-C at the third step and answers by a list."""

    answers: list[Answer]
    seen: list[Stamped] = field(default_factory=list)
    closed: bool = False

    def add(self, stamped: Stamped) -> None:
        self.seen.append(stamped)
        steps = sum(isinstance(s.event, Step) for s in self.seen)
        if isinstance(stamped.event, Step) and steps % 3 == 0 and self.answers:
            os.kill(os.getpid(), signal.SIGINT)

    def tick(self) -> None: ...

    def ask(self) -> Answer:
        return self.answers.pop(0)

    def close(self) -> None:
        self.closed = True


def test_all_stages_are_shown_to_the_end(run: RunFolder, fake_worker: Fake) -> None:
    launch.start(run, "train", "evaluate")
    face = Scripted([])
    assert watch(run, ["train", "evaluate"], face) == Ending("done", "evaluate")
    assert sum(isinstance(stamped.event, Finished) for stamped in face.seen) == 2
    assert face.closed
    assert exit_code(run, Ending("done", "evaluate"), face) == 0


def test_detaching_leaves_the_worker_at_work(
    run: RunFolder, fake_worker: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_worker("endless")
    launch.start(run, "train")
    face = Scripted(["go on", "detach"])
    assert watch(run, ["train"], face) == Ending("detached", "train")
    assert not face.answers
    assert state.status(run) == "running"
    assert exit_code(run, Ending("detached", "train"), LiveFace(Console(), View("x"))) == 0
    assert exit_code(run, Ending("detached", "train"), LinesFace(Console())) == 130
    assert f"`{run.command('attach')}` shows it again" in capsys.readouterr().err


def test_stopping_waits_until_everything_is_saved(
    run: RunFolder, fake_worker: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    fake_worker("endless")
    launch.start(run, "train", "evaluate")
    face = Scripted(["stop"])
    ending = watch(run, ["train", "evaluate"], face)
    assert ending == Ending("stopped", "train")
    assert exit_code(run, ending, face) == 130
    assert "saved and stopped at step" in capsys.readouterr().err


def test_stopping_on_the_way_to_the_next_stage_is_no_accident(run: RunFolder, fake_worker: Fake) -> None:
    fake_worker("no-next")
    launch.start(run, "train", "evaluate")
    list(launch.follow(run, "train", poll_seconds=0.02))
    state.ask_to_stop(run, "train")
    assert watch(run, ["train", "evaluate"], Scripted([])) == Ending("stopped", "evaluate")


@pytest.mark.parametrize(
    ("how", "ending", "words"),
    [
        ("error", "failed", "the weights are broken\n    → fetch them again"),
        ("segfault", "died", "the worker speaks"),
        ("no-next", "died", "the worker of stage evaluate died"),
    ],
)
def test_a_worker_that_fails_or_dies_is_told(
    run: RunFolder, fake_worker: Fake, how: str, ending: str, words: str
) -> None:
    fake_worker(how)
    launch.start(run, "train", "evaluate")
    face = Scripted([])
    found = watch(run, ["train", "evaluate"], face)
    assert found.how == ending
    with pytest.raises(UserError, match=words):
        exit_code(run, found, face)


def test_a_failure_without_words_is_told_by_the_log(run: RunFolder) -> None:
    assert "died" in str(failure(run, "train"))


def test_without_a_person_the_first_interrupt_stops_and_the_second_leaves() -> None:
    face = LinesFace(Console())
    face.tick()
    face.close()
    assert [face.ask(), face.ask()] == ["stop", "detach"]


@pytest.mark.parametrize(
    ("typed", "answer"), [("d", "detach"), ("", "detach"), ("Stop", "stop"), (" g ", "go on"), ("?", "detach")]
)
def test_the_question_and_its_answers(typed: str, answer: str) -> None:
    def read(question: str) -> str:
        assert question == "[d]etach: it goes on in the background, [s]top and save, or [g]o on? "
        return typed

    stream = io.StringIO()
    face = LiveFace(Console(file=stream, force_terminal=True, width=80), View("1121-x-a"), read)
    face.tick()
    face.tick()
    assert face.ask() == answer
    face.tick()
    face.close()
    assert "1121-x-a" in stream.getvalue()


@pytest.mark.parametrize("error", [EOFError(), KeyboardInterrupt()])
def test_no_answer_means_detach(error: BaseException) -> None:
    def read(question: str) -> str:
        raise error

    assert LiveFace(Console(file=io.StringIO()), View("x"), read).ask() == "detach"


def test_json_is_one_event_a_line_in_ascii(run: RunFolder, fake_worker: Fake) -> None:
    launch.start(run, "train")
    stream = io.StringIO()
    assert watch(run, ["train"], JsonFace(Console(file=stream))).how == "done"
    lines = stream.getvalue().splitlines()
    assert [json.loads(line)["kind"] for line in lines][-2:] == ["phase", "finished"]
    assert all(line.isascii() for line in lines)


def test_the_face_fits_who_looks_on(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(choose_face(run, as_json=True), JsonFace)
    assert type(choose_face(run, as_json=False)) is LinesFace
    monkeypatch.setattr("chatforge.cli.console.is_interactive", lambda console: True)
    assert isinstance(choose_face(run, as_json=False), LiveFace)


def test_a_real_interrupt_without_a_terminal_saves_and_exits_with_130(
    run: RunFolder, fake_worker: Fake, wait_until: Wait
) -> None:
    fake_worker("endless")
    launch.start(run, "train")
    command = [sys.executable, "-m", "chatforge", "attach", run.id, "--runs", str(run.path.parent)]
    viewer = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert viewer.stdout and viewer.stderr
    assert "training started" in viewer.stdout.readline()
    viewer.send_signal(signal.SIGINT)
    out, err = viewer.communicate(timeout=30)
    assert viewer.returncode == 130
    assert "training stopped at step" in out
    assert "saved and stopped" in err
    assert state.status(run) == "stopped"


@pytest.mark.terminal
@pytest.mark.parametrize(("key", "code", "status"), [("d", 0, "running"), ("s", 130, "stopped")])
def test_ctrl_c_asks_at_a_terminal(run: RunFolder, fake_worker: Fake, key: str, code: int, status: str) -> None:
    import pexpect

    fake_worker("endless")
    launch.start(run, "train", wait_seconds=30)
    words = ["-m", "chatforge", "attach", "--runs", str(run.path.parent)]
    child = pexpect.spawn(sys.executable, words, dimensions=(24, 80), timeout=30)
    child.expect("training")
    child.expect("Ctrl-C: detach")
    child.sendintr()
    child.expect("o on\\?")
    child.sendline("g")
    child.expect("Ctrl-C: detach")
    child.sendintr()
    child.expect("o on\\?")
    child.sendline(key)
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == code
    assert state.status(run) == status


@pytest.mark.terminal
def test_closing_the_terminal_stops_nothing(run: RunFolder, fake_worker: Fake) -> None:
    import pexpect

    fake_worker("endless")
    launch.start(run, "train", wait_seconds=30)
    words = ["-m", "chatforge", "attach", run.id, "--runs", str(run.path.parent)]
    child = pexpect.spawn(sys.executable, words, dimensions=(24, 80), timeout=30)
    child.expect("training")
    child.close(force=True)
    assert state.status(run) == "running"


def test_watching_from_another_thread_leaves_ctrl_c_alone(run: RunFolder, fake_worker: Fake) -> None:
    launch.start(run, "train")
    before, found = signal.getsignal(signal.SIGINT), []
    thread = threading.Thread(target=lambda: found.append(watch(run, ["train"], Scripted([]))))
    thread.start()
    thread.join(timeout=30)
    assert found == [Ending("done", "train")]
    assert signal.getsignal(signal.SIGINT) is before
