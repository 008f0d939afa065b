"""The training worker as a process: killed, out of disk, waiting its turn; it goes on to the bit."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from chatforge import paths
from chatforge.adaptation import checkpoints
from chatforge.project.new_run import create
from chatforge.recipe.files import load_recipe
from chatforge.runs import events, launch, locks, state
from chatforge.runs.folder import RunFolder
from chatforge.runs.reading import read_events

ACCIDENT = Path(__file__).with_name("killed_worker.py")
STEPS_PER_EPOCH, EPOCHS, LOOK = 4, 2, 3


@pytest.fixture
def make_run(tiny_recipe: Path, tmp_path: Path, write_conversations: Callable[..., Path]) -> Callable[[], RunFolder]:
    """Runs of two epochs of four steps, accumulation 2, dropout 0.1, a checkpoint every third step."""
    write_conversations(tmp_path / "train.jsonl", 32)
    text = tiny_recipe.read_text().replace("eval_steps: 2", f"eval_steps: {LOOK}")
    tiny_recipe.write_text(text.replace("lora_r: 4", "lora_r: 4\n  lora_dropout: 0.1"))
    return lambda: create(load_recipe(tiny_recipe), tmp_path / "runs", paths.home())


def work(run: RunFolder, *accident: str) -> int:
    """Run the training worker, with or without an accident; return its exit code."""
    command = [sys.executable, str(ACCIDENT), *accident] if accident else launch.worker_command(run, "train", None)[:-1]
    with run.log("train").open("ab") as log:
        return subprocess.run([*command, str(run.path)], stdout=log, stderr=log, check=False).returncode


def final(run: RunFolder) -> dict[str, torch.Tensor]:
    """Weights after the last step."""
    last = STEPS_PER_EPOCH * EPOCHS
    return load_file(run.checkpoints / f"checkpoint-{last}" / "adapter_model.safetensors")


def told(run: RunFolder, kind: type) -> list[events.Event]:
    return [stamped.event for stamped in read_events(run.events("train")) if isinstance(stamped.event, kind)]


@pytest.mark.long
def test_killed_twice_and_resumed_equals_straight_to_the_bit(make_run: Callable[[], RunFolder]) -> None:
    """In the second epoch after a step, and in the middle of writing a checkpoint."""
    straight, killed = make_run(), make_run()
    assert work(straight) == 0
    assert work(killed, "checkpoint", "6") == -9
    assert [path.name for path in checkpoints.complete(killed.checkpoints)] == ["checkpoint-3"]
    assert (killed.checkpoints / "checkpoint-6").is_dir()
    assert work(killed, "step", "7") == -9
    newest = checkpoints.newest(killed.checkpoints)
    assert newest and newest.name == "checkpoint-6"
    assert state.status(killed) == "died"
    assert work(killed) == 0
    left, right = final(straight), final(killed)
    assert left.keys() == right.keys()
    assert all(torch.equal(left[name], right[name]) for name in left)
    losses = {event.step: event.loss for event in told(straight, events.Step)}  # type: ignore[attr-defined]
    for event in told(killed, events.Step):
        assert event.loss == losses[event.step]  # type: ignore[attr-defined]
    notes = [event.text for event in told(killed, events.Note)]  # type: ignore[attr-defined]
    assert "checkpoint-6 was never finished and is deleted" in notes
    assert "going on from checkpoint-6" in notes


@pytest.mark.long
def test_killed_within_the_texts_and_resumed_equals_straight_to_the_bit(
    make_run: Callable[[], RunFolder], tiny_recipe: Path, tmp_path: Path
) -> None:
    """Ten steps on texts come before the eight on dialogues; the kill tears the second checkpoint of theirs."""
    (tmp_path / "hut.txt").write_text("\n\n".join(f"{i}. The hut is locked until May." * 12 for i in range(20)))
    tiny_recipe.write_text(tiny_recipe.read_text().replace("  system:", "  texts: hut.txt\n  system:"))
    straight, killed = make_run(), make_run()
    assert work(straight) == 0
    assert work(killed, "checkpoint", "6") == -9
    assert not checkpoints.complete(killed.checkpoints)
    assert [path.name for path in checkpoints.complete(killed.checkpoints / "texts")] == ["checkpoint-3"]
    assert work(killed) == 0
    left, right = final(straight), final(killed)
    assert all(torch.equal(left[name], right[name]) for name in left)
    losses = {event.step: event.loss for event in told(straight, events.Step)}  # type: ignore[attr-defined]
    assert max(losses) == 10 + STEPS_PER_EPOCH * EPOCHS
    for event in told(killed, events.Step):
        assert event.loss == losses[event.step]  # type: ignore[attr-defined]


@pytest.mark.long
def test_a_full_disk_leaves_the_last_checkpoint_whole(make_run: Callable[[], RunFolder]) -> None:
    run = make_run()
    assert work(run, "disk", "6") == 1
    error = told(run, events.Error)[-1]
    assert "disk is full" in error.what  # type: ignore[attr-defined]
    assert "untouched" in str(error.hint)  # type: ignore[attr-defined]
    assert [path.name for path in checkpoints.complete(run.checkpoints)] == ["checkpoint-3"]
    assert work(run) == 0
    assert told(run, events.Finished)


@pytest.mark.long
def test_a_second_training_waits_for_its_turn(make_run: Callable[[], RunFolder]) -> None:
    run = make_run()
    with locks.exclusive(paths.train_lock(paths.home()), owner="run 1121-other-a"):
        launch.start(run, "train")
        for stamped in launch.follow(run, "train"):
            if isinstance(stamped.event, events.Note):
                assert stamped.event.text == "waiting for run 1121-other-a: one training at a time"
                break
        assert state.status(run) == "waiting"
        assert not told(run, events.Phase)
    endings = [s.event for s in launch.follow(run, "train") if isinstance(s.event, state.CLOSING)]
    assert isinstance(endings[-1], events.Finished)


@pytest.mark.slow
def test_a_waiting_training_can_be_stopped(make_run: Callable[[], RunFolder]) -> None:
    run = make_run()
    with locks.exclusive(paths.train_lock(paths.home()), owner="run 1121-other-a"):
        launch.start(run, "train")
        for stamped in launch.follow(run, "train"):
            if isinstance(stamped.event, events.Note):
                launch.stop(run)
        assert isinstance(told(run, events.Stopped)[-1], events.Stopped)
    assert state.status(run) == "stopped"
