"""The evaluation of one run folder: what is needed is read from it, the report is written into it."""

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from chatforge import __version__
from chatforge.adaptation.adapted import Card, open_pair, read_card
from chatforge.adaptation.binding import LIBRARIES
from chatforge.adaptation.locked_data import divided_anew, split_as_locked
from chatforge.dialogues.canaries import control
from chatforge.dialogues.split import Split
from chatforge.errors import UserError
from chatforge.evaluation import elsewhere, files
from chatforge.evaluation.cache import Cache
from chatforge.evaluation.facts import read_facts
from chatforge.evaluation.guests import AtEndpoint, OtherRun
from chatforge.evaluation.hearing import Emit, Guest, Models, Options
from chatforge.evaluation.memorisation.asking import Lesson
from chatforge.evaluation.memorisation.probing import Memory
from chatforge.evaluation.probes.sets import probing
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import OPTIONAL
from chatforge.evaluation.run import evaluate
from chatforge.evaluation.selfcheck import Check
from chatforge.models.encoder import Encoder
from chatforge.models.loading import choose_device
from chatforge.models.sources import folder_here, weights_hash
from chatforge.models.store import Store
from chatforge.recipe.files import recipe_from_dict
from chatforge.recipe.schema import Recipe
from chatforge.runs import lockfile
from chatforge.runs.events import Note, Phase
from chatforge.runs.folder import RunFolder
from chatforge.runs.lockfile import Lock

DEFAULT_TOKENS, DEFAULT_BATCH = 48, 16


def evaluate_run(run: RunFolder, emit: Emit) -> Report:
    """Evaluate a trained run and write its report: see `files`.

    Raises:
        UserError: nothing learned yet; data or base weights are not the lock's; the encoder is missing.
    """
    emit(Phase("checking"))
    card = read_card(run.adapter)
    torch.set_num_threads(card.threads)
    lock = lockfile.read(run)
    base_hash = weights_hash(Path(card.base))
    lockfile.check(lock, {"weights": {"sha256": base_hash}})
    recipe = recipe_from_dict(lock.resolved, run.path)
    split = split_as_locked(run)
    emit(Phase("loading"))
    store = Store(Path(lock.store))
    encoder_folder = folder_here(recipe.evaluation.encoder, store, what="encoder", field="evaluation.encoder")
    device = choose_device()
    encoder = Encoder.load(encoder_folder, str(device))
    pair = open_pair(run, device)
    if pair.adapted is None:
        raise UserError("there is no adapter to judge in this run", file=run.adapter)
    if pair.note:
        emit(Note(pair.note))
    cache = _cache(run, card, base_hash, encoder_folder, device)
    report = evaluate(
        Models(
            pair.renderer,
            pair.base,
            pair.adapted,
            cache=cache,
            guests=_guests(run, recipe, split, base_hash, cache, device),
        ),
        encoder,
        train=split.known,
        valid=split.valid,
        test=split.test,
        options=_options(recipe, split),
        facts=_facts(lock, run, base_hash, encoder_folder, str(device), split),
        emit=emit,
        checks=_checks(split, lock, recipe),
        sheet=read_facts(recipe.evaluation.facts) if recipe.evaluation.facts else None,
        second=_second(recipe, store, str(device)),
    )
    files.write(run, report)
    return report


def _checks(split: Split, lock: Lock, recipe: Recipe) -> list[Check]:
    """What is wrong with the test of a run that is older than the record of its division."""
    if recipe.data.test or not divided_anew(split, lock):
        return []
    what = "the run is older than the record of its division: what it has learned from may be in this test"
    return [Check("the test is the one that was held out", False, what)]


def _second(recipe: Recipe, store: Store, device: str) -> Encoder | None:
    name = recipe.evaluation.second_encoder
    if name is None:
        return None
    place = folder_here(name, store, what="encoder", field="evaluation.second_encoder")
    return Encoder.load(place, device)


def _options(recipe: Recipe, split: Split) -> Options:
    asked, training = recipe.evaluation, recipe.training
    return Options(
        encoder=asked.encoder,
        max_new_tokens=asked.max_new_tokens or DEFAULT_TOKENS,
        batch_size=asked.batch_size or DEFAULT_BATCH,
        candidates=asked.candidates,
        smallest_worthwhile_difference=asked.smallest_worthwhile_difference,
        seed=asked.seed,
        conversations=asked.conversations,
        turns_per_conversation=asked.turns_per_conversation,
        second_encoder=asked.second_encoder,
        facts=asked.facts.name if asked.facts else None,
        max_overlap=recipe.data.max_overlap,
        rivals=OPTIONAL if asked.rivals is None else tuple(asked.rivals),
        memory=Memory(
            strings=asked.memorisation,
            lesson=Lesson(training.max_length or 1024, training.too_long),
            planted=split.canaries,
            control=control(len(split.canaries), training.seed),
        ),
        probing=probing(asked.probes),
    )


def _cache(run: RunFolder, card: Card, base: str, encoder: Path, device: torch.device) -> Cache:
    """What was computed before with the same weights, programs and kind of processor is not computed again."""
    programs = [__version__, *(importlib.metadata.version(name) for name in LIBRARIES)]
    with_what = [device.type, card.dtype, card.load_in_4bit, *programs]
    known = {
        "base": [base, *with_what],
        "adapted": [base, weights_hash(run.adapter), *with_what],
        "encoder": [weights_hash(encoder), *with_what],
    }
    return Cache(run.evaluation / "cache", known)


def _guests(
    run: RunFolder, recipe: Recipe, split: Split, base: str, cache: Cache, device: torch.device
) -> tuple[Guest, ...]:
    """Rivals from elsewhere."""
    wanted, asked = elsewhere.read(run), recipe.evaluation
    tokens, together = asked.max_new_tokens or DEFAULT_TOKENS, asked.batch_size or DEFAULT_BATCH
    others = [OtherRun(RunFolder(path), base, split.test, cache, device, tokens, together) for path in wanted.runs]
    there = [AtEndpoint(at, recipe.data.system, cache, tokens) for at in elsewhere.addresses(asked, wanted)]
    return (*others, *there)


def _facts(lock: Lock, run: RunFolder, base_hash: str, encoder: Path, device: str, split: Split) -> Mapping[str, Any]:
    """What the figures hang on, for those who want to compute them again."""
    return {
        "run": run.id,
        "recipe": dict(lock.recipe),
        "data": dict(lock.data),
        "conversations": {"train": len(split.train), "valid": len(split.valid), "test": len(split.test)},
        "weights": {
            "base": base_hash,
            "adapter": weights_hash(run.adapter),
            "encoder": weights_hash(encoder),
        },
        "versions": {name: importlib.metadata.version(name) for name in (*LIBRARIES, "sentence-transformers")},
        "chatforge": __version__,
        "device": device,
        "training": dict(lock.worker or {}),
    }
