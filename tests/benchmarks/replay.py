"""What a training cost in general chat, and what it gained at home: bits per byte of what an assistant really said.

    .venv/bin/python tests/benchmarks/replay.py FILE RUN… [--conversations 60]

FILE holds general conversations that nothing was trained on. Each RUN is judged on them under the plain system message
and under its own, and on its own test conversations, against its base. Differences have 95 % intervals from resampling
conversations; below zero is better. Three minutes for a run on two cores.
"""

import argparse
import math
import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from chatforge.adaptation.adapted import open_pair
from chatforge.adaptation.locked_data import split_as_locked
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.mixing import GENERAL_SYSTEM
from chatforge.dialogues.reading import read_files
from chatforge.evaluation.likelihood import Likelihood, likelihoods
from chatforge.evaluation.statistics import ratio_interval
from chatforge.runs.folder import RunFolder

SEED = 7


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("runs", nargs="+", type=Path)
    parser.add_argument("--conversations", type=int, default=60)
    asked = parser.parse_args()
    whole = read_files([asked.file]).conversations
    general = random.Random(SEED).sample(whole, min(asked.conversations, len(whole)))
    print(f"{'run':<24}{'judged on':<28}{'base':>7}{'adapted':>9}  difference")
    for run in map(RunFolder, asked.runs):
        judge(run, general)


def judge(run: RunFolder, general: Sequence[Conversation]) -> None:
    """Print a row for each kind of conversation."""
    pair = open_pair(run)
    kinds = {
        "general, plain system": [one.with_system(GENERAL_SYSTEM) for one in general],
        "general, its own system": general,
        "its own test": split_as_locked(run).test,
    }
    assert pair.adapted is not None
    for kind, conversations in kinds.items():
        with pair.base() as model:
            before = likelihoods(model, pair.renderer, conversations)
        with pair.adapted() as model:
            after = likelihoods(model, pair.renderer, conversations)
        low, high = interval(before, after)
        was, now = bits(before), bits(after)
        print(f"{run.id:<24}{kind:<28}{was:>7.3f}{now:>9.3f}  {now - was:+.3f} [{low:+.3f}, {high:+.3f}]", flush=True)


def bits(found: Sequence[Likelihood]) -> float:
    """Bits per byte of all of them together."""
    return sum(one.nats for one in found) / (math.log(2) * sum(one.bytes for one in found))


def interval(before: Sequence[Likelihood], after: Sequence[Likelihood]) -> tuple[float, float]:
    """Where the difference lies when conversations are drawn again: 95 % of the draws."""
    more = np.array([now.nats - was.nats for was, now in zip(before, after, strict=True)])
    found = ratio_interval(more / math.log(2), np.array([float(one.bytes) for one in before]), SEED)
    return found.low, found.high


if __name__ == "__main__":
    main()
