"""Loading: what cannot be loaded is told in words."""

import json
import shutil
from pathlib import Path

import pytest
import torch

from chatforge.errors import UserError
from chatforge.models.loading import context_of, load_base, load_tokenizer

CPU = torch.device("cpu")


@pytest.fixture
def copied(tiny_model: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path / "copied"))


def test_a_model_decodes_greedily_whatever_it_brings_along(copied: Path) -> None:
    config = json.loads((copied / "generation_config.json").read_text())
    (copied / "generation_config.json").write_text(json.dumps(config | {"temperature": 0.6, "do_sample": True}))
    model = load_base(copied, dtype="bfloat16", device=CPU)
    assert model.generation_config.do_sample is False
    assert model.dtype == torch.bfloat16
    assert not model.training
    assert context_of(model) == 2048


def test_a_broken_tokenizer_is_told(copied: Path) -> None:
    (copied / "tokenizer.json").write_text("{")
    (copied / "tokenizer_config.json").unlink()
    with pytest.raises(UserError, match="tokenizer cannot be read"):
        load_tokenizer(copied)


def test_a_tokenizer_without_padding_is_filled_with_its_stop_token(copied: Path) -> None:
    path = copied / "tokenizer_config.json"
    config = json.loads(path.read_text())
    config.pop("pad_token")
    path.write_text(json.dumps(config))
    tokenizer = load_tokenizer(copied)
    assert tokenizer.pad_token_id == tokenizer.eos_token_id


def test_a_model_that_needs_its_own_code_is_refused(copied: Path) -> None:
    config = json.loads((copied / "config.json").read_text())
    config |= {"model_type": "never-heard-of", "auto_map": {"AutoModelForCausalLM": "evil.Model"}}
    (copied / "config.json").write_text(json.dumps(config))
    (copied / "evil.py").write_text("raise SystemExit('run')")
    with pytest.raises(UserError, match="cannot be loaded"):
        load_base(copied, dtype="float32", device=CPU)
