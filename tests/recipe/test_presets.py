import dataclasses
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chatforge.recipe.batches import Facts
from chatforge.recipe.files import load_recipe, recipe_from_dict
from chatforge.recipe.presets import learned_conversations, resolve
from chatforge.recipe.schema import iter_fields

SPLIT = "data: {train: train.jsonl, valid: valid.jsonl, test: test.jsonl}\n"
GPU = 24_000_000_000


@pytest.fixture
def resolved(write, laptop):
    def run(text="", split=SPLIT, **changes):
        return resolve(load_recipe(write(split + text)), dataclasses.replace(laptop, **changes))

    return run


def test_balanced_for_smollm2_on_a_laptop(resolved):
    result = resolved()
    training, adaptation = result.recipe.training, result.recipe.adaptation
    assert (training.num_train_epochs, training.learning_rate) == (3, 1e-3)
    assert training.per_device_train_batch_size * training.gradient_accumulation_steps == 8
    assert (adaptation.lora_r, adaptation.lora_alpha, adaptation.lora_dropout) == (16, 32, 0.05)
    assert (training.warmup_ratio, training.lr_scheduler_type) == (0.06, "cosine")
    assert (training.eval_steps, training.early_stopping_patience) == (8, 3)
    assert training.gradient_checkpointing is False
    assert (adaptation.load_in_4bit, training.max_steps, training.threads) == (False, -1, 2)


@pytest.mark.parametrize(("preset", "most"), [("quick", 1.5), ("balanced", 3), ("thorough", 8)])
def test_presets_are_budgets(resolved, preset, most):
    recipe = resolved(f"preset: {preset}\n").recipe
    assert recipe.training.num_train_epochs == most
    assert recipe.training.early_stopping_patience == (0 if preset == "quick" else 3)


def test_quick_stays_quick_with_much_data(resolved):
    training = resolved("preset: quick\n", conversations=50_000).recipe.training
    assert training.num_train_epochs * 50_000 / 16 == pytest.approx(200, rel=0.2)


@pytest.mark.parametrize(
    ("changes", "text", "rate"),
    [
        ({}, "adaptation: {method: full}", 1e-4),
        ({}, "adaptation: {method: qlora}", 1e-3),
        ({"conversations": 5000}, "", 7e-4),
        ({"parameters": 1_700_000_000}, "", 5e-4),
        ({"parameters": 8_000_000_000}, "adaptation: {method: qlora}", 2e-4),
        ({"parameters": None}, "", 5e-4),
    ],
)
def test_rates_follow_size_data_and_method(resolved, changes, text, rate):
    result = resolved(text, **changes)
    assert result.recipe.training.learning_rate == pytest.approx(rate)
    assert result.origins["training.learning_rate"].why


def test_more_data_means_fewer_passes_no_dropout_and_larger_batches(resolved):
    recipe = resolved(conversations=5000).recipe
    assert recipe.training.num_train_epochs == 2
    assert recipe.adaptation.lora_dropout == 0.0
    assert recipe.training.per_device_train_batch_size * recipe.training.gradient_accumulation_steps == 16


def test_a_processor_takes_no_more_than_four_at_once_and_a_gpu_all(resolved):
    result = resolved(ram_bytes=64_000_000_000)
    assert result.recipe.training.per_device_train_batch_size == 4
    assert result.recipe.training.gradient_accumulation_steps == 2
    assert "no faster" in result.origins["training.per_device_train_batch_size"].why
    assert resolved(gpu_bytes=24_000_000_000).recipe.training.per_device_train_batch_size == 8


def test_little_memory_makes_smaller_batches_and_says_so(resolved):
    result = resolved(ram_bytes=4_000_000_000)
    training = result.recipe.training
    assert training.per_device_train_batch_size < 4
    assert training.per_device_train_batch_size * training.gradient_accumulation_steps == 8
    assert result.origins["training.per_device_train_batch_size"].source == "machine"
    assert "memory" in result.origins["training.per_device_train_batch_size"].why


def test_checkpointing_only_where_memory_asks_for_it(resolved):
    roomy = resolved("adaptation: {method: qlora}", parameters=8_000_000_000, gpu_bytes=80_000_000_000)
    tight = resolved("adaptation: {method: qlora}", parameters=8_000_000_000, gpu_bytes=10_000_000_000)
    hopeless = resolved(parameters=70_000_000_000, gpu_bytes=8_000_000_000)
    assert roomy.recipe.training.gradient_checkpointing is False
    assert tight.recipe.training.gradient_checkpointing is True
    assert "may not fit" in hopeless.origins["training.gradient_checkpointing"].why


def test_what_the_recipe_sets_is_kept_and_shapes_the_rest(resolved):
    result = resolved("training: {per_device_train_batch_size: 2, gradient_checkpointing: true}\n")
    training = result.recipe.training
    assert (training.per_device_train_batch_size, training.gradient_accumulation_steps) == (2, 4)
    assert training.gradient_checkpointing is True
    assert result.origins["training.per_device_train_batch_size"].why == "line 2"
    assert resolved("adaptation: {lora_r: 4}").recipe.adaptation.lora_alpha == 8
    assert resolved("training: {gradient_accumulation_steps: 2}").recipe.training.per_device_train_batch_size == 4


def test_max_steps_decides_and_the_passes_follow(resolved):
    result = resolved("training: {max_steps: 4}\n")
    assert (result.recipe.training.max_steps, result.recipe.training.num_train_epochs) == (4, 0.25)
    assert "max_steps" in result.origins["training.num_train_epochs"].why
    assert result.recipe.training.eval_steps == 4


def test_aliases_are_named_in_the_origin(resolved):
    assert resolved("cutoff_len: 99\n").origins["training.max_length"].why == "line 2, as `cutoff_len`"


def test_split_off_conversations_are_not_counted_as_learned(write, laptop):
    recipe = load_recipe(write("data: {train: train.jsonl}\n")).recipe
    assert learned_conversations(recipe, laptop) == 88
    assert learned_conversations(recipe, dataclasses.replace(laptop, conversations=None)) is None


def test_uncounted_data_still_resolves(resolved):
    training = resolved(conversations=None).recipe.training
    assert (training.eval_steps, training.num_train_epochs) == (20, 3)
    assert resolved("training: {max_steps: 30}", conversations=None).recipe.training.num_train_epochs == 1


def test_names_come_from_the_file_and_are_made_safe(write, laptop):
    path = write(SPLIT, name="my shop!.yaml")
    assert resolve(load_recipe(path), laptop).recipe.name == "my-shop"


def test_rows_show_every_field_once_in_order(resolved):
    rows = resolved("adaptation: {method: full}").rows()
    assert [row.field for row in rows] == [name for name, _ in iter_fields()]
    named = {row[0]: row for row in rows}
    assert named["adaptation.lora_r"].value is None and "not used" in named["adaptation.lora_r"].why
    assert named["adaptation.method"].source == "recipe"


MAY_BE_NONE = {
    "data.assistant", "evaluation.conversations", "evaluation.second_encoder", "evaluation.facts", "chat.notice",
}  # fmt: skip
LORA = {"adaptation.lora_r", "adaptation.lora_alpha", "adaptation.lora_dropout"}


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    preset=st.sampled_from(["quick", "balanced", "thorough"]),
    method=st.sampled_from(["lora", "qlora", "full"]),
    parameters=st.none() | st.integers(1, 10**12),
    conversations=st.none() | st.integers(0, 10**7),
    gpu=st.none() | st.integers(10**9, 2 * 10**11),
    steps=st.none() | st.integers(1, 10**6),
    cores=st.integers(1, 256),
)
def test_every_combination_resolves_fully_and_survives_the_lock(
    write, preset, method, parameters, conversations, gpu, steps, cores
):
    text = f"preset: {preset}\nadaptation: {{method: {method}}}\n" + (
        f"training: {{max_steps: {steps}}}\n" if steps else ""
    )
    facts = Facts(parameters, conversations, None, cores, 8 * 10**9, gpu)
    result = resolve(load_recipe(write(SPLIT + text)), facts)
    empty = {row.field for row in result.rows() if row.value is None}
    assert empty <= MAY_BE_NONE | (LORA if method == "full" else set())
    kept = json.loads(json.dumps(result.as_json()))
    assert recipe_from_dict(kept["resolved"], facts and load_recipe(write(SPLIT)).path.parent) == result.recipe
    assert set(kept["origins"]) == {row.field for row in result.rows()}
    rank = {row.field: row.why for row in result.rows() if row.source in ("preset", "machine")}
    assert all(rank.values())
