import errno
from types import SimpleNamespace

import httpx2 as httpx
import pytest
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from chatforge.errors import UserError
from chatforge.models import hub
from chatforge.models.hub import HuggingFace, Listing, wanted


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model-00001-of-00002.safetensors", True),
        ("tokenizer.json", True),
        ("chat_template.jinja", True),
        ("tokenizer.model", True),
        ("1_Pooling/config.json", True),
        ("LICENSE", True),
        ("NOTICE.md", True),
        ("pytorch_model.bin", False),
        ("consolidated.safetensors", False),
        ("original/params.json", False),
        ("onnx/config.json", False),
        ("modeling_phi3.py", False),
        ("README.md", False),
        (".gitattributes", False),
    ],
)
def test_only_what_belongs_to_the_model_is_wanted(name, expected):
    assert wanted(name) is expected


def sibling(name, size, sha=None):
    return SimpleNamespace(rfilename=name, size=size, lfs=SimpleNamespace(sha256=sha) if sha else None)


def test_listing(monkeypatch):
    files = [sibling("model.safetensors", 100, "abc"), sibling("config.json", 10), sibling("pytorch_model.bin", 100)]
    info = SimpleNamespace(sha="c0ffee", siblings=files, card_data=SimpleNamespace(license="mit"))
    monkeypatch.setattr(hub, "HfApi", lambda: SimpleNamespace(model_info=lambda *a, **k: info))
    assert HuggingFace().listing("a/b") == Listing(
        "c0ffee", {"model.safetensors": 100, "config.json": 10}, {"model.safetensors": "abc"}, "mit", pickled=True
    )
    assert HuggingFace().listing("a/b").total_bytes == 110


def test_download_asks_for_the_listed_commit_and_files(monkeypatch, tmp_path):
    asked = {}
    monkeypatch.setattr(hub, "snapshot_download", lambda repository, **options: asked.update(options))
    HuggingFace().download("a/b", Listing("c0ffee", {"config.json": 1}), tmp_path)
    patterns = ["config.json"]
    assert asked == {"repo_type": "model", "revision": "c0ffee", "local_dir": tmp_path, "allow_patterns": patterns}


def answer(status):
    return httpx.Response(status, request=httpx.Request("GET", "http://localhost"))


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (GatedRepoError("gated", response=answer(403)), "hf auth login"),
        (RepositoryNotFoundError("404", response=answer(404)), "no model a/b"),
        (httpx.ConnectError("name or service not known"), r"ConnectError name or service(.|\n)*goes on"),
        (ValueError(""), "ValueError"),
    ],
)
def test_what_goes_wrong_is_explained(monkeypatch, tmp_path, error, message):
    def fail(*_, **__):
        raise error

    monkeypatch.setattr(hub, "snapshot_download", fail)
    with pytest.raises(UserError, match=message):
        HuggingFace().download("a/b", Listing("x", {}), tmp_path)


def test_a_full_disk_stays_a_full_disk(monkeypatch, tmp_path):
    def fail(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(hub, "snapshot_download", fail)
    with pytest.raises(OSError, match="No space"):
        HuggingFace().download("a/b", Listing("x", {}), tmp_path)
