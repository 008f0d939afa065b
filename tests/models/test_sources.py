import json
import struct

import pytest

from chatforge.errors import UserError
from chatforge.models.sources import (
    check_folder,
    count_parameters,
    describe,
    file_sha256,
    locate,
    read_shape,
)
from chatforge.models.store import StoredModel


def publish(store, name, source="hub:x/y"):
    with store.partial(name) as folder:
        return store.publish(folder, StoredModel(name, folder, source, None, None, None, 0))


@pytest.mark.parametrize(
    ("base", "kind", "name"),
    [
        ("smollm2-135m-instruct", "wheel", "smollm2-135m-instruct"),
        ("SmolLM2-135M-Instruct", "wheel", "smollm2-135m-instruct"),
        ("Qwen/Qwen3-4B", "hub", "qwen3-4b"),
        ("someone/some-model", "hub", "someone--some-model"),
    ],
)
def test_names_and_hub_ids(store, base, kind, name):
    source = locate(base, store)
    assert (source.kind, source.name, source.path) == (kind, name, None)


def test_what_is_stored_has_a_path(store):
    for name in ("qwen3-4b", "someone--some-model", "own"):
        publish(store, name)
    assert locate("qwen3-4b", store).path == store.path / "qwen3-4b"
    assert locate("someone/some-model", store).path == store.path / "someone--some-model"
    assert locate("own", store).kind == "stored"


def test_a_folder_is_used_where_it_is(store, model_folder):
    by_path, relative = locate(str(model_folder), store), locate("my-model", store, model_folder.parent)
    assert by_path == relative
    assert (by_path.kind, by_path.path) == ("folder", model_folder)


def test_a_gguf_gets_a_name_of_its_own(store, tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "My Model.gguf").write_bytes(b"GGUF")
    first, second = (locate(f"{folder}/My Model.gguf", store, tmp_path) for folder in ("a", "b"))
    assert first.kind == "gguf"
    assert first.name.startswith("my-model-")
    assert first.name != second.name
    publish(store, first.name)
    assert locate("a/My Model.gguf", store, tmp_path).path == store.path / first.name


def test_a_missing_gguf_suggests_its_neighbour(store, tmp_path):
    (tmp_path / "model-q4.gguf").write_bytes(b"")
    with pytest.raises(UserError, match=r"no such GGUF file(.|\n)*did you mean `model-q4\.gguf`"):
        locate("model-q5.gguf", store, tmp_path)


@pytest.mark.parametrize("base", ["smollm2-135m-instrct", "../nowhere/else/at-all", ""])
def test_unknown_words_are_refused_with_a_hint(store, tmp_path, base):
    with pytest.raises(UserError) as caught:
        locate(base or "?", store, tmp_path)
    assert caught.value.problems[0].hint


def test_did_you_mean(store):
    with pytest.raises(UserError, match="did you mean `smollm2-135m-instruct`"):
        locate("smolm2-135m-instruct", store)


def test_a_whole_folder_passes(model_folder):
    check_folder(model_folder)
    assert count_parameters(model_folder) == 8
    shape = read_shape(model_folder)
    assert (shape.parameters, shape.head_dim, shape.kv_heads, shape.tied) == (8, 4, 1, True)


def rename(name, to):
    def change(folder):
        (folder / name).rename(folder / to)

    return change


def write(name, content):
    def change(folder):
        (folder / name).write_bytes(content)

    return change


LONG_HEADER = struct.pack("<Q", 10**12) + b"{}"
SHORT_DATA = struct.pack("<Q", 62) + b'{"w":{"dtype":"F32","shape":[999],"data_offsets":[0, 3996]}}  '
INDEX = json.dumps({"weight_map": {"w": "model-00002-of-00002.safetensors"}}).encode()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename("tokenizer.json", "x"), r"no tokenizer(.|\n)*copy tokenizer\.json"),
        (rename("config.json", "x"), r"no config\.json"),
        (rename("config.json", "adapter_config.json"), "an adapter, not a model"),
        (write("config.json", b"{"), "config.json: cannot be read"),
        (write("config.json", b"[]"), "not a JSON object"),
        (rename("model.safetensors", "pytorch_model.bin"), r"pickled(.|\n)*save_pretrained"),
        (rename("model.safetensors", "model.pt"), "pickled"),
        (rename("model.safetensors", "x"), "no weights"),
        (write("model.safetensors", b"version https://git-lfs.github.com/spec/v1\n"), "git lfs pull"),
        (write("model.safetensors", b""), "damaged"),
        (write("model.safetensors", LONG_HEADER), "damaged"),
        (write("model.safetensors", SHORT_DATA), "damaged"),
        (write("model.safetensors.index.json", INDEX), r"model-00002-of-00002\.safetensors is missing"),
    ],
)
def test_folders_that_cannot_be_loaded_are_refused(model_folder, change, message):
    change(model_folder)
    with pytest.raises(UserError, match=message):
        check_folder(model_folder)


def test_all_problems_at_once(tmp_path):
    with pytest.raises(UserError) as caught:
        check_folder(tmp_path)
    assert len(caught.value.problems) == 3
    with pytest.raises(UserError, match="no such model folder"):
        check_folder(tmp_path / "none")


def test_a_stored_model_is_described_in_the_catalogues_words(model_folder):
    model = StoredModel("mine", model_folder, "folder:/x", None, None, None, 100)
    entry = describe(model)
    assert (entry.name, entry.context, entry.licence, entry.parameters) == ("mine", 64, "unknown", 8)


def test_a_config_without_sizes_has_no_shape(model_folder):
    (model_folder / "config.json").write_text('{"hidden_size": 8}')
    with pytest.raises(UserError, match="no usable 'num_attention_heads'"):
        read_shape(model_folder)


def test_sizes_inside_a_text_config_count(model_folder):
    config = json.loads((model_folder / "config.json").read_text())
    (model_folder / "config.json").write_text(json.dumps({"text_config": config}))
    assert read_shape(model_folder).layers == 2


def test_hash(tmp_path):
    (tmp_path / "x").write_bytes(b"")
    assert file_sha256(tmp_path / "x").startswith("e3b0c442")
