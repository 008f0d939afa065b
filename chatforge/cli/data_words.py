"""What the doctor found in dialogue files, as lines and as JSON."""

import dataclasses
from collections.abc import Iterator
from typing import Any

from rich.text import Text

from chatforge.cli.data_check import Checked
from chatforge.dialogues.checks.finding import Check, Finding
from chatforge.dialogues.checks.truncation import Truncation
from chatforge.dialogues.leakage import LEVEL_WORDS, Leakage
from chatforge.dialogues.privacy import WORDS, Report
from chatforge.words import plain

MEANING = (
    "Their similarity is above {above:.2f}, which 1 % of the training conversations reach with one that they have "
    "nothing to do with. Of 30 planted paraphrases this found 29 % [16, 47]: what is not listed is not cleared."
)
"""What a list of look-alikes is worth; measured by tests/benchmarks/leakage.py."""

_STYLES = {"error": "bold red", "warning": "yellow", "hint": "dim"}


def lines(done: Checked, *, places: int | None) -> Iterator[Text]:
    """Yield a summary: files, then every kind of finding with its first places (None: with all that are kept)."""
    found, leaks, private = done.found, done.leaks, done.private
    for file in found.files:
        bad = f", {file.bad} cannot be used" if file.bad else ""
        words = f"{file.path}: {file.form}, {file.conversations:,} conversations, {file.turns:,} messages{bad}"
        yield Text(plain(words, one_line=True), style="bold")
        for what, count in file.changed.most_common():
            yield Text(f"  {plain(what, one_line=True)}: {count:,}", style="dim")
    if len(found.languages) > 1:
        yield Text("languages: " + ", ".join(f"{name} {share:.0%}" for name, share in found.languages.items()))
    for note in found.notes:
        yield Text(note)
    if not found.found:
        yield Text("nothing wrong was found", style="green")
    for check in found.found:
        yield from _kind(check, found.counts[check.id], found.places.get(check.id, []), places)
    if private:
        yield from _private(private, places)
    if leaks:
        yield from _leaks(leaks, places)


def _private(private: Report, places: int | None) -> Iterator[Text]:
    """What tells who somebody is; nothing is shown whole."""
    yield Text("")
    words = f"{private.touched:,} of {private.conversations:,} conversations tell who somebody is"
    severity = "warning" if private.touched else "hint"
    yield Text.assemble((f"{'personal' if private.touched else 'fine'}  ", _STYLES[severity]), (words, "bold"))
    for kind, count in private.kinds.items():
        yield Text(f"  {WORDS[kind]}: {count.findings:,}, {count.different:,} different")
        for one in count.examples[:places]:
            name = plain(one.file.name, one_line=True) if one.file else ""
            yield Text(f"    {name}:{one.line}, message {one.message}: {plain(one.shown, one_line=True)}", style="dim")
    if private.touched:
        yield Text("  `chatforge data anonymise FILE NEW` puts others in their place.", style="dim")


def _leaks(leaks: Leakage, places: int | None) -> Iterator[Text]:
    """What of the held-out conversations is in the training files."""
    yield Text("")
    count = len(leaks.leaks)
    words = f"{count:,} of {leaks.held_out:,} held-out conversations are in the training files ({leaks.leaked:.0%})"
    yield Text.assemble((f"{'error' if count else 'fine'}  ", _STYLES["error" if count else "hint"]), (words, "bold"))
    for level, share in leaks.shares.items():
        if share and level != "look":
            yield Text(f"  {LEVEL_WORDS[level]}: {share:.1%}")
    for one in leaks.leaks[:places]:
        yield Text(
            f"  {plain(one.held_out_place, one_line=True)} is {one.level} {plain(one.train_place, one_line=True)}"
        )
    if count > len(leaks.leaks[:places]):
        yield Text(f"  and {count - len(leaks.leaks[:places]):,} more", style="dim")
    if leaks.look_above is not None:
        yield from _looks(leaks, leaks.look_above, places)


def _looks(leaks: Leakage, above: float, places: int | None) -> Iterator[Text]:
    """What perhaps says the same in other words: to look at, no leak."""
    found = sorted((one for one in leaks.overlaps if one.level == "look"), key=lambda one: -one.similarity)
    yield Text("")
    words = f"{len(found):,} of {leaks.held_out:,} held-out conversations {LEVEL_WORDS['look']}: no leaks, to look at"
    yield Text.assemble(("look  ", _STYLES["hint"]), (words, "bold"))
    yield Text(f"  {MEANING.format(above=above)}", style="dim")
    for one in found[:places]:
        both = f"{plain(one.held_out_place, one_line=True)} and {plain(one.train_place, one_line=True)}"
        yield Text(f"  {both}: similarity {one.similarity:.2f}")
    if len(found) > len(found[:places]):
        yield Text(f"  and {len(found) - len(found[:places]):,} more", style="dim")


def _kind(check: Check, count: int, kept: list[Finding], places: int | None) -> Iterator[Text]:
    yield Text("")
    head = Text.assemble((f"{check.severity}  ", _STYLES[check.severity]), (f"{check.title}: {count:,}", "bold"))
    yield head
    mend = f" With --fix: {check.mend}." if check.mend and not check.mend.startswith("`") else ""
    yield Text(f"  {check.why}{mend}", style="dim")
    shown = kept[:places]
    for one in shown:
        turn = f", message {one.turn}" if one.turn else ""
        yield Text(f"  {plain(one.file.name, one_line=True)}:{one.line}{turn}: {plain(one.what, one_line=True)}")
    if count > len(shown):
        yield Text(f"  and {count - len(shown):,} more", style="dim")


def as_json(done: Checked) -> dict[str, Any]:
    """Return all that is known, for programs."""
    found, leaks, private = done.found, done.leaks, done.private
    leaked = None
    if leaks:
        overlaps = [dataclasses.asdict(one) for one in leaks.overlaps]
        leaked = {
            "held_out": leaks.held_out,
            "leaked": leaks.leaked,
            "shares": dict(leaks.shares),
            "look_above": leaks.look_above,
            "overlaps": overlaps,
        }
    return {
        "leakage": leaked,
        "personal": {kind: count.findings for kind, count in private.kinds.items()} if private else None,
        "lengths": _lengths(done.lengths) if done.lengths else None,
        "notes": list(found.notes),
        "files": [
            {
                "file": str(file.path), "type": file.form, "conversations": file.conversations,
                "messages": file.turns, "bad": file.bad, "changed": dict(file.changed), "notes": list(file.notes),
            }
            for file in found.files
        ],
        "languages": dict(found.languages),
        "findings": [
            {
                "check": check.id, "severity": check.severity, "count": found.counts[check.id],
                "places": [
                    dataclasses.asdict(place) | {"file": str(place.file)} for place in found.places.get(check.id, [])
                ],
            }
            for check in found.found
        ],
    }  # fmt: skip


def _lengths(lengths: Truncation) -> dict[str, Any]:
    return {
        "base": lengths.base, "exact": lengths.exact, "max_length": lengths.limit, "too_long": lengths.too_long,
        "conversations": lengths.conversations, "longer": lengths.longer, "keeps_all": lengths.longest,
        "keeps_95_percent": lengths.keeps_most,
    }  # fmt: skip
