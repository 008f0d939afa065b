"""What a recipe is said to come to before it is run: checked against what real runs here came to."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from chatforge import paths
from chatforge.models.catalog import find
from chatforge.models.machine import Gpu, Machine, MachineFacts, look, write_facts
from chatforge.project.circumstances import Circumstances, gather
from chatforge.project.earlier_runs import Earlier, earlier_runs, error_text
from chatforge.project.facts import Sizes
from chatforge.project.new_run import create
from chatforge.project.prediction import Outlook, predict, time_text, variants, with_field
from chatforge.recipe.batches import Facts
from chatforge.recipe.files import LoadedRecipe, load_recipe
from chatforge.recipe.presets import resolve
from chatforge.runs import lockfile
from chatforge.runs.events import EventWriter, Finished, Plan
from chatforge.runs.folder import RunFolder

REPOSITORY = Path(__file__).parents[2]
MACHINE = Machine("Linux", 2, 25 * 10**9, 20 * 10**9)
SHOP = Earlier("a", "smollm2-135m-instruct", (), 1.0, 126, 35_203, 255.2, 442.3, 413.9, "bfloat16")
"""A real run of the shipped shop recipe: 48 steps, 3 passes, 5.97 GB predicted and 6.01 GB used."""


@pytest.fixture
def shop() -> LoadedRecipe:
    return load_recipe(REPOSITORY / "recipes/customer_service.yaml")


def known(**other: object) -> Circumstances:
    sizes = Sizes(126, 35_203, 431, 0.3254)
    facts = Facts(134_515_008, 126, 35_203, 2, 25 * 10**9, None)
    valid = Sizes(18, 5_000, 400, 0.3)
    whole = Circumstances(facts, MACHINE, sizes, valid, find("smollm2-135m-instruct").shape)
    return replace(whole, **other)  # type: ignore[arg-type]


def outlook(loaded: LoadedRecipe, circumstances: Circumstances, **fields: object) -> Outlook:
    for name, value in fields.items():
        loaded = with_field(loaded, name.replace("__", "."), value)
    return predict(resolve(loaded, circumstances.facts), circumstances)


def test_it_agrees_with_a_real_run(shop: LoadedRecipe) -> None:
    measured = MachineFacts("bfloat16", "", 460.0, "cpu", "", 2.1)
    now = outlook(shop, known(measured=measured, earlier=(SHOP,)))
    assert (now.steps, now.epochs, now.trained, now.parameters) == (48, 3.0, 4_884_480, 139_399_488)
    assert now.memory
    assert now.memory.total == pytest.approx(6.01e9, rel=0.1)
    assert now.seconds == pytest.approx(413.9, rel=0.01)
    assert now.saved_bytes == 4 * 4_884_480


def test_without_a_run_the_probe_is_asked_and_without_it_the_cores(shop: LoadedRecipe) -> None:
    probe = MachineFacts("bfloat16", "", 460.0, "cpu", "", 2.1)
    measured, guessed = outlook(shop, known(measured=probe)), outlook(shop, known())
    assert measured.speed
    assert guessed.speed
    assert (measured.speed.basis, guessed.speed.basis) == ("probe", "guess")
    assert measured.seconds
    assert guessed.seconds
    assert 200 < measured.seconds < 600
    assert guessed.seconds > measured.seconds
    assert (measured.dtype, guessed.dtype) == ("bfloat16", "float32")


def test_full_is_slower_twice_over_where_bfloat16_is_fast(shop: LoadedRecipe) -> None:
    probe = MachineFacts("bfloat16", "", 460.0, "cpu", "", 2.0)
    lora = outlook(shop, known(measured=probe, earlier=(SHOP,))).seconds
    full = outlook(shop, known(measured=probe, earlier=(SHOP,)), adaptation__method="full")
    assert lora
    assert full.seconds == pytest.approx(lora * 2.0 * 0.45 / 0.34)
    assert full.trained == full.parameters == 134_515_008


def test_presets_take_ever_longer(shop: LoadedRecipe) -> None:
    found = variants(shop, known(), "", "preset", ("quick", "balanced", "thorough"))
    seconds = [now.seconds or 0 for now in found.values()]
    assert 0 < seconds[0] < seconds[1] < seconds[2]


def test_a_method_is_tried_as_if_it_were_the_recipes(shop: LoadedRecipe) -> None:
    odd = with_field(with_field(shop, "adaptation.load_in_4bit", False), "adaptation.lora_r", 8)
    found = variants(odd, known(), "adaptation", "method", ("lora", "qlora", "full"))
    assert found["qlora"].memory
    assert found["lora"].memory
    assert found["qlora"].memory.weights < found["lora"].memory.weights
    assert found["lora"].trained == 4_884_480 // 2


@pytest.mark.parametrize(
    ("ram", "free", "verdict", "words"),
    [
        (25e9, 20e9, "fits", "usable (main memory)"),
        (9e9, 9e9, "tight", "usable"),
        (25e9, 2e9, "tight", "only 2.0 GB are free now: close other programs"),
        (5e9, 5e9, "won't fit", "a batch of 2 would make it fit"),
        (1e9, 1e9, "won't fit", "take a smaller base"),
    ],
)
def test_fit_says_why_and_what_would_help(
    shop: LoadedRecipe, ram: float, free: float, verdict: str, words: str
) -> None:
    machine = replace(MACHINE, ram_bytes=int(ram), available_bytes=int(free))
    circumstances = known(machine=machine, measured=MachineFacts("bfloat16", "", 460.0, "cpu", ""))
    now = outlook(shop, circumstances, training__per_device_train_batch_size=4)
    assert now.fit
    assert (now.fit.verdict, words in now.fit.why) == (verdict, True), now.fit


def test_a_gpu_counts_with_its_own_memory(shop: LoadedRecipe) -> None:
    card = Gpu("Card", 6 * 10**9, 6 * 10**9)
    now = outlook(shop, known(machine=replace(MACHINE, gpus=(card,))))
    assert (now.place, now.dtype) == ("Card", "bfloat16")
    assert now.usable < 6e9


def test_named_layers_are_counted_and_unknown_ones_are_not_guessed(shop: LoadedRecipe) -> None:
    some = outlook(shop, known(), adaptation__lora_target_modules=["q_proj", "v_proj"])
    assert some.trained == 30 * 16 * ((576 + 576) + (576 + 192))
    odd = outlook(shop, known(), adaptation__lora_target_modules=["q_proj", "wqkv"])
    assert (odd.trained, odd.saved_bytes) == (None, None)


def test_what_is_not_known_is_not_made_up(shop: LoadedRecipe) -> None:
    blind = known(shape=None, sizes=None, valid=None, facts=Facts(None, None, None, 2, 25 * 10**9, None))
    now = outlook(shop, blind)
    assert (now.seconds, now.memory, now.fit, now.trained, now.steps, now.tokens) == (None,) * 6


def test_max_steps_decides_the_time(shop: LoadedRecipe) -> None:
    short, long = (outlook(shop, known(), training__max_steps=steps) for steps in (10, 40))
    assert (short.steps, long.steps) == (10, 40)
    assert long.seconds == pytest.approx(4 * (short.seconds or 0), rel=0.2)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "under a minute"), (61, "about 1 min"), (430, "about 7 min"), (9000, "about 2.5 h"), (90000, "about 25 h")],
)
def test_times_are_no_finer_than_they_can_be_known(seconds: float, words: str) -> None:
    assert time_text(seconds) == words


def test_errors_of_earlier_predictions_are_told() -> None:
    late = replace(SHOP, seconds=532.0)
    assert error_text([]) == ""
    assert error_text([SHOP]) == "an earlier run took 0.9 times as long as predicted"
    assert error_text([SHOP, late]) == "earlier runs took 0.9 to 1.2 times as long as predicted"


# From real folders


def finished(recipe: Path, runs_dir: Path, hardware: str, **facts: float) -> RunFolder:
    run = create(load_recipe(recipe), runs_dir, paths.home())
    lockfile.complete(run, {"hardware": hardware, "dtype": "float32"})
    with EventWriter(run.events("train")) as events:
        events.write(Plan(4, 2.0, 16, 3184, 0.3, 0, 0, 50.0, 10**9, "cpu", "float32", "", 1, 4096, 30976))
        events.write(Finished(9.0, {"tokens": 6368, "seconds": 100.0, "predicted_seconds": 50.0} | facts))
    return run


@pytest.fixture
def recipe(tmp_path: Path, write_conversations: Callable[..., Path]) -> Path:
    for name, count, start in (("train", 16, 0), ("valid", 4, 100), ("test", 8, 200)):
        write_conversations(tmp_path / f"{name}.jsonl", count, start)
    path = tmp_path / "recipe.yaml"
    path.write_text("data:\n  train: train.jsonl\n  valid: valid.jsonl\n  test: test.jsonl\n")
    return path


def test_only_whole_trainings_on_this_machine_count(recipe: Path, runs_dir: Path) -> None:
    here = look().key
    good = finished(recipe, runs_dir, here)
    finished(recipe, runs_dir, "another machine")
    finished(recipe, runs_dir, here, seconds=0.0)
    create(load_recipe(recipe), runs_dir, paths.home())
    broken = finished(recipe, runs_dir, here)
    broken.lock.write_text("{")
    found = earlier_runs(runs_dir, look())
    assert [run.run for run in found] == [good.id]
    assert (found[0].tokens_per_second, found[0].ratio) == (63.68, 2.0)


def test_gathering_reads_data_machine_and_runs(recipe: Path, runs_dir: Path, home: Path) -> None:
    finished(recipe, runs_dir, look().key)
    write_facts(paths.machine_facts(home), MachineFacts("float32", "slow", 99.0, "cpu", f"{look().key}, torch 2, 1"))
    found = gather(load_recipe(recipe), runs_dir, home)
    assert found.sizes
    assert found.valid
    assert (found.sizes.conversations, found.valid.conversations, len(found.earlier)) == (16, 4, 1)
    assert 0 < found.sizes.learned_share < 1
    assert found.measured
    assert found.shape
    now = predict(resolve(load_recipe(recipe), found.facts), found)
    assert now.tokens == 3184  # as the run counted them, not as estimated


def test_facts_of_another_machine_are_not_taken(recipe: Path, runs_dir: Path, home: Path) -> None:
    write_facts(paths.machine_facts(home), MachineFacts("float32", "", 99.0, "cpu", "Plan 9, 1 core"))
    assert gather(load_recipe(recipe), runs_dir, home).measured is None


def test_facts_that_an_older_version_kept_are_read(recipe: Path, runs_dir: Path, home: Path) -> None:
    place = paths.machine_facts(home)
    place.parent.mkdir(parents=True)
    kept = {"dtype": "float32", "reason": "", "tokens_per_second": 9.0, "device": "cpu", "key": f"{look().key}, x"}
    place.write_text(json.dumps(kept))
    assert gather(load_recipe(recipe), runs_dir, home).measured
