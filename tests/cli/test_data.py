"""`chatforge data`: what a person reads and a script gets of dialogue files."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatforge.cli import data_words
from chatforge.cli.data_check import Checked
from chatforge.cli.main import main
from chatforge.dialogues.checks.doctor import Examination
from chatforge.dialogues.leakage import Leakage, Overlap
from chatforge.dialogues.privacy.found import Found
from chatforge.dialogues.reading import read_files

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run `chatforge data …`; returns exit code, stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str, str]:
        code = main(["data", *map(str, arguments)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


def line(*said: str, **more: Any) -> str:
    rows = [{"role": role, "content": text} for role, text in zip(["user", "assistant"] * 9, said, strict=False)]
    return json.dumps({"messages": rows, **more}) + "\n"


@pytest.fixture
def talks(tmp_path: Path) -> Path:
    """Four conversations and a broken line; one of them holds HTML and an escape."""
    path = tmp_path / "talks.jsonl"
    hostile = line("Is it <b>free</b>?", "Yes\x1b[31m.")
    path.write_text(line("Hi", "Hello!") + "{\n" + hostile + line("Open?", "Until six.") + line("Thanks", "Bye."))
    return path


def test_check_says_what_and_where_and_fails_where_something_is_lost(run: Run, talks: Path) -> None:
    code, out, err = run("check", talks)
    assert code == 1
    assert f"{talks}: messages, 4 conversations, 8 messages, 1 cannot be used" in out
    assert "error  cannot be read: 1" in out and "talks.jsonl:2: broken JSON at column" in out
    assert "warning  remains of HTML: 1" in out and "talks.jsonl:3, message 1: user: '<b>'" in out
    assert out.index("error") < out.index("warning")
    assert "\x1b" not in out
    assert "--fix" in err


def test_check_of_whole_files_is_quiet_and_exits_with_0(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "talks.jsonl"
    path.write_text("".join(line(f"Question {i}?", f"Answer {i}.") for i in range(9)))
    code, out, err = run("check", path)
    assert (code, err) == (0, "")
    assert out.splitlines()[1:] == ["nothing wrong was found"]


def test_json_holds_every_place(run: Run, talks: Path) -> None:
    code, out, _ = run("check", talks, "--json")
    found = json.loads(out)
    assert code == 1
    assert found["files"][0]["conversations"] == 4
    html = next(one for one in found["findings"] if one["check"] == "html")
    assert (html["count"], html["places"][0]["line"], html["places"][0]["turn"]) == (1, 3, 1)


def test_fix_writes_a_copy_that_can_be_trained_on_and_a_log(run: Run, talks: Path) -> None:
    before = talks.read_bytes()
    code, _, err = run("check", talks, "--fix")
    fixed = talks.with_name("talks.fixed.jsonl")
    assert code == 0
    assert talks.read_bytes() == before
    assert "3 as they were, 1 repaired, 1 left out" in err
    assert [c.messages[0].content for c in read_files([fixed]).conversations][1] == "Is it free?"
    log = [json.loads(row) for row in fixed.with_name("talks.fixed.jsonl.log.jsonl").read_text().splitlines()]
    assert {row["check"] for row in log} == {"broken", "html", "escape"}
    code, _, err = run("check", talks, "--fix")
    assert code == 1
    assert "the file exists already" in err and "remove it" in err


def test_convert_says_the_form_and_what_was_changed(run: Run, tmp_path: Path) -> None:
    path, to = tmp_path / "visit.txt", tmp_path / "visit.jsonl"
    path.write_text("Doctor: Good morning.\nPatient: My knee hurts.\nDoctor: Since when?\nPatient: Monday.\n")
    code, _, err = run("convert", path, to)
    assert code == 0
    assert "visit.txt is transcript" in err
    assert "opened by the assistant: that message left out: 1" in err
    (talk,) = read_files([to]).conversations
    assert [m.content for m in talk.messages] == ["My knee hurts.", "Since when?"]
    code, _, err = run("convert", path, to)
    assert code == 1 and "exists already" in err


def test_who_is_the_assistant_can_be_said(run: Run, tmp_path: Path) -> None:
    path, to = tmp_path / "talk.txt", tmp_path / "talk.jsonl"
    path.write_text("Anna: Is it open?\nBen: Yes.\nAnna: Thanks!\nBen: Bye.\n")
    code, _, err = run("convert", path, to)
    assert code == 1
    assert "Anna" in err and "--assistant" in err
    assert run("convert", path, to, "--assistant", "Ben")[0] == 0
    (talk,) = read_files([to]).conversations
    assert [m.content for m in talk.messages if m.role == "assistant"] == ["Yes.", "Bye."]


def test_formats_are_listed_and_a_wrong_one_has_a_guess(run: Run, talks: Path) -> None:
    code, out, _ = run("formats")
    assert code == 0
    assert "sharegpt" in out and "transcript" in out
    code, _, err = run("check", talks, "--type", "sharegtp")
    assert code == 1 and "did you mean `sharegpt`?" in err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"\x00\x01\x02", "binary"),
        (b"text,label\nwhere is my card,card_arrival\nlost it,lost_card\n", "no replies"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_what_is_no_dialogue_file_is_refused_in_words(run: Run, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    code, out, err = run("check", path)
    assert (code, out) == (1, "")
    assert words in err and str(path) in err
    assert "Traceback" not in err


def test_a_folder_stands_for_the_files_in_it(run: Run, talks: Path) -> None:
    (talks.parent / "README.md").write_text("about")
    code, out, _ = run("check", talks.parent)
    assert code == 1
    assert out.count("talks.jsonl: messages") == 1


def test_what_is_nearly_the_same_and_what_leaks_is_told(run: Run, tmp_path: Path) -> None:
    asked = "Good morning, could you please tell me where my parcel with the number {} is right now?"
    said = "It left our warehouse yesterday evening and should be with you by {}, dear {}."
    talks = [line(asked.format(i), said.format(day, name)) for i, (day, name) in enumerate([("Monday", "Anna")] * 2)]
    others = [line(f"Do you sell item {i} in {colour}?", f"Yes, in {colour}, for {i} dollars.") for i, colour in
              enumerate(["red", "blue", "green", "black", "white", "brown"])]  # fmt: skip
    train, test = tmp_path / "train.jsonl", tmp_path / "test.jsonl"
    train.write_text("".join([*others, *talks]))
    test.write_text(line(asked.format(9).upper(), said.format("Monday", "Anna")) + line("Are you open?", "Until six."))
    code, out, _ = run("check", train, "--against", test)
    assert code == 1
    assert "1 of 2 held-out conversations are in the training files (50%)" in out
    assert f"{test}:1 is exact {train}:7" in out
    code, out, _ = run("check", train, "--against", test, "--json")
    assert json.loads(out)["leakage"]["shares"]["exact"] == 0.5
    code, out, _ = run("check", train, "--against", train.with_name("none.jsonl"))
    assert code == 1


def test_personal_data_is_told_masked_and_replaced_on_request(run: Run, tmp_path: Path) -> None:
    path, to = tmp_path / "talks.jsonl", tmp_path / "safe.jsonl"
    asked = "Hi, my name is Hannah Fischer, call me at 555-0117 or write to hannah@example.com."
    path.write_text(line(asked, "Thanks, Hannah! Our number is 555-0134.") + line("Are you open?", "Until six."))
    code, out, _ = run("check", path, "--personal")
    assert code == 0
    assert "1 of 2 conversations tell who somebody is" in out
    assert "talks.jsonl:1, message 1" in out and "Hannah" not in out and "0117" not in out
    assert json.loads(run("check", path, "--personal", "--json")[1])["personal"]["email"] == 1
    code, _, err = run("anonymise", path, to, "--keep", "555-0134")
    assert code == 0
    assert "1 of 2 conversations had personal data" in err and "read the result" in err
    text = to.read_text()
    assert "Hannah" not in text and "0117" not in text and "555-0134" in text
    assert text.splitlines()[1] == path.read_text().splitlines()[1]
    assert "Hannah" not in to.with_name("safe.jsonl.log.jsonl").read_text()


def test_presidio_is_asked_besides_our_rules(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def asked(text: str) -> Iterator[Found]:
        if (at := text.find("Zorblax")) >= 0:
            yield Found("name", at, at + 7, "Zorblax", "presidio")

    path, to = tmp_path / "talks.jsonl", tmp_path / "safe.jsonl"
    path.write_text(line("so zorb told Zorblax of it", "Did it?"))
    monkeypatch.setattr("chatforge.dialogues.privacy.presidio.presidio", lambda: asked)
    assert run("anonymise", path, tmp_path / "ours.jsonl")[0] == 0
    assert "Zorblax" in (tmp_path / "ours.jsonl").read_text()
    assert run("anonymise", path, to, "--presidio")[0] == 0
    assert "Zorblax" not in to.read_text()


def test_show_marks_what_is_learned(run: Run, talks: Path, tiny_model: Path) -> None:
    code, out, err = run("show", talks, "2", "--base", tiny_model, "--max-length", "400")
    assert code == 0, err
    assert "Is it <b>free</b>?" in out
    assert "{+Yes" in out or "⟦Yes" in out
    assert "\x1b" not in out
    assert "talks.jsonl:3" in err and "every reply is learned" in err
    code, _, err = run("show", talks, "9", "--base", tiny_model)
    assert code == 1 and "there is no conversation 9" in err


@pytest.mark.long
def test_a_recipe_is_looked_at_as_its_run_would(run: Run, tiny_recipe: Path, home: Path) -> None:
    text = tiny_recipe.read_text()
    tiny_recipe.write_text(text.replace("max_length: 512", "max_length: 500\n  too_long: cut"))
    long = line("Question?", "Yes. " * 9, "And?", "No. " * 150)
    train = tiny_recipe.with_name("train.jsonl")
    train.write_text(train.read_text() + long)
    code, out, err = run("check", tiny_recipe)
    assert code == 0, out + err
    assert out.count(": messages, ") == 3
    assert ": 1 of 21 conversations are longer than max_length 500" in out
    assert "warning  longer than max_length: loses its last replies: 1" in out
    assert "train.jsonl:17: " in out and "1 of 2 replies lost, the last" in out
    assert "0 of 8 held-out conversations are in the training files" in out
    code, out, _ = run("check", train, "--recipe", tiny_recipe, "--max-length", 5000, "--json")
    found = json.loads(out)["lengths"]
    assert (found["longer"], found["max_length"], found["exact"]) == (0, 5000, True)
    assert found["keeps_all"] > 500
    code, out, _ = run("check", tiny_recipe, "--meaning", "--quick")
    assert code == 0 and "fewer than 20 training conversations: too few to tell likeness from chance" in out


def test_what_perhaps_says_the_same_is_to_be_looked_at_and_no_leak() -> None:
    looks = (Overlap("look", 0, 7, "test.jsonl:1", "train.jsonl:8", 0.91), Overlap("look", 3, 2, "t:4", "r:3", 0.95))
    leaks = Leakage(looks, 10, 100, 100, look_above=0.9)
    done = Checked(Examination(), None, leaks, None)
    told = [text.plain for text in data_words.lines(done, places=1)]
    assert "fine  0 of 10 held-out conversations are in the training files (0%)" in told
    assert "look  2 of 10 held-out conversations perhaps say the same in other words: no leaks, to look at" in told
    assert told[-2:] == ["  t:4 and r:3: similarity 0.95", "  and 1 more"]
    assert any("29 % [16, 47]: what is not listed is not cleared" in line for line in told)
    assert data_words.as_json(done)["leakage"]["look_above"] == 0.9


def test_lengths_are_guessed_without_the_base_and_said_to_be(run: Run, talks: Path, home: Path) -> None:
    talks.write_text(line("Hi", "Hello!") + line("Long?", "Yes, very. " * 40))
    code, out, _ = run("check", talks, "--max-length", "64")
    assert code == 1
    assert "guessed from their characters, smollm2-135m-instruct is not here" in out
    assert "talks.jsonl:2: about" in out and "none of 1 replies is learned" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to look at"),
        (["talks.jsonl", "recipe.yaml"], "a recipe is looked at alone"),
        (["talks.jsonl", "--meaning"], "--meaning compares with held-out files"),
        (["talks.jsonl", "--model", "nobody"], "is no known model"),
        (["talks.jsonl", "--against", "talks.jsonl", "--meaning"], "all-minilm-l6-v2` is not on this machine"),
        (["recipe.yaml"], "there is no such file"),
    ],
)
def test_what_cannot_be_looked_at_is_told_before_the_work(
    run: Run, talks: Path, home: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(talks.parent)
    code, out, err = run("check", *words)
    assert (code, out) == (1, "")
    assert said in err


def test_texts_shows_what_would_be_learned(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fees.md").write_text("---\ntitle: x\n---\n# Fees\n\nOne\x1b[31m hundred.\n")
    (tmp_path / "more.txt").write_text("And more.")
    code, out, err = run("texts", tmp_path / "fees.md", tmp_path / "more.txt", "--all")
    assert (code, err) == (0, "")
    assert f"{tmp_path / 'fees.md'}: 2 paragraphs, about 6 tokens\n  left out: 1 front matter" in out
    assert "# Fees" in out
    assert "\x1b" not in out
    assert out.rstrip().endswith("2 files, about 8 tokens")


def test_texts_as_json_and_what_is_none(run: Run, tmp_path: Path) -> None:
    (tmp_path / "fees.txt").write_text("One.\n\nTwo.")
    found = json.loads(run("texts", tmp_path / "fees.txt", "--json")[1])
    assert found["files"][0]["paragraphs"] == 2
    code, out, err = run("texts", tmp_path / "gone.pdf")
    assert (code, out) == (1, "")
    assert "gone.pdf: cannot be read" in err
