"""What is left of a training: the adapter, and figures that say how the prediction compared."""

import resource
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from transformers import TrainerState

from chatforge.adaptation.adapted import Card, write_card
from chatforge.runs.events import Plan


def facts(
    state: TrainerState, plan: Plan, step: int, began_at: int, seconds: float, tokens_seen: int, device: torch.device
) -> dict[str, Any]:
    """Closing figures of a training.

    Args:
        state: of the dialogues' trainer. step: the last one, those on texts counted.
        began_at: step this process went on from; `seconds`, `tokens` and the prediction are about the steps since.
        seconds: of steps, validations and checkpoints.
    """
    # One that was stopped within the texts has looked at the untrained model only.
    looks = [entry for entry in state.log_history if "eval_loss" in entry] if state.global_step else []
    nothing: dict[str, float] = {}
    best = min(looks, key=lambda entry: float(entry["eval_loss"]), default=nothing)
    done = (step - began_at) / max(plan.steps, 1)
    return {
        "steps": step,
        "planned_steps": plan.steps,
        "began_at": began_at,
        "stopped_early": step < plan.steps,
        "best_loss": best.get("eval_loss"),
        "best_step": step - state.global_step + int(best["step"]) if best else None,
        "tokens": tokens_seen,
        "tokens_per_second": round(tokens_seen / seconds, 1) if seconds else 0.0,
        "seconds": round(seconds, 1),
        "predicted_seconds": round(plan.predicted_seconds * done, 1),
        "peak_bytes": peak_bytes(device),
        "predicted_bytes": plan.predicted_bytes,
        "trainable": plan.trainable,
        "parameters": plan.parameters,
    }


def sentence(facts: dict[str, Any]) -> str:
    """Predicted against actual, in words."""
    return (
        f"steps {facts['began_at']} to {facts['steps']}: predicted {facts['predicted_seconds'] / 60:.1f} min and "
        f"{facts['predicted_bytes'] / 1e9:.1f} GB, took {facts['seconds'] / 60:.1f} min and "
        f"{facts['peak_bytes'] / 1e9:.1f} GB"
    )


def peak_bytes(device: torch.device) -> int:
    """Most memory this process has used: on the GPU if it trained there, else in main memory."""
    if device.type == "cuda":
        return int(torch.cuda.max_memory_allocated(device))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def write_adapter(folder: Path, model: Any, tokenizer: Any, card: Card) -> None:
    """Write weights, tokenizer, template and card; the old folder stays until the new one is whole.

    Raises:
        OSError: the disk is full; the old folder is untouched.
    """
    draft = folder.with_name(f".{folder.name}-draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    # Embeddings are never trained by an adapter; asking the hub whether they changed is what "auto" would do.
    options = {} if card.method == "full" else {"save_embedding_layers": False}
    model.save_pretrained(draft, safe_serialization=True, **options)
    tokenizer.save_pretrained(draft)
    write_card(draft, card)
    shutil.rmtree(folder, ignore_errors=True)
    draft.rename(folder)
