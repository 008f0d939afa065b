"""A recipe is changed as a careful person would: one value, and every other sign stays where it is."""

import difflib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.errors import UserError
from chatforge.project.editing import changed, set_fields
from chatforge.recipe.files import load_recipe
from chatforge.recipe.schema import Recipe
from chatforge.recipe.template import template
from chatforge.recipe.text import parse
from chatforge.recipe.translate import translate

REPOSITORY = Path(__file__).parents[2]
SHIPPED = {path.name: path.read_text(encoding="utf-8") for path in sorted(REPOSITORY.glob("recipes/*.yaml"))}
TEXTS = SHIPPED | {"template": template()}

HAND_WRITTEN = """\
# A shop, by hand.
model: {base: smollm2-135m-instruct}   # braces

data:
    train:          # four spaces
      - a.jsonl
      - 'b.jsonl'   # quotes
    system: >-
      You are Fern:  two spaces,
      folded.

    # what else
    valid: v.jsonl
adaptation:
  lora_r: 4  # small
  # lora_alpha: 8  # twice

# the end of adaptation
training:
  # nothing yet
"""


def difference(old: str, new: str) -> list[str]:
    lines = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in lines if line.startswith(("- ", "+ "))]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_nothing_to_change_changes_nothing(text: str) -> None:
    assert changed(text, {}) == text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_what_is_set_as_it_was_stays_as_it_was(text: str) -> None:
    assert changed(text, {"preset": "balanced", "adaptation.method": "lora"}) == text


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("data.valid", "w.jsonl", ["-     valid: v.jsonl", "+     valid: w.jsonl"]),
        ("adaptation.lora_r", 16, ["-   lora_r: 4  # small", "+   lora_r: 16  # small"]),
        ("adaptation.lora_r", None, ["-   lora_r: 4  # small", "+   # lora_r: 4  # small"]),
        ("adaptation.lora_alpha", 9, ["-   # lora_alpha: 8  # twice", "+   lora_alpha: 9  # twice"]),
        ("adaptation.method", "qlora", ["+   method: qlora"]),
        ("training.seed", 3, ["+   seed: 3"]),
        ("training.learning_rate", 1e-5, ["+   learning_rate: 1e-05"]),
        ("chat.notice", "No: doctor", ["+ chat:", "+   notice: 'No: doctor'"]),
        ("preset", "quick", ["+ preset: quick"]),
        ("data.test", None, []),
        ("evaluation.seed", None, []),
        ("data.train", ["c.jsonl"], ["-     train:          # four spaces", "-       - a.jsonl",
                                     "-       - 'b.jsonl'   # quotes", "+     train: [c.jsonl]   # quotes"]),
    ],
)  # fmt: skip
def test_only_the_field_changes(field: str, value: object, expected: list[str]) -> None:
    assert sorted(difference(HAND_WRITTEN, changed(HAND_WRITTEN, {field: value}))) == sorted(expected)


def test_a_new_field_stands_in_its_block_not_behind_the_next_heading() -> None:
    text = changed(SHIPPED["customer_service.yaml"], {"adaptation.lora_r": 8})
    assert "  method: lora\n  lora_r: 8\n\ntraining:" in text


def test_a_block_of_comments_gets_the_field_where_it_is_explained() -> None:
    text = changed(template(), {"training.learning_rate": 0.002, "training.seed": 11, "name": "shop"})
    assert "  ## Largest step size of the optimizer.\n  learning_rate: 0.002\n" in text
    assert "\n  seed: 11\n" in text
    assert "\nname: shop\n" in text
    assert text.count("learning_rate:") == template().count("learning_rate:")


def test_taking_a_field_out_and_setting_it_again_comes_to_the_same() -> None:
    once = changed(template(), {"training.seed": 11})
    assert changed(changed(once, {"training.seed": None}), {"training.seed": 11}) == once


def test_the_last_field_of_a_block_can_go() -> None:
    text = changed("data:\n  train: a.jsonl\ntraining:\n  seed: 3\n", {"training.seed": None})
    assert text == "data:\n  train: a.jsonl\ntraining:\n  # seed: 3\n"
    assert "\n  seed: 4\n" in changed(text, {"training.seed": 4})


def test_a_sentence_that_looks_like_a_field_is_left_alone() -> None:
    text = "training:\n  # seed: any number will do\n  threads: 2\n"
    assert changed(text, {"training.seed": 3}) == text + "  seed: 3\n"


def test_a_folded_text_stays_folded() -> None:
    words = "You are Robin. " * 20 + "Be brief."
    text = changed(SHIPPED["customer_service.yaml"], {"data.system": words})
    assert "  system: >-\n    You are Robin." in text
    assert max(len(line) for line in text.splitlines()) <= 120
    assert "# Learned from." in text


@pytest.mark.parametrize(
    "words", ["a: b", "two\nlines", "# no", "  spaces  ", "'", '"', "\u2028", "é\x85", "", "[x", "yes"]
)
def test_any_text_comes_back_as_it_was(words: str, tmp_path: Path) -> None:
    for text in (HAND_WRITTEN, template(), "data:\n  train: a.jsonl"):
        assert values(changed(text, {"data.system": words}))["data"]["system"] == words


def test_braces_and_aliases_are_written_anew_rather_than_wrong() -> None:
    text = "training: {seed: 3}  # why\nevaluation:\n  seed: &s 4\nchat:\n  max_new_tokens: *s\n"
    assert values(changed(text, {"training.threads": 2}))["training"] == {"seed": 3, "threads": 2}
    assert values(changed(text, {"training.seed": None}))["evaluation"] == {"seed": 4}
    assert values(changed(text, {"chat.max_new_tokens": 9})) == values(text) | {"chat": {"max_new_tokens": 9}}


def test_an_empty_file_becomes_a_recipe() -> None:
    assert values(changed("", {"preset": "quick", "training.seed": 3})) == {"preset": "quick", "training": {"seed": 3}}
    assert changed("# mine\n", {"preset": "quick"}) == "# mine\npreset: quick\n"


@pytest.mark.parametrize("text", ["- a\n- b\n", "just words\n", "a: [\n", "\tx: 1\n"])
def test_what_is_no_recipe_is_refused(text: str) -> None:
    with pytest.raises(UserError):
        changed(text, {"training.seed": 3})


def test_a_block_that_is_a_bare_word_is_refused() -> None:
    with pytest.raises(UserError, match="holds no fields"):
        changed("adaptation: lora\n", {"adaptation.lora_r": 3})


def values(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


MIXED = """\
data:
  train: a.jsonl
  mix:
    # the old shop
    - files: talks.jsonl  # mine
      weight: 0.5   # half
    # the new one
    - {files: b.jsonl}
    - files: [c.jsonl, d.jsonl]

  # about replay
  replay: 0.1
"""


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda m: [*m, {"files": "e f.jsonl"}], ["+     - {files: e f.jsonl}"]),
        (lambda m: m[1:], ["-     - files: talks.jsonl  # mine", "-       weight: 0.5   # half"]),
        (lambda m: [{**m[0], "weight": 2}, *m[1:]], ["-       weight: 0.5   # half", "+       weight: 2   # half"]),
        (lambda m: [m[0], {**m[1], "weight": 2}, m[2]], ["-     - {files: b.jsonl}",
                                                         "+     - {files: b.jsonl, weight: 2}"]),
        (lambda m: [*m[:2], {**m[2], "weight": 3}], ["+       weight: 3"]),
    ],
)  # fmt: skip
def test_of_a_list_of_mappings_only_one_item_changes(change: Any, expected: list[str]) -> None:
    wanted = change(values(MIXED)["data"]["mix"])
    text = changed(MIXED, {"data.mix": wanted})
    assert values(text)["data"]["mix"] == wanted
    assert [line for line in difference(MIXED, text) if line.strip("+- ")] == expected


def test_a_list_of_mappings_begins_and_ends() -> None:
    once = changed("data:\n  train: a.jsonl\n", {"data.mix": [{"files": "t.jsonl"}]})
    assert once == "data:\n  train: a.jsonl\n  mix: [{files: t.jsonl}]\n"
    twice = changed(once, {"data.mix": [{"files": "t.jsonl", "weight": 0.5}, {"files": ["u", "v"]}]})
    assert twice.endswith("  mix: [{files: t.jsonl, weight: 0.5}, {files: [u, v]}]\n")
    assert "mix" not in values(changed(MIXED, {"data.mix": None}))["data"]
    assert "# about replay" in changed(MIXED, {"data.mix": None})


# With files


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(HAND_WRITTEN, encoding="utf-8")
    return path


def test_the_file_is_replaced_in_one_step_and_keeps_its_rights(recipe: Path) -> None:
    recipe.chmod(0o640)
    before = recipe.stat().st_ino
    assert set_fields(recipe, {"training.seed": 3}) == recipe.read_text()
    assert recipe.stat().st_mode & 0o777 == 0o640
    assert recipe.stat().st_ino != before
    assert {path.name for path in recipe.parent.iterdir()} <= {"recipe.yaml", "home"}


def test_windows_line_ends_stay(recipe: Path) -> None:
    recipe.write_bytes(HAND_WRITTEN.replace("\n", "\r\n").encode())
    set_fields(recipe, {"adaptation.lora_r": 9, "training.seed": 3})
    assert recipe.read_bytes().count(b"\r\n") == recipe.read_bytes().count(b"\n") == HAND_WRITTEN.count("\n") + 1


def test_a_link_stays_a_link(recipe: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.yaml"
    link.symlink_to(recipe)
    set_fields(link, {"training.seed": 3})
    assert link.is_symlink()
    assert "seed: 3" in recipe.read_text()


def test_a_folder_that_cannot_be_written_leaves_the_file(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refuse)  # a test may run as root, whom no folder refuses
    with pytest.raises(UserError, match="cannot be changed: Permission denied"):
        set_fields(recipe, {"training.seed": 3})
    assert recipe.read_text() == HAND_WRITTEN


def test_a_full_disk_leaves_the_file_and_nothing_else(recipe: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    beside = set(recipe.parent.iterdir())
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(UserError, match="No space left"):
        set_fields(recipe, {"training.seed": 3})
    assert recipe.read_text() == HAND_WRITTEN
    assert set(recipe.parent.iterdir()) == beside


@pytest.mark.parametrize("content", [b"a: [\n", b"- 1\n", b"\xff\xfe", b"words"])
def test_a_file_that_is_no_recipe_is_named_and_left(recipe: Path, content: bytes) -> None:
    recipe.write_bytes(content)
    with pytest.raises(UserError) as caught:
        set_fields(recipe, {"training.seed": 3})
    assert caught.value.problems[0].file == recipe
    assert recipe.read_bytes() == content


# Properties

VALUES: dict[str, st.SearchStrategy[Any]] = {
    "preset": st.sampled_from(["quick", "balanced", "thorough"]),
    "name": st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,30}", fullmatch=True),
    "data.system": st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=300),
    "adaptation.method": st.sampled_from(["lora", "qlora"]),
    "adaptation.lora_r": st.none() | st.integers(1, 1024),
    "adaptation.lora_dropout": st.none() | st.floats(0, 0.99),
    "adaptation.lora_target_modules": st.none() | st.lists(st.sampled_from(["q_proj", "v_proj", "o_proj"]), min_size=1),
    "training.learning_rate": st.none() | st.floats(1e-9, 0.1),
    "training.gradient_checkpointing": st.none() | st.booleans(),
    "training.seed": st.none() | st.integers(0, 2**32 - 1),
    "chat.notice": st.none() | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=99),
}


@pytest.mark.parametrize("text", [template("train.jsonl"), HAND_WRITTEN, *SHIPPED.values()])
@settings(deadline=None, max_examples=12)
@given(data=st.data())
def test_fields_get_their_values_and_all_others_keep_theirs(text: str, data: st.DataObject) -> None:
    expected = said(text).model_dump(mode="json")
    unset = said("data:\n  train: x").model_dump(mode="json")
    for field in data.draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, max_size=5)):
        value = data.draw(VALUES[field])
        text = changed(text, {field: value})
        block, _, leaf = field.rpartition(".")
        inner, default = (expected[block], unset[block]) if block else (expected, unset)
        inner[leaf] = default[leaf] if value is None else value
    assert said(text).model_dump(mode="json") == expected


def said(text: str) -> Recipe:
    """What a text says as a recipe, its files not looked at."""
    return Recipe.model_validate(translate(parse(text, Path("r.yaml")), Path("r.yaml")).values)


def test_the_result_can_be_loaded(tiny_recipe: Path) -> None:
    set_fields(tiny_recipe, {"training.seed": 99, "adaptation.lora_r": None, "preset": "balanced"})
    recipe = load_recipe(tiny_recipe).recipe
    assert (recipe.training.seed, recipe.adaptation.lora_r, recipe.preset) == (99, None, "balanced")


LISTED = """data:
  train:
    - a.jsonl  # from shop A
    # the second shop
    - "b c.jsonl"  # from shop B
  system: You help.
"""


@pytest.mark.parametrize(
    ("files", "gone", "come"),
    [
        (["a.jsonl", "b c.jsonl", "new.jsonl"], "", "    - new.jsonl\n"),
        (["b c.jsonl"], "    - a.jsonl  # from shop A\n", ""),
        (["a.jsonl"], '    - "b c.jsonl"  # from shop B\n', ""),
    ],
)
def test_items_come_to_a_list_and_go_with_their_lines(files: list[str], gone: str, come: str) -> None:
    wanted = LISTED.replace(gone, "") if gone else LISTED.replace("  system", f"{come}  system")
    assert changed(LISTED, {"data.train": files}) == wanted
