import pytest

from chatforge.recipe.files import load_recipe

DATA = "data: {train: train.jsonl}\n"


@pytest.mark.parametrize(
    ("text", "field", "hint"),
    [
        (DATA + "adaptation: {method: qlora, load_in_4bit: false}", "adaptation.load_in_4bit", "use `method: lora`"),
        (DATA + "adaptation: {method: lora, load_in_4bit: true}", "adaptation.load_in_4bit", "use `method: qlora`"),
        (DATA + "adaptation: {load_in_4bit: true}", "adaptation.load_in_4bit", "use `method: qlora`"),
        (DATA + "adaptation: {method: full, load_in_4bit: true}", "adaptation.load_in_4bit", "qlora"),
        (DATA + "adaptation: {method: full, lora_r: 8}", "adaptation.lora_r", "method: lora"),
        (DATA + "adaptation: {method: full, adapter_dtype: auto}", "adaptation.adapter_dtype", "method: lora"),
        (DATA + "training: {max_steps: 10, num_train_epochs: 2}", "training.max_steps", "one of the two"),
        (DATA + "training: {max_steps: 0}", "training.max_steps", "1 or more"),
        (DATA + "training: {max_steps: 5, eval_steps: 6}", "training.eval_steps", "at most 5"),
        ("data: {train: train.jsonl, valid_share: 0.5, test_share: 0.5}", "data.test_share", "less than 1"),
        ("data: {train: train.jsonl, valid_share: 0.9}", "data.valid_share", "less than 1"),
        ("data: {train: train.jsonl, test: test.jsonl, test_share: 0.1}", "data.test_share", "remove"),
        ("data: {train: train.jsonl, test: train.jsonl}", "data.test", "one of them"),
        ("data: {train: train.jsonl, test: ./train.jsonl}", "data.test", "one of them"),
        ("data: {train: [train.jsonl, train.jsonl]}", "data.train", "once"),
        ("data: {train: train.jsonl, mix: [{files: [train.jsonl]}]}", "data.mix[0].files", "`weight`"),
        ("data: {train: train.jsonl, test: test.jsonl, mix: [{files: test.jsonl}]}", "data.mix[0].files", "one of"),
        ("data: {train: train.jsonl, mix: [{files: valid.jsonl}, {files: valid.jsonl}]}", "data.mix[1].files", "once"),
        ("data: {train: train.jsonl, texts: [valid.jsonl, train.jsonl]}", "data.texts", "name it once"),
        ("data: {train: train.jsonl, texts: [valid.jsonl, valid.jsonl]}", "data.texts", "text_epochs"),
        (DATA + "training: {text_epochs: 2}", "training.text_epochs", "name texts"),
        ("data: {train: train.jsonl, valid_share: 0}", "data.valid_share", "name `valid` files"),
        ("data: {train: train.jsonl, test_share: 0}", "data.test_share", "name `test` files"),
    ],
)
def test_contradiction(problems, text, field, hint):
    (found,) = problems(text + "\n")
    assert found.field == field
    assert hint in str(found.hint)
    assert found.line


@pytest.mark.parametrize(
    "text",
    [
        "adaptation: {method: qlora, load_in_4bit: true}",
        "adaptation: {method: lora, load_in_4bit: false}",
        "adaptation: {method: full}",
        "training: {max_steps: -1, num_train_epochs: 2}",
        "training: {max_steps: 10, eval_steps: 10}",
    ],
)
def test_what_fits_together_is_accepted(write, text):
    assert load_recipe(write(f"{DATA}{text}\n")).notes == []
