"""Load a base model and its tokenizer from a folder: safetensors only, no remote code, no network."""

import warnings
from pathlib import Path
from typing import Any, Literal

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from transformers.utils import logging

from chatforge.errors import UserError
from chatforge.models.sources import check_folder

Dtype = Literal["float32", "bfloat16"]


def choose_device() -> torch.device:
    """The first CUDA device if there is one, else the CPU. Apple's mps is not chosen: it is untested."""
    return torch.device("cuda", 0) if torch.cuda.is_available() else torch.device("cpu")


def torch_dtype(name: Dtype) -> torch.dtype:
    """The torch dtype of a recipe's word."""
    return torch.float32 if name == "float32" else torch.bfloat16


def load_tokenizer(folder: Path) -> Any:
    """Load a tokenizer from the folder of a model or of an adapter.

    Raises:
        UserError: the folder has none, or it cannot be read.
    """
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"the tokenizer cannot be read: {_first_line(error)}", file=folder) from error
    if tokenizer.pad_token_id is None:
        # Only a filler: batches are masked by length, never by this id.
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(
    folder: Path, *, dtype: Dtype, device: torch.device, load_in_4bit: bool = False, for_training: bool = False
) -> Any:
    """Load a causal language model in evaluation mode.

    Args:
        folder: with config.json and safetensors.
        dtype: of the weights; of the arithmetic, when the weights are held in 4 bits.
        load_in_4bit: NF4 with double quantisation (Dettmers 2023), through bitsandbytes.
        for_training: gradients will flow through the weights; see `_keep_differentiable`.

    Raises:
        UserError: weights that cannot be read, that are pickled, or that need their own code.
    """
    check_folder(folder)
    quantization = _nf4(torch_dtype(dtype)) if load_in_4bit else None
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=torch_dtype(dtype),
                quantization_config=quantization,
                device_map={"": device},
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
            )
    except (OSError, ValueError, KeyError) as error:
        raise UserError(
            f"the model cannot be loaded: {_first_line(error)}",
            file=folder,
            field="model.base",
            hint="`chatforge models` lists models that are known to work",
        ) from error
    if load_in_4bit and for_training:
        _keep_differentiable(model)
    _plain_greedy(model)
    return model.eval()


def context_of(model: Any) -> int:
    """Most tokens the model can look at."""
    return int(getattr(model.config.get_text_config(), "max_position_embeddings", 2048))


def _nf4(compute: torch.dtype) -> BitsAndBytesConfig:
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=compute,
    )


def _keep_differentiable(model: Any) -> None:
    """Keep 4-bit weights in the layout that has a gradient.

    On processors with AVX512-BF16, bitsandbytes 0.50 packs a layer for inference at its first pass in evaluation mode
    and never unpacks it for training: after one look at the validation conversations, no gradient would flow through
    the base any more, without an error. A test compares gradients before and after such a look.
    """
    for module in model.modules():
        if hasattr(module, "support_avx512bf16_for_cpu"):
            module.support_avx512bf16_for_cpu = False


def _plain_greedy(model: Any) -> None:
    """Forget sampling defaults that a model brings along: decoding is decided here, for all rivals alike."""
    for name in ("temperature", "top_p", "top_k", "repetition_penalty"):
        setattr(model.generation_config, name, None)
    model.generation_config.do_sample = False


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
