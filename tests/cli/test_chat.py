"""`chatforge chat` in a pipe and at a terminal, with a worker whose model is made up."""

import functools
import io
import json
import os
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chatforge.chat.client import ChatClient
from chatforge.chat.protocol import Began, Done, Ended, Piece
from chatforge.chat.transcript import FileTranscript, present
from chatforge.cli import chat
from chatforge.cli.chat_prompt import COMMANDS, Commands
from chatforge.cli.chat_terminal import Talk
from chatforge.cli.main import main
from chatforge.dialogues.reading import read_files
from chatforge.errors import UserError
from chatforge.project.nearest import Answer, Near
from chatforge.runs import lockfile
from chatforge.runs.events import EventWriter, Finished, Started
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock

FAKE = [str(Path(__file__).parents[1] / "chat" / "fake_worker.py")]


@pytest.fixture(autouse=True)
def fake_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start the worker whose model is made up."""
    monkeypatch.setattr(chat, "ChatClient", functools.partial(ChatClient, program=FAKE))


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """A folder with a trained run `shop-a` and a run `shop-b` that is not trained."""
    for name, trained in (("shop-a", True), ("shop-b", False)):
        run = RunFolder(tmp_path / "runs" / name)
        run.path.mkdir(parents=True)
        run.recipe.write_text("preset: quick\n")
        run.lock.write_text(json.dumps({"resolved": {"chat": {"notice": "Not for emergencies."}}}))
        with EventWriter(run.events("train")) as events:
            events.write(Started("train", 1))
            if trained:
                events.write(Finished(1.0))
    return tmp_path / "runs"


@pytest.fixture
def pipe(monkeypatch: pytest.MonkeyPatch, runs: Path) -> Callable[..., int]:
    """Run `chatforge chat` with these bytes on standard input."""

    def run(stdin: bytes, *arguments: str) -> int:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        return main(["chat", "--runs", str(runs), *arguments])

    return run


def test_each_line_of_a_pipe_is_answered_and_nothing_else_is_on_stdout(
    pipe: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe("\ufeffHéllo?\n\n  Bye.\r\n".encode(), "shop-a", "--system", "-S") == 0
    out, err = capsys.readouterr()
    assert out == " -S: Héllo?\n -S: Bye.\n"
    for words in ("loading the model", "Not for emergencies.", "switching reloads"):
        assert err.count(words) == 1


def test_settings_of_the_command_line_reach_the_worker(
    pipe: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe(b"x", "shop-a", "--temperature", "0.5", "--max-new-tokens", "7") == 0
    assert capsys.readouterr().out == " t=0.5 n=7: x\n"


def test_without_a_name_the_newest_trained_run_talks(
    pipe: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert pipe(b"x") == 0
    assert "newest trained run, shop-a" in capsys.readouterr().err


def test_model_text_cannot_steer_the_terminal(pipe: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert pipe(b"escape", "shop-a") == 0
    assert capsys.readouterr().out == "red\n"


def test_a_base_talks_with_a_system_message_that_is_said(
    pipe: Callable[..., int], capsys: pytest.CaptureFixture[str], tiny_model: Path
) -> None:
    assert pipe(b"x", "--base", str(tiny_model)) == 0
    out, err = capsys.readouterr()
    assert out == " You are a helpful assistant.: x\n"
    assert "You are a helpful assistant. (--system sets another)" in err


@pytest.mark.parametrize(
    ("stdin", "arguments", "words"),
    [
        (b"x", ["shop-x"], ["no run 'shop-x'", "did you mean `shop-"]),
        (b"x", ["shop-b"], ["training is not finished", "chatforge resume shop-b"]),
        (b"x", ["--runs", "nowhere"], ["no trained run in the folder nowhere", "chatforge run RECIPE"]),
        (b"x", ["--base", "smollm2-135m-instruct"], ["not on this machine", "chatforge models"]),
        (b"x", ["--base", "smollm2-135m-instrukt"], ["did you mean"]),
        (b"ok\n\xff\n", ["shop-a"], ["line 2", "not UTF-8"]),
        (b"ok\nfail\n", ["shop-a"], ["line 2", "no room"]),
        (b"die\n", ["shop-a"], ["signal 9", "last words", "start the chat again"]),
    ],
)
def test_what_is_wrong_is_said(
    pipe: Callable[..., int], capsys: pytest.CaptureFixture[str], stdin: bytes, arguments: list[str], words: list[str]
) -> None:
    assert pipe(stdin, *arguments) == 1
    err = capsys.readouterr().err
    assert all(word in err for word in words)
    assert "Traceback" not in err


@pytest.mark.parametrize(
    "arguments", [["shop-a", "--base", "x"], ["shop-a", "--max-new-tokens", "0"], ["shop-a", "--temperature", "6"]]
)
def test_a_wrong_command_line_is_a_usage_error(pipe: Callable[..., int], arguments: list[str]) -> None:
    assert pipe(b"x", *arguments) == 2


def test_the_chat_command_never_imports_torch() -> None:
    code = (
        "import sys, chatforge.cli.chat, chatforge.cli.chat_terminal, chatforge.chat.client\n"
        "heavy = {'torch', 'transformers', 'trl', 'peft', 'numpy'} & set(sys.modules)\n"
        "sys.exit(bool(heavy))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2]).returncode == 0


class Terminal:
    """A talk whose lines come from a list."""

    def __init__(self, client: ChatClient, capsys: pytest.CaptureFixture[str], **more: Any) -> None:
        self._client, self._capsys, self.more = client, capsys, more
        self.ready = client.ready()
        self.asked: list[str] = []
        capsys.readouterr()

    def __call__(self, *lines: str | type[BaseException]) -> tuple[str, str]:
        """Type these lines, then Ctrl-D; return what was printed on stdout and stderr."""
        waiting = iter([*lines, EOFError])

        def ask(words: str) -> str:
            self.asked.append(words)
            line = next(waiting)
            if isinstance(line, str):
                return line
            raise line

        Talk(self._client, self.ready, ask, **self.more).run()
        out, err = self._capsys.readouterr()
        return out, " ".join(err.split())


@pytest.fixture
def terminal(runs: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Terminal]:
    """A chat with the trained run."""
    with ChatClient([str(runs / "shop-a"), "--system=S"], runs / "chat.log", FAKE) as client:
        yield Terminal(client, capsys, run=RunFolder(runs / "shop-a"))


def test_replies_are_labelled_and_the_talk_says_where_it_is_kept(terminal: Terminal) -> None:
    out, err = terminal("hello", "", "//slash")
    assert out == "adapted> S: hello\nadapted> S: /slash\n"
    assert "shop-a: adapted. /help lists the commands, Ctrl-D leaves." in err
    assert "transcripts" in err


def test_switching_who_answers(terminal: Terminal) -> None:
    out, err = terminal("/both", "one", "/base", "two", "/adapted", "three")
    assert out.splitlines() == ["base> S: one", "adapted> S: one", "base> S: two", "adapted> S: three"]
    assert "From now on: both." in err


def test_the_system_message_is_shown_and_changed(terminal: Terminal) -> None:
    out, err = terminal("/system", "/system Be kind", "/system", "hi")
    assert "System message: S " in err
    assert "System message: Be kind" in err
    assert "conversation stays" in err
    assert out == "adapted> Be kind: hi\n"


def test_saving_and_beginning_afresh(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "my talk.jsonl"
    _, err = terminal("/save", "hi", f"/save {path}", f"/save {path}", "/reset", f"/save {path}")
    assert "Say where: /save FILE" in err
    assert "3 messages saved in" in err
    assert "exists already" in err
    assert "begins afresh" in err
    assert "nothing to save" in err
    assert len(json.loads(path.read_text())["messages"]) == 3


def test_the_last_message_is_answered_again_and_sampling_changes_that(terminal: Terminal) -> None:
    out, err = terminal("/again", "hi", "/again", "/sampling", "/sampling 0.7", "/again", "/sampling 1 0.5 9")
    assert out.splitlines() == ["adapted> S: hi", "adapted> S: hi", "adapted> S: hi 3"]
    assert "no reply yet that could be written again" in err
    assert err.count("the same reply came: at temperature 0") == 1
    assert "Sampling: temperature 0, top_p 1, at most 256 tokens" in err
    assert "Sampling: temperature 0.7, top_p 1, at most 256 tokens" in err
    assert "Sampling: temperature 1, top_p 0.5, at most 9 tokens" in err


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/sampling hot", "Say numbers, such as: /sampling 0.7 0.9 256"),
        ("/sampling 1 1 1 1", "Say numbers"),
        ("/sampling 1 1 1.5", "Say numbers"),
        ("/sampling 9", "temperature is a number from 0 to 5, not 9.0"),
        ("/sampling nan", "temperature is a number from 0 to 5, not nan"),
        ("/sampling 1 0 0", "max_new_tokens is a whole number from 1 to 8192, not 0"),
    ],
)
def test_sampling_out_of_bounds_is_refused_and_stays_as_it_was(terminal: Terminal, typed: str, words: str) -> None:
    _, err = terminal(typed, "/sampling")
    assert words in err
    assert err.endswith("Sampling: temperature 0, top_p 1, at most 256 tokens")


def test_help_names_every_command(terminal: Terminal) -> None:
    _, err = terminal("/help")
    assert all(name in err for name in COMMANDS)
    assert "Ctrl-C" in err


def test_slips_are_answered_and_the_talk_goes_on(terminal: Terminal) -> None:
    out, err = terminal("/rest", KeyboardInterrupt, "fail", "hi", "/quit", "never said")
    assert "no command /rest: did you mean `/reset`?" in err
    assert "Ctrl-D leaves." in err
    assert "MemoryError" in err
    assert out.endswith("adapted> S: hi\n")


def test_a_base_alone_has_no_adapted_and_no_training(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with ChatClient(["--base", str(tmp_path), "--system", "S"], tmp_path / "log", FAKE) as client:
        _, err = Terminal(client, capsys)("/adapted", "hi", "/fix better", "/closest")
    assert "no adapted model in this chat, only: base" in err
    assert err.count("a base alone was not trained here → chat with a run: `chatforge chat RUN`") == 2


@pytest.fixture
def project(runs: Path, tmp_path: Path, write_conversations: Callable[..., Path]) -> Path:
    """The recipe that the run `shop-a` was made from."""
    write_conversations(tmp_path / "train.jsonl", 3)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("preset: quick\ndata:\n  train: train.jsonl\n")
    lock = Lock({"path": str(recipe), "sha256": ""}, {"model": {"base": "tiny"}, "chat": {}}, {}, {}, "store")
    lockfile.write(RunFolder(runs / "shop-a"), lock)
    return recipe


def test_a_reply_is_corrected_to_be_trained_on_and_the_talk_goes_on_with_it(
    terminal: Terminal, project: Path, tmp_path: Path
) -> None:
    _, err = terminal("/fix x", "one", "/fix S: one", "two", "/fix Much\nbetter.", "/fix Best.", "three", "/quit")
    path = tmp_path / "corrections.jsonl"
    assert "there is no reply yet" in err
    assert "the same as it was" in err
    assert f"Saved as correction 1 in {path}" in err
    assert "press c in the app's Data stage" in err
    assert f"train: [train.jsonl, corrections.jsonl] in the recipe; then `chatforge run {project}`" in err
    assert err.count("The conversation goes on with your reply.") == 2
    first, second = read_files([path]).conversations
    assert [m.content for m in first.messages] == ["S", "one", "S: one", "two", "Much\nbetter."]
    assert (first.meta["was"], first.meta["run"], first.meta["model"]) == ("S: two", "shop-a", "tiny")
    assert second.meta["was"] == "Much\nbetter."
    assert first.scenario == second.scenario
    turns = present(Path(terminal.ready.transcript or ""))
    assert [turn.answer.text.strip() for turn in turns if turn.answer] == ["S: one", "Best.", "S: three"]

    project.write_text("preset: quick\ndata:\n  train: [train.jsonl, corrections.jsonl]\n")
    _, err = terminal("/fix Third.")
    assert f"The recipe trains on that file: `chatforge run {project}` learns from it." in err


def test_a_correction_may_follow_on_the_next_line(terminal: Terminal, project: Path, tmp_path: Path) -> None:
    out, err = terminal("/fix", "one", "/fix", "Better.", "/fix", "", "/fix", KeyboardInterrupt, "/fix", "/base", "two")
    assert "there is no reply yet" in err
    assert "The next line is taken as the reply that should have been" in err
    assert err.count("The reply stays as it is.") == 3
    assert out.splitlines() == ["adapted> S: one", "base> S: two"]
    assert [words for words in terminal.asked if words != "you> "] == ["should be> "] * 4
    (saved,) = read_files([tmp_path / "corrections.jsonl"]).conversations
    assert saved.messages[-1].content == "Better."


def test_the_words_of_the_recipe_are_kept_in_what_is_to_be_written(
    terminal: Terminal, project: Path, tmp_path: Path
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "train.jsonl").rename(tmp_path / "data" / "train.jsonl")
    project.write_text("preset: quick\ndata:\n  train: ../" + tmp_path.name + "/data/train.jsonl\n")
    _, err = terminal("one", "/fix Better.")
    assert f"train: [../{tmp_path.name}/data/train.jsonl, corrections.jsonl] in the recipe" in err


def test_a_reply_of_the_base_is_not_corrected_by_mistake(terminal: Terminal, project: Path) -> None:
    _, err = terminal("/base", "one", "/adapted", "/fix Better.", "/base", "/fix Better.")
    assert err.count("the adapted model did not answer the last message") == 1
    assert "Saved as correction 1" in err


def test_what_is_typed_while_the_model_loads_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(ours, "rb"), os.fdopen(theirs, "rb") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        with chat._unseen_keys():
            assert not termios.tcgetattr(stdin)[3] & termios.ECHO
        assert termios.tcgetattr(stdin)[3] & termios.ECHO


def test_a_correction_is_taken_back_and_the_talk_goes_on_with_the_models_reply(
    terminal: Terminal, project: Path, tmp_path: Path
) -> None:
    path = tmp_path / "corrections.jsonl"
    _, err = terminal("/undo", "one", "/fix Better.", "two", "/undo", "/undo", "three", "/fix Best.", "/quit")
    assert err.count("nothing was corrected in this chat") == 2
    assert f"Taken back; 0 left in {path}" in err
    turns = present(Path(terminal.ready.transcript or ""))
    assert [turn.answer.text.strip() for turn in turns if turn.answer] == ["S: one", "S: two", "Best."]


def test_after_a_new_beginning_only_the_file_is_changed(terminal: Terminal, project: Path, tmp_path: Path) -> None:
    _, err = terminal("one", "/fix Better.", "/reset", "two", "/undo", "/quit")
    assert "Taken back" in err and "goes on with the model's reply" not in err
    assert [turn.user for turn in present(Path(terminal.ready.transcript or ""))] == ["two"]
    assert not (tmp_path / "corrections.jsonl").read_text()


def test_an_earlier_talk_is_listed_and_gone_on_with(terminal: Terminal, runs: Path) -> None:
    _, err = terminal("/open")
    assert "there is no earlier talk with this run" in err
    old = FileTranscript(runs / "shop-a" / "transcripts", {"system": "Old"}, lambda: 1_700_000_000.0)
    old.write("user", text="first\x1b[31m?")
    old.write("assistant", who="adapted", text="yes", stopped_by="stop")
    _, err = terminal("/open", "/open 2", "/open x", "/open 1", "/system", "next", "/quit")
    assert "1 2023-11-" in err and "1 answered first?" in err
    assert err.count("say a number from 1 to 1") == 2
    assert "System message: Old" in err
    turns = present(Path(terminal.ready.transcript or ""))
    assert [(turn.user, turn.answer.text.strip()) for turn in turns if turn.answer] == [
        ("first\x1b[31m?", "yes"), ("next", "Old: next"),
    ]  # fmt: skip


class Shelf:
    """Stands for the client of the worker that compares: knows one conversation, and can fail."""

    started: ClassVar[list["Shelf"]] = []

    def __init__(self, run: RunFolder, on_progress: Callable[[int, int], None]) -> None:
        self.asked: list[tuple[str, str]] = []
        self.closed = False
        self.started.append(self)
        on_progress(32, 32)

    def ask(self, text: str, context: str = "") -> Answer:
        if context == "end":
            raise UserError("the process has ended")
        if context == "wait":
            raise KeyboardInterrupt
        self.asked.append((text, context))
        near = Near(0.825, Path("far/train.jsonl"), 12, "\x1b[31mIs it\nopen?", "Yes. " * 40, 2)
        return Answer((near,), 16, "2 exchanges are longer than the encoder reads")

    def close(self) -> None:
        self.closed = True


def test_the_closest_training_conversations_are_shown_with_what_they_do_not_mean(terminal: Terminal) -> None:
    Shelf.started.clear()
    terminal.more["nearest"] = Shelf
    _, err = terminal("/closest", "hi", "/closest", "/closest", "wait", "/closest", "end", "/closest", "on", "/closest")
    assert err.startswith("shop-a: adapted.")
    assert "there is no reply yet" in err
    assert "0.82 train.jsonl:12, turn 2 you Is it open? reply Yes. Yes." in err
    assert "Compared with 16 training conversations; nearness is not cause: these are the training" in err
    assert "longer than the encoder reads" in err
    assert "The search is ended." in err
    assert "the process has ended" in err
    assert [len(one.asked) for one in Shelf.started] == [2, 0, 1]  # kept until it fails, then started anew
    assert Shelf.started[0].asked[0] == (" S: hi", "hi")
    assert all(one.closed for one in Shelf.started)


class Interrupted:
    """Stands for a client: someone presses Ctrl-C while the reply to the only message comes."""

    def __init__(self, presses: int) -> None:
        self.stops = 0
        self._presses = presses

    def send(self, kind: type, *values: str) -> int:
        return 1

    def stop(self) -> None:
        self.stops += 1

    def events(self, number: int) -> Iterator[object]:
        import signal

        yield Began(1, "adapted")
        yield Piece(1, "so far")
        for _ in range(self._presses):
            signal.raise_signal(signal.SIGINT)
        yield Ended(1, "adapted", "asked", 0.1)
        yield Done(1)


def test_ctrl_c_stops_the_reply_and_keeps_what_came(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    client = Interrupted(presses=1)
    Talk(client, terminal.ready, str).take("hi")  # type: ignore[arg-type]
    assert client.stops == 1
    assert capsys.readouterr().out == "adapted> so far [stopped]\n"


def test_a_second_ctrl_c_leaves(terminal: Terminal) -> None:
    with pytest.raises(KeyboardInterrupt):
        Talk(Interrupted(presses=2), terminal.ready, str).take("hi")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("typed", "want"),
    [
        ("/s", ["/system", "/sampling", "/save"]),
        ("/", list(COMMANDS)),
        ("hello /s", []),
        ("/system /", []),
        ("/save ", ["a.jsonl"]),
    ],
)
def test_commands_and_files_are_completed(
    typed: str, want: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    got = [c.text for c in Commands().get_completions(Document(typed), CompleteEvent())]
    assert got == want


@pytest.mark.terminal
def test_at_a_real_terminal(runs: Path, home: Path) -> None:
    import pexpect

    code = (
        "import functools, sys, chatforge.cli.chat as chat\n"
        "from chatforge.cli.main import main\n"
        f"chat.ChatClient = functools.partial(chat.ChatClient, program={FAKE!r})\n"
        f"sys.exit(main(['chat', 'shop-a', '--runs', {str(runs)!r}, '--system', 'S']))"
    )
    child = pexpect.spawn(
        sys.executable,
        ["-c", code],
        cwd=str(Path(__file__).parents[2]),
        timeout=30,
        encoding="utf-8",
        dimensions=(24, 100),
    )
    child.expect("Not for emergencies.")
    child.expect("you>")
    child.send("endless\r")
    child.expect("on on")
    child.sendintr()
    child.expect(r"\[stopped\]")
    child.expect("you>")
    child.send("\x1b[A")  # arrow up: the line before
    child.expect("endless")
    child.send("\x15/re")  # Ctrl-U clears it
    child.expect("begin afresh")  # beside the completion
    child.send("\t")
    child.expect("set")  # the rest of /reset
    child.send("\r")
    child.expect("begins afresh")
    child.send("escape\r")
    child.expect("adapted>.*red")
    child.send("\x04")
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == 0
    assert "endless" in (home / "chat-history").read_text()
    assert (home / "chat-history").stat().st_mode & 0o077 == 0
