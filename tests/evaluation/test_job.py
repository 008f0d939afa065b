"""A run folder from training to report, in this process."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from chatforge.adaptation.adapted import open_pair
from chatforge.adaptation.run import train
from chatforge.errors import UserError
from chatforge.evaluation import report as reports
from chatforge.evaluation.job import evaluate_run
from chatforge.project.facts import gather
from chatforge.project.new_run import create
from chatforge.recipe.files import load_recipe
from chatforge.recipe.presets import resolve
from chatforge.runs import folder, lockfile
from chatforge.runs.events import Event, Note, Phase, Progress
from chatforge.runs.folder import RunFolder
from chatforge.workers.common import StoppedEarlyError
from chatforge.workers.evaluate import work


@pytest.fixture
def run(tiny_recipe: Path, home: Path, tmp_path: Path) -> RunFolder:
    """A new run of the tiny recipe, with two canaries."""
    text = tiny_recipe.read_text()
    tiny_recipe.write_text(text.replace("  system: You help.", "  system: You help.\n  canaries: 2"))
    loaded = load_recipe(tiny_recipe)
    resolved = resolve(loaded, gather(loaded, home)).as_json()
    files = [*loaded.recipe.data.train, *loaded.recipe.data.valid, *loaded.recipe.data.test]
    lock = lockfile.make(tiny_recipe, loaded.text, resolved["resolved"], resolved["origins"], files, home / "models")
    made = folder.create(tmp_path / "runs", "tiny", loaded.text)
    lockfile.write(made, lock)
    return made


def nothing(_: Event) -> None:
    pass


def test_a_trained_run_is_judged_and_what_it_hangs_on_is_kept(run, tmp_path, monkeypatch):
    with pytest.raises(UserError, match="nothing has been learned"):
        evaluate_run(run, nothing)
    train(run, nothing, lambda: False)
    told: list[Event] = []
    report = evaluate_run(run, told.append)
    assert report == reports.read(run.evaluation / reports.FILE)
    assert report.facts["conversations"] == {"train": 16, "valid": 4, "test": 8}
    assert set(report.facts["weights"]) == {"base", "adapter", "encoder"}
    assert report.facts["data"] == dict(lockfile.read(run).data)
    assert report.settings.max_new_tokens == 8
    assert report.verdict.word == "cannot tell"
    assert report.bits_per_byte.saved.value > 0  # it was trained at a high rate on very much alike texts
    assert Phase("judging") in told
    assert report.memorisation.strings is None  # every rare word was said by the user first
    assert len(report.memorisation.canaries.planted.ranks) == len(report.memorisation.canaries.control.ranks) == 2
    assert Progress(12, 12, "replies") in told  # 8 replies, 4 canaries

    stage = SimpleNamespace(run=run, emit=told.append, stopping=SimpleNamespace(is_set=lambda: False))
    facts = work(stage)
    assert facts["verdict"] == "cannot tell"
    assert facts["identification"]["references"] == 1.0
    stage.stopping = SimpleNamespace(is_set=lambda: True)
    with pytest.raises(StoppedEarlyError):
        work(stage)

    bare = replace(open_pair(run), adapted=None, note="switching loads the other one")
    monkeypatch.setattr("chatforge.evaluation.job.open_pair", lambda *_: bare)
    with pytest.raises(UserError, match="no adapter to judge"):
        evaluate_run(run, nothing)
    monkeypatch.setattr("chatforge.evaluation.job.open_pair", lambda *_: replace(bare, adapted=bare.base))
    assert evaluate_run(run, told.append).verdict.word == "no verdict"
    assert Note("switching loads the other one") in told

    (tmp_path / "test.jsonl").write_text("changed\n")
    with pytest.raises(UserError, match="has changed"):
        evaluate_run(run, nothing)


def test_a_run_older_than_the_record_of_its_division_gets_no_verdict(tiny_recipe, home, tmp_path):
    text = tiny_recipe.read_text(encoding="utf-8").replace("  test: test.jsonl\n", "").replace("epochs: 2", "epochs: 1")
    tiny_recipe.write_text(text, encoding="utf-8")
    run = create(load_recipe(tiny_recipe), tmp_path / "runs", home)
    train(run, nothing, lambda: False)
    assert evaluate_run(run, nothing).verdict.word == "cannot tell"
    lockfile.write(run, replace(lockfile.read(run), split=None))
    verdict = evaluate_run(run, nothing).verdict
    assert verdict.word == "no verdict"
    assert "older than the record of its division" in verdict.numbers


def test_a_missing_encoder_is_named(run):
    from chatforge.models.sources import folder_here
    from chatforge.models.store import Store

    with pytest.raises(UserError, match="not on this machine"):
        folder_here("all-minilm-l6-v2", Store(run.path / "none"), what="encoder")
