import json
import os
import stat
from datetime import date
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder

DAY = date(2026, 11, 21)


def test_a_run_has_an_id_of_its_own_and_is_private(tmp_path: Path) -> None:
    runs = tmp_path / "deep" / "runs"
    first = folder.create(runs, "Shop Bot!", "preset: quick\n", DAY)
    second = folder.create(runs, "shop bot", "x", DAY)
    assert [first.id, second.id] == ["1121-shop-bot-a", "1121-shop-bot-b"]
    assert stat.S_IMODE(first.path.stat().st_mode) == 0o700
    assert first.recipe.read_text() == "preset: quick\n"
    assert (runs / ".gitignore").read_text() == "*\n"


@pytest.mark.parametrize(
    ("name", "slug"), [("Ünïcode", "unicode"), ("../../etc", "etc"), ("客服", "run"), ("x" * 90, "x" * 40)]
)
def test_names_become_harmless_folder_names(tmp_path: Path, name: str, slug: str) -> None:
    assert folder.create(tmp_path, name, "", DAY).id == f"1121-{slug}-a"


def test_after_z_comes_aa(tmp_path: Path) -> None:
    ids = [folder.create(tmp_path, "x", "", DAY).id for _ in range(28)]
    assert ids[25:] == ["1121-x-z", "1121-x-aa", "1121-x-ab"]


def test_every_part_lies_in_the_run() -> None:
    run = RunFolder(Path("runs/r"))
    parts = [run.lock, run.state, run.checkpoints, run.adapter, run.evaluation, run.transcripts, run.exports]
    parts += [run.events("train"), run.log("train"), run.stage_lock("train")]
    assert [part.name for part in parts] == [
        "lock.json", "state.json", "checkpoints", "adapter", "evaluation", "transcripts", "exports",
        "events-train.jsonl", "worker-train.log", "train.lock",
    ]  # fmt: skip
    assert {part.parent for part in parts} == {run.path}


def test_commands_for_messages_name_the_folder_only_if_it_is_not_the_usual_one() -> None:
    assert RunFolder(Path("runs/r")).command("attach") == "chatforge attach r"
    assert RunFolder(Path("/my runs/r")).command("attach") == "chatforge attach r --runs '/my runs'"
    assert folder.command_of("run", Path("a b.yaml"), Path("runs")) == "chatforge run 'a b.yaml'"
    assert folder.command_of("run", Path("a.yaml"), Path("/my runs")) == "chatforge run a.yaml --runs '/my runs'"


def test_a_run_is_found_by_id_or_unique_beginning(tmp_path: Path) -> None:
    for name in ("shop", "shop", "clinic"):
        folder.create(tmp_path, name, "", DAY)
    assert folder.find(tmp_path, "1121-shop-b").id == "1121-shop-b"
    assert folder.find(tmp_path, "1121-c").id == "1121-clinic-a"
    with pytest.raises(UserError, match="several runs begin with '1121-shop': 1121-shop-a, 1121-shop-b"):
        folder.find(tmp_path, "1121-shop")
    with pytest.raises(UserError, match="did you mean `1121-clinic-a`"):
        folder.find(tmp_path, "1121-klinic-a")
    with pytest.raises(UserError, match="`chatforge runs` lists them"):
        folder.find(tmp_path, "zzz")
    with pytest.raises(UserError, match="no run ''"):
        folder.find(tmp_path, "")


def test_no_runs_at_all_says_how_to_start_one(tmp_path: Path) -> None:
    assert folder.list_runs(tmp_path / "none") == []
    with pytest.raises(UserError, match="chatforge run RECIPE"):
        folder.find(tmp_path / "none", "x")


def test_the_list_has_the_newest_last_and_only_runs(tmp_path: Path) -> None:
    old, new = (folder.create(tmp_path, name, "", DAY) for name in ("b", "a"))
    os.utime(old.recipe, (1, 1))
    (tmp_path / "notes").mkdir()
    (tmp_path / "file").write_text("x")
    assert folder.list_runs(tmp_path) == [old, new]


def test_removal_deletes_everything_but_not_what_links_point_to(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "keep").write_text("x")
    run = folder.create(tmp_path / "runs", "x", "abc", DAY)
    run.checkpoints.mkdir()
    (run.checkpoints / "weights").write_bytes(bytes(1000))
    (run.path / "link").symlink_to(outside)
    sizes = dict(folder.contents(run))
    assert sizes["checkpoints/"] == 1000
    assert sizes["recipe.yaml"] == 3
    folder.remove(run)
    assert (outside / "keep").exists()
    assert [path.name for path in (tmp_path / "runs").iterdir()] == [".gitignore"]


def test_json_is_replaced_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    folder.write_json(path, {"word": "čaj"})
    with pytest.raises(TypeError):
        folder.write_json(path, {"word": object()})
    assert folder.read_json(path) == {"word": "čaj"}
    assert [p.name for p in tmp_path.iterdir()] == ["state.json"]
    assert json.loads(path.read_text(encoding="utf-8")) == {"word": "čaj"}


def test_json_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="missing"):
        folder.read_json(tmp_path / "no.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(UserError, match="not JSON"):
        folder.read_json(tmp_path / "bad.json")
