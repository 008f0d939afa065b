from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoTokenizer

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.reading import read_files
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.hearing import Models, Options
from chatforge.evaluation.report import Report
from chatforge.evaluation.run import evaluate
from chatforge.models.encoder import Encoder
from chatforge.runs.events import Event


@pytest.fixture(scope="session")
def encoder(tiny_encoder: Path) -> Encoder:
    return Encoder.load(tiny_encoder)


@pytest.fixture(scope="session")
def renderer(tiny_model: Path) -> Renderer:
    return Renderer(AutoTokenizer.from_pretrained(tiny_model), "You help.")


def load(folder: Path) -> torch.nn.Module:
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()


@pytest.fixture(scope="session")
def make_models(tiny_model: Path, renderer: Renderer) -> Callable[[float], Models]:
    """Base and an adapter of random weights times `strength`; 0 is an adapter that changes nothing."""

    def make(strength: float) -> Models:
        torch.manual_seed(1)
        model = get_peft_model(load(tiny_model), LoraConfig(r=4, target_modules="all-linear")).eval()
        for name, weights in model.named_parameters():
            if "lora_B" in name:
                weights.data = strength * torch.randn_like(weights)
        base = load(tiny_model)
        return Models(renderer, lambda: nullcontext(base), lambda: nullcontext(model))

    return make


@pytest.fixture
def parts(tmp_path: Path, write_conversations: Callable[..., Path]) -> SimpleNamespace:
    """train, valid and test conversations."""

    def part(name: str, count: int, start: int) -> tuple[Conversation, ...]:
        return read_files([write_conversations(tmp_path / f"{name}.jsonl", count, start)]).conversations

    return SimpleNamespace(train=part("train", 12, 0), valid=part("valid", 6, 100), test=part("test", 14, 200))


Told = list[Event]


@pytest.fixture
def judge_run(encoder: Encoder, parts: SimpleNamespace) -> Callable[..., tuple[Report, Told]]:
    """Evaluate models on the small parts; returns the report and what was told."""

    def run(models: Models, second: Encoder | None = None, **more: object) -> tuple[Report, Told]:
        told: Told = []
        options = Options(encoder="tiny", max_new_tokens=6, batch_size=4, **more)  # type: ignore[arg-type]
        given = {"train": parts.train, "valid": parts.valid, "test": parts.test}
        report = evaluate(
            models, encoder, **given, options=options, facts={"run": "x"}, emit=told.append, second=second
        )
        return report, told

    return run
