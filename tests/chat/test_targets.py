"""Whom to talk with is found without anything heavy; what cannot be talked with says why."""

import json
from pathlib import Path

import pytest

from chatforge.chat.targets import newest_trained, target_of_base, target_of_run
from chatforge.errors import UserError
from chatforge.runs.events import EventWriter, Finished, Started
from chatforge.runs.folder import RunFolder


def made(runs: Path, name: str, trained: bool = True) -> RunFolder:
    run = RunFolder(runs / name)
    run.path.mkdir(parents=True)
    run.recipe.write_text("preset: quick\n")
    run.lock.write_text(json.dumps({"resolved": {"chat": {"notice": "Not for emergencies."}}}))
    with EventWriter(run.events("train")) as events:
        events.write(Started("train", 1))
        if trained:
            events.write(Finished(1.0))
    return run


def test_a_trained_run(tmp_path: Path) -> None:
    run = made(tmp_path, "shop-a")
    target = target_of_run(run, "--be kind")
    assert target.arguments == (str(run.path), "--system=--be kind")
    assert (target.log, target.notice) == (run.log("chat"), "Not for emergencies.")
    assert target_of_run(run).arguments == (str(run.path),)


def test_a_run_that_is_not_trained_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"training is not finished\n.*chatforge resume shop-b --runs"):
        target_of_run(made(tmp_path, "shop-b", trained=False))


def test_the_newest_trained_run(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no trained run in the folder"):
        newest_trained(tmp_path / "runs")
    made(tmp_path / "runs", "shop-a")
    made(tmp_path / "runs", "shop-b", trained=False)
    assert newest_trained(tmp_path / "runs").id == "shop-a"


def test_a_base(tiny_model: Path, tmp_path: Path) -> None:
    target = target_of_base(str(tiny_model), tmp_path)
    assert target.arguments == ("--base", str(tiny_model), "--system=You are a helpful assistant.")
    assert (target.log, target.notice) == (tmp_path / "chat-base.log", None)
    assert target_of_base(str(tiny_model), tmp_path, "").arguments[-1] == "--system="


def test_a_base_that_is_not_here_says_how_to_fetch_it(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"not on this machine yet\n.*chatforge models fetch smollm2-135m-instruct"):
        target_of_base("smollm2-135m-instruct", tmp_path)
