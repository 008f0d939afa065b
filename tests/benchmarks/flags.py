"""How many planted changes of meaning the flags find, and how many harmless paraphrases they flag.

    .venv/bin/python tests/benchmarks/flags.py [--missed]

Printed for each part of data/probes/meaning_flips.jsonl: flips with any flag (recall) and with a flag of their own
kind, and paraphrases with any flag (false alarms), with Wilson intervals at 95 %. The held-out part was written before
the rules and is only measured; its figures are in `chatforge.evaluation.flags.limits`. --missed shows what went wrong
in the development part, never in the other.

Then the same on tests/benchmarks/paraphrases.jsonl, replies of the shipped corpora that were written anew in wholly
other words: as they are, with their first negative word taken out, with their first number changed. These were looked
at while the rules were made. Last milliseconds a reply.
"""

import argparse
import json
import re
import time
from collections.abc import Sequence
from pathlib import Path

from chatforge.dialogues.conversation import Message
from chatforge.evaluation.flags import find_flags
from chatforge.evaluation.flags.probes import Probe, count, read_probes
from chatforge.evaluation.flags.quantities import read_quantities
from chatforge.evaluation.statistics import wilson

ROOT = Path(__file__).parents[2]
PROBES = ROOT / "data" / "probes" / "meaning_flips.jsonl"
ANEW = ROOT / "tests" / "benchmarks" / "paraphrases.jsonl"

NEGATIVE = re.compile(r"\b(?:cannot|can't|(?P<verb>is|are|do|does|have|has|could|should)n't|not)\b")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--missed", action="store_true")
    asked = parser.parse_args()
    probes = read_probes(PROBES)
    for part in ("development", "held-out"):
        tell(part, [probe for probe in probes if probe.part == part])
    if asked.missed:
        tell_missed([probe for probe in probes if probe.part == "development"])
    tell_anew()


def tell(part: str, probes: Sequence[Probe]) -> None:
    """Print a table for one part."""
    print(f"\n{part}: {len(probes)} flips and as many paraphrases")
    print(f"{'kind':<12}{'flips':>5}  {'recall':<20}{'named':>6}  {'false alarms':<20}")
    counts = count(probes)
    for kind, one in counts.items():
        told = f"{share(one.seen, one.flips):<20}{one.named:>6}  {share(one.alarms, one.harmless):<20}"
        print(f"{kind:<12}{one.flips:>5}  {told}")
    seen, alarms = (sum(getattr(one, name) for one in counts.values()) for name in ("seen", "alarms"))
    named = sum(one.named for one in counts.values())
    print(f"{'all':<12}{len(probes):>5}  {share(seen, len(probes)):<20}{named:>6}  {share(alarms, len(probes)):<20}")


def share(some: int, of: int) -> str:
    """A rate with its interval: "0.93 [0.87, 0.97]"."""
    low, high = wilson(some / of, of)
    return f"{some / of:.2f} [{low:.2f}, {high:.2f}]"


def tell_missed(probes: Sequence[Probe]) -> None:
    """Print flips without a flag of their kind, and paraphrases with one."""
    for probe in probes:
        if not any(flag.kind == probe.kind for flag in probe.flags(probe.flip)):
            print(f"{probe.id} missed {probe.flip!r} for {probe.reference!r}")
        for flag in probe.flags(probe.paraphrase):
            print(f"{probe.id} alarm, {flag.kind}: {flag.what} in {probe.paraphrase!r}")


def tell_anew() -> None:
    """Print what is flagged of replies in wholly other words, and the time a reply takes."""
    began = time.process_time()
    print("\nreplies of the corpora in wholly other words, flagged:")
    counts = rewritten()
    for name, (flagged, of) in counts.items():
        print(f"{name:<18}{flagged:>3} of {of:>3}  {share(flagged, of)}")
    took = (time.process_time() - began) / sum(of for _, of in counts.values())
    print(f"{1000 * took:.1f} ms a reply")


def rewritten() -> dict[str, tuple[int, int]]:
    """How many are flagged, of how many: as they are (any flag), and changed (any flag but for help left out)."""
    rows = [json.loads(line) for line in ANEW.open(encoding="utf-8")]
    turns = [(row["original"], row["paraphrase"], i) for row in rows for i in range(1, len(row["original"]), 2)]
    counts = {}
    for name, change in (("unchanged", str), ("negative word out", without_negation), ("number changed", other_number)):
        found = [
            find_flags(changed, old[i], [Message("user", said) for said in (*old[:i], *anew[:i])])
            for old, anew, i in turns
            if (changed := change(anew[i])) != anew[i] or change is str
        ]
        flagged = sum(any(flag.kind != "escalation" or change is str for flag in flags) for flags in found)
        counts[name] = (flagged, len(found))
    return counts


def without_negation(text: str) -> str:
    """Take the first negative word out of a text."""
    return NEGATIVE.sub(
        lambda found: found["verb"] or {"cannot": "can", "can't": "can"}.get(found[0], ""), text, count=1
    )


def other_number(text: str) -> str:
    """Change the first number in digits that has a unit and is no telephone number."""
    for one in read_quantities(text):
        words = text[one.start : one.end]
        if one.kind != "code" and one.unit and (digits := re.search(r"\d+", words)):
            changed = words.replace(digits[0], str(3 * int(digits[0]) + 1), 1)
            return text[: one.start] + changed + text[one.end :]
    return text


if __name__ == "__main__":
    main()
