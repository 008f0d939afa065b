"""What a recipe mixes in beside train, from its words to the lock, the predictions, the screens and the card."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from chatforge import included
from chatforge.adaptation.locked_data import split_as_locked
from chatforge.errors import UserError
from chatforge.export import card
from chatforge.export import facts as card_facts
from chatforge.export.private import public_recipe
from chatforge.models.machine import look
from chatforge.project.circumstances import gather as gather_all
from chatforge.project.facts import facts_for, gather, weigh, weigh_beside
from chatforge.project.inputs import check_inputs
from chatforge.project.looking import Looker
from chatforge.project.new_run import create
from chatforge.project.prediction import predict
from chatforge.recipe.explain import facts_sentence
from chatforge.recipe.files import LoadedRecipe, load_recipe
from chatforge.recipe.presets import resolve
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder
from chatforge.tui.data_words import mixed

Write = Callable[..., Path]


@pytest.fixture
def recipe(tiny_recipe: Path, tmp_path: Path, write_conversations: Write) -> Path:
    """The tiny recipe with 20 further conversations by half and a fifth of general chat."""
    write_conversations(tmp_path / "talks.jsonl", 20, start=500)
    mixture = "data:\n  mix:\n    - files: talks.jsonl\n      weight: 0.5\n  replay: 0.2\n"
    tiny_recipe.write_text(tiny_recipe.read_text().replace("data:\n", mixture, 1))
    return tiny_recipe


@pytest.fixture
def loaded(recipe: Path) -> LoadedRecipe:
    return load_recipe(recipe)


def test_what_comes_from_where_is_told_before_a_run(loaded: LoadedRecipe, recipe: Path) -> None:
    train = weigh(loaded.recipe.data, loaded.recipe.data.train).conversations
    general = round((train + 10) / 4)
    found = check_inputs(loaded, recipe, evaluating=False)
    words = (
        f"a pass learns {train + 10 + general} conversations: {train} of train + 10 of talks.jsonl (weight 0.5) + "
        f"{general} of general chat (replay 0.2)"
    )
    assert words in found.notes and found.lesson == (words,)


def test_presets_and_predictions_count_what_is_really_learned(loaded: LoadedRecipe, runs_dir: Path, home: Path) -> None:
    run = create(loaded, runs_dir, home)
    learned, facts = split_as_locked(run).learned, gather(loaded, home)
    resolved = resolve(loaded, facts)
    outlook = predict(resolved, gather_all(loaded, runs_dir, home))
    assert outlook.conversations == len(learned) == (facts.conversations or 0) + facts.beside
    alone = facts_for(loaded, weigh(loaded.recipe.data, loaded.recipe.data.train), look(), home)
    assert outlook.tokens and alone.tokens and outlook.tokens > alone.tokens
    assert f"and {facts.beside} beside it" in facts_sentence(facts)


def test_tokens_of_a_weighted_dataset_go_with_its_weight(loaded: LoadedRecipe) -> None:
    data = loaded.recipe.data.model_copy(update={"replay": 0.0})
    (half,) = data.mix
    beside = [weigh_beside(data.model_copy(update={"mix": [half.model_copy(update={"weight": w})]}), 9) for w in (1, 3)]
    once, thrice = [one for one in beside if one]
    assert (once.conversations, thrice.conversations) == (20, 60)
    assert thrice.tokens == 3 * once.tokens
    assert weigh_beside(data.model_copy(update={"mix": []}), 9) is None


def test_canaries_are_counted_before_the_start(loaded: LoadedRecipe) -> None:
    data = loaded.recipe.data.model_copy(update={"mix": [], "canaries": 5})
    without, with_five = weigh_beside(data.model_copy(update={"canaries": 0}), 9), weigh_beside(data, 9)
    assert without and with_five and with_five.conversations == without.conversations + 5
    assert with_five.tokens > without.tokens


def test_its_files_are_held_by_the_lock(loaded: LoadedRecipe, runs_dir: Path, home: Path, tmp_path: Path) -> None:
    run = create(loaded, runs_dir, home)
    further, general = (tmp_path / "talks.jsonl").resolve(), included.general_chat().resolve()
    assert {str(further), str(general)} <= set(lockfile.read(run).data)
    before = split_as_locked(run)
    said = [{"role": "user", "content": "new?"}, {"role": "assistant", "content": "newer."}]
    with further.open("a") as file:
        file.write(json.dumps({"messages": said}) + "\n")
    after = split_as_locked(run)
    assert after.learned == before.learned
    assert "talks.jsonl has grown since the run began" in after.notes[-1]
    further.write_text("other")
    with pytest.raises(UserError, match="has changed since the run began"):
        split_as_locked(run)


def test_general_chat_that_grew_is_read_as_it_was(
    loaded: LoadedRecipe, runs_dir: Path, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "replay.jsonl"
    lines = included.general_chat().read_text(encoding="utf-8").splitlines(keepends=True)
    copy.write_text("".join(lines[:100]), encoding="utf-8")
    monkeypatch.setattr(included, "general_chat", lambda: copy)
    run = create(loaded, runs_dir, home)
    before = split_as_locked(run)
    copy.write_text("".join(lines), encoding="utf-8")
    assert split_as_locked(run).learned == before.learned


def test_the_app_names_and_watches_it(loaded: LoadedRecipe, recipe: Path, runs_dir: Path, tmp_path: Path) -> None:
    assert mixed(loaded.recipe).plain == (
        "mix    and talks.jsonl (weight 0.5) + general chat (20% of each pass), for training only"
    )
    assert mixed(loaded.recipe, ("a pass learns 9 conversations",)).plain == "mix    a pass learns 9 conversations"
    assert tmp_path / "talks.jsonl" in Looker(recipe, runs_dir).glance().files


@pytest.mark.usefixtures("recipe")
def test_the_card_tells_of_it(learned_run: RunFolder) -> None:
    head = " ".join(card.card(card_facts.gather(learned_run)).split())
    assert "trained on 16 conversations of its owner, mixed with 10 of talks.jsonl and 6 of general chat, with" in head


def test_the_card_tells_of_planted_secrets(learned_run: RunFolder) -> None:
    found = card_facts.gather(learned_run)
    assert "canar" not in card.card(found)
    resolved = {**found.lock.resolved, "data": {**found.lock.resolved["data"], "canaries": 4}}
    planted = card.card(replace(found, lock=replace(found.lock, resolved=resolved)))
    limits = planted.split("## Limits")[1]
    assert limits.strip().startswith("- 4 made-up secrets (canaries) were planted in its training")


def test_what_is_handed_on_names_no_folders() -> None:
    text = "data:\n  train: a.jsonl\n  mix:\n    - files: /home/ann/talks/b.jsonl\n      weight: 2\n"
    found = public_recipe(text, {"/home/ann/talks/b.jsonl": "b.jsonl"}, Path("/here"), [])
    assert YAML(typ="safe").load(found)["data"]["mix"] == [{"files": "b.jsonl", "weight": 2}]
