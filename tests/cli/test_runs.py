import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatforge.cli import runs as runs_module
from chatforge.runs import folder, launch, state
from chatforge.runs.events import EventWriter, Started
from chatforge.runs.folder import RunFolder

Cli = Callable[..., Any]
Fake = Callable[[str], None]
Wait = Callable[[Callable[[], object]], None]


@pytest.fixture
def made(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> Callable[[str, str], RunFolder]:
    """Make a run by a command and a way to behave; return it when the command has ended."""

    def make(command: str, behaviour: str) -> RunFolder:
        fake_worker(behaviour)
        chatforge(command, small_recipe, "--runs", runs_dir, *(["--detach"] if behaviour == "endless" else []))
        return folder.list_runs(runs_dir)[-1]

    return make


def test_no_runs_say_how_to_start_one(chatforge: Cli, tmp_path: Path) -> None:
    shown = chatforge("runs", "--runs", tmp_path / "none")
    assert (shown.code, shown.out) == (0, "")
    assert "chatforge run RECIPE" in shown.err


def test_the_list_shows_how_each_run_stands(
    chatforge: Cli, made: Any, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated, failed, died = made("run", ""), made("train", "error"), made("train", "segfault")
    shown = chatforge("runs", "--runs", runs_dir)
    lines = shown.out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["run", "is"], [evaluated.id, "evaluated"], [failed.id, "failed"], [died.id, "died"]
    ]  # fmt: skip
    evaluated.evaluation.mkdir()
    folder.write_json(evaluated.evaluation / "report.json", {"verdict": {"word": "probably better"}})
    monkeypatch.setattr(runs_module, "is_interactive", lambda console: True)
    shown = chatforge("runs", "--runs", runs_dir)
    assert "probably better" in shown.out
    assert "runs rm RUN" in shown.err
    records = json.loads(chatforge("runs", "--runs", runs_dir, "--json").out)
    assert [record["status"] for record in records] == ["evaluated", "failed", "died"]
    assert records[0]["verdict"] == "probably better"


def test_a_trained_run_shows_its_steps_and_loss(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    made("train", "")
    assert "training 8/8, validation loss 2.100" in chatforge("runs", "--runs", runs_dir).out


def test_a_removal_says_what_goes_and_asks(
    chatforge: Cli, made: Any, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = made("train", "")
    shown = chatforge("runs", "rm", run.id, "--runs", runs_dir)
    assert shown.code == 1
    assert "events-train.jsonl" in shown.err
    assert "say so with --yes" in shown.err
    monkeypatch.setattr("sys.stdin", type("Terminal", (), {"isatty": lambda self: True})())
    monkeypatch.setattr("click.confirm", lambda *_, **__: False)
    assert chatforge("runs", "--runs", runs_dir, "rm", run.id).code == 1
    assert run.path.exists()
    monkeypatch.setattr("click.confirm", lambda *_, **__: True)
    shown = chatforge("runs", "--runs", runs_dir, "rm", run.id)
    assert (shown.code, shown.out) == (0, f"deleted {run.id}\n")
    assert not run.path.exists()


def test_several_runs_are_removed_without_a_question_if_so_said(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    first, second = made("train", ""), made("train", "")
    assert chatforge("runs", "rm", first.id, second.id, first.id, "--runs", runs_dir, "--yes").code == 0
    assert folder.list_runs(runs_dir) == []


def test_a_run_at_work_is_neither_removed_nor_resumed(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    run = made("train", "endless")
    for words in (["runs", "rm", run.id, "--yes"], ["resume", run.id]):
        shown = chatforge(*words, "--runs", runs_dir)
        assert shown.code == 1
        assert f"run {run.id} is running" in shown.err
    assert run.path.exists()


def test_stop_finds_the_only_running_run_saves_and_says_so(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    made("train", "")
    run = made("train", "endless")
    shown = chatforge("stop", "--runs", runs_dir)
    assert shown.code == 0, shown.err
    assert shown.out == f"{run.id}: training stopped; `{run.command('resume')}` goes on\n"
    again = chatforge("stop", "--runs", runs_dir)
    assert again.code == 1
    assert "is running" in again.err


def test_stop_without_a_name_does_not_choose_among_several(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    first, second = made("train", "endless"), made("train", "endless")
    shown = chatforge("stop", "--runs", runs_dir)
    assert f"several runs are running: {first.id}, {second.id}" in shown.err
    assert chatforge("stop", "--now", first.id, "--runs", runs_dir).code == 0
    assert state.status(first) == "stopped"


def test_a_worker_that_does_not_stop_is_told(
    chatforge: Cli, made: Any, runs_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made("train", "endless")
    monkeypatch.setattr(launch, "stop", lambda run, **_: ("train", False))
    shown = chatforge("stop", "--runs", runs_dir)
    assert shown.code == 1
    assert "stop" in shown.err
    assert "--now" in shown.err


def test_attach_shows_everything_from_the_beginning(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    run = made("run", "")
    shown = chatforge("attach", run.id, "--runs", runs_dir)
    assert shown.code == 0
    assert "training started" in shown.out
    assert f"REPORT of {run.id}" in shown.out
    lines = chatforge("attach", run.id, "--runs", runs_dir, "--json").out.splitlines()
    assert json.loads(lines[0])["kind"] == "run"


def test_attach_to_a_stopped_run_says_how_to_go_on(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    run = made("train", "endless")
    chatforge("stop", "--runs", runs_dir)
    shown = chatforge("attach", run.id, "--runs", runs_dir)
    assert shown.code == 130
    assert f"`{run.command('resume')}` goes on from there" in shown.err


def test_attach_to_what_never_started(chatforge: Cli, run: RunFolder) -> None:
    shown = chatforge("attach", run.id, "--runs", run.path.parent)
    assert shown.code == 1
    assert "was never started" in shown.err


def test_an_unknown_run_gets_a_suggestion(chatforge: Cli, run: RunFolder) -> None:
    shown = chatforge("attach", run.id.replace("shop", "shpo"), "--runs", run.path.parent)
    assert shown.code == 1
    assert f"did you mean `{run.id}`" in shown.err


def test_resume_goes_on_with_training_and_then_evaluates_as_asked_at_first(
    chatforge: Cli, made: Any, runs_dir: Path, fake_worker: Fake
) -> None:
    run = made("run", "endless")
    chatforge("stop", "--runs", runs_dir)
    fake_worker("")
    shown = chatforge("resume", run.id, "--runs", runs_dir)
    assert shown.code == 0, shown.err
    assert state.status(run) == "evaluated"
    assert shown.out.count("training started") == 1
    assert "REPORT" in shown.out
    again = chatforge("resume", run.id, "--runs", runs_dir)
    assert again.code == 1
    assert "nothing is left to do" in again.err


def test_resume_evaluates_what_is_only_trained(chatforge: Cli, made: Any, runs_dir: Path) -> None:
    run = made("train", "")
    shown = chatforge("resume", run.id, "--runs", runs_dir)
    assert shown.code == 0, shown.err
    assert "training started" not in shown.out
    assert state.status(run) == "evaluated"


def test_resume_refuses_other_data(chatforge: Cli, made: Any, runs_dir: Path, small_recipe: Path) -> None:
    run = made("train", "segfault")
    small_recipe.with_name("talk.jsonl").write_text("changed")
    shown = chatforge("resume", run.id, "--runs", runs_dir)
    assert shown.code == 1
    assert "has changed since the run began" in shown.err


def test_a_run_that_died_in_evaluation_is_evaluated_again(
    chatforge: Cli, made: Any, runs_dir: Path, fake_worker: Fake
) -> None:
    run = made("train", "")
    with EventWriter(run.events("evaluate")) as writer:
        writer.write(Started("evaluate", 1))
    assert state.status(run) == "died"
    assert chatforge("resume", run.id, "--runs", runs_dir).code == 0
    assert state.status(run) == "evaluated"


def test_a_run_without_a_lock_cannot_go_on(chatforge: Cli, run: RunFolder) -> None:
    shown = chatforge("resume", run.id, "--runs", run.path.parent)
    assert shown.code == 1
    assert "broken off while it was made" in shown.err


def test_stages_that_follow_are_shown_too(run: RunFolder) -> None:
    state.enter(run, "train", then="evaluate")
    assert runs_module._stages(run) == ["train", "evaluate"]
