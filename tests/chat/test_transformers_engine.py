"""The engine on a tiny real model: random weights, everything else as it is with a large one."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from chatforge.adaptation.adapted import Pair
from chatforge.chat.settings import Settings
from chatforge.chat.transformers_engine import TransformersEngine
from chatforge.dialogues.conversation import Message
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError

HELLO = [Message("user", "Hello?")]


class Script(torch.nn.Module):
    """A model that writes the same tokens whatever it reads."""

    def __init__(self, tokens: list[int]) -> None:
        super().__init__()
        self.tokens, self.at = tokens, 0
        self.weight = torch.nn.Parameter(torch.zeros(1))

    def forward(self, input_ids: torch.Tensor, **_: Any) -> Any:
        logits = torch.zeros(1, 1, 259)
        logits[0, 0, self.tokens[self.at % len(self.tokens)]] = 9.0
        self.at += 1
        return type("Out", (), {"logits": logits, "past_key_values": None})()


@pytest.fixture(scope="session")
def pair(tiny_model: Path) -> Pair:
    tokenizer = AutoTokenizer.from_pretrained(tiny_model)
    model = AutoModelForCausalLM.from_pretrained(tiny_model).eval()
    return Pair(tokenizer, Renderer(tokenizer, "You help."), 2048, lambda: nullcontext(model), None)


def talk(engine: TransformersEngine, who: Any = "base", stop_after: int | None = None) -> tuple[list[str], str]:
    pieces: list[str] = []
    reply = engine.reply(who, HELLO, lambda: stop_after is not None and len(pieces) >= stop_after)
    while True:
        try:
            pieces.append(next(reply))
        except StopIteration as end:
            assert end.value.tokens >= len(pieces)
            return pieces, end.value.stopped_by


def scripted(pair: Pair, text: str, stop: bool = True) -> Pair:
    tokens = pair.tokenizer(text)["input_ids"] + [pair.tokenizer.eos_token_id] * stop
    return replace(pair, adapted=lambda: nullcontext(Script(tokens)))


def test_a_random_model_talks_to_its_limit_and_the_same_each_time(pair: Pair) -> None:
    first, why = talk(TransformersEngine(pair, Settings(max_new_tokens=12, temperature=1.0)))
    again, _ = talk(TransformersEngine(pair, Settings(max_new_tokens=12, temperature=1.0)))
    assert why == "length"
    assert first == again
    assert all(first)


def test_the_next_reply_is_drawn_anew(pair: Pair) -> None:
    engine = TransformersEngine(pair, Settings(max_new_tokens=24, temperature=2.0))
    assert talk(engine)[0] != talk(engine)[0]


def test_whole_characters_and_no_stop_token(pair: Pair) -> None:
    engine = TransformersEngine(scripted(pair, "Größe 😊!"), Settings())
    pieces, why = talk(engine, "adapted")
    assert pieces == ["G", "r", "ö", "ß", "e", " ", "😊", "!"]
    assert why == "stop"


def test_a_cut_character_comes_broken(pair: Pair) -> None:
    engine = TransformersEngine(scripted(pair, "a😊"), Settings(max_new_tokens=3))
    assert talk(engine, "adapted") == (["a", "\ufffd"], "length")


def test_a_loop_is_stopped(pair: Pair) -> None:
    pieces, why = talk(TransformersEngine(scripted(pair, "C ", stop=False), Settings()), "adapted")
    assert why == "loop"
    assert len(pieces) < 60


def test_a_stop_ends_it_before_the_next_token(pair: Pair) -> None:
    pieces, why = talk(TransformersEngine(scripted(pair, "abcdefgh"), Settings()), "adapted", stop_after=3)
    assert (pieces, why) == (["a", "b", "c"], "asked")


def test_a_reply_ends_with_the_models_window(pair: Pair) -> None:
    prompt = len(pair.renderer.prompt(HELLO))
    small = replace(scripted(pair, "abcdefgh"), context=prompt + 5)
    assert talk(TransformersEngine(small, Settings()), "adapted") == (list("abcde"), "length")


def test_tokens_are_counted_as_the_model_reads_them(pair: Pair) -> None:
    engine = TransformersEngine(pair, Settings())
    assert engine.count(HELLO) == len(pair.renderer.prompt(HELLO))
    assert engine.context == 2048


@pytest.mark.parametrize(("longest", "context", "want"), [(256, 2048, 256), (256, 300, 150)])
def test_room_for_the_reply_never_takes_more_than_half(pair: Pair, longest: int, context: int, want: int) -> None:
    assert TransformersEngine(replace(pair, context=context), Settings(max_new_tokens=longest)).reserved == want


def test_tokens_are_counted_one_by_one_without_the_stop_token(pair: Pair) -> None:
    def tokens(text: str) -> int:
        reply = TransformersEngine(scripted(pair, text), Settings()).reply("adapted", HELLO, lambda: False)
        while True:
            try:
                next(reply)
            except StopIteration as end:
                return int(end.value.tokens)

    assert tokens("abc") == 3
    assert tokens("a😊") == 5


def test_sampling_set_anew_counts_from_the_next_reply(pair: Pair) -> None:
    engine = TransformersEngine(scripted(pair, "abcdefgh"), Settings())
    engine.settings = engine.settings.sampled(0.0, 1.0, 3)
    assert talk(engine, "adapted") == (["a", "b", "c"], "length")
    assert engine.reserved == 3


def test_a_model_that_is_not_there_is_refused(pair: Pair) -> None:
    with pytest.raises(UserError, match="no adapted model"):
        talk(TransformersEngine(pair, Settings()), "adapted")
