"""What the check found in the stage Data: summed up, gone through, mended and anonymised in copies; who answers."""

import asyncio
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from chatforge.project import copies_client, doctor_client
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.tui.forge import ForgeScreen
from chatforge.tui.modals.findings import Findings
from chatforge.tui.modals.question import Question
from chatforge.tui.stage import StagePane
from chatforge.tui.widgets.conversations import ConversationList
from chatforge.tui.widgets.doctor_line import DoctorLine

EVIL = "\x1b[31m[bold]red[/bold] \u202egnol\x9b2J"


def talk(*words: str) -> str:
    roles = ("user", "assistant")
    return json.dumps({"messages": [{"role": roles[i % 2], "content": text} for i, text in enumerate(words)]})


def add_lines(recipe: Path, *lines: str) -> None:
    with (recipe.parent / "train.jsonl").open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def line(pilot: Pilot[Any]) -> DoctorLine:
    (forge,) = (screen for screen in pilot.app.screen_stack if isinstance(screen, ForgeScreen))
    return forge.query_one(DoctorLine)


def row(pilot: Pilot[Any]) -> int | None:
    return pilot.app.screen.query_one(ConversationList).row


def kinds(pilot: Pilot[Any]) -> list[str]:
    """Ids of what was found, as they are listed."""
    known = line(pilot).known
    return [kind.id for kind in (known.kinds if known else None) or ()]


def pid(pilot: Pilot[Any]) -> int:
    """The process that checks."""
    doctor = line(pilot)._doctor
    assert doctor
    return doctor.pid


async def all_known(ui: Any, pilot: Pilot[Any]) -> None:
    await ui.wait_until(pilot, lambda: (known := line(pilot).known) and not known.looking)


async def open_list(ui: Any, pilot: Pilot[Any]) -> None:
    await pilot.press("i")
    await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Findings))


async def choose(ui: Any, pilot: Pilot[Any], key: str) -> None:
    """Press a key of the list that leads to a question."""
    await open_list(ui, pilot)
    await pilot.press(key)
    await ui.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))


@pytest.mark.usefixtures("real_doctor")
def test_findings_are_summed_up_listed_and_gone_through(ui: Any, project: Path, tmp_path: Path) -> None:
    add_lines(project, talk("Is it <b>free</b>?", f"Yes {EVIL}"), talk("Is it <i>late</i>?", "No"), '{"messages": 7}')

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "1 error, ", " warnings", "i Issues")):
                assert "n Next issue" not in ui.text(pilot.app)
            await open_list(ui, pilot)
            async for _ in ui.at_sizes(
                pilot, ui.shows(pilot, "cannot be read", "f Write mended copies", "train.jsonl:15")
            ):
                text = ui.text(pilot.app)
                assert "in a mended copy the line is left out" in text and "error" in text and "warning" in text
            await pilot.press(*["down"] * kinds(pilot).index("html"))
            await ui.wait_until(pilot, ui.shows(pilot, "tags go, their text stays", "train.jsonl:13, message 1"))
            await pilot.press("enter")
            await ui.wait_until(pilot, ui.shows(pilot, "remains of HTML, 1 of 2: train.jsonl:13, message 1"))
            assert row(pilot) == 12
            assert "n Next issue" in ui.text(pilot.app)
            await pilot.press("n")
            await ui.wait_until(pilot, lambda: row(pilot) == 13)
            await pilot.press("n")
            await ui.wait_until(pilot, lambda: row(pilot) == 12)
            await pilot.press("N")
            await ui.wait_until(pilot, lambda: row(pilot) == 13)
            await pilot.press("escape")
            await ui.wait_until(pilot, ui.shows(pilot, "1 error, "))
            assert not {"\x1b", "\x9b", "\u202e"} & set(ui.text(pilot.app))

    ui.run(test)


@pytest.mark.usefixtures("real_doctor")
def test_one_is_led_to_a_place_that_the_filter_hides(ui: Any, project: Path, tmp_path: Path) -> None:
    add_lines(project, talk("Is it <b>free</b>?", "Yes"))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            await pilot.press("slash", *"boots 1", "enter")
            talks = pilot.app.screen.query_one(ConversationList)
            await ui.wait_until(pilot, lambda: 0 < len(talks._rows) < 12)
            await open_list(ui, pilot)
            await pilot.press(*["down"] * kinds(pilot).index("html"), "enter")
            await ui.wait_until(pilot, lambda: row(pilot) == 12 and len(talks._rows) == 23)

    ui.run(test)


@pytest.mark.usefixtures("real_doctor")
def test_a_mended_copy_is_told_written_and_used(ui: Any, project: Path, tmp_path: Path) -> None:
    add_lines(project, talk("Is it <b>free</b>?", "Yes"), "{broken")
    train = project.parent / "train.jsonl"
    before, copy = train.read_bytes(), train.with_name("train.fixed.jsonl")

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            await choose(ui, pilot, "f")
            words = ("train.jsonl -> train.fixed.jsonl", "1 to be repaired, 1 left out, 12 as they are", "HTML: 1")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                assert "valid.jsonl" not in "".join(ui.text(pilot.app).split("Write the mended copy?")[1:])
            await pilot.press("k")
            await ui.wait_until(pilot, lambda: not isinstance(pilot.app.screen, Question))
            assert not copy.exists()

            await choose(ui, pilot, "f")
            await pilot.press("w")
            async for _ in ui.at_sizes(
                pilot, ui.shows(pilot, "Written: train.fixed.jsonl", "d takes the copy out again")
            ):
                pass
            await pilot.press("u")
            await ui.wait_until(pilot, lambda: "  train: train.fixed.jsonl\n" in project.read_text())
            await ui.wait_until(pilot, ui.shows(pilot, "train.fixed.jsonl", "13 conversations"))
            await ui.wait_until(pilot, lambda: "bad line" not in ui.text(pilot.app))

    ui.run(test)
    assert train.read_bytes() == before
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert copy.with_name("train.fixed.jsonl.log.jsonl").exists()
    assert "# A small shop." in project.read_text() and "lora_r: 4  # small" in project.read_text()


@pytest.mark.usefixtures("real_doctor")
def test_a_copy_of_an_earlier_time_is_not_written_over(ui: Any, project: Path, tmp_path: Path) -> None:
    add_lines(project, talk("Is it <b>free</b>?", "Yes"))
    copy = project.parent / "train.fixed.jsonl"
    copy.write_text("mine")

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            await open_list(ui, pilot)
            await pilot.press("f")
            await ui.wait_until(
                pilot, lambda: any("is there already" in note.message for note in pilot.app._notifications)
            )

    ui.run(test)
    assert copy.read_text() == "mine"


@pytest.mark.usefixtures("real_doctor")
def test_personal_details_are_counted_and_an_anonymised_copy_is_used(ui: Any, project: Path, tmp_path: Path) -> None:
    add_lines(project, talk("My mail is anna.keller@example.com", "Thank you, I write to anna.keller@example.com"))
    copy = project.parent / "train.anonymised.jsonl"

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            await ui.wait_until(pilot, ui.shows(pilot, "personal details in 1 conversation"))
            await open_list(ui, pilot)
            await pilot.press("end")
            await ui.wait_until(pilot, ui.shows(pilot, "e-mail addresses 2", "train.jsonl:13", "p Write anonymised"))
            assert "anna.keller" not in "".join(ui.text(pilot.app).split("What the check found")[1:]).split("Close")[0]
            await pilot.press("p")
            await ui.wait_until(pilot, ui.shows(pilot, "1 with personal details, 0 left out, 12 as they are"))
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "read a copy before"))
            await pilot.press("u")
            await ui.wait_until(pilot, lambda: load_recipe(project).recipe.data.train == [copy])

    ui.run(test)
    assert "anna.keller" not in copy.read_text()


@pytest.mark.usefixtures("real_doctor")
def test_what_the_recipe_makes_of_the_files_is_told_and_another_limit_is_set(
    ui: Any, project: Path, tmp_path: Path
) -> None:
    test = project.parent / "test.jsonl"
    leak = json.loads((project.parent / "train.jsonl").read_text().splitlines()[3])["messages"]
    test.write_text(test.read_text() + json.dumps({"messages": leak}) + "\n" + talk("Hello", "Hi " * 90, "So?", "Yes"))
    add_lines(project, talk("Where?", "Here " * 60))
    text = project.read_text().replace("training:\n", "training:\n  max_length: 120  # short\n")
    project.write_text(text)

    async def test_() -> None:
        def leak_is(severity: str) -> bool:
            found = (known := line(pilot).known) and known.kind("in-train-test")
            return bool(found and found.severity == severity)

        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "1 of test in train, too")):
                pass
            await open_list(ui, pilot)
            words = (
                "1 of 8 test conversations are in train, too (12%)",
                "exact 12.5%",
                "a run is refused",
                "l Set max",
            )
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *words)):
                pass
            await pilot.press("enter")
            await ui.wait_until(pilot, ui.shows(pilot, "in train, too, 1 of 1: test.jsonl:7  as train.jsonl:4, word"))
            assert row(pilot) == 13 + 4 + 6

            # As far as only the recipe changes, the files are not examined again.
            before = kinds(pilot)
            pilot.app.screen.pane.post_message(StagePane.Edit({"data.max_overlap": 0.5}))
            await ui.wait_until(pilot, lambda: leak_is("warning"))
            await all_known(ui, pilot)
            assert sorted(kinds(pilot)) == sorted(before)

            await open_list(ui, pilot)
            await ui.wait_until(pilot, ui.shows(pilot, "would keep all of them"))
            await pilot.press("l")
            await ui.wait_until(pilot, ui.shows(pilot, "How long may a conversation be?", "k  Keep 120", "keeps all"))
            await pilot.press("a")
            await ui.wait_until(pilot, lambda: (load_recipe(project).recipe.training.max_length or 0) > 120)
            await ui.wait_until(pilot, lambda: "dropped" not in kinds(pilot))
            assert "# short" in project.read_text()

    ui.run(test_)


@pytest.mark.usefixtures("real_doctor")
def test_making_copies_can_be_stopped(ui: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_lines(project, talk("Is it <b>free</b>?", "Yes"))

    async def for_ever(
        files: object, read_as: object, purpose: object, told: Callable[[int], object], **_: Any
    ) -> None:
        try:
            told(400)
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    ended: list[bool] = []
    monkeypatch.setattr(copies_client, "copy", for_ever)

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            await open_list(ui, pilot)
            await pilot.press("f")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, "What copies would be", "400 conversations", "esc Stop")):
                pass
            await pilot.press("escape")
            await ui.wait_until(pilot, lambda: ended and isinstance(pilot.app.screen, ForgeScreen))

    ui.run(test)


@pytest.mark.usefixtures("real_doctor")
def test_a_whole_file_is_called_so_and_the_check_begins_anew_when_it_changes(
    ui: Any, project: Path, tmp_path: Path
) -> None:
    clean = "".join(talk(f"What of the {thing}?", f"It is {what}.") + "\n" for thing, what in WHOLE)
    for name in ("train", "valid", "test"):
        (project.parent / f"{name}.jsonl").write_text(clean.replace("What", f"What in the {name}"))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await all_known(ui, pilot)
            first = pid(pilot)
            known = set(kinds(pilot))
            add_lines(project, "{broken")
            await ui.wait_until(pilot, ui.shows(pilot, "1 error"))
            assert set(kinds(pilot)) - known == {"broken"}
            with pytest.raises(ProcessLookupError):
                os.kill(first, 0)

    ui.run(test)


WHOLE = (("boots", "red"), ("lamp", "sold"), ("parcel", "late"), ("table", "on its way"), ("coat", "in the shop"))


def test_a_check_that_dies_says_so_and_holds_nothing_up(ui: Any, project: Path, tmp_path: Path) -> None:
    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "the check broke off", "12 conversations"))
            assert "i Issues" not in ui.text(pilot.app)
            await pilot.press("i", "n", "N", "w", "down")
            await ui.wait_until(pilot, lambda: row(pilot) == 1)

    ui.run(test)


@pytest.mark.usefixtures("real_doctor")
def test_a_check_ends_with_the_app(ui: Any, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_client, "PROGRAM", ("-c", "import time; time.sleep(60)"))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "checking the conversations"))
            pids.append(pid(pilot))

    pids: list[int] = []
    ui.run(test)
    with pytest.raises(ProcessLookupError):
        os.kill(pids[0], 0)


def whatsapp(path: Path, *speakers: str, chats: int = 6) -> None:
    """Write chats of two days' distance in which all speakers say something in turn."""
    lines = [
        f"[{1 + 2 * chat:02}.03.24, 14:0{minute}:01] {who}: Text {chat} {minute}"
        for chat in range(chats)
        for minute, who in enumerate(speakers)
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def test_the_form_is_said_and_a_guess_can_be_put_right(ui: Any, project: Path, tmp_path: Path) -> None:
    whatsapp(project.parent / "chat.txt", "Anna", "Ben [red]", "Anna", "Ben [red]")
    project.write_text(project.read_text().replace("train: train.jsonl", "train: chat.txt"))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            guess = ("WhatsApp; `Ben [red]` taken as the assistant: never opens", "w Who answers")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *guess)):
                pass
            await ui.answer(pilot, "w", "1")
            await ui.wait_until(pilot, lambda: load_recipe(project).recipe.data.assistant == "Anna")
            await ui.wait_until(pilot, ui.shows(pilot, "WhatsApp; Anna is the assistant (data.assistant)"))
            assert "train: chat.txt" in project.read_text() and "# A small shop." in project.read_text()

    ui.run(test)


def test_who_is_the_assistant_is_asked_where_nothing_tells(ui: Any, project: Path, tmp_path: Path) -> None:
    whatsapp(project.parent / "chat.txt", "Anna", "Ben [red]", "Anna", "Ben [red]", chats=1)
    project.write_text(project.read_text().replace("train: train.jsonl", "train: chat.txt"))

    async def test() -> None:
        async with ui.forge(project, tmp_path / "runs", stage=Stage.DATA) as pilot:
            asked = ("press w to say who is the assistant", "w Who answers")
            async for _ in ui.at_sizes(pilot, ui.shows(pilot, *asked)):
                pass
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "1  Anna", "2  Ben [red]"))
            await pilot.press("2")
            await ui.wait_until(pilot, lambda: load_recipe(project).recipe.data.assistant == "Ben [red]")
            await ui.wait_until(pilot, ui.shows(pilot, "Ben [red] is the assistant"))

    ui.run(test)
