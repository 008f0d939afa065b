"""The closest training conversations of a reply: a real worker with the tiny encoder, and what goes wrong with it."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import psutil
import pytest

from chatforge.errors import UserError
from chatforge.project.nearest import Near, Nearest
from chatforge.recipe.files import load_recipe
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder

Look = Callable[..., AbstractContextManager[Nearest]]


@pytest.fixture
def run(tiny_recipe: Path, tmp_path: Path) -> RunFolder:
    """A run of the tiny recipe that has got as far as its lock."""
    run = RunFolder(tmp_path / "runs" / "shop-a")
    run.path.mkdir(parents=True)
    loaded = load_recipe(tiny_recipe)
    resolved = loaded.recipe.model_dump(mode="json")
    data = loaded.recipe.data
    lock = lockfile.make(
        tiny_recipe, loaded.text, resolved, {}, [*data.train, *data.valid, *data.test], tmp_path / "store"
    )
    lockfile.write(run, lock)
    return run


@pytest.fixture
def look(run: RunFolder) -> Look:
    @contextmanager
    def looking(on_progress: Callable[[int, int], None] | None = None) -> Iterator[Nearest]:
        with Nearest(run, on_progress) as nearest:
            yield nearest
        assert not psutil.pid_exists(nearest.pid)

    return looking


@pytest.mark.long
def test_a_training_reply_finds_its_own_conversation_first_and_the_vectors_are_kept(
    look: Look, run: RunFolder, tmp_path: Path
) -> None:
    read: list[tuple[int, int]] = []
    with look(lambda done, total: read.append((done, total))) as nearest:
        answer = nearest.ask("Yes, tents 1.1 can be returned.", "Can I return tents number 1, part 1?")
        with pytest.raises(UserError, match="no reply to compare"):
            nearest.ask(" ", "\n")
        assert nearest.ask("half a character \ud83d", "Größe 😊?").near
        assert nearest.ask("word " * 3000).near
    assert (answer.compared, answer.note, len(answer.near)) == (16, None, 5)
    first = answer.near[0]
    assert first.score == pytest.approx(1.0, abs=1e-3)
    assert first == Near(
        first.score,
        tmp_path / "train.jsonl",
        2,
        "Can I return tents number 1, part 1?",
        "Yes, tents 1.1 can be returned.",
        2,
    )
    assert [near.score for near in answer.near] == sorted((near.score for near in answer.near), reverse=True)
    assert len({near.line for near in answer.near}) == 5
    assert read[-1] == (32, 32)

    with look(lambda done, total: pytest.fail("read again")) as nearest:
        assert nearest.ask("Yes, tents 1.1 can be returned.", "Can I return tents number 1, part 1?") == answer
        os.kill(nearest.pid, signal.SIGKILL)
        with pytest.raises(UserError, match="signal 9"):
            nearest.ask("Yes.")


def test_training_data_that_is_gone_is_told(look: Look, tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").unlink()
    with look() as nearest:
        for _ in range(2):  # who asks again hears the same
            with pytest.raises(UserError, match="is missing"):
                nearest.ask("Yes.", "No?")


def test_a_worker_that_is_killed_is_told_with_the_end_of_its_log(run: RunFolder, tmp_path: Path) -> None:
    program = tmp_path / "dies.py"
    program.write_text("import os\nos.write(2, b'last words\\n')\nos.kill(os.getpid(), 9)\n")
    with Nearest(run, program=[str(program)]) as nearest:
        for _ in range(2):
            with pytest.raises(UserError) as caught:
                nearest.ask("Yes.")
            for word in ("signal 9", "last words", "training conversations", "ask again", str(run.log("nearest"))):
                assert word in str(caught.value)
