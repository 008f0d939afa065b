"""Where one can go on: runs that work or broke off, and recipes lying about."""

import os
import time

import pytest

from chatforge.project import new_run, places
from chatforge.recipe.files import load_recipe
from chatforge.runs import launch, state
from chatforge.runs.course import Course
from chatforge.runs.events import EventWriter, Phase, Progress, Started, Step, Stopped
from chatforge.runs.phases import parts


@pytest.fixture
def made(tiny_recipe, runs_dir, home):
    """Make a run of the small recipe."""
    return lambda: new_run.create(load_recipe(tiny_recipe), runs_dir, home)


def stop_at(run, step: int) -> None:
    state.enter(run, "train")
    with EventWriter(run.events("train")) as events:
        events.write(Started("train", 1))
        events.write(Step(step, 40, 1.0, 2.0, 1e-3, 1.0, 100.0, 10**9, 120.0))
        events.write(Stopped(step))


def test_a_run_that_works_comes_first(made, runs_dir, fake_worker, wait_until, tiny_recipe):
    stopped, running = made(), made()
    stop_at(stopped, 12)
    fake_worker("endless")
    launch.start(running, "train")
    first, *rest = places.work([runs_dir, runs_dir])
    assert (first.run.id, first.runs, first.recipe) == (running.id, True, tiny_recipe)
    assert rest == [], "the same project's older run is past"
    launch.stop(running, save=False)


def test_the_latest_run_of_a_project_that_was_stopped(made, runs_dir, tiny_recipe):
    old, new = made(), made()
    stop_at(old, 3)
    time.sleep(0.01)
    stop_at(new, 12)
    (one,) = places.work([runs_dir])
    assert one.run.id == new.id
    assert (one.stage, one.status, one.done, one.total, one.runs) == ("train", "stopped", 12, 40, False)
    tiny_recipe.unlink()
    assert places.work([runs_dir])[0].recipe is None


def test_an_evaluation_is_told_as_a_whole(made, runs_dir):
    run = made()
    stop_at(run, 40)
    state.enter(run, "evaluate", os.getpid())
    with EventWriter(run.events("evaluate"), clock=lambda: 1000.0) as events:
        events.write(Started("evaluate", os.getpid()))
        events.write(Phase("adapted: replies"))
        events.write(Progress(5, 10, "replies"))
    one = places.look_again(places.Work(run, None, "train", "new"), now=1100.0)
    assert (one.stage, one.status, one.total) == ("evaluate", "running", 0)
    *before, answers, judging = parts(Course())
    whole = sum(part.weight for part in (*before, answers, judging))
    assert one.share == pytest.approx((sum(part.weight for part in before) + answers.weight / 2) / whole)
    assert one.eta == pytest.approx(100.0 * (1 - one.share) / one.share)


def test_no_runs_and_no_folder(tmp_path):
    assert places.work([tmp_path, tmp_path / "nothing"]) == []


def test_recipes_are_found_here_and_in_recipes(tmp_path, tiny_recipe):
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes" / "b.yaml").write_text("data:\n  train: ../train.jsonl\n")
    (tmp_path / "compose.yaml").write_text("services:\n  web: {}\n")
    (tmp_path / "broken.yaml").write_text("data: [")
    (tmp_path / "binary.yaml").write_bytes(b"\xff\xfe\x00data:")
    (tmp_path / "large.yaml").write_text("data:\n" + "# x\n" * 50_000)
    assert places.recipes(tmp_path) == [tiny_recipe, tmp_path / "recipes" / "b.yaml"]
