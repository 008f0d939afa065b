"""Fixtures: a home of its own for every test, a tiny random model and encoder, small dialogue files and recipes.

Fakes stand only at the real seams: the models are tiny but real, workers are real processes.
"""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]

TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\nYou are a helpful AI assistant named SmolLM, trained by Hugging Face<|im_end|>\n' }}"
    "{% endif %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""SmolLM2's own chat template, word for word."""


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home of the test's own, also for the workers it starts; one thread, so that workers don't fight."""
    folder = tmp_path / "home"
    monkeypatch.setenv("CHATFORGE_HOME", str(folder))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder


def make_tokenizer() -> object:
    """A byte-level tokenizer (one token a byte) with SmolLM2's marks and template, pad and eos the same."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    vocab = {token: i for i, token in enumerate([*marks, *alphabet])}
    core = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=core,
        unk_token="<|endoftext|>",
        bos_token="<|im_start|>",
        eos_token="<|im_end|>",
        pad_token="<|im_end|>",
    )
    tokenizer.chat_template = TEMPLATE
    return tokenizer


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random two-layer Llama with a byte-level tokenizer: everything works, nothing makes sense."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny-model")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=259,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        max_position_embeddings=2048,
        tie_word_embeddings=True,
        bos_token_id=1,
        eos_token_id=2,
        pad_token_id=2,
    )
    LlamaForCausalLM(config).save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)  # type: ignore[attr-defined]
    return folder


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random one-layer sentence-transformers encoder with mean pooling and unit length."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny-encoder")
    words = folder / "bert"
    words.mkdir()
    letters = [chr(c) for c in range(33, 127)]
    vocab = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *letters, *(f"##{letter}" for letter in letters)]
    (words / "vocab.txt").write_text("\n".join(vocab))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocab),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(config).save_pretrained(words)
    BertTokenizerFast(str(words / "vocab.txt"), model_max_length=256).save_pretrained(words)
    transformer = Transformer(str(words), max_seq_length=256)
    pooling = Pooling(transformer.get_embedding_dimension())
    SentenceTransformer(modules=[transformer, pooling, Normalize()]).save(str(folder / "encoder"))
    return folder / "encoder"


def conversation(i: int, exchanges: int = 2) -> dict[str, object]:
    """A small conversation about nothing, different for every `i`."""
    things = ["boots", "tents", "stoves", "maps", "socks", "lamps", "packs", "poles", "bags", "hats"]
    thing, verb = things[i % 10], ["return", "exchange", "repair"][i // 10 % 3]
    messages = []
    for turn in range(exchanges):
        messages.append({"role": "user", "content": f"Can I {verb} {thing} number {i}, part {turn}?"})
        messages.append({"role": "assistant", "content": f"Yes, {thing} {i}.{turn} can be {verb}ed."})
    return {"id": f"c{i}", "messages": messages, "meta": {"intent": verb, "scenario": f"s{i}"}}


@pytest.fixture
def write_conversations() -> Callable[..., Path]:
    """Write `count` small conversations, numbered from `start`, as messages JSONL."""

    def write(path: Path, count: int, start: int = 0, exchanges: int = 2) -> Path:
        rows = [json.dumps(conversation(start + i, exchanges)) for i in range(count)]
        path.write_text("\n".join(rows) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def tiny_recipe(tmp_path: Path, tiny_model: Path, tiny_encoder: Path, write_conversations: Callable[..., Path]) -> Path:
    """A recipe that trains the tiny model in a few steps: 16 train, 4 valid, 8 test conversations."""
    write_conversations(tmp_path / "train.jsonl", 16)
    write_conversations(tmp_path / "valid.jsonl", 4, start=100)
    write_conversations(tmp_path / "test.jsonl", 8, start=200)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(
        f"""preset: quick
model:
  base: {tiny_model}
data:
  train: train.jsonl
  valid: valid.jsonl
  test: test.jsonl
  system: You help.
adaptation:
  method: lora
  lora_r: 4
training:
  num_train_epochs: 2
  per_device_train_batch_size: 4
  gradient_accumulation_steps: 2
  eval_steps: 2
  learning_rate: 0.01
  max_length: 512
  threads: 1
evaluation:
  encoder: {tiny_encoder}
  max_new_tokens: 8
""",
        encoding="utf-8",
    )
    return recipe
