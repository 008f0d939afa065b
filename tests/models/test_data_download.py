"""Data sets from a hub: which files, of which commit, whole or not at all; the real worker against a server here."""

import gzip
import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.folders import files_in
from chatforge.models.data_download import obtain_data
from chatforge.models.data_sets import data_set
from chatforge.models.hub import Listing, wanted_data
from chatforge.models.store import Store
from chatforge.runs.events import Event

TALK = b'{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello!"}]}\n'
COMMIT = "c" * 40
FILES = {
    "README.md": b"# Talks",
    "LICENSE": b"do as you like",
    "talks.py": b"raise SystemExit('a script was run')",
    "data/train-00000-of-00001.jsonl": TALK * 3,
    "data/test-00000-of-00001.jsonl.gz": gzip.compress(TALK),
    "picture.png": b"x",
}


class FakeHub:
    """A hub of one data set."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files, self.asked = files, 0

    def listing(self, repository: str) -> Listing:
        self.asked += 1
        kept = {name: content for name, content in self.files.items() if wanted_data(name)}
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in kept.items()}
        return Listing(COMMIT, {name: len(content) for name, content in kept.items()}, digests, "mit")

    def download(self, repository: str, listing: Listing, target: Path) -> None:
        for name in listing.sizes:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes(self.files[name])


@pytest.fixture
def data(home: Path) -> Store:
    return Store(home / "data")


def told(event: Event) -> None:
    """Nobody listens."""


def test_data_files_are_fetched_once_and_their_commit_is_recorded(data: Store) -> None:
    hub = FakeHub(FILES)
    found = obtain_data(data_set("hf://datasets/acme/talks"), data, told, hub)
    assert found.source == f"hub:datasets/acme/talks@{COMMIT}" and found.licence == "mit"
    assert found.path.name == "acme--talks"
    assert sorted(found.weights) == [
        "LICENSE", "data/test-00000-of-00001.jsonl.gz", "data/train-00000-of-00001.jsonl",
    ]  # fmt: skip
    assert [path.name for path in files_in(found.path)] == [
        "test-00000-of-00001.jsonl.gz", "train-00000-of-00001.jsonl",
    ]  # fmt: skip
    assert not list(found.path.rglob("*.py"))
    assert obtain_data(data_set("acme/talks"), data, told, hub) == found and hub.asked == 1


def test_one_split_is_a_folder_of_its_own(data: Store) -> None:
    found = obtain_data(data_set("acme/talks", "train"), data, told, FakeHub(FILES))
    assert found.path.name == "acme--talks.train"
    assert [path.name for path in files_in(found.path)] == ["train-00000-of-00001.jsonl"]
    with pytest.raises(UserError, match="no files of a split `dev`") as caught:
        obtain_data(data_set("acme/talks", "dev"), data, told, FakeHub(FILES))
    assert "data/train-00000-of-00001.jsonl" in str(caught.value)


def test_scripts_alone_are_no_data(data: Store) -> None:
    with pytest.raises(UserError, match="no data files") as caught:
        obtain_data(data_set("acme/talks"), data, told, FakeHub({"talks.py": b"", "LICENSE": b"", "a.zip": b""}))
    assert "refs/convert/parquet" in str(caught.value)
    assert data.entries() == []


@pytest.mark.parametrize("name", ["", "a/b/c", "a b", "hf://acme/talks", "../talks", "a/..", "https://example.com/x"])
def test_what_is_no_name_of_a_data_set(name: str) -> None:
    with pytest.raises(UserError, match="is no data set"):
        data_set(name)


@pytest.mark.parametrize("name", ["../evil.jsonl", "/etc/x.json", "a/.hidden.json", "LICENSE.py", "dataset_infos.json"])
def test_files_that_are_not_fetched(name: str) -> None:
    assert not wanted_data(name)


class Server(BaseHTTPRequestHandler):
    """As much of the hub as its client asks of it."""

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def answer(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/datasets/acme/talks/tree/"):
            tree = [{"type": "file", "path": name, "size": len(FILES[name]), "oid": "0" * 40} for name in FILES]
            self.reply(200, json.dumps(tree).encode(), {"Content-Type": "application/json"})
        elif path.startswith("/api/datasets/acme/talks"):
            siblings = [{"rfilename": name, "size": len(content)} for name, content in FILES.items()]
            facts = {"id": "acme/talks", "sha": COMMIT, "siblings": siblings, "cardData": {"license": "mit"}}
            self.reply(200, json.dumps(facts | {"tags": []}).encode(), {"Content-Type": "application/json"})
        elif (name := path.removeprefix(f"/datasets/acme/talks/resolve/{COMMIT}/")) in FILES:
            etag = hashlib.sha256(FILES[name]).hexdigest()
            self.reply(200, FILES[name], {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT})
        else:
            self.reply(404, b"{}", {"X-Error-Code": "RepoNotFound"})

    def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for key, value in (headers | {"Content-Length": str(len(body))}).items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def server() -> Iterator[str]:
    """A hub on this machine; gives its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def chatforge(server: str, home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("HF_", "HUGGINGFACE"))}
    environment |= {"HF_ENDPOINT": server, "CHATFORGE_HOME": str(home), "HF_HOME": str(home / "hf"), "COLUMNS": "200"}
    command = [sys.executable, "-m", "chatforge", "data", *words]
    return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, check=False)


def test_the_command_fetches_from_a_server_and_its_folder_can_be_checked(server: str, home: Path) -> None:
    done = chatforge(server, home, "fetch", "acme/talks")
    assert done.returncode == 0, done.stderr
    folder = Path(done.stdout.strip())
    assert folder == home / "data" / "acme--talks"
    assert (folder / "data" / "train-00000-of-00001.jsonl").read_bytes() == TALK * 3
    assert json.loads((folder / "chatforge.json").read_text())["source"].endswith(f"@{COMMIT}")
    assert "is already here" not in done.stderr
    assert "is already here" in chatforge("http://127.0.0.1:9", home, "fetch", "acme/talks").stderr
    checked = chatforge(server, home, "check", str(folder), "--json")
    assert [one["conversations"] for one in json.loads(checked.stdout)["files"]] == [1, 3]


def test_what_the_server_does_not_have_is_said(server: str, home: Path) -> None:
    done = chatforge(server, home, "fetch", "acme/nothing")
    assert done.returncode == 1 and "the hub has no dataset acme/nothing" in done.stderr
    done = chatforge("http://127.0.0.1:9", home, "fetch", "acme/talks")
    assert done.returncode == 1 and "the hub did not give acme/talks" in done.stderr
    assert "Traceback" not in done.stderr
