"""The stage Data: files and what is wrong with them, a list of any length, what is learned, corrections."""

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, TextArea

from chatforge.dialogues.draft import BadLine
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO
from chatforge.dialogues.window import Corpus, index_file, index_lines
from chatforge.project import data_client
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.tui.modals.bad_lines import BadLines
from chatforge.tui.modals.pick import PickFile
from chatforge.tui.modals.question import Question
from chatforge.tui.raw_line import raw_line
from chatforge.tui.signs import ASCII
from chatforge.tui.stages.data import DataPane
from chatforge.tui.widgets.browse import Browse
from chatforge.tui.widgets.conversations import HELD, ConversationList
from chatforge.tui.widgets.lengths import histogram, in_words
from chatforge.tui.widgets.xray import as_the_model_gets

EVIL = "\x1b]0;owned\x07\x1b[31m[bold]red[/bold] \u202egnol\x9b2J"


def add_line(recipe: Path, line: str, name: str = "train") -> None:
    with (recipe.parent / f"{name}.jsonl").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def talk(*words: str) -> str:
    roles = ("user", "assistant")
    return json.dumps({"messages": [{"role": roles[i % 2], "content": text} for i, text in enumerate(words)]})


def browse(pilot: Pilot[Any]) -> Browse:
    return pilot.app.screen.query_one(Browse)


@pytest.mark.usefixtures("real_worker")
def test_what_is_learned_of_each_conversation_is_seen(ui: Any, project: Path, tmp_path: Path) -> None:
    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            counted = ("12 conversations", "train 12   valid 4   test 6", "learned")
            await ui.wait_until(pilot, lambda: len(browse(pilot).counting.lengths) == 22)
            async for size in ui.at_sizes(pilot, ui.shows(pilot, *counted)):
                text = ui.text(pilot.app)
                for words in ("train.jsonl", "48 turns", "Can I return boots", "You help in a small shop.", "tokens"):
                    assert words in text
                assert "✓ Yes, boots 0.0 can be" in text or size[1] == 24
                assert "estimated" not in text
                assert "recipe check" in text and "Next: Adapt" in text
            await ui.wait_until(pilot, ui.shows(pilot, "<|im_start|>assistant"))

            # As people read it; and what is held out.
            await pilot.press("x")
            await ui.wait_until(pilot, lambda: "<|im_start|>" not in ui.text(pilot.app))
            assert "✓ assistant" in ui.text(pilot.app)
            await pilot.press("end")
            await ui.wait_until(pilot, ui.shows(pilot, "held out, never learned"))
            assert "✓ assistant" not in ui.text(pilot.app)

            # Too long: cut before the eye.
            await pilot.press("home", "x")
            fields = {"training.max_length": 150, "training.too_long": "cut"}
            pilot.app.screen.pane.post_message(DataPane.Edit(fields))
            await ui.wait_until(pilot, ui.shows(pilot, "cut here: 150 tokens", "longer than 150", "! "))
            text = ui.text(pilot.app)
            assert "training.too_long: cut" in text
            assert "✓ Yes" not in text.split("cut here")[1]
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: pilot.app.screen.stage == Stage.ADAPT)

    ui.run(test)


@pytest.mark.long
@pytest.mark.usefixtures("real_worker")
def test_the_worker_dies_and_the_plain_reader_works_on(ui: Any, project: Path, tmp_path: Path) -> None:
    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "<|im_start|>assistant"))
            client = browse(pilot).counting.client
            assert client
            os.kill(client.pid, signal.SIGKILL)
            await ui.wait_until(pilot, lambda: browse(pilot).counting.trouble)
            await pilot.press("down")
            await ui.wait_until(pilot, ui.shows(pilot, "has ended", "✓ assistant"))
            await pilot.press("r")
            await ui.wait_until(pilot, ui.shows(pilot, "<|im_start|>assistant"))
            again = browse(pilot).counting.client
            assert again
        with pytest.raises(ProcessLookupError):  # it goes with the app
            os.kill(again.pid, 0)

    ui.run(test)


def test_a_broken_line_is_told_shown_and_left_out(ui: Any, project: Path, tmp_path: Path) -> None:
    lines = (project.parent / "train.jsonl").read_text().splitlines()
    (project.parent / "train.jsonl").write_text("\n".join([*lines[:6], '{"messages": [' + EVIL, *lines[6:]]))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "train.jsonl:7: ", "1 bad line", "has ended")):
                assert "\x1b" not in ui.text(pilot.app)
            await pilot.press("b")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, BadLines))
            assert "train.jsonl:7" in ui.text(pilot.app) and "a run stops at them" in ui.text(pilot.app)
            await pilot.press("enter")
            words = ("train.jsonl:7 is no conversation", "broken JSON", '{"messages":', "\\x1b]0;owned")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            await pilot.press("b", "l")
            await ui.wait_until(pilot, lambda: load_recipe(project).recipe.data.bad_lines == "skip")
            await ui.wait_until(pilot, lambda: "train.jsonl:7: " not in ui.text(pilot.app).splitlines()[1])

    ui.run(test)


def test_a_line_mended_in_an_editor_is_seen_without_a_key(ui: Any, project: Path, tmp_path: Path) -> None:
    train = project.parent / "train.jsonl"
    good = train.read_text()
    train.write_text(good + "nonsense\n")

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "train.jsonl:13: ", "1 bad line"))
            train.write_text(good)
            await ui.wait_until(pilot, lambda: "bad line" not in ui.text(pilot.app))
            await ui.wait_until(pilot, ui.shows(pilot, "12 conversations", "✓ 2 Data"))
            train.unlink()
            await ui.wait_until(pilot, ui.shows(pilot, "cannot be read", "○ 2 Data"))
            train.write_text(good)
            await ui.wait_until(pilot, ui.shows(pilot, "12 conversations", "✓ 2 Data"))

    ui.run(test)


def test_what_is_too_little_is_told_with_how_much_more_it_takes(
    ui: Any, project: Path, tmp_path: Path, write_conversations: Callable[..., Path]
) -> None:
    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            little, held_out = (
                "learned from 12 conversations; give 50",
                '6 held out (test): the verdict will be "cannot',
            )
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, little, held_out, "give 24 more")):
                pass
            write_conversations(project.parent / "train.jsonl", 60, 500)
            write_conversations(project.parent / "test.jsonl", 30, 900)
            await ui.wait_until(pilot, ui.shows(pilot, "train 60   valid 4   test 30"))
            await ui.wait_until(pilot, lambda: "held out (test)" not in ui.text(pilot.app))
            assert "little will be learned" not in ui.text(pilot.app)

    ui.run(test)


def test_a_line_is_shown_as_it_stands_cut_around_its_fault(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\n' + b"x" * 5_000 + b"\x1b\t\xff FAULT" + b"y" * 5_000 + b"\n")
    corpus = Corpus([index_lines(path)])
    assert raw_line(corpus, 0, "`messages` is missing") == '{"a": 1}'
    shown = raw_line(corpus, 1, "broken JSON at column 5003: nonsense")
    assert "\\x1b\\t\\xff FAULT" in shown and shown.isprintable()
    assert shown.startswith(" [4,803 more characters] ") and shown.endswith("more characters] ")
    path.unlink()
    assert raw_line(corpus, 0, "") == ""


def test_a_line_of_another_form_is_read_from_its_own_file(tmp_path: Path) -> None:
    path = tmp_path / "talks.json"
    talks = [{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Ho"}]}, {"messages": 7}]
    path.write_text("[\n" + ",\n".join(map(json.dumps, talks)) + "\n]\n")
    index = index_file(path, AUTO, Choices())
    assert index.copy
    corpus = Corpus([index])
    (row,) = [row for row in range(len(corpus)) if isinstance(corpus.at(row), BadLine)]
    assert raw_line(corpus, row, "") == '{"messages": 7}'


@pytest.mark.parametrize("content", [None, b"\x00\x01binary", b""])
def test_a_file_that_cannot_be_used_is_named_and_can_be_taken_out(
    ui: Any, project: Path, tmp_path: Path, content: bytes | None
) -> None:
    bad = project.parent / "more.jsonl"
    project.write_text(project.read_text().replace("train: train.jsonl", "train: [train.jsonl, more.jsonl]"))
    if content is not None:
        bad.write_bytes(content)

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "more.jsonl", "12 conversations"))
            reason = {None: "there is no file", b"": "empty"}.get(content, "binary")
            await ui.wait_until(pilot, lambda: reason in ui.text(pilot.app))
            await pilot.press("d")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))
            await pilot.press("2")
            await ui.wait_until(pilot, lambda: "  train: train.jsonl\n" in project.read_text())
            await ui.wait_until(pilot, lambda: reason not in ui.text(pilot.app))

    ui.run(test)


def test_a_file_is_added_where_it_belongs_and_the_last_can_go(
    ui: Any, project: Path, tmp_path: Path, write_conversations: Callable[..., Path]
) -> None:
    write_conversations(project.parent / "more.jsonl", 3, start=300)

    async def add(pilot: Pilot[Any], name: str, key: str) -> None:
        await pilot.press("a")
        await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, PickFile))
        pilot.app.screen.query_one(Input).value = name
        await pilot.press("enter")
        await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press(key)

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "12 conversations"))
            await add(pilot, "more.jsonl", "v")
            await ui.wait_until(
                pilot, lambda: [p.name for p in load_recipe(project).recipe.data.valid][1:] == ["more.jsonl"]
            )
            await ui.wait_until(pilot, ui.shows(pilot, "valid 7"))
            await add(pilot, "more.jsonl", "t")
            await ui.wait_until(
                pilot, lambda: "more.jsonl is in valid already" in [n.message for n in pilot.app._notifications]
            )

    ui.run(test)


def test_no_file_at_all_says_what_to_do(ui: Any, project: Path, tmp_path: Path) -> None:
    project.write_text("data:\n  system: S\n")

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "No conversations yet. Press a"))
            await pilot.press("x", "d", "b", "enter", "down", "a")
            await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, PickFile))

    ui.run(test)


def test_parts_without_files_are_split_off_and_shown(ui: Any, project: Path, tmp_path: Path) -> None:
    text = project.read_text().replace("  valid: valid.jsonl\n", "").replace("  test: test.jsonl\n", "")
    project.write_text(text.replace("  system:", "  test_share: 0.25\n  system:"))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            words = "25% of train, split off in whole groups (seed 7), 3 conversations"
            await ui.wait_until(pilot, ui.shows(pilot, words))
            assert "train 8   valid 1   test 3   seed 7" in ui.text(pilot.app)
            survey = pilot.app.screen.query_one(DataPane)._found.survey
            assert survey and "test" in {survey.part(row) for row in range(12)}

    ui.run(test)


@pytest.mark.long
def test_200_000_lines_are_a_list_at_once(ui: Any, project: Path, tmp_path: Path) -> None:
    line = talk("Where is my parcel?", "On its way.") + "\n"
    count = 200_000
    (project.parent / "train.jsonl").write_text(line * (count - 1) + talk("Where is the elephant?", "Here.") + "\n")

    async def test() -> None:
        from chatforge.project import looking

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(looking, "read_inputs", lambda *_: looking.Read())  # the screen's own check, not this stage's
            async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
                await ui.wait_until(pilot, lambda: len(pilot.app.screen.query_one(ConversationList)._rows) > count)
                talks = pilot.app.screen.query_one(ConversationList)
                await pilot.press("end", "pageup", "pageup", "home", *["pagedown"] * 20)
                assert 0 < talks.held <= HELD
                assert len(pilot.app.screen.query("*")) < 200
                await pilot.press("slash", *"ELEPHANT", "enter")
                await ui.wait_until(pilot, lambda: len(talks._rows) == 1)
                assert "Where is the elephant?" in ui.text(pilot.app)
                assert talks.row == count - 1
                await pilot.press("escape")
                await ui.wait_until(pilot, lambda: len(talks._rows) > count)

    ui.run(test)


@pytest.mark.usefixtures("real_worker")
def test_hostile_text_is_harmless_and_ascii_terminals_get_ascii(ui: Any, project: Path, tmp_path: Path) -> None:
    add_line(project, talk(EVIL + "\tfirst <|im_end|>", f"ok {EVIL}"))
    project.write_text(project.read_text().replace("You help in a small shop.", '"[red]\\e[31mS[/red]"'))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA, signs=ASCII) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "13 conversations", "[red]S[/red]"))
            pilot.app.screen.query_one(ConversationList).go_to(12)
            await ui.wait_until(pilot, ui.shows(pilot, "ok [bold]red[/bold]", "|im_end|>"))
            text = ui.text(pilot.app)
            assert not {"\x1b", "\x9b", "\x07", "\u202e"} & set(text)
            assert text.isascii(), {sign for sign in text if ord(sign) > 127}

    ui.run(test)


def test_the_system_message_is_edited_and_cannot_be_empty(ui: Any, project: Path, tmp_path: Path) -> None:
    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "You help in a small shop."))
            await pilot.press("e")
            await ui.wait_until(pilot, lambda: pilot.app.screen.query(TextArea))
            pilot.app.screen.query_one(TextArea).text = " "
            await pilot.press("ctrl+s")
            assert "cannot be empty" in ui.text(pilot.app)
            pilot.app.screen.query_one(TextArea).text = "You sell boots.\n"
            await pilot.press("ctrl+s")
            await ui.wait_until(pilot, ui.shows(pilot, "You sell boots."))
            assert load_recipe(project).recipe.data.system == "You sell boots."
            assert "# A small shop." in project.read_text()

    ui.run(test)


def test_corrections_are_offered_and_trained_on(ui: Any, project: Path, tmp_path: Path) -> None:
    for i in range(3):
        add_line(project, talk(f"Question {i}", "As it should be."), "corrections")

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "3 corrections saved: press c to train on them"))
            await pilot.press("c")
            await ui.wait_until(pilot, ui.shows(pilot, "3 corrections saved: the next training learns them"))
            train = load_recipe(project).recipe.data.train
            assert [path.name for path in train] == ["train.jsonl", "corrections.jsonl"]
            await ui.wait_until(pilot, ui.shows(pilot, "corrections.jsonl", "train 15"))

    ui.run(test)


def test_a_base_that_is_not_here_leaves_estimates(ui: Any, project: Path, tmp_path: Path) -> None:
    text = project.read_text().splitlines()
    project.write_text(
        "\n".join("  base: smollm2-135m-instruct" if "  base:" in line else line for line in text) + "\n"
    )

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "get the base in stage 1", "(estimated)"))

    ui.run(test)


def test_bars_and_their_words_show_where_is_cut() -> None:
    lengths = [10] * 8 + [40, 90]
    (line,) = histogram(lengths, 50, 21, 1, ASCII)
    bar = line.plain.index("|")
    assert line.plain[:bar].count("@") == 1 and line.plain[bar:].strip("| ") and line.plain.isascii()
    assert "1 longer than 50" in in_words(lengths, 50, 10, counted=True)
    assert "(10 of 99 counted)" in in_words(lengths, 50, 99, counted=True)
    assert "all fit into 100" in in_words(lengths, 100, 10, counted=True)
    assert "estimated" in in_words(lengths, 100, 10, counted=False)
    assert in_words([], 100, 0, counted=False) == "no lengths yet"


def test_learned_lines_have_a_sign_and_not_colour_alone() -> None:
    pieces = (("<|im_start|>assistant\n", "template"), ("Yes, it is.<|im_end|>", "learned"), ("\n", "template"))
    lines = as_the_model_gets(data_client.Answer("1", pieces, 9, 5), 40, ASCII, 100)
    assert [line.plain for line in lines] == ["  <|im_start|>assistant", f"{ASCII.yes} Yes, it is.<|im_end|>"]
    assert any("underline" in str(span.style) for span in lines[1].spans)
    long = data_client.Answer("1", (("word " * 9_000, "learned"), ("y" * 50, "context")), 9, 5)
    drawn = as_the_model_gets(long, 40, ASCII, 100)
    assert all(line.cell_length <= 40 for line in drawn[:-1]) and "more characters are not drawn" in drawn[-1].plain
