"""A run folder from training to report, in this process."""

import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from chatforge.adaptation.adapted import open_pair
from chatforge.adaptation.run import train
from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.evaluation import elsewhere, endpoint
from chatforge.evaluation import report as reports
from chatforge.evaluation.endpoint import Address, Answer
from chatforge.evaluation.job import evaluate_run
from chatforge.evaluation.scales import PRIMARY
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
    assert all((run.evaluation / name).is_file() for name in ("report.html", "items.csv"))
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
    assert facts[PRIMARY.key]["references"] == 1.0
    stage.stopping = SimpleNamespace(is_set=lambda: True)
    with pytest.raises(StoppedEarlyError):
        work(stage)

    bare = replace(open_pair(run), adapted=None, note="switching loads the other one")
    monkeypatch.setattr("chatforge.evaluation.job.open_pair", lambda *_: bare)
    with pytest.raises(UserError, match="no adapter to judge"):
        evaluate_run(run, nothing)
    monkeypatch.setattr("chatforge.evaluation.job.open_pair", lambda *_: replace(bare, adapted=bare.base))
    shutil.rmtree(run.evaluation / "cache")
    assert evaluate_run(run, told.append).verdict.word == "no verdict"
    assert Note("switching loads the other one") in told

    (tmp_path / "test.jsonl").write_text("changed\n")
    with pytest.raises(UserError, match="has changed"):
        evaluate_run(run, nothing)


def timeless(record: object) -> object:
    """The same without the time that the whole took."""
    if isinstance(record, dict):
        return {name: timeless(value) for name, value in record.items() if name != "seconds"}
    return record


def test_another_run_and_an_endpoint_answer_too_and_a_second_time_nothing_is_computed(run, monkeypatch):
    train(run, nothing, lambda: False)
    other = RunFolder(run.path.with_name("other-a"))
    shutil.copytree(run.path, other.path)
    untrained = RunFolder(run.path.with_name("untrained-a"))
    shutil.copytree(run.path, untrained.path, ignore=shutil.ignore_patterns("adapter", "checkpoints"))
    monkeypatch.setattr(endpoint, "models", lambda at: [])
    asked: list[list[str]] = []

    def ask(at: Address, messages: list[Message], max_tokens: int) -> Answer:
        asked.append([message.content for message in messages])
        return Answer("Yes.", "stop", 0.5)

    monkeypatch.setattr(endpoint, "ask", ask)
    elsewhere.write(run, elsewhere.asked([other, untrained], ["big=http://127.0.0.1:9#m"], remote=False))
    report = evaluate_run(run, nothing)

    def said(name: str) -> list[str]:
        return [reply.reply for reply in report.rival(name).replies]

    assert said("run other-a") == said("adapted")
    assert report.rival("run other-a").trained
    assert said("endpoint big") == ["Yes."] * 8
    assert len(asked) == 8 and all(messages[0] == "You help." for messages in asked)
    assert any("run untrained-a is missing: nothing has been learned" in note for note in report.notes)
    assert any("endpoint big: asked of 127.0.0.1 for the model `m`" in note for note in report.notes)
    names = {rival.name for rival in report.rivals}
    assert "base + 2 examples" in names and "base + 4 examples" not in names, "the preset is quick"

    def computed(*_: object, **__: object) -> None:
        raise AssertionError("what is known is computed again")

    for name in ("models.generation._forward", "evaluation.likelihood._log_probabilities"):
        monkeypatch.setattr(f"chatforge.{name}", computed)
    monkeypatch.setattr(endpoint, "ask", computed)
    again = evaluate_run(run, nothing)
    assert timeless(again.to_json()) == timeless(report.to_json())
    inside = [path for path in run.evaluation.rglob("*") if path.is_file()]
    assert {path.parent for path in inside} == {run.evaluation, run.evaluation / "cache"}
    elsewhere.write(run, elsewhere.Elsewhere())
    assert "endpoint big" not in {rival.name for rival in evaluate_run(run, nothing).rivals}


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
