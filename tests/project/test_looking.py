"""What is found in a project's folder."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from chatforge import paths
from chatforge.errors import Problem
from chatforge.export import record
from chatforge.project.editing import set_fields
from chatforge.project.looking import Looker, Read, Watch, latest_run
from chatforge.project.new_run import create
from chatforge.project.stages import Snapshot, Stage, Status, status
from chatforge.recipe.files import LoadedRecipe, load_recipe
from chatforge.runs import state
from chatforge.runs.events import EventWriter, Finished
from chatforge.runs.folder import RunFolder

Write = Callable[..., Path]


def look(recipe: Path, runs_dir: Path) -> Snapshot:
    return Looker(recipe, runs_dir).look()


@pytest.fixture
def recipe(tmp_path: Path, write_conversations: Write) -> Path:
    """A recipe whose base nobody has fetched."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name, start in (("train", 0), ("valid", 100), ("test", 200)):
        write_conversations(folder / f"{name}.jsonl", 4, start)
    path = folder / "recipe.yaml"
    path.write_text("data:\n  train: train.jsonl\n  valid: valid.jsonl\n  test: test.jsonl\nadaptation:\n  lora_r: 4\n")
    return path


def make(recipe: Path, runs_dir: Path, *, trained: bool = True) -> RunFolder:
    """A run of a recipe as a training leaves it."""
    run = create(load_recipe(recipe), runs_dir, paths.home())
    if trained:
        state.enter(run, "train")
        with EventWriter(run.events("train")) as events:
            events.write(Finished(1.0, {}))
    return run


def test_a_new_project(recipe: Path, runs_dir: Path) -> None:
    found = look(recipe, runs_dir)
    assert found.recipe
    assert (found.problems, found.run, found.train, found.base_here) == ((), None, "new", False)
    assert status(found, Stage.MODEL) is Status.READY


def test_a_base_that_is_here(tiny_recipe: Path, runs_dir: Path) -> None:
    assert look(tiny_recipe, runs_dir).base_here


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("data:\n  train: train.jsonl\nadaptation:\n  lora_r: many\n", "adaptation.lora_r"),
        ("data:\n  train: gone.jsonl\n", "data.train"),
        ("data: [\n", None),
        ("", None),
    ],
)
def test_a_broken_recipe_says_what_is_wrong_and_keeps_its_run(
    recipe: Path, runs_dir: Path, text: str, field: str | None
) -> None:
    run = make(recipe, runs_dir)
    recipe.write_text(text)
    found = look(recipe, runs_dir)
    assert found.recipe is None
    assert found.problems
    assert found.problems[0].field == field
    assert (found.run, found.train) == (run, "done")


def test_a_recipe_that_is_gone(tmp_path: Path, runs_dir: Path) -> None:
    assert "no such file" in look(tmp_path / "recipe.yaml", runs_dir).problems[0].what


def test_a_trained_run_is_found_with_its_verdict(recipe: Path, runs_dir: Path) -> None:
    run = make(recipe, runs_dir)
    run.evaluation.mkdir()
    (run.evaluation / "report.json").write_text(json.dumps({"verdict": {"word": "better"}}))
    found = look(recipe, runs_dir)
    assert (found.run, found.train, found.verdict, found.changed) == (run, "done", "better", ())


@pytest.mark.parametrize("report", ["{}", "[]", "not JSON", '{"verdict": null}'])
def test_a_damaged_report_is_no_verdict(recipe: Path, runs_dir: Path, report: str) -> None:
    run = make(recipe, runs_dir)
    run.evaluation.mkdir()
    (run.evaluation / "report.json").write_text(report)
    assert look(recipe, runs_dir).verdict is None


def test_a_changed_recipe_names_the_fields_that_would_now_be_others(recipe: Path, runs_dir: Path) -> None:
    make(recipe, runs_dir)
    set_fields(recipe, {"adaptation.lora_r": 8})
    found = look(recipe, runs_dir)
    assert set(found.changed) == {"adaptation.lora_r", "adaptation.lora_alpha"}  # alpha follows the rank
    assert status(found, Stage.TRAIN) is Status.STALE
    set_fields(recipe, {"adaptation.lora_r": 4})
    assert look(recipe, runs_dir).changed == ()


def test_words_that_mean_the_same_change_nothing(recipe: Path, runs_dir: Path) -> None:
    make(recipe, runs_dir)
    set_fields(recipe, {"adaptation.method": "lora", "preset": "balanced"})
    assert look(recipe, runs_dir).changed == ()


def test_changed_data_makes_stale(recipe: Path, runs_dir: Path, write_conversations: Write) -> None:
    make(recipe, runs_dir)
    write_conversations(recipe.parent / "train.jsonl", 4, start=20)
    assert "data" in look(recipe, runs_dir).changed


def test_a_data_file_that_went_away_is_a_problem_not_a_crash(recipe: Path, runs_dir: Path) -> None:
    make(recipe, runs_dir)
    (recipe.parent / "valid.jsonl").unlink()
    found = look(recipe, runs_dir)
    assert [problem.field for problem in found.problems] == ["data.valid"]
    assert found.train == "done"


def test_the_run_of_another_recipe_is_not_taken(recipe: Path, runs_dir: Path, tmp_path: Path) -> None:
    other = recipe.with_name("other.yaml")
    other.write_text(recipe.read_text())
    mine = make(recipe, runs_dir)
    make(other, runs_dir)
    assert latest_run(recipe, runs_dir) == mine
    assert look(recipe, runs_dir).run == mine


def test_the_newest_run_of_a_recipe_counts(recipe: Path, runs_dir: Path) -> None:
    make(recipe, runs_dir)
    second = make(recipe, runs_dir, trained=False)
    found = look(recipe, runs_dir)
    assert (found.run, found.train) == (second, "new")


@pytest.mark.parametrize("lock", ["", "{}", '{"version": 99}', None])
def test_a_run_with_a_damaged_lock_is_nobodys(recipe: Path, runs_dir: Path, lock: str | None) -> None:
    run = make(recipe, runs_dir)
    if lock is None:
        run.lock.unlink()
    else:
        run.lock.write_text(lock)
    assert look(recipe, runs_dir).run is None


def test_fields_of_other_versions_are_told_only_where_they_change_something(recipe: Path, runs_dir: Path) -> None:
    run = make(recipe, runs_dir)
    lock = json.loads(run.lock.read_text())
    del lock["resolved"]["training"]["weight_decay"], lock["resolved"]["chat"]  # not known yet: as by default
    run.lock.write_text(json.dumps(lock))
    assert look(recipe, runs_dir).changed == ()
    lock["resolved"]["training"]["gone"] = 1
    run.lock.write_text(json.dumps(lock))
    assert look(recipe, runs_dir).changed == ("training.gone",)
    set_fields(recipe, {"training.weight_decay": 0.1})
    assert set(look(recipe, runs_dir).changed) == {"training.weight_decay", "training.gone"}


def test_a_recipe_by_another_way_to_the_same_file(recipe: Path, runs_dir: Path, tmp_path: Path) -> None:
    run = make(recipe, runs_dir)
    link = tmp_path / "link"
    link.symlink_to(recipe.parent)
    assert look(link / "recipe.yaml", runs_dir).run == run


def test_files_are_read_again_only_when_something_has_changed(tiny_recipe: Path, runs_dir: Path, home: Path) -> None:
    read: list[str] = []

    def check(loaded: LoadedRecipe, _: Path) -> Read:
        read.append(loaded.text)
        return Read([Problem("odd")] if "seed: 9" in loaded.text else [])

    looker = Looker(tiny_recipe, runs_dir, check=check)
    assert looker.glance().problems == ()
    assert read == []
    for _ in range(3):
        assert looker.look().problems == ()
    assert len(read) == 1
    train = tiny_recipe.with_name("train.jsonl")
    train.write_text(train.read_text() + "\n")
    looker.look()
    assert len(read) == 2
    tiny_recipe.write_text(tiny_recipe.read_text().replace("  threads: 1", "  threads: 1\n  seed: 9"))
    assert [problem.what for problem in looker.look().problems] == ["odd"]
    assert len(read) == 3
    create(load_recipe(tiny_recipe), runs_dir, home)
    assert looker.look().run is not None
    assert len(read) == 4


def test_a_project_keeps_its_name_and_files_while_one_of_them_is_missing(recipe: Path, runs_dir: Path) -> None:
    recipe.write_text(f"name: bike-shop\n{recipe.read_text()}")
    assert look(recipe, runs_dir).title == "bike-shop"
    (recipe.parent / "train.jsonl").unlink()
    found = look(recipe, runs_dir)
    assert (found.recipe, found.title) == (None, "bike-shop")
    assert [path.name for path in found.files] == ["train.jsonl", "valid.jsonl", "test.jsonl"]
    recipe.write_text("name: [\n")
    assert look(recipe, runs_dir).title == "recipe"


def test_a_file_that_comes_back_or_is_mended_is_noticed_once(recipe: Path, runs_dir: Path) -> None:
    train = recipe.parent / "train.jsonl"
    text = train.read_text()
    watch, found = Watch(recipe), look(recipe, runs_dir)
    train.unlink()
    assert watch.changed(found), "also what was changed between the look and the first time it was watched"
    assert not watch.changed(found)
    train.write_text(text)
    assert watch.changed(found)
    assert not watch.changed(look(recipe, runs_dir))


def test_a_recipe_is_watched_before_anything_is_known_of_it(recipe: Path) -> None:
    watch = Watch(recipe)
    assert not watch.changed(None)
    recipe.write_text("data: {}\n")
    assert watch.changed(None)
    assert not watch.changed(None)


def test_an_export_is_known_wherever_it_is_and_until_it_is_gone(recipe: Path, runs_dir: Path, tmp_path: Path) -> None:
    run = make(recipe, runs_dir)
    assert status(look(recipe, runs_dir), Stage.EXPORT) is Status.READY
    place = tmp_path / "usb" / "bot"
    place.mkdir(parents=True)
    (place / record.CARD).write_text("{}")
    record.remember(run, place)
    record.remember(run, place)
    assert status(look(recipe, runs_dir), Stage.EXPORT) is Status.DONE
    (place / record.CARD).unlink()
    assert status(look(recipe, runs_dir), Stage.EXPORT) is Status.READY
    (run.exports / "adapter").mkdir(parents=True)
    (run.exports / "adapter" / record.CARD).write_text("{}")
    assert status(look(recipe, runs_dir), Stage.EXPORT) is Status.DONE


def test_a_damaged_record_of_exports_is_none(recipe: Path, runs_dir: Path) -> None:
    run = make(recipe, runs_dir)
    for text in ("{", "7", '[1, null, "\\u0000"]'):
        (run.path / record.FILE).write_text(text)
        assert not record.exported(run)
