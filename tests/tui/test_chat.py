"""The stage Chat by keys: real worker processes, most of them with a made-up model."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psutil
import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Markdown, TextArea

from chatforge.chat.client import ChatClient
from chatforge.errors import UserError
from chatforge.project import new_run
from chatforge.project.nearest import Answer as Nearness
from chatforge.project.nearest import Near
from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.runs.events import EventWriter, Finished, Started
from chatforge.runs.folder import RunFolder
from chatforge.tui.forge import ForgeScreen
from chatforge.tui.modals.log import Lines
from chatforge.tui.modals.sampling import Sampling
from chatforge.tui.modals.talks import Talks
from chatforge.tui.signs import ASCII, UNICODE, Signs
from chatforge.tui.stages import chat as chat_stage
from chatforge.tui.stages.chat import ChatPane
from chatforge.tui.widgets.closest import Closest
from chatforge.tui.widgets.correct import Correct, ShouldBe
from chatforge.tui.widgets.message import Answer, Said
from chatforge.tui.widgets.prompt import Prompt
from chatforge.tui.widgets.talk import MOST_ROWS, Row

FAKE = [str(Path(__file__).with_name("fake_talker.py"))]


class Chat:
    """Drives the stage Chat by keys."""

    def __init__(self, ui: Any, pilot: Pilot[Any]) -> None:
        self.ui = ui
        self.pilot = pilot
        self.told: list[str] = []  # Textual shows no notifications in tests

    @property
    def pane(self) -> ChatPane:
        forge = next(screen for screen in self.pilot.app.screen_stack if isinstance(screen, ForgeScreen))
        return forge.query_one(ChatPane)

    @property
    def prompt(self) -> Prompt:
        return self.pane.query_one(Prompt)

    @property
    def text(self) -> str:
        text: str = self.ui.text(self.pilot.app)
        return text

    async def until(self, holds: Callable[[], object]) -> None:
        await self.ui.wait_until(self.pilot, holds)

    async def state(self, wanted: str) -> None:
        await self.until(lambda: self.pane.talker.state == wanted)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def say(self, text: str, until: str = "ready") -> None:
        """Type a message, send it, wait until it is answered."""
        self.prompt.fill(text)
        self.prompt.focus()
        await self.press("enter")
        await self.state(until)

    def answers(self) -> list[Answer]:
        return [answer for row in self.pane.talker.view.rows for answer in row.answers]

    def words(self, who: str, turn: int = -1) -> str:
        """What a model said in a turn, as it is known."""
        return self.pane.talker.talk.exchanges[turn].replies[who].text.strip()


Opening = Callable[..., Any]


@pytest.fixture
def trained(project: Path, runs_dir: Path, home: Path) -> RunFolder:
    """A run of the project that says it is trained."""
    run = new_run.create(load_recipe(project), runs_dir, home)
    with EventWriter(run.events("train")) as events:
        events.write(Started("train", 1))
        events.write(Finished(1.0))
    return run


@pytest.fixture
def chat(ui: Any, project: Path, runs_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Opening:
    """Open the stage with the made-up model and wait until it is loaded."""
    monkeypatch.setattr(ChatPane, "client", partial(ChatClient, program=FAKE))

    @asynccontextmanager
    async def opened(
        size: tuple[int, int] = (120, 40), signs: Signs = UNICODE, state: str = "ready"
    ) -> AsyncIterator[Chat]:
        async with ui.forge(project, runs_dir, stage=Stage.CHAT, size=size, signs=signs) as pilot:
            chat = Chat(ui, pilot)
            monkeypatch.setattr(pilot.app.screen, "tell", lambda text, severity="": chat.told.append(text))
            await chat.state(state)
            yield chat

    return opened


def test_base_and_adapted_answer_and_ctrl_t_shows_one(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            assert f"adapter {trained.id}"[:14] in talk.text
            assert talk.pilot.app.focused is talk.prompt
            await talk.say("hello")
            assert talk.words("base").startswith("I am the base one, you said: hello")
            assert talk.words("adapted").startswith("I am the adapted one, you said: hello")
            base, adapted = talk.answers()
            async for size in ui.at_sizes(talk.pilot, ui.shows(talk.pilot, "12 tok")):
                beside = base.region.y == adapted.region.y
                assert beside == (size[0] >= 100)  # one above the other where there is no room
            await talk.press("ctrl+t")
            assert not base.display
            assert adapted.display
            await talk.say("again")
            assert "base" not in talk.pane.talker.talk.exchanges[-1].replies
            await talk.press("ctrl+t")
            assert base.display
            assert talk.answers()[-1].display, "the base was not asked then: the adapted reply is shown"

    ui.run(test)


def test_without_a_trained_adapter_the_base_answers_alone(ui: Any, chat: Opening) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("hello")
            assert set(talk.pane.talker.talk.exchanges[0].replies) == {"base"}
            assert "chat --base" in talk.pane.command()
            assert talk.pane.main().label == "Next: Data"
            await talk.press("ctrl+s")
            await talk.until(lambda: "nothing is trained yet" in talk.told[-1])

    ui.run(test)


def test_esc_stops_the_reply_keeps_what_came_and_the_talk_goes_on(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("endless", until="writing")
            await talk.until(lambda: " on" in talk.text)
            assert talk.pane.unsaved()
            await talk.press("escape")
            await talk.state("ready")
            assert "stopped by you" in talk.text
            assert " on" in talk.words("base")
            await talk.say("next")
            assert "turn 2" in talk.words("adapted")
            assert talk.pane.unsaved() is None

    ui.run(test)


def test_what_is_typed_while_a_reply_is_written_is_kept_and_sent_after_it(
    ui: Any, chat: Opening, trained: RunFolder
) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.press("ctrl+t")
            await talk.say("endless", until="writing")
            await talk.say("second", until="writing")
            assert '"second" is sent after this reply' in talk.text
            assert talk.pane.unsaved()
            await talk.press("x", "escape")  # not yet
            assert "is sent after" not in talk.text
            assert talk.prompt.text == "second\nx"
            await talk.press("backspace", "backspace", "enter", "d", "r", "a", "f", "t")
            talk.pane.talker.stop()
            await talk.until(lambda: len(talk.pane.talker.talk.exchanges) == 2)
            await talk.state("ready")
            assert talk.pane.talker.talk.exchanges[1].user == "second"
            assert talk.prompt.text == "draft"

    ui.run(test)


def test_while_the_model_loads_nothing_is_claimed_and_earlier_talks_can_be_opened(
    ui: Any, chat: Opening, trained: RunFolder, home: Path
) -> None:
    trained.transcripts.mkdir()
    old = [
        {"kind": "session", "system": "Be brief."},
        {"kind": "user", "text": "an old question"},
        {"kind": "assistant", "who": "adapted", "text": "old reply", "stopped_by": "stop", "seconds": 1.0},
    ]
    path = trained.transcripts / "20200101-000000-1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in old))
    home.mkdir(exist_ok=True)
    (home / "slow").touch()

    async def test() -> None:
        async with chat((80, 24), state="loading") as talk:
            await talk.until(lambda: "/open " in talk.text)
            assert "answer what you type" not in talk.text
            assert "system message" not in talk.text.replace("the system message,", "")
            await talk.say("/help", until="loading")
            await talk.until(lambda: isinstance(talk.pilot.app.screen, Lines))
            await talk.press("escape")
            await talk.say("/open", until="loading")
            await talk.until(lambda: isinstance(talk.pilot.app.screen, Talks))
            await talk.press("enter")
            await talk.until(lambda: "old reply" in talk.text)
            await talk.say("new", until="loading")
            await talk.press("l", "a", "t", "e", "r")
            assert '"new" is sent when the model is ready' in talk.text
            assert talk.prompt.text == "later"
            (home / "slow").unlink()
            await talk.until(lambda: len(talk.pane.talker.talk.exchanges) == 2)
            await talk.state("ready")
            assert talk.words("adapted").startswith("I am the adapted one, you said: new (turn 2")
            manner = talk.pane.talker.manner
            assert (manner.system, manner.max_new_tokens) == ("Be brief.", talk.pane.talker.of_run.max_new_tokens)
            assert talk.prompt.text == "later"

    ui.run(test)


def test_what_the_model_does_stands_before_why_it_is_slow(
    ui: Any, chat: Opening, trained: RunFolder, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chat_stage, "at_work", lambda runs_dir: "slow: a run with a very long name is at work")
    home.mkdir(exist_ok=True)
    (home / "slow").touch()

    async def test() -> None:
        async with chat((80, 24), state="loading") as talk:
            await talk.until(lambda: "loading, you can type · slow: a run" in talk.text)
            assert trained.id[-5:] in talk.text.splitlines()[1]
            (home / "slow").unlink()
            await talk.state("ready")

    ui.run(test)


def test_beside_the_message_it_is_said_how_to_come_back_and_letters_do_so(
    ui: Any, chat: Opening, trained: RunFolder
) -> None:
    async def test() -> None:
        async with chat((80, 24)) as talk:
            await talk.until(lambda: "enter send" in talk.text)
            await talk.press("a", "escape")
            await talk.until(lambda: "enter or a letter: back to the message" in talk.text)
            assert "1-7 stages" in talk.text
            assert "enter send" not in talk.text
            await talk.press("b", "c")
            assert talk.pilot.app.focused is talk.prompt
            assert talk.prompt.text == "abc"
            await talk.until(lambda: "enter send" in talk.text)
            await talk.press("escape", "enter", "d")
            assert talk.prompt.text == "abcd"
            await talk.press("escape", "3")
            await talk.until(lambda: talk.pilot.app.screen.stage == Stage.ADAPT)

    ui.run(test)


def test_a_reply_stopped_before_the_adapted_one_is_not_corrected_by_mistake(
    ui: Any, chat: Opening, trained: RunFolder
) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("endless", until="writing")
            await talk.until(lambda: "writing, then adapted; esc stops both" in talk.text)
            assert "base, then adapted; esc stops" in talk.text.splitlines()[1]
            await talk.press("escape")
            await talk.state("ready")
            await talk.press("ctrl+f")
            assert "did not answer" in talk.told[-1]
            assert not talk.pane.query_one(Correct).is_open
            await talk.press("alt+up", "c")  # the base's, and meant
            assert talk.pane.query_one(Correct).border_title == "Correct the base reply, turn 1"

    ui.run(test)


def test_another_view_keeps_a_message_picked(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("one")
            await talk.say("two")
            await talk.press("alt+up", "alt+up", "alt+up", "alt+up")
            await talk.until(lambda: isinstance(talk.pilot.app.focused, Answer))
            for who in ("adapted", "adapted", "base", "base"):
                assert isinstance(talk.pilot.app.focused, Answer)
                assert (talk.pilot.app.focused.reply.who, talk.pilot.app.focused.exchange.user) == (who, "one")
                await talk.press("ctrl+t")

    ui.run(test)


def test_keys_count_in_the_order_in_which_they_were_pressed(ui: Any, chat: Opening, trained: RunFolder) -> None:
    """A quick hand on a busy machine: enter comes while the letters before it still wait, and more come after it."""

    async def test() -> None:
        async with chat() as talk:
            await talk.press("ctrl+t")
            talk.prompt.focus()
            await talk.pilot.pause()
            for key in "hello\rand":
                pressed = events.Key("enter", "\r") if key == "\r" else events.Key(key, key)
                talk.pilot.app.post_message(pressed)
            await talk.until(lambda: len(talk.pane.talker.talk.exchanges) == 1)
            assert talk.pane.talker.talk.exchanges[0].user == "hello"
            await talk.state("ready")
            await talk.until(lambda: talk.prompt.text == "and")

    ui.run(test)


def test_a_model_that_dies_leaves_text_and_talk_and_enter_starts_it_again(
    ui: Any, chat: Opening, trained: RunFolder
) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("first")
            await talk.press("ctrl+t")
            await talk.say("die", until="stopped")
            await talk.until(lambda: "enter starts it again" in talk.text)
            assert "last words of the model" in talk.text
            assert talk.words("adapted") == "I am the adapted one,"
            assert talk.pane.talker.talk.exchanges[-1].replies["adapted"].ending() == "broke off"
            talk.prompt.fill("typed meanwhile")
            await talk.press("enter")
            await talk.until(lambda: len(talk.pane.talker.talk.exchanges) == 3)
            await talk.state("ready")
            assert "typed meanwhile (turn 3" in talk.words("adapted"), "it knows what was said before"
            assert "enter starts it again" not in talk.text

    ui.run(test)


def test_a_message_that_fails_comes_back_into_the_prompt(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("fail")
            assert talk.prompt.text == "fail"
            assert talk.pane.talker.talk.exchanges == []
            await talk.until(lambda: "no room" in talk.told[-1])
            await talk.say("empty")
            assert "an empty reply" in talk.text

    ui.run(test)


def test_weights_that_are_gone_are_told_with_the_command_that_brings_them(
    ui: Any, chat: Opening, trained: RunFolder, home: Path
) -> None:
    home.mkdir(exist_ok=True)
    (home / "gone").touch()

    async def test() -> None:
        async with chat((80, 24), state="stopped") as talk:
            assert "chatforge models fetch tiny" in talk.text
            (home / "gone").unlink()
            talk.prompt.fill("hello")
            await talk.press("enter")
            await talk.until(lambda: len(talk.pane.talker.talk.exchanges) == 1)
            await talk.state("ready")

    ui.run(test)


HOSTILE = (
    "say \x1b]0;title\x07 \x1b[31m[bold red]x[/] [link=file:///etc]y[/] <script>z</script>\n```python\nopen [/fence"
)


def test_hostile_text_is_shown_as_text(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.press("ctrl+t")
            await talk.say(HOSTILE)
            words = ("[bold red]x[/]", "<script>z</script>", "open [/fence")
            async for _ in ui.at_sizes(talk.pilot, ui.shows(talk.pilot, *words)):
                assert "\x1b" not in talk.text
                assert "\x07" not in talk.text
            (answer,) = talk.answers()
            assert "```python" in answer.query_one(Markdown).source
            await talk.say("and on")
            assert "turn 2" in talk.text, "an open fence does not swallow what follows"

    ui.run(test)


def test_lines_of_a_reply_stay_lines(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.press("ctrl+t")
            await talk.pilot.pause()
            talk.prompt.fill("say one\ntwo **three**")
            await talk.press("enter")
            await talk.until(lambda: len(talk.answers()) == 1)
            await talk.state("ready")

            def last_words(words: str) -> bool:
                return any(line.strip().endswith(words) for line in talk.text.splitlines())

            await talk.until(lambda: last_words("one") and last_words("two three"))

    ui.run(test)


def test_a_correction_is_saved_by_keys_beside_the_recipe(
    ui: Any, chat: Opening, trained: RunFolder, project: Path
) -> None:
    file = project.with_name("corrections.jsonl")

    async def test() -> None:
        async with chat((80, 24)) as talk:
            await talk.say("first")
            await talk.press("ctrl+f")
            assert talk.pane.query_one(Correct).is_open
            assert "should be" in talk.text
            editor = talk.pane.query_one(ShouldBe)
            assert editor.text == talk.words("adapted")
            assert "ctrl+l empties it" in talk.text
            await talk.press("ctrl+l")
            assert editor.text == ""
            await talk.press("ctrl+z")
            assert editor.text == talk.words("adapted")
            await talk.press("ctrl+s")
            assert "this is the reply as it was" in talk.text
            editor.load_text("It should say [this].")
            await talk.press("escape")
            assert "not saved" in talk.text
            assert talk.pane.unsaved() == "A correction is not saved yet."
            await talk.press("ctrl+s")
            await talk.until(lambda: "1 correction saved" in talk.text)
            assert talk.pilot.app.focused is talk.prompt
            assert talk.pane.main().label == "Train on 1 correction"
            await talk.pilot.resize_terminal(120, 40)
            await talk.say("second")
            assert "turn 2" in talk.words("adapted")
            await talk.press("ctrl+f")
            talk.pane.query_one(ShouldBe).load_text("And this.")
            await talk.press("ctrl+s")
            await talk.until(lambda: "2 corrections saved" in talk.text)
            await talk.press("ctrl+n")
            await talk.until(lambda: talk.pilot.app.screen.stage == Stage.DATA)

    ui.run(test)
    one, two = (json.loads(line) for line in file.read_text().splitlines())
    assert [message["role"] for message in one["messages"]] == ["system", "user", "assistant"]
    assert one["messages"][-1]["content"] == "It should say [this]."
    assert one["meta"]["source"] == "correction"
    assert one["meta"]["run"] == trained.id
    assert one["meta"]["was"].startswith("I am the adapted one")
    assert two["messages"][2]["content"] == "It should say [this].", "the talk went on with what should have been said"


def test_leaving_the_editor_asks_only_when_something_was_changed(
    ui: Any, chat: Opening, trained: RunFolder, project: Path
) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("first")
            await talk.press("ctrl+f", "escape")
            assert not talk.pane.query_one(Correct).display
            await talk.press("ctrl+f", "x", "escape")
            assert talk.pane.query_one(Correct).display
            await talk.press("escape")
            assert not talk.pane.query_one(Correct).display
            assert talk.pilot.app.focused is talk.prompt

    ui.run(test)
    assert not project.with_name("corrections.jsonl").exists()


def test_messages_are_picked_copied_corrected_and_answered_again(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            for text in ("one", "two", "three"):
                await talk.say(text)
            app = talk.pilot.app
            await talk.press("alt+up")
            assert isinstance(app.focused, Answer)
            assert app.focused.reply.who == "adapted"
            await talk.press("y")
            assert app.clipboard == talk.words("adapted")
            await talk.press("alt+up", "alt+up")
            assert isinstance(app.focused, Said)
            assert app.focused.exchange.user == "three"
            await talk.press("alt+up", "c")
            assert talk.pane.query_one(Correct).border_title == "Correct the adapted reply, turn 2"
            await talk.press("escape")
            await talk.press(*["alt+up"] * 9)
            assert app.focused.exchange.user == "one"
            await talk.press("r")
            await talk.until(lambda: "2 later exchanges will leave" in talk.text)
            await talk.press("a")
            await talk.until(lambda: len(talk.pane.talker.talk.exchanges) == 1)
            await talk.state("ready")
            assert "one (turn 1" in talk.words("adapted")
            assert app.focused is talk.prompt

    ui.run(test)


def test_again_replaces_the_reply_and_a_try_that_fails_does_not(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("one")
            before = talk.words("adapted")
            await talk.press("ctrl+r")
            await talk.state("ready")
            assert talk.words("adapted") != before
            assert talk.words("adapted").startswith("I am the adapted one, you said: one (turn 1")
            assert "try 2" in talk.text
            assert len(talk.answers()) == 2

    ui.run(test)


def test_settings_are_checked_used_and_reset(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat((80, 24)) as talk:
            await talk.press("ctrl+l")
            await talk.until(lambda: isinstance(talk.pilot.app.screen, Sampling))
            panel = talk.pilot.app.screen
            panel.query_one("#temperature", Input).value = "9"
            await talk.press("ctrl+s")
            assert "a number from 0 to 5" in talk.text
            panel.query_one("#temperature", Input).value = "0.7"
            panel.query_one("#system", TextArea).load_text("You are a pirate.")
            await talk.press("escape")
            assert "changed" in talk.text
            await talk.press("ctrl+s")
            await talk.until(lambda: not isinstance(talk.pilot.app.screen, Sampling))
            assert talk.pane.talker.manner.temperature == 0.7
            assert "temperature 0.7" in talk.text
            await talk.press("ctrl+l")
            await talk.until(lambda: isinstance(talk.pilot.app.screen, Sampling))
            await talk.press("ctrl+r", "ctrl+s")
            await talk.until(lambda: not isinstance(talk.pilot.app.screen, Sampling))
            assert talk.pane.talker.manner == talk.pane.talker.of_run
            lines = [json.loads(line) for line in next(trained.transcripts.iterdir()).read_text().splitlines()]
            assert [line["text"] for line in lines if line["kind"] == "system"] == ["You are a pirate.", "You help."]

    ui.run(test)


def test_an_earlier_talk_is_listed_and_gone_on_with(ui: Any, chat: Opening, trained: RunFolder) -> None:
    trained.transcripts.mkdir()
    lines = [
        {"kind": "session", "system": "Be brief."},
        {"kind": "user", "text": "an old [question]"},
        {"kind": "assistant", "who": "base", "text": "old base reply", "stopped_by": "stop", "seconds": 1.0},
        {"kind": "assistant", "who": "adapted", "text": "old reply", "stopped_by": "asked", "seconds": 1.0},
    ]
    path = trained.transcripts / "20200101-000000-1.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "not json\n")

    async def test() -> None:
        async with chat() as talk:
            await talk.say("/open")
            await talk.until(lambda: isinstance(talk.pilot.app.screen, Talks))
            assert "an old [question]" in talk.text
            await talk.press("enter")
            await talk.until(lambda: talk.pane.talker.talk.exchanges)
            await talk.until(lambda: "old base reply" in talk.text)
            assert talk.pane.talker.manner.system == "Be brief."
            await talk.say("new")
            assert "new (turn 2" in talk.words("adapted")

    ui.run(test)


def test_commands_are_understood_and_unknown_ones_stay(
    ui: Any, chat: Opening, trained: RunFolder, tmp_path: Path
) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.say("hello")
            await talk.say(f"/save {tmp_path / 'talk.jsonl'}")
            await talk.until(lambda: (tmp_path / "talk.jsonl").exists())
            await talk.say("/base")
            assert talk.pane.talker.mode == "base"
            await talk.say("/sytem x")
            assert talk.prompt.text == "/sytem x"
            await talk.until(lambda: "did you mean `/system`" in talk.told[-1])
            await talk.say("/system You are new.")
            assert talk.pane.talker.manner.system == "You are new."
            await talk.say("//path")
            assert "you said: /path" in talk.words("base")
            await talk.say("/reset")
            assert talk.pane.talker.talk.exchanges == []
            talk.prompt.fill("/re")
            await talk.until(lambda: "/reset /reload" in talk.text)

    ui.run(test)


def test_up_brings_back_and_ctrl_j_begins_a_line(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat() as talk:
            await talk.press("ctrl+t")
            await talk.press("a", "ctrl+j", "b", "enter")
            await talk.state("ready")
            await talk.until(lambda: talk.pane.talker.talk.exchanges)
            assert talk.pane.talker.talk.exchanges[0].user == "a\nb"
            await talk.press("d", "up")
            assert talk.prompt.text == "a\nb"
            await talk.press("down")
            assert talk.prompt.text == "d"

    ui.run(test)


def test_many_messages_leave_few_widgets(ui: Any, chat: Opening, trained: RunFolder) -> None:
    from chatforge.project.talk import Exchange, Reply

    async def test() -> None:
        async with chat() as talk:
            old = [
                Exchange(f"m{i}", {who: Reply(who, f"r{i}", stopped_by="stop") for who in ("base", "adapted")})
                for i in range(250)
            ]
            await talk.pane.talker.open(old, "You help.")
            await talk.until(lambda: "r249" in talk.text)
            for i in range(MOST_ROWS):
                await talk.pane.talker.view.add(Exchange(f"new {i}"))
            rows = len(talk.pane.query(Row))
            assert rows <= MOST_ROWS
            assert len(talk.pane.query(Said)) <= 3 * MOST_ROWS <= 200
            talk.pane.talker.view.scroll.scroll_home(animate=False)
            await talk.until(lambda: f"{250 + MOST_ROWS - rows} earlier exchanges are in the transcript" in talk.text)
            await talk.until(lambda: "newest" in talk.text)
            await talk.press("ctrl+end")
            await talk.until(lambda: "newest (ctrl+end)" not in talk.text)

    ui.run(test)


def test_reading_further_up_is_not_disturbed(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat((80, 24)) as talk:
            for i in range(5):
                await talk.say(f"message {i}")
            await talk.press("pageup")
            await talk.until(lambda: "newest" in talk.text)
            at = talk.pane.talker.view.scroll.scroll_offset.y
            await talk.say("endless", until="writing")
            await talk.press("pageup")
            await talk.until(lambda: talk.pane.talker.view.scroll.scroll_offset.y <= at + 20)
            where = talk.pane.talker.view.scroll.scroll_offset.y
            for _ in range(5):
                await talk.pilot.pause(0.05)
            assert talk.pane.talker.view.scroll.scroll_offset.y == where
            await talk.press("escape")
            await talk.state("ready")

    ui.run(test)


def test_ascii_draws_ascii(ui: Any, chat: Opening, trained: RunFolder) -> None:
    async def test() -> None:
        async with chat((80, 24), signs=ASCII) as talk:
            await talk.say("hello")
            await talk.press("ctrl+f")
            assert talk.text.isascii(), [c for c in talk.text if not c.isascii()]
            await talk.press("escape")
            assert talk.text.isascii(), [c for c in talk.text if not c.isascii()]

    ui.run(test)


class FakeNearest:
    """Stands for the process that compares: answers by what it is asked."""

    closed = 0

    def __init__(self, run: RunFolder, on_progress: Callable[[int, int], None]) -> None:
        self.progress = on_progress

    def ask(self, text: str, context: str = "") -> Nearness:
        self.progress(3, 12)
        if "say" in context:
            raise UserError("the process that compares has ended (exit code 3)", hint="ask again")
        near = (Near(0.83, Path("data/train.jsonl"), 7, "Can I return [boots]?", f"Yes: {context}"),)
        return Nearness(near, 12, "reads the first 256 word pieces")

    def close(self) -> None:
        FakeNearest.closed += 1


def test_the_closest_training_conversations_stand_beside_the_reply(
    ui: Any, chat: Opening, trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Closest, "start", FakeNearest)

    async def test() -> None:
        async with chat() as talk:
            await talk.say("one")
            await talk.say("two")
            await talk.press("ctrl+s")
            words = ("train.jsonl:7", "0.83", "Can I return [boots]?", "Yes: two", "nearness is not cause")
            async for _ in ui.at_sizes(talk.pilot, ui.shows(talk.pilot, *words)):
                pass
            await talk.press("alt+up", "alt+up", "alt+up", "alt+up")
            await talk.until(lambda: "Yes: one" in talk.text)
            assert "shift+tab: scroll" in talk.text
            talk.prompt.focus()
            await talk.press("shift+tab")
            assert talk.pane.query_one(Closest).has_focus_within
            await talk.press("escape")
            await talk.until(lambda: talk.pilot.app.focused is talk.prompt)
            assert "0.83" not in talk.text
            await talk.say("say x")
            await talk.press("ctrl+s")
            await talk.until(lambda: "exit code 3" in talk.text)
            await talk.press("ctrl+s")
            assert "exit code 3" not in talk.text

    ui.run(test)
    assert FakeNearest.closed


def test_leaving_takes_the_worker_along(ui: Any, chat: Opening, trained: RunFolder) -> None:
    pids = []

    async def test() -> None:
        async with chat() as talk:
            await talk.say("endless", until="writing")
            pids.append(talk.pane.talker._link._client.pid)

    ui.run(test)
    assert not psutil.pid_exists(pids[0])


@pytest.mark.slow  # the default selection has it in test_journey
@pytest.mark.usefixtures("real_worker")
def test_the_real_worker_talks_through_the_pane(ui: Any, project: Path, runs_dir: Path) -> None:
    async def test() -> None:
        async with ui.forge(project, runs_dir, stage=Stage.CHAT) as pilot:
            talk = Chat(ui, pilot)
            await ui.wait_until(pilot, lambda: talk.pane.talker.state == "ready", patience=90)
            talk.prompt.fill("hello")
            await talk.press("enter")
            await ui.wait_until(pilot, lambda: talk.pane.talker.talk.exchanges, patience=60)
            await talk.state("ready")
            reply = talk.pane.talker.talk.exchanges[0].replies["base"]
            assert reply.stopped_by
            assert reply.tokens > 0

    ui.run(test)
