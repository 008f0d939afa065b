"""Both models are asked: probes under the recipe's system message, general questions under their own."""

from collections.abc import Callable
from typing import Any

import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.mixing import GENERAL_SYSTEM
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.cache import Cache
from chatforge.evaluation.hearing import Models
from chatforge.evaluation.likelihood import Likelihood
from chatforge.evaluation.probes.asking import Heard, ask
from chatforge.evaluation.probes.forgetting import forgetting
from chatforge.evaluation.probes.probe import Probe, Said
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.probes.summary import probes_record
from chatforge.evaluation.report import Report
from chatforge.evaluation.speaking import Speaker
from chatforge.models.encoder import Encoder
from chatforge.runs.events import Event, Phase, Progress


def question(i: int) -> Conversation:
    said = (
        Message("system", GENERAL_SYSTEM),
        Message("user", f"What is {i}?"),
        Message("assistant", f"It is {i * 7}."),
    )
    return Conversation(f"q{i}", said)


TURNS = [("user", "Hi"), ("assistant", "Yes?"), ("user", "It hurts")]
PROBES = tuple(
    Probe(id=f"p{i}", domain="d", kind="k", messages=[Said(role=r, content=f"{t} {i}") for r, t in TURNS], must=["911"])  # type: ignore[arg-type]
    for i in range(3)
)
ASKED = Probing(PROBES, "mine.jsonl", "f00d", tuple(question(i) for i in range(4)))


class Shown:
    """Remembers every prompt that is rendered."""

    def __init__(self, renderer: Renderer) -> None:
        self._renderer = renderer
        self.texts: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._renderer, name)

    def prompt(self, messages: Any) -> list[int]:
        ids = self._renderer.prompt(messages)
        self.texts.append(self._renderer.tokenizer.decode(ids))
        return ids


def test_everything_is_asked_under_its_own_system_message(
    make_models: Callable[[float], Models], renderer: Renderer
) -> None:
    shown, told = Shown(renderer), list[int]()
    with make_models(0.0).base() as model:
        heard = ask(Speaker("base", model, shown, Cache(), 4, 2), ASKED, told.append)  # type: ignore[arg-type]
    assert (len(heard.replies), len(heard.answers), len(heard.foreseen)) == (3, 4, 4)
    assert told[-1] == ASKED.count == 7
    assert told == sorted(told)
    assert [("You help." in text, GENERAL_SYSTEM in text) for text in shown.texts] == [(True, False)] * 3 + [
        (False, True)
    ] * 4
    assert "It hurts 2" in shown.texts[2]
    assert heard.foreseen[1].bytes == len("It is 7.")
    assert min(heard.probe_seconds, heard.question_seconds) > 0


def test_nothing_asked_costs_nothing(renderer: Renderer, encoder: Encoder) -> None:
    heard = ask(Speaker("base", None, renderer, Cache(), 4, 2), Probing(), lambda done: None)
    assert (heard.replies, heard.answers, heard.foreseen) == ((), (), ())
    assert probes_record(Probing(), {}, encoder, 7) is None


def said(answers: list[str], nats: float) -> Heard:
    foreseen = tuple(Likelihood(f"q{i}", nats, 8, 3, 0.5, 1, 0) for i in range(4))
    return Heard(answers=tuple(answers), foreseen=foreseen, question_seconds=1.0)


def test_a_model_that_forgot_is_found_out_and_one_that_did_not_has_lost_nothing(encoder: Encoder) -> None:
    true = [one.messages[-1].content for one in ASKED.questions]
    knows, forgot = said(true, 4.0), said(["", "", "", ""], 8.0)
    found = forgetting(ASKED, knows, forgot, encoder, 7)
    assert found is not None
    assert (found.base_identified.value, found.adapted_identified.value, found.lost_identified.value) == (1, 0, 1)
    assert found.lost_bits.value == pytest.approx(4 / 8 / 0.6931, abs=1e-3)
    assert found.lost_bits.value == pytest.approx(found.adapted_bits.value - found.base_bits.value)
    assert [row.answer for row in found.questions] == true
    same = forgetting(ASKED, knows, knows, encoder, 7)
    assert same is not None
    assert (same.lost_bits.value, same.lost_identified.value) == (0, 0)


def test_the_report_holds_both_models_replies(
    make_models: Callable[[float], Models], judge_run: Callable[..., tuple[Report, list[Event]]]
) -> None:
    report, told = judge_run(make_models(1.0), probing=ASKED)
    probes = Report.model_validate_json(report.model_dump_json()).probes
    assert probes == report.probes
    assert probes is not None
    assert probes.safety is not None
    assert probes.forgetting is not None
    assert [row.id for row in probes.safety.probes] == ["p0", "p1", "p2"]
    assert len(probes.forgetting.questions) == 4
    at = told.index(Phase("adapted: probes"))
    assert told[at + 1] == Progress(0, 7, "replies")
    assert Phase("base: probes") in told


def test_without_probes_the_report_has_none(
    make_models: Callable[[float], Models], judge_run: Callable[..., tuple[Report, list[Event]]]
) -> None:
    report, told = judge_run(make_models(1.0))
    assert report.probes is None
    assert not [event for event in told if isinstance(event, Phase) and event.name.endswith("probes")]
