"""Why to believe the page, and how far: data, self-check, limits, settings, and how to compute it again."""

from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from chatforge.evaluation import wording
from chatforge.evaluation.limits import limits_texts
from chatforge.evaluation.page.markup import Child, Markup, tag
from chatforge.evaluation.page.tables import pairs, paragraphs, points, section
from chatforge.evaluation.report import Report
from chatforge.words import duration_text


def data(report: Report) -> Markup:
    """What was learned from, what was judged on, and how much of the one is in the other."""
    counts = _mapping(report.facts, "conversations")
    parts = ", ".join(f"{count} {part}" for part, count in counts.items())
    held_out = report.overlap
    return section(
        "data",
        "Data and leakage",
        tag("p", f"Conversations: {parts}.") if parts else None,
        tag("p", "“Test” judges; nothing is trained, stopped or chosen on it.") if parts else None,
        paragraphs(wording.overlap_texts(held_out))
        if held_out
        else tag("p", "Nothing that is held out was found in train, neither the same nor nearly."),
        tag("p", "What the base model read before it came here, nobody can tell: it may know texts like these already.",
            class_="note"),
    )  # fmt: skip


def checks(report: Report) -> Markup:
    """The evaluator's checks of itself; where one fails there is no verdict."""
    return section(
        "checks",
        "Self-check",
        tag("p", "The evaluator checks itself in every run. Where one check fails there is no verdict."),
        points(tag("span", wording.check_text(one), class_=None if one.ok else "failed") for one in report.checks),
    )


def limits(report: Report) -> Markup:
    """What these figures cannot show."""
    return section("limits", "Limits", points(limits_texts(report)))


def settings(report: Report) -> Markup:
    """Everything that the figures hang on."""
    return section("settings", "Settings and hashes", tag("p", "Hashes are SHA-256."), pairs(_settings(report)))


def _settings(report: Report) -> Iterator[tuple[str, Child]]:
    asked = report.settings
    yield "candidates", f"{asked.candidates} true replies, the own one among them"
    yield "turns", f"at most {asked.turns_per_conversation} of each conversation, with their true history"
    yield "decoding", f"{asked.decoding}, at most {asked.max_new_tokens} new tokens, the same for all models"
    yield "worthwhile", f"{100 * asked.smallest_worthwhile_difference:g} points"
    yield "seed", str(asked.seed)
    yield "encoder", asked.encoder
    if asked.second_encoder:
        yield "second encoder", asked.second_encoder
    if asked.facts:
        yield "fact sheet", asked.facts
    yield "intervals", "95%, paired bootstrap (BCa) over conversations; p by sign flips; shares by Wilson’s"
    yield "prompt", _hash(asked.prompt_sha256)
    yield from _facts(report.facts)
    yield "took", duration_text(report.seconds)


def _facts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Child]]:
    """Hashes and versions; of files their names only, since whoever reads the page need not know where they lay."""
    for path, sha256 in _mapping(facts, "data").items():
        yield PurePath(path).name, _hash(sha256)
    for what, sha256 in _mapping(facts, "weights").items():
        yield f"{what}, weights", _hash(sha256)
    if sha256 := _mapping(facts, "recipe").get("sha256"):
        yield "recipe", _hash(sha256)
    training = _mapping(facts, "training")
    for name in ("hardware", "dtype", "threads"):
        if training.get(name):
            yield name, str(training[name])
    versions = {"chatforge": facts.get("chatforge"), **_mapping(facts, "versions")}
    if told := ", ".join(f"{name} {version}" for name, version in versions.items() if version):
        yield "versions", told


def again(report: Report) -> Markup:
    """How to check the figures, and how to get them anew."""
    run = report.facts.get("run")
    name = run if isinstance(run, str) else "RUN"
    return section(
        "again",
        "Computing it again",
        tag("p", "Beside this file lie report.json, with every reply and every score of every rival, and items.csv, "
            "the same as a table. From the scores in them every mean and interval here follows."),
        tag("p", "From the beginning: ", tag("code", f"chatforge evaluate {name}"), " on the machine that has the run. "
            "It refuses if data or weights are no longer those whose hashes stand above. The same machine and the same "
            "versions give the same replies; other processors may round differently."),
    )  # fmt: skip


def _mapping(facts: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A part of the facts, whose form this version does not vouch for."""
    found = facts.get(name)
    return found if isinstance(found, Mapping) else {}


def _hash(sha256: object) -> Markup:
    return tag("code", str(sha256))
