import pytest

from chatforge.recipe.aliases import ALIASES, CONVERSIONS, UNUSED
from chatforge.recipe.files import load_recipe
from chatforge.recipe.schema import iter_fields

LLAMA_FACTORY = """\
model_name_or_path: org/model
stage: sft
finetuning_type: lora
quantization_bit: 4
lora_rank: 8
lora_target: all
dataset: train.jsonl
template: qwen
cutoff_len: 512
output_dir: saves/x
per_device_train_batch_size: 2
gradient_accumulation_steps: 4
learning_rate: 1.0e-4
num_train_epochs: 3
lr_scheduler_type: cosine
warmup_ratio: 0.1
bf16: true
val_size: 0.1
"""
AXOLOTL = """\
base_model: org/model
load_in_4bit: true
adapter: qlora
datasets:
  - path: train.jsonl
    type: chat_template
val_set_size: 0.1
sequence_len: 512
sample_packing: false
lora_r: 8
lora_target_modules: [q_proj]
micro_batch_size: 2
gradient_accumulation_steps: 4
num_epochs: 3
optimizer: adamw_bnb_8bit
lr_scheduler: cosine
learning_rate: 0.0001
bf16: auto
excess_length_strategy: truncate
"""
TRL = """\
model_name_or_path: org/model
dataset_name: train.jsonl
use_peft: true
load_in_4bit: true
lora_r: 8
max_length: 512
per_device_train_batch_size: 2
gradient_accumulation_steps: 4
num_train_epochs: 3
learning_rate: 1.0e-4
assistant_only_loss: true
seed: 7
"""


@pytest.mark.parametrize("text", [LLAMA_FACTORY, AXOLOTL, TRL], ids=["llama-factory", "axolotl", "trl"])
def test_whole_recipes_of_other_tools(write, tmp_path, text):
    loaded = load_recipe(write(text))
    recipe = loaded.recipe
    assert recipe.model.base == "org/model"
    assert recipe.data.train == [tmp_path / "train.jsonl"]
    assert (recipe.adaptation.method, recipe.adaptation.load_in_4bit, recipe.adaptation.lora_r) == ("qlora", True, 8)
    training = recipe.training
    assert (training.max_length, training.num_train_epochs, training.learning_rate) == (512, 3, 1e-4)
    assert (training.per_device_train_batch_size, training.gradient_accumulation_steps) == (2, 4)
    # Every line of the file was either ours already, or has left a note.
    assert len(loaded.notes) >= len([line for line in text.splitlines() if not line.startswith(" ")])
    assert (
        loaded.lines["training.max_length"]
        == text.splitlines().index(next(line for line in text.splitlines() if "512" in line)) + 1
    )


def test_the_tables_point_at_real_fields_and_shadow_none():
    fields = {name for name, _ in iter_fields()}
    assert set(ALIASES.values()) <= fields
    flat = {name.rpartition(".")[2] for name in fields} - {"batch_size"}
    assert not flat & (set(ALIASES) | set(CONVERSIONS) | set(UNUSED))


@pytest.mark.parametrize("word", sorted(ALIASES))
def test_every_alias_is_translated_at_the_top_and_in_its_block(write, word):
    values = {
        "data.train": "train.jsonl",
        "data.valid": "valid.jsonl",
        "data.test": "test.jsonl",
        "model.dtype": "auto",
    }
    values |= {"model.base": "org/m", "data.system": "Hi.", "adaptation.method": "lora"}
    values |= {"training.lr_scheduler_type": "linear", "data.valid_share": "0.3", "adaptation.lora_dropout": "0.3"}
    values |= {"training.learning_rate": "0.03", "training.max_length": "300"}
    field = ALIASES[word]
    block = field.partition(".")[0]
    train = "" if field == "data.train" else "data: {train: train.jsonl}\n"
    top = load_recipe(write(f"{word}: {values.get(field, 3)}\n{train}"))
    inner = "" if block != "data" or not train else ", train: train.jsonl"
    inside = load_recipe(
        write(f"{block}: {{{word}: {values.get(field, 3)}{inner}}}\n{train if block != 'data' else ''}")
    )
    assert top.recipe == inside.recipe
    assert top.lines[field] == inside.lines[field] == 1
    assert top.spelled[field] == word
    assert word in top.notes[0] and field in top.notes[0]


@pytest.mark.parametrize(
    ("line", "attribute", "value"),
    [
        ("adapter:", "adaptation.method", "full"),
        ("use_peft: false", "adaptation.method", "full"),
        ("quantization_bit: 4", "adaptation.method", "qlora"),
        ("quantization_bit: none", "adaptation.method", "lora"),
        ("finetuning_type: full", "adaptation.method", "full"),
        ("lora_target: q_proj,v_proj", "adaptation.lora_target_modules", ["q_proj", "v_proj"]),
        ("lora_target: [q_proj]", "adaptation.lora_target_modules", ["q_proj"]),
        ("lora_target_linear: true", "adaptation.lora_target_modules", "all-linear"),
        ("lora_target_linear: false", "adaptation.lora_target_modules", "all-linear"),
        ("bf16: false", "model.dtype", "float32"),
        ("truncation_strategy: delete", "training.too_long", "drop"),
        ("model: org/m", "model.base", "org/m"),
        ("eval_dataset: [valid.jsonl, test.jsonl]", "data.type", "auto"),
        ("lora: {r: 4, alpha: 8}", "adaptation.lora_alpha", 8),
        ("train: {lr: 0.01}", "training.learning_rate", 0.01),
        ("training.seed: 9", "training.seed", 9),
        ("learning_rate:", "training.learning_rate", None),
    ],
)
def test_conversions(write, line, attribute, value):
    loaded = load_recipe(write(f"{line}\ndata: {{train: train.jsonl}}\n"))
    block, _, leaf = attribute.partition(".")
    assert getattr(getattr(loaded.recipe, block), leaf) == value
    assert loaded.notes and loaded.notes[0].startswith("line 1: ")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("quantization_bit: 8", "`8` is not offered"),
        ("load_in_8bit: true", "`true` is not offered"),
        ("fp16: true", "bfloat16"),
        ("trust_remote_code: true", "never run"),
        ("stage: dpo", "supervised"),
        ("train_on_inputs: true", "only assistant turns"),
        ("warmup_steps: 10", "warmup_ratio"),
        ("bf16: maybe", "'auto'"),
        ("excess_length_strategy: what", "'stop'"),
        ("datasets: [{path: train.jsonl, type: alpaca}]", "`alpaca` is not read here"),
        ("lora: {r: 3, lora_r: 4}", "both mean `adaptation.lora_r`"),
        ("adaptation: {bf16: true}", "not a known field"),
    ],
)
def test_what_has_no_counterpart_is_refused_with_the_reason(problems, line, words):
    found = problems(f"{line}\ndata: {{train: train.jsonl}}\n")
    assert words in "\n".join(map(str, found))
    assert found[0].line == 1


@pytest.mark.parametrize(
    "line", ["fp16: false", "trust_remote_code: false", "stage: sft", "packing: true", "report_to: none"]
)
def test_harmless_words_are_noted_as_unused(write, line):
    (note,) = load_recipe(write(f"{line}\ndata: {{train: train.jsonl}}\n")).notes
    assert "is not used" in note


def test_the_same_field_twice_must_agree(problems, write):
    base = "data: {train: train.jsonl}\n"
    assert (
        load_recipe(write(base + "epochs: 3\ntraining: {num_train_epochs: 3}\n")).recipe.training.num_train_epochs == 3
    )
    (found,) = problems(base + "epochs: 3\ntraining: {num_train_epochs: 4}\n")
    assert "`epochs` on line 2 says `3`" in found.what


def test_problems_use_the_files_own_word(problems):
    (found,) = problems("cutoff_len: -5\ndata: {train: train.jsonl}\n")
    assert (found.field, found.line) == ("cutoff_len", 1)
