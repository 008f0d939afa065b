"""Fixtures: a home of its own for every test, a tiny random model and encoder, small dialogue files and recipes.

Fakes stand only at the real seams: the models are tiny but real, workers are real processes. Made-up reports are in
`reports`.
"""

import importlib.util
import json
import os
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chatforge.runs import folder, launch, state
from chatforge.runs.folder import RunFolder

pytest_plugins = ["tests.reports"]

FAKE_WORKER = Path(__file__).parent / "runs" / "fake_worker.py"
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
def new_tokenizer() -> Callable[[], object]:
    """`make_tokenizer`, for tests that give it other marks and templates."""
    return make_tokenizer


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of a random two-layer Llama with a byte-level tokenizer: everything works, nothing makes sense."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder = tmp_path_factory.mktemp("tiny-model")
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=259,
        hidden_size=64,  # 4-bit blocks have 64 weights
        intermediate_size=128,
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
    """A small conversation about nothing; each `i` has words of its own, so that no two are nearly the same."""
    things = ["boots", "tents", "stoves", "maps", "socks", "lamps", "packs", "poles", "bags", "hats"]
    thing, verb = things[i % 10], ["return", "exchange", "repair"][i // 10 % 3]
    own = random.Random(i)
    words = " ".join("".join(own.choices("bdfklmnprst", k=3)) + own.choice("aeiou") for _ in range(6))
    messages = []
    for turn in range(exchanges):
        asked = f"Can I {verb} {thing} number {i}, part {turn}?" + (f" {words}" if turn == 0 else "")
        messages.append({"role": "user", "content": asked})
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


@pytest.fixture
def runs_dir(tmp_path: Path) -> Iterator[Path]:
    """Folder of runs; workers still alive at the end of the test are ended."""
    yield tmp_path / "runs"
    for run in folder.list_runs(tmp_path / "runs"):
        for stage in state.STAGES:
            if (process := state.process(run, stage)) and process.pid != os.getpid():
                process.kill()


@pytest.fixture
def run(runs_dir: Path) -> RunFolder:
    return folder.create(runs_dir, "shop", "preset: quick\n")


@pytest.fixture
def learned_run(tiny_recipe: Path, runs_dir: Path, home: Path) -> RunFolder:
    """A run of `tiny_recipe` that has learned, as far as its files say; there is no weight in them."""
    from chatforge.project import new_run
    from chatforge.recipe.files import load_recipe
    from chatforge.runs import lockfile
    from chatforge.runs.events import EventWriter, Finished, Plan, Started

    made = new_run.create(load_recipe(tiny_recipe), runs_dir, home)
    base = folder.read_json(made.lock)["resolved"]["model"]["base"]
    weights = {"path": base, "sha256": "b" * 64}
    hardware = {"hardware": "a small machine", "dtype": "float32", "adapter_dtype": "float32"}
    lockfile.complete(made, {"weights": weights, "versions": {"peft": "0.21.2"}, "chatforge": "0.1.0", **hardware})
    card = {"base": base, "base_name": base, "method": "lora", "dtype": "float32", "load_in_4bit": False}
    made.adapter.mkdir()
    folder.write_json(
        made.adapter / "chatforge.json", card | {"system": "You help.\n", "template_sha256": "t", "threads": 1}
    )
    folder.write_json(made.adapter / "adapter_config.json", {"base_model_name_or_path": base, "r": 4})
    folder.write_json(made.adapter / "tokenizer_config.json", {"name_or_path": base, "eos_token": "<|im_end|>"})
    (made.adapter / "tokenizer.json").write_text('{"model": {"vocab": {"/usr/bin/env": 1}}}')
    (made.adapter / "chat_template.jinja").write_text(TEMPLATE)
    (made.adapter / "adapter_model.safetensors").write_bytes(bytes(range(256)) * 40)
    (made.adapter / "training_args.bin").write_bytes(b"a pickle")
    (made.adapter / "README.md").write_text(f"base_model: {base}")
    plan = Plan(4, 2.0, 16, 900, 0.3, 0, 0, 7.0, 10**9, "cpu", "float32", "why", 1, 1000, 100_000)
    facts = {"steps": 4, "planned_steps": 4, "best_loss": 2.5, "best_step": 4, "trainable": 1000, "parameters": 100_000}
    with EventWriter(made.events("train")) as writer:
        for event in (Started("train", 1), plan, Finished(1.0, facts | {"seconds": 7.0, "tokens": 1800})):
            writer.write(event)
    return made


@pytest.fixture
def fake_worker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Workers started from now on are fake ones that behave as the given word says."""

    def command(run: RunFolder, stage: str, then: str | None) -> list[str]:
        chain = ["--then", then] if then else []
        return [sys.executable, str(FAKE_WORKER), str(run.path), stage, *chain]

    def behave(word: str) -> None:
        monkeypatch.setattr(launch, "worker_command", command)
        monkeypatch.setenv("FAKE", word)

    behave("")
    return behave


@pytest.fixture
def wait_until() -> Callable[[Callable[[], object]], None]:
    def wait(predicate: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not predicate():
            assert time.monotonic() < deadline, "waited in vain"
            time.sleep(0.02)

    return wait


@pytest.fixture
def terminal() -> type:
    """The class `Terminal`, which opens the app in a real one (tests are no package: it is loaded by its path)."""
    spec = importlib.util.spec_from_file_location("terminal", Path(__file__).parent / "tui" / "terminal.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type = module.Terminal
    return found
