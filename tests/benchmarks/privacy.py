"""How much of what tells who somebody is the rules find, and how fast.

    .venv/bin/python tests/benchmarks/privacy.py [--missed]

Printed for each part of data/probes/privacy.jsonl: recall (every letter and digit of a marked span found) and precision
(findings that lie at least half in a span of their kind), with Wilson intervals at 95 %. The held-out part was written
before the rules and is only measured. --missed shows what went wrong in the development part, never in the other.
Then megabytes a second over the two corpora that come with ChatForge.
"""

import argparse
import json
import time
from collections.abc import Iterable
from pathlib import Path

from chatforge.dialogues.privacy import KINDS, find
from chatforge.dialogues.privacy.probes import Probe, Score, read_probes, score
from chatforge.evaluation.statistics import wilson

DATA = Path(__file__).parents[2] / "data"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    probes = read_probes(DATA / "probes" / "privacy.jsonl")
    for part in ("development", "held-out"):
        tell(part, [probe for probe in probes if probe.part == part])
    if asked.missed:
        tell_missed([probe for probe in probes if probe.part == "development"])
    tell_speed()


def tell(part: str, probes: list[Probe]) -> None:
    """Print a table for one part."""
    scores = score(probes, find)
    empty = [probe for probe in probes if not probe.spans]
    quiet = sum(not find(probe.text) for probe in empty)
    print(f"\n{part}: {len(probes)} texts; in {quiet} of {len(empty)} texts with nothing to find nothing was found")
    print(f"{'kind':<9}{'marked':>7}  {'recall':<22}{'found':>6}  {'precision':<22}{'exact':>6}")
    total = Score()
    for kind in KINDS:
        row(kind, scores[kind])
        for name in vars(total):
            setattr(total, name, getattr(total, name) + getattr(scores[kind], name))
    row("all", total)


def row(name: str, counts: Score) -> None:
    """Print one kind."""
    recall, precision = share(counts.hit, counts.marked), share(counts.right, counts.found)
    print(f"{name:<9}{counts.marked:>7}  {recall:<22}{counts.found:>6}  {precision:<22}{counts.exact:>6}")


def share(some: int, of: int) -> str:
    """A rate with its interval: "0.93 [0.87, 0.97]"."""
    if not of:
        return "-"
    low, high = wilson(some / of, of)
    return f"{some / of:.2f} [{low:.2f}, {high:.2f}]"


def tell_missed(probes: Iterable[Probe]) -> None:
    """Print what was not found, and what was found wrongly."""
    for probe in probes:
        found = find(probe.text)
        places = {(one.kind, one.start, one.end) for one in found}
        marked = {(span.kind, span.start, span.end) for span in probe.spans}
        for kind, start, end in sorted(places ^ marked, key=lambda place: place[1]):
            word = "found" if (kind, start, end) in places else "marked"
            print(f"{probe.id} {word:<7}{kind:<9}{probe.text[start:end]!r} in {probe.text!r}")


def tell_speed() -> None:
    """Print megabytes a second."""
    for corpus in ("customer_service", "healthcare"):
        lines = [line for file in sorted((DATA / corpus).glob("*.jsonl")) for line in file.open(encoding="utf-8")]
        texts = [message["content"] for line in lines for message in json.loads(line)["messages"]]
        size = sum(len(text.encode()) for text in texts)
        began = time.process_time()
        for text in texts:
            find(text)
        print(f"{corpus}: {size / (time.process_time() - began) / 1e6:.1f} MB/s of text")


if __name__ == "__main__":
    main()
