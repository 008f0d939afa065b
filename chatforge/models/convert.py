"""GGUF → a folder of safetensors, once. Heavy: torch and transformers."""

from pathlib import Path

import gguf
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig
from transformers.utils import logging

from chatforge.errors import UserError


def convert_gguf(file: Path, target: Path) -> str:
    """Write the model of a GGUF file to `target` as config, tokenizer and safetensors.

    Files of 32 or 16 bits become float32 (nothing is lost); quantised ones become bfloat16, whose rounding is
    far below theirs.

    Returns:
        the dtype written.

    Raises:
        UserError: the file is damaged or of an architecture that cannot be read.
    """
    dtype = _dtype(file)
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name, local_files_only=True)
        model = AutoModelForCausalLM.from_pretrained(
            file.parent,
            gguf_file=file.name,
            dtype=getattr(torch, dtype),
            # Without this the model calls itself quantised and refuses to be saved.
            quantization_config=GgufConfig(dequantize=True),
            local_files_only=True,
        )
        model.config.name_or_path = ""  # else the folder it was made in is written into config.json
        model.save_pretrained(target)
        tokenizer.save_pretrained(target)
    except (ValueError, KeyError, OSError, NotImplementedError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
        raise UserError(f"the GGUF file cannot be converted: {reason}", file=file) from error
    return dtype


def _dtype(file: Path) -> str:
    try:
        kinds = {tensor.tensor_type for tensor in gguf.GGUFReader(file).tensors}
    except (ValueError, OSError, KeyError, IndexError) as error:
        raise UserError(f"not a readable GGUF file: {error}", file=file) from error
    whole = {gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16}
    return "float32" if kinds <= whole else "bfloat16"
