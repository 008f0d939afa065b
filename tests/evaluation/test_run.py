import json
import math

import numpy as np
import pytest

from chatforge.errors import UserError
from chatforge.evaluation.measures import make_design, score
from chatforge.evaluation.report import Report, read
from chatforge.evaluation.rivals import RIVALS
from chatforge.runs.events import Note, Phase, Progress, Scored


def test_a_whole_evaluation(make_models, judge_run, parts):
    report, told = judge_run(make_models(2.0))
    assert [rival.name for rival in report.rivals] == [rival.name for rival in RIVALS]
    assert len(report.items) == len(parts.test)
    assert report.chance == 0.1
    assert {against.rival for against in report.against} == {"base", "nearest neighbour", "parrot", "constant"}
    for rival in report.rivals:
        assert len(rival.replies) == len(report.items)
        assert rival.identification.low <= rival.identification.value <= rival.identification.high
    assert report.verdict.word == "cannot tell"  # 14 conversations
    assert all(check.ok for check in report.checks)
    assert report.bits_per_byte.turns == sum(len(c.assistant_turns) for c in parts.test)
    phases = [event.name for event in told if isinstance(event, Phase)]
    assert phases[0] == "looking up train conversations" and phases[-1] == "judging"
    assert Progress(14, 14, "replies") in told
    begun = [told[i + 1] for i, event in enumerate(told) if isinstance(event, Phase) and ": " in event.name]
    counted = [Progress(0, 14, "conversations"), Progress(0, 14, "replies")]
    assert begun == counted * 2, "how much there is to do is told before the first batch is done"
    lookup = [event for event in told if isinstance(event, Progress) and event.unit == "histories"]
    assert lookup[0].done == 0 and lookup[0].total == lookup[-1].total == lookup[-1].done
    assert [event.text for event in told if isinstance(event, Note)] == list(report.notes)


def test_every_score_is_told_before_the_verdict_the_adapted_models_last(make_models, judge_run):
    report, told = judge_run(make_models(2.0))
    scored = [event for event in told if isinstance(event, Scored)]
    assert scored[-1].rival == "adapted"
    assert told.index(scored[0]) < told.index(Phase("loading base"))
    assert {one.rival: (one.value, one.low, one.high) for one in scored} == {
        rival.name: (rival.identification.value, rival.identification.low, rival.identification.high)
        for rival in report.rivals
    }
    assert {one.chance for one in scored} == {report.chance}


def test_every_rival_says_what_it_should(make_models, judge_run, parts):
    report, _ = judge_run(make_models(2.0))
    references = [item.reference for item in report.items]

    def said(name):
        return [reply.reply for reply in report.rival(name).replies]

    assert said("parrot") == [item.history[-1][1] for item in report.items]
    assert said("references") == references
    assert sorted(said("shuffled")) == sorted(references)
    assert all(a != b for a, b in zip(said("shuffled"), references, strict=True))
    known = {c.messages[i].content for c in parts.train for i in c.assistant_turns}
    assert len(set(said("constant"))) == 1
    assert {*said("constant"), *said("nearest neighbour")} <= known
    assert report.rival("references").identification.value == 1
    assert report.rival("base").replies[0].stopped_by in ("stop", "length", "loop")
    assert report.rival("parrot").replies[0].stopped_by is None
    with pytest.raises(KeyError):
        report.rival("nobody")


def test_anyone_can_compute_the_figures_again(make_models, judge_run, encoder):
    report, _ = judge_run(make_models(2.0))
    references = encoder.encode([item.reference for item in report.items])
    design = make_design(len(report.items), report.settings.candidates, report.settings.seed)
    assert [tuple(row) for row in design.others.tolist()] == [item.others for item in report.items]
    for rival in report.rivals:
        texts = [reply.reply for reply in rival.replies]
        again = score(encoder.encode(texts), references, design, [not text.strip() for text in texts])
        assert again.identification == pytest.approx([reply.identification for reply in rival.replies])
        assert again.corrected == pytest.approx([reply.corrected for reply in rival.replies], abs=1e-5)
        assert np.mean(again.identification) == pytest.approx(rival.identification.value)
    bits = report.bits_per_byte
    nats, size = sum(c.base_nats for c in bits.conversations), sum(c.bytes for c in bits.conversations)
    assert bits.base.value == pytest.approx(nats / (math.log(2) * size))
    assert bits.saved.value == pytest.approx(bits.base.value - bits.adapted.value)


def test_an_adapter_that_changes_nothing_gets_no_verdict(make_models, judge_run):
    report, _ = judge_run(make_models(0.0))
    assert report.verdict.word == "no verdict"
    assert "changes nothing" in report.verdict.numbers
    for against in report.against:
        if against.rival == "base":
            assert against.identification.value == 0
            assert against.identification.probability == 0.5


def test_the_same_evaluation_again_gives_the_same_report(make_models, judge_run):
    def timeless(report: Report) -> str:
        content = report.to_json()
        content.pop("seconds")
        for rival in content["rivals"]:
            rival.pop("seconds_per_reply")
            for reply in rival["replies"]:
                reply.pop("seconds")
        return json.dumps(content)

    assert timeless(judge_run(make_models(2.0))[0]) == timeless(judge_run(make_models(2.0))[0])


def test_a_report_is_read_as_it_was_written(make_models, judge_run, tmp_path):
    report, _ = judge_run(make_models(2.0))
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report.to_json(), allow_nan=False))
    assert read(path) == report


def test_few_conversations_are_noted_and_fewer_refused(make_models, judge_run, parts):
    report, _ = judge_run(make_models(2.0), conversations=5)
    assert len(report.items) == 5
    assert report.settings.candidates == 4
    assert any("only 4 candidates" in note for note in report.notes)
    assert {c.conversation for c in report.bits_per_byte.conversations} == {i.conversation for i in report.items}
    with pytest.raises(UserError, match="2 held-out conversations") as caught:
        judge_run(make_models(2.0), conversations=2)
    assert caught.value.problems[0].field == "evaluation.conversations"


def test_strange_replies_neither_crash_nor_vanish(make_models, judge_run, monkeypatch):
    strange = ["", "   ", "🙂🙂", "x " * 5_000, "日本語の返事です", "\x1b[31mred", "مرحبا", "a\nb"]

    def said(ids, **_):
        return strange[sum(ids) % len(strange)]

    models = make_models(2.0)
    monkeypatch.setattr(models.renderer.tokenizer, "decode", said)
    report, _ = judge_run(models)
    adapted = report.rival("adapted")
    assert len(adapted.replies) == len(report.items)
    assert any("longer than the encoder's window" in note for note in report.notes)
    for reply in adapted.replies:
        assert math.isfinite(reply.corrected)
        assert reply.identification == 0 or reply.reply.strip()


def test_many_equal_references_lower_the_ceiling_and_warn(make_models, judge_run, parts):
    import dataclasses

    from chatforge.dialogues.conversation import Message
    from chatforge.runs.events import Warning as WarningEvent

    def same(conversation):
        messages = tuple(Message(m.role, "Yes." if m.role == "assistant" else m.content) for m in conversation.messages)
        return dataclasses.replace(conversation, messages=messages)

    parts.test = tuple(same(c) for c in parts.test)
    report, told = judge_run(make_models(2.0))
    assert report.ceiling == pytest.approx(0.1)
    assert any(isinstance(event, WarningEvent) and "10%" in event.text for event in told)
    assert report.rival("references").identification.value == pytest.approx(0.1)
