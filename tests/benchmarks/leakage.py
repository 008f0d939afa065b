"""How well the leakage gate finds leaks planted in our own dialogues, and what it costs.

    .venv/bin/python tests/benchmarks/leakage.py [--seeds 20] [--encoder all-minilm-l6-v2] [--sizes 10000 100000]

First processor seconds and peak memory of each search in generated conversations. Then, per disguise and planted at
5 % and 20 % of the held-out conversations: the share found, with its 95 % Wilson interval, and by which level; the
share of the others that is flagged. All seeds divide the same conversations, so those intervals are a little too
narrow. Last the paraphrases (paraphrases.jsonl, written by hand), which the encoder is to find; it must be in the
store. Exit code 1: of copies, copies in other case or copies with other names less than 95 in 100 are found.
"""

import argparse
import json
import random
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from planting import DISGUISES, pieces, plant

from chatforge.dialogues.contradictions import find_contradictions
from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.division import Rules, divide
from chatforge.dialogues.duplicates import find_duplicates
from chatforge.dialogues.grouping import Gathering, group
from chatforge.dialogues.leakage import find_leakage
from chatforge.dialogues.lookalikes import Threshold, look, said, threshold_of
from chatforge.dialogues.reading import read_files
from chatforge.evaluation.statistics import wilson

REPOSITORY = Path(__file__).parents[2]
CORPORA = ("customer_service", "healthcare")
MUST_FIND = ("exact", "case and punctuation", "name swap")
RECALL = 0.95


def corpus(name: str) -> tuple[Conversation, ...]:
    """One of our own corpora, all parts."""
    return read_files(sorted((REPOSITORY / "data" / name).glob("*.jsonl"))).conversations


def share(hits: int, count: int) -> str:
    """A share with its interval, in words."""
    if not count:
        return "none"
    low, high = wilson(hits / count, count)
    return f"{hits}/{count} = {hits / count:.3f} [{max(low, 0):.3f}, {min(high, 1):.3f}]"


def planted(seeds: int) -> list[str]:
    """Measure the levels that the text tells; return what is missed."""
    conversations = [conversation for name in CORPORA for conversation in corpus(name)]
    missed = []
    for rate in (0.05, 0.2):
        found: Counter[str] = Counter()
        count: Counter[str] = Counter()
        by: dict[str, Counter[str]] = {kind: Counter() for kind in (*DISGUISES, "false alarms")}
        for seed in range(seeds):
            probe = plant(conversations, rate, seed)
            overlaps = {overlap.held_out: overlap for overlap in find_leakage(probe.held_out, probe.train).overlaps}
            for i in range(len(probe.held_out)):
                kind, source = probe.leaks.get(i, ("false alarms", -1))
                count[kind] += 1
                if i in overlaps:
                    by[kind][overlaps[i].level] += 1
                    found[kind] += source in (-1, overlaps[i].train)
        print(f"\nplanted at {rate:.0%}, {seeds} seeds, {len(probe.held_out)} held out, {len(probe.train)} train")
        for kind, levels in by.items():
            print(f"  {kind:22} {share(found[kind], count[kind])}  {dict(levels)}")
        missed += [f"{kind} at {rate:.0%}" for kind in MUST_FIND if found[kind] < RECALL * count[kind]]
    return missed


def paraphrased(name: str, seeds: int) -> None:
    """Measure what the encoder finds, corpus by corpus: half of each is train, with all originals."""
    from chatforge import paths
    from chatforge.workers import quiet

    quiet.hush()
    from chatforge.models.encoder import Encoder
    from chatforge.models.sources import folder_here
    from chatforge.models.store import Store

    encoder = Encoder.load(folder_here(name, Store(paths.store(paths.home())), what="encoder"), "cpu")
    rows = [json.loads(line) for line in (Path(__file__).parent / "paraphrases.jsonl").read_text().splitlines()]
    hits = alarms = clean = 0
    for part in CORPORA:
        own = [row for row in rows if row["corpus"] == part]
        sides = [[written(row["id"], row[side]) for row in own] for side in ("original", "paraphrase")]
        rest = [conversation for conversation in corpus(part) if conversation.id not in {row["id"] for row in own}]
        vectors = encoder.encode([said(conversation) for conversation in (*sides[0], *sides[1], *rest)])
        pairs = (vectors[: len(own)] * vectors[len(own) : 2 * len(own)]).sum(axis=1)
        print(f"\n{part}: {len(own)} paraphrases at cosine {pairs.min():.2f} to {pairs.max():.2f}", end="")
        told, thresholds = 0, []
        for seed in range(seeds):
            order = random.Random(seed).sample(range(2 * len(own), len(vectors)), len(rest))
            train = [*range(len(own)), *order[: len(order) // 2]]
            held_out = [*range(len(own), 2 * len(own)), *order[len(order) // 2 :]]
            texts = [*sides[0], *sides[1], *rest]
            mine, theirs = [texts[i] for i in held_out], [texts[i] for i in train]
            threshold = threshold_of(vectors[train], group(theirs).of)
            assert isinstance(threshold, Threshold)
            seen = look(find_leakage(mine, theirs), vectors[held_out], vectors[train], threshold, (mine, theirs))
            told += len(seen.leaks)
            hits += sum(o.held_out == o.train for o in seen.overlaps if o.held_out < len(own))
            alarms += sum(o.held_out >= len(own) for o in seen.overlaps)
            clean += len(held_out) - len(own)
            thresholds.append(threshold.cosine)
        print(f"; thresholds {min(thresholds):.2f} to {max(thresholds):.2f}; told by the text alone {told}")
    mean = hits / seeds / len(rows)
    low, high = wilson(mean, len(rows))
    print(f"paraphrases found: {mean:.3f} [{low:.3f}, {high:.3f}] of {len(rows)}, mean of {seeds} divisions")
    print(f"others flagged: {share(round(alarms / seeds), round(clean / seeds))}")


def written(name: str, turns: Sequence[str]) -> Conversation:
    """A conversation of its turns."""
    return Conversation(name, tuple(Message("assistant" if i % 2 else "user", turn) for i, turn in enumerate(turns)))


def generated(count: int, seed: int = 0) -> Iterator[Conversation]:
    """Different conversations out of our own exchanges; every twentieth is a copy of an earlier one, disguised."""
    rng = random.Random(seed)
    own = [conversation for name in CORPORA for conversation in corpus(name)]
    made = list(pieces(own, rng))
    kept: list[Conversation] = []
    for i in range(count):
        if i % 20 == 19:
            one = rng.choice(list(DISGUISES.values()))(rng.choice(kept[-1000:]), rng)
        else:
            parts = rng.sample(made, 2)
            one = replace(parts[0], messages=tuple(message for part in parts for message in part.messages))
        kept.append(one)
        yield replace(one, id=str(i), line=i + 1, meta={})


def costs(count: int) -> None:
    """Print seconds and memory of the search in so many generated conversations; in a process of its own."""
    conversations = list(generated(count))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    steps = [time.process_time()]
    found = find_duplicates(conversations)
    steps.append(time.process_time())
    contradictions = find_contradictions(conversations)
    steps.append(time.process_time())
    gathered = Gathering()
    for conversation in conversations:
        gathered.add(conversation)
    division = divide(gathered, Rules(0.1, 0.1, seed=0))
    steps.append(time.process_time())
    cut = count // 10
    leakage = find_leakage(conversations[:cut], conversations[cut:])
    steps.append(time.process_time())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    duplicates, opposed, split, gate = np.diff(steps)
    characters = sum(len(message.content) for one in conversations for message in one.messages) / count
    print(
        f"\n{count:,} conversations of {characters:.0f} characters, {before / 1e3:.0f} MB before\n"
        f"  duplicates {duplicates:.1f} s: {len(found.exact)} exact groups, {len(found.near)} clusters\n"
        f"  contradictions {opposed:.1f} s: {len(contradictions)}\n"
        f"  division {split:.1f} s: {division.notes[0]}\n"
        f"  gate, a tenth against the others, {gate:.1f} s: {leakage.leaked:.3f} leaked\n"
        f"  {(peak - before) / 1e3:.0f} MB more at most"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--encoder", default="all-minilm-l6-v2")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--cost-of", type=int, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.cost_of:
        return costs(given.cost_of)
    for size in given.sizes:  # first: a process begins with the peak of the one that started it
        subprocess.run([sys.executable, __file__, "--cost-of", str(size)], check=True)
    missed = planted(given.seeds)
    paraphrased(given.encoder, given.seeds)
    return sys.exit(f"missed: {', '.join(missed)}" if missed else 0)


if __name__ == "__main__":
    main()
