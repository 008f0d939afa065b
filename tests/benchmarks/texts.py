"""What learning texts before the dialogues does to the language of a run's base: bits per byte of other such texts.

    .venv/bin/python tests/benchmarks/texts.py RUN HELD_OUT.txt

RUN was trained with `data.texts`; HELD_OUT is a file of texts that are not among them. Three models are compared: the
base, the base with what it learned of the texts, and with what it learned in the end.
"""

import argparse
import math
from pathlib import Path

import torch
from peft import PeftModel

from chatforge.adaptation import checkpoints, texts
from chatforge.adaptation.adapted import read_card
from chatforge.adaptation.loss import whole_nll
from chatforge.dialogues.rendering import Renderer
from chatforge.dialogues.texts import Document, read_texts
from chatforge.models.loading import load_base, load_tokenizer
from chatforge.runs.folder import RunFolder


@torch.no_grad()
def bits_per_byte(model: torch.nn.Module, renderer: Renderer, document: Document, length: int = 512) -> float:
    """Bits that a byte of the passages costs, each read for itself, its first token given."""
    nats, size = 0.0, 0
    for passage in document.passages:
        ids = torch.tensor([renderer.tokenizer(passage, add_special_tokens=False)["input_ids"][:length]])
        if ids.shape[1] < 2:
            continue
        batch = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": ids}
        nats += float(whole_nll(model, batch))
        size += len(renderer.tokenizer.decode(ids[0, 1:]).encode())
    return nats / math.log(2) / size


def main() -> None:
    """Print the three figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("held_out", type=Path)
    given = parser.parse_args()
    run = RunFolder(given.run)
    card, (document,) = read_card(run.adapter), read_texts([given.held_out])
    weights = Path(card.base)
    renderer = Renderer(load_tokenizer(weights), card.system)
    after = checkpoints.newest(run.checkpoints / texts.FOLDER)
    for name, adapter in (("base", None), ("after the texts", after), ("after the dialogues", run.adapter)):
        model = load_base(weights, dtype="float32", device=torch.device("cpu"))
        changed = PeftModel.from_pretrained(model, adapter) if adapter else model
        print(f"{name:<20} {bits_per_byte(changed.eval(), renderer, document):.3f} bits per byte")


if __name__ == "__main__":
    main()
