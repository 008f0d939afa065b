"""The real chat worker with a tiny real model: loads, streams, switches, stops, leaves."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from chatforge.chat.client import ChatClient
from chatforge.chat.protocol import (
    Again,
    Began,
    Ended,
    Event,
    Failed,
    Note,
    Piece,
    Reset,
    Say,
    SetMode,
    SetSampling,
    to_line,
)
from chatforge.errors import UserError
from chatforge.runs.folder import RunFolder, write_json
from chatforge.workers.chat import Asked, Inbox, open_session, serve


@pytest.fixture(scope="module")
def run(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> RunFolder:
    """A run whose adapter is drawn at random, so that it answers otherwise than its base."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from chatforge.adaptation.adapted import Card, write_card
    from chatforge.dialogues.rendering import Renderer

    run = RunFolder(tmp_path_factory.mktemp("runs") / "shop-a")
    run.path.mkdir()
    write_json(run.lock, {"resolved": {"chat": {"max_new_tokens": 8}}})
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    base = AutoModelForCausalLM.from_pretrained(tiny_model)
    torch.manual_seed(1)
    model = get_peft_model(base, LoraConfig(r=4, target_modules="all-linear", init_lora_weights=False))
    model.save_pretrained(run.adapter)
    tokenizer.save_pretrained(run.adapter)
    fingerprint = Renderer(tokenizer, "You help.").fingerprint()
    write_card(run.adapter, Card(str(tiny_model), "tiny", "lora", "float32", False, "You help.", fingerprint, 1))
    return run


def ask(client: ChatClient, text: str) -> list[Event]:
    return list(client.events(client.send(Say, text)))


def replies(events: list[Event]) -> dict[str, str]:
    """What each one said."""
    said: dict[str, str] = {}
    for event in events:
        if isinstance(event, Began):
            who = event.who
            said[who] = ""
        elif isinstance(event, Piece):
            said[who] += event.text
    return said


def test_a_talk_with_a_run(run: RunFolder) -> None:
    with ChatClient([str(run.path)], run.log("chat")) as client:
        ready = client.ready()
        assert (ready.system, ready.context, ready.modes) == ("You help.", 2048, ("adapted", "base", "both"))
        assert (ready.temperature, ready.top_p, ready.max_new_tokens) == (0.0, 1.0, 8)
        assert "too long" in next(e.what for e in ask(client, "x" * 2100) if isinstance(e, Failed))

        list(client.events(client.send(SetMode, "both")))
        both = replies(ask(client, "Hello?"))
        assert both["base"] != both["adapted"]

        for who in ("base", "adapted"):  # each alone says what it said beside the other
            list(client.events(client.send(Reset)))
            list(client.events(client.send(SetMode, who)))
            assert replies(ask(client, "Hello?")) == {who: both[who]}

        list(client.events(client.send(SetMode, "both")))
        assert replies(list(client.events(client.send(Again)))) == both  # nothing is drawn at temperature 0
        again = list(client.events(client.send(Again)))
        assert any("temperature 0" in event.text for event in again if isinstance(event, Note))
        assert [event.tokens for event in again if isinstance(event, Ended)] == [8, 8]
        list(client.events(client.send(SetSampling, 3.0, 1.0, 12)))
        drawn = list(client.events(client.send(Again)))
        assert replies(drawn)["adapted"] != replies(list(client.events(client.send(Again))))["adapted"]
    lines = [json.loads(line) for line in Path(ready.transcript or "").read_text(encoding="utf-8").splitlines()]
    assert lines[0]["model"] == "shop-a"
    assert [line["who"] for line in lines if line["kind"] == "assistant"] == ["base", "adapted"] * 6


def test_a_stop_ends_a_long_reply_of_a_bare_base_and_no_transcript_is_kept(tiny_model: Path, tmp_path: Path) -> None:
    arguments = ["--base", str(tiny_model), "--system", "S", "--max-new-tokens", "1500", "--temperature", "1"]
    with ChatClient(arguments, tmp_path / "chat.log") as client:
        ready = client.ready()
        assert (ready.mode, ready.modes, ready.system, ready.transcript) == ("base", ("base",), "S", None)
        events = client.events(client.send(Say, "Hello?"))
        while not isinstance(next(events), Piece):
            pass
        client.stop()
        ended = next(event for event in events if isinstance(event, Ended))
        assert ended.stopped_by == "asked"


def test_a_reply_that_nobody_hears_any_more_is_ended() -> None:
    class Talk:
        """Answers without end; remembers that it was ended."""

        ended = 0

        def say(self, number: int, text: str, should_stop: object) -> Iterator[Event]:
            try:
                while True:
                    yield Piece(number, "on")
            finally:
                self.ended += 1

    def gone(event: Event) -> None:
        raise BrokenPipeError

    talk = Talk()
    with pytest.raises(BrokenPipeError):
        serve(talk, Inbox([to_line(Say(1, "a")), to_line(Say(2, "b"))]), gone)  # type: ignore[arg-type]
    assert talk.ended == 1


def test_a_run_that_has_learned_nothing_says_so(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "shop-b")
    run.path.mkdir()
    write_json(run.lock, {"resolved": {}})
    with pytest.raises(UserError, match="nothing has been learned"):
        open_session(Asked(run.path, None, "", None, None))
