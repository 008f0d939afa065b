from pathlib import Path

import pytest

from chatforge.errors import UserError
from chatforge.recipe.files import load_recipe
from chatforge.recipe.text import LARGEST_BYTES


def refuse(path):
    with pytest.raises(UserError) as caught:
        load_recipe(path)
    return caught.value.problems


@pytest.mark.parametrize(
    ("raw", "line", "words"),
    [
        (b"", None, "is empty"),
        (b"# only a comment\n", None, "is empty"),
        (b"- a\n- b\n", 1, "not with a list"),
        (b"just text", 1, "bare text"),
        (b"\x00\x01\x02", None, "not a text file"),
        (b"a: 1\nname: caf\xe9\n", 2, "not UTF-8"),
        ("name: x".encode("utf-16"), 1, "looks like UTF-16"),
        (b"data:\n\ttrain: x\n", 2, "a tab"),
        (b"a: 1\n---\nb: 2\n", 2, "second document"),
        (b"data:\n  train: a: b\n", 2, "not valid YAML"),
        (b"a: [1, 2\n", None, "not valid YAML"),
        (b"a: \x01\n", None, "not valid YAML"),
        (b"a: *x\n", 1, "undefined alias"),
        (b"[" * 5000, None, "nested too deeply"),
        (b"#" * (LARGEST_BYTES + 1), None, "short text file"),
    ],
)
def test_files_that_are_no_recipe(tmp_path, raw, line, words):
    path = tmp_path / "recipe.yaml"
    path.write_bytes(raw)
    (found,) = refuse(path)
    assert words in found.what
    assert line is None or found.line == line


def test_missing_file_names_the_nearest_or_the_way_to_write_one(tmp_path):
    assert "recipe new" in str(refuse(tmp_path / "shop.yaml")[0].hint)
    (tmp_path / "shop.yaml").write_text("")
    assert "did you mean `shop.yaml`?" in str(refuse(tmp_path / "shp.yaml")[0].hint)
    assert "recipe new" in str(refuse(tmp_path / "gone" / "shop.yaml")[0].hint)


def test_a_folder_without_recipe_and_an_unreadable_file(tmp_path, monkeypatch):
    assert "folder" in refuse(tmp_path)[0].what
    path = tmp_path / "recipe.yaml"
    path.write_text("a: 1")
    monkeypatch.setattr(type(path), "read_bytes", lambda self: (_ for _ in ()).throw(PermissionError(13, "no")))
    assert "cannot be read" in refuse(path)[0].what


def test_every_duplicate_key_is_found_with_both_lines(problems):
    text = "data:\n  train: train.jsonl\n  train: test.jsonl\npreset: quick\npreset: quick\n"
    found = problems(text)
    assert [(p.line, p.field) for p in found] == [(3, "data.train"), (5, "preset")]
    assert "first on line 2" in found[0].what


def test_a_byte_order_mark_is_fine(write):
    path = write("")
    path.write_bytes(b"\xef\xbb\xbfdata: {train: train.jsonl}\n")
    assert load_recipe(path).lines["data.train"] == 1


def test_tags_build_nothing_and_are_refused(problems, tmp_path):
    found = problems("data: {train: train.jsonl}\nname: !!python/object/apply:os.system ['touch x']\n")
    assert any("has the tag" in p.what or "text" in p.what for p in found)
    assert not Path("x").exists()
    assert any("has the tag" in p.what for p in problems("data: {train: train.jsonl}\nname: !mine x\n"))


def test_values_that_yaml_cannot_build_are_named(problems):
    found = problems("data: {train: train.jsonl}\nname: !!int twelve\n")
    assert any("cannot be read as a value" in p.what for p in found)


def test_aliases_work_cannot_recurse_and_cannot_blow_up(problems, write):
    loaded = load_recipe(write("data: {train: &t train.jsonl}\nname: &n bot\nchat: {}\n"))
    assert loaded.recipe.name == "bot"
    assert any("contains itself" in p.what for p in problems("data: &a {train: train.jsonl, valid: [*a]}\n"))
    bomb = "data: {train: train.jsonl}\n" + "a0: &a0 [x]\n"
    bomb += "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 30))
    assert len(problems(bomb)) == 30
