import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from chatforge.errors import UserError
from chatforge.evaluation import elsewhere
from chatforge.runs import folder, launch, lockfile, state
from chatforge.runs.folder import RunFolder

Cli = Callable[..., Any]
Fake = Callable[[str], None]


def only_run(runs_dir: Path) -> RunFolder:
    (found,) = folder.list_runs(runs_dir)
    return found


def test_run_trains_evaluates_and_reports(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: list[list[str]]
) -> None:
    shown = chatforge("run", small_recipe, "--runs", runs_dir)
    assert shown.code == 0, shown.err
    run = only_run(runs_dir)
    assert run.id.endswith("-shop-a")
    assert state.status(run) == "evaluated"
    assert "step 8/8 (100%)" in shown.out
    assert "evaluation finished" in shown.out
    assert shown.out.endswith(f"REPORT of {run.id}\nTalk to it:  {run.command('chat')}\n")
    assert "note: no test file: 6 conversations split off from train" in shown.err
    assert f"run {run.id} in {run.path}" in shown.err
    assert ensured == [["smollm2-135m-instruct", "all-minilm-l6-v2"]]


def test_the_run_is_bound_to_recipe_data_and_resolved_values(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: list[list[str]], home: Path
) -> None:
    assert chatforge("train", small_recipe, "--runs", runs_dir).code == 0
    run = only_run(runs_dir)
    lock = lockfile.read(run)
    assert run.recipe.read_text() == small_recipe.read_text()
    assert lock.recipe["path"] == str(small_recipe)
    assert list(lock.data) == [str(small_recipe.with_name("talk.jsonl"))]
    assert lock.resolved["preset"] == "quick"
    assert lock.resolved["training"]["learning_rate"] > 0
    assert lock.origins["preset"]["source"] == "recipe"
    assert lock.store == str(home / "models")
    assert ensured == [["smollm2-135m-instruct"]]


def test_train_says_what_comes_next(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> None:
    shown = chatforge("train", small_recipe, "--runs", runs_dir)
    run = only_run(runs_dir)
    assert state.status(run) == "trained"
    assert "REPORT" not in shown.out
    assert f"`{run.command('evaluate')}`" in shown.err


def test_evaluate_judges_a_trained_run_again_and_again(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: list[list[str]]
) -> None:
    chatforge("train", small_recipe, "--runs", runs_dir)
    run = only_run(runs_dir)
    for _ in range(2):
        shown = chatforge("evaluate", run.id, "--runs", runs_dir)
        assert shown.code == 0, shown.err
        assert f"REPORT of {run.id}" in shown.out
        assert shown.out.count("evaluation finished") == 1
    assert ensured[-1] == ["smollm2-135m-instruct", "all-minilm-l6-v2"]


def test_rivals_from_elsewhere_are_kept_in_the_run_until_others_are_asked_for(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> None:
    for _ in range(2):
        chatforge("train", small_recipe, "--runs", runs_dir)
    run, other = folder.list_runs(runs_dir)
    asked = ["--rival", other.id, "--endpoint", "big=http://127.0.0.1:9/v1#m"]
    assert chatforge("evaluate", run.id, "--runs", runs_dir, *asked).code == 0
    kept = elsewhere.read(run)
    assert (kept.runs, kept.endpoints) == ((other.path.resolve(),), {"big": "http://127.0.0.1:9/v1#m"})
    for wrong, words in (
        (["--rival", run.id], "cannot be a rival of its own"),
        (["--rival", "nobody"], "no run 'nobody'"),
        (["--endpoint", "big"], "is no endpoint"),
        (["--endpoint", "big=https://api.example.com/v1"], "is another machine"),
    ):
        shown = chatforge("evaluate", run.id, "--runs", runs_dir, *wrong)
        assert shown.code == 1 and words in " ".join(shown.err.split())
        assert elsewhere.read(run) == kept, "what cannot be used is not kept"
    assert chatforge("evaluate", run.id, "--runs", runs_dir).code == 0
    assert elsewhere.read(run) == elsewhere.Elsewhere()
    (run.evaluation / elsewhere.FILE).write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="cannot be read"):
        elsewhere.read(run)


def test_what_a_rival_starts_from_is_brought_before_the_evaluation_begins(
    chatforge: Cli,
    small_recipe: Path,
    runs_dir: Path,
    fake_worker: Fake,
    ensured: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    larger = small_recipe.with_name("larger.yaml")
    larger.write_text(small_recipe.read_text() + "model: {base: smollm2-360m-instruct}\n", encoding="utf-8")
    for recipe in (small_recipe, larger):
        assert chatforge("train", recipe, "--runs", runs_dir).code == 0
    run, other = sorted(folder.list_runs(runs_dir), key=lambda one: "larger" in one.id)
    needed = ["smollm2-135m-instruct", "all-minilm-l6-v2", "smollm2-360m-instruct"]

    fake_worker("error")
    assert chatforge("evaluate", run.id, "--runs", runs_dir, "--rival", other.id).code == 1
    assert ensured[-1] == needed
    fake_worker("")
    assert chatforge("resume", run.id, "--runs", runs_dir).code == 0
    assert ensured[-1] == needed, "it is still compared with the same"

    def ensure(names: list[str], *_: object) -> None:
        raise UserError(f"{names[-1]} cannot be downloaded", hint="is there a network?")

    chatforge("evaluate", run.id, "--runs", runs_dir)
    told = run.events("evaluate").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr("chatforge.cli.run.ensure", ensure)
        shown = chatforge("evaluate", run.id, "--runs", runs_dir, "--rival", other.id)
    assert shown.code == 1 and "smollm2-360m-instruct cannot be downloaded" in shown.err
    assert run.events("evaluate").read_bytes() == told, "no worker was started"
    assert elsewhere.read(run) == elsewhere.Elsewhere()

    fake_worker("error")
    chatforge("evaluate", run.id, "--runs", runs_dir, "--rival", other.id)
    folder.remove(other)
    fake_worker("")
    assert chatforge("resume", run.id, "--runs", runs_dir).code == 0
    assert ensured[-1] == needed[:2], "a rival that is gone needs nothing"


def test_only_a_trained_run_can_be_evaluated(chatforge: Cli, run: RunFolder) -> None:
    shown = chatforge("evaluate", run.id, "--runs", run.path.parent)
    assert shown.code == 1
    assert f"run {run.id} is not trained: it is new" in shown.err


def test_detached_work_goes_on_after_we_left(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> None:
    fake_worker("endless")
    shown = chatforge("run", small_recipe, "--runs", runs_dir, "--detach", "--json")
    run = only_run(runs_dir)
    assert json.loads(shown.out)["id"] == run.id
    assert state.status(run) == "running"
    launch.stop(run, save=False, wait_seconds=30)
    fake_worker("")
    assert "works in the background" in chatforge("train", small_recipe, "--runs", runs_dir, "--detach").out


def test_detaching_from_a_worker_that_dies_at_once_is_told(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> None:
    fake_worker("early")
    shown = chatforge("run", small_recipe, "--runs", runs_dir, "--detach")
    assert shown.code == 1
    assert "no module named torch" in shown.err


def test_scripts_get_the_run_and_its_events(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> None:
    shown = chatforge("run", small_recipe, "--runs", runs_dir, "--json")
    lines = [json.loads(line) for line in shown.out.splitlines()]
    assert lines[0]["kind"] == "run"
    assert lines[0]["id"] == only_run(runs_dir).id
    assert [line["stage"] for line in lines if line["kind"] == "started"] == ["train", "evaluate"]
    assert lines[-1]["kind"] == "finished"


@pytest.mark.parametrize(("how", "words"), [("error", "the weights are broken"), ("segfault", "the worker speaks")])
def test_a_failed_training_is_1(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object, how: str, words: str
) -> None:
    fake_worker(how)
    shown = chatforge("run", small_recipe, "--runs", runs_dir)
    assert shown.code == 1
    assert words in shown.err


@pytest.mark.parametrize(
    ("word", "code"),
    [("better", 0), ("probably better", 3), ("cannot tell", 3), ("worse", 3), ("no verdict", 4), (None, 4)],
)
def test_the_verdict_can_decide_the_exit_code(
    chatforge: Cli,
    small_recipe: Path,
    runs_dir: Path,
    fake_worker: Fake,
    ensured: object,
    monkeypatch: pytest.MonkeyPatch,
    word: str | None,
    code: int,
) -> None:
    def read(path: Path) -> object:
        assert path.name == "report.json"
        if word is None:
            raise UserError("there is no report yet")
        return SimpleNamespace(verdict=SimpleNamespace(word=word))

    monkeypatch.setattr("chatforge.evaluation.report.read", read)
    assert chatforge("run", small_recipe, "--runs", runs_dir, "--fail-unless", "better").code == code


def test_a_verdict_cannot_be_waited_for_in_the_background(chatforge: Cli, small_recipe: Path) -> None:
    shown = chatforge("run", small_recipe, "--detach", "--fail-unless", "better")
    assert shown.code == 2
    assert "--detach does not wait" in shown.err


def test_bad_data_is_told_before_anything_is_made(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, ensured: list[list[str]]
) -> None:
    data = small_recipe.with_name("talk.jsonl")
    lines = data.read_text().splitlines()
    data.write_text("\n".join([*lines[:6], "{broken", *lines[6:]]))
    shown = chatforge("run", small_recipe, "--runs", runs_dir)
    assert shown.code == 1
    assert "talk.jsonl:7: broken JSON" in shown.err
    assert not runs_dir.exists()
    assert ensured == []


def test_a_bad_recipe_is_told_with_all_its_mistakes(chatforge: Cli, small_recipe: Path, runs_dir: Path) -> None:
    small_recipe.write_text("preset: quik\ndata:\n  train: tlak.jsonl\ntraining:\n  learnig_rate: 1\n")
    shown = chatforge("run", small_recipe, "--runs", runs_dir)
    assert shown.code == 1
    for words in ("quik", "did you mean `talk.jsonl`", "learning_rate"):
        assert words in shown.err
    assert not runs_dir.exists()


def test_recipe_notes_are_shown(
    chatforge: Cli, small_recipe: Path, runs_dir: Path, fake_worker: Fake, ensured: object
) -> None:
    small_recipe.write_text(small_recipe.read_text() + "adaptation:\n  lora_rank: 4\n")
    shown = chatforge("train", small_recipe, "--runs", runs_dir)
    assert "lora_rank" in shown.err
    assert lockfile.read(only_run(runs_dir)).resolved["adaptation"]["lora_r"] == 4
