"""Small model folders, wheels and catalogues: real files, a few kilobytes each."""

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatforge.models.store import Store
from chatforge.runs.events import Event


def safetensors_bytes(count: int = 8) -> bytes:
    """A valid safetensors file of one float32 vector."""
    header = json.dumps({"w": {"dtype": "F32", "shape": [count], "data_offsets": [0, 4 * count]}}).encode()
    return struct.pack("<Q", len(header)) + header + bytes(4 * count)


CONFIG = {
    "model_type": "llama",
    "num_hidden_layers": 2,
    "hidden_size": 8,
    "intermediate_size": 16,
    "vocab_size": 32,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "tie_word_embeddings": True,
    "max_position_embeddings": 64,
}


def model_files() -> dict[str, bytes]:
    """What a loadable folder holds."""
    return {
        "config.json": json.dumps(CONFIG).encode(),
        "tokenizer.json": b"{}",
        "model.safetensors": safetensors_bytes(),
    }


@pytest.fixture
def store(home: Path) -> Store:
    """The store of the test's home; its folder does not exist yet."""
    return Store(home / "models")


@pytest.fixture
def model_folder(tmp_path: Path) -> Path:
    """A folder that passes every check (and holds nothing sensible)."""
    folder = tmp_path / "my-model"
    folder.mkdir()
    for name, content in model_files().items():
        (folder / name).write_bytes(content)
    return folder


ENTRY = """
{name}:
  title: Fake
  kind: chat
  source: "wheel:fake-weights==1.0"
  parameters: 8
  licence: mit
  context: 64
  layers: 2
  hidden: 8
  intermediate: 16
  vocab: 32
  heads: 2
  kv_heads: 1
  head_dim: 4
  tied: true
  download_bytes: {size}
  disk_bytes: {size}
  member: {member}
  weights: {weights}
  sha256: "{digest}"
"""


@pytest.fixture
def list_entry(store: Store) -> Callable[..., None]:
    """Add a wheel entry to the store's own catalogue."""

    def add(
        name: str = "fake",
        member: str = "fake/model/",
        weights: str | None = "model.safetensors",
        digest: str | None = None,
        size: int = 10_000,
    ) -> None:
        store.path.mkdir(parents=True, exist_ok=True)
        pinned = digest or hashlib.sha256(safetensors_bytes()).hexdigest()
        entry = ENTRY.format(name=name, member=member, weights=weights or "null", digest=pinned, size=size)
        with (store.path / "catalog.yaml").open("a") as file:
            file.write(entry)

    return add


@pytest.fixture
def make_wheel(tmp_path: Path) -> Callable[..., Path]:
    """Write a wheel with the given members (default: a model folder under fake/model/)."""

    def make(files: dict[str, bytes] | None = None) -> Path:
        wheel = tmp_path / "fake_weights-1.0-py3-none-any.whl"
        members = files or {f"fake/model/{name}": content for name, content in model_files().items()}
        with zipfile.ZipFile(wheel, "w") as archive:
            for name, content in members.items():
                archive.writestr(name, content)
            archive.writestr(
                "fake_weights-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: fake-weights\nVersion: 1.0\n"
            )
            archive.writestr(
                "fake_weights-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            )
            archive.writestr("fake_weights-1.0.dist-info/RECORD", "")
        return wheel

    return make


@dataclass
class Told:
    """Collects what was reported."""

    events: list[Event]

    def __call__(self, event: Event) -> None:
        """Take one event."""
        self.events.append(event)

    def of(self, kind: type) -> list[Event]:
        """The events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


@pytest.fixture
def told() -> Told:
    """A report that remembers."""
    return Told([])
