from pathlib import Path

from chatforge.adaptation import checkpoints


def make(folder: Path, step: int, *, whole: bool = True) -> Path:
    path = folder / f"checkpoint-{step}"
    path.mkdir()
    (path / "weights").write_bytes(b"x" * 10)
    if whole:
        checkpoints.mark(path)
    return path


def test_only_whole_checkpoints_count_in_order_of_steps(tmp_path: Path) -> None:
    make(tmp_path, 9)
    make(tmp_path, 10)
    make(tmp_path, 100, whole=False)
    assert [checkpoints.step_of(path) for path in checkpoints.complete(tmp_path)] == [9, 10]
    newest = checkpoints.newest(tmp_path)
    assert newest and newest.name == "checkpoint-10"


def test_torn_ones_are_deleted_and_named(tmp_path: Path) -> None:
    whole, torn = make(tmp_path, 1), make(tmp_path, 2, whole=False)
    assert checkpoints.clear_torn(tmp_path) == ["checkpoint-2"]
    assert whole.exists()
    assert not torn.exists()


def test_none_is_none(tmp_path: Path) -> None:
    assert checkpoints.newest(tmp_path) is None


def test_the_best_and_the_newest_are_kept(tmp_path: Path) -> None:
    paths = [make(tmp_path, step) for step in (1, 2, 3, 4)]
    checkpoints.prune(tmp_path, best=paths[1])
    assert [path.name for path in checkpoints.complete(tmp_path)] == ["checkpoint-2", "checkpoint-4"]
    checkpoints.prune(tmp_path, best=None)
    assert [path.name for path in checkpoints.complete(tmp_path)] == ["checkpoint-4"]
