import json
import math

import numpy as np
import pytest

from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.evaluation.items import Item
from chatforge.evaluation.measures import make_design
from chatforge.evaluation.measures.complete import Complete
from chatforge.evaluation.replies import given
from chatforge.evaluation.report import Report, read
from chatforge.evaluation.rivals import RIVALS, SECOND
from chatforge.evaluation.scoring import Scorer
from chatforge.runs.events import Note, Phase, Progress, Scored


def test_a_whole_evaluation(make_models, judge_run, parts):
    report, told = judge_run(make_models(2.0))
    assert [rival.name for rival in report.rivals] == [rival.name for rival in RIVALS if rival is not SECOND]
    assert len(report.items) == len(parts.test)
    assert report.chance == 0.1
    competing = [rival.name for rival in RIVALS if not rival.check_only and rival.name != "adapted"]
    assert [against.rival for against in report.against] == competing
    assert not report.rival(report.best_untrained.rival).trained
    for rival in report.rivals:
        assert len(rival.replies) == len(report.items)
        assert rival.primary.low <= rival.primary.value <= rival.primary.high
        assert set(rival.scores) == set(report.rival("references").scores)
    assert report.verdict.word == "cannot tell"  # 14 conversations
    assert all(check.ok for check in report.checks)
    assert report.bits_per_byte.turns == sum(len(c.assistant_turns) for c in parts.test)
    phases = [event.name for event in told if isinstance(event, Phase)]
    assert phases[0] == "looking up train conversations" and phases[-1] == "judging"
    assert Progress(14, 14, "replies") in told
    begun = [told[i + 1] for i, event in enumerate(told) if isinstance(event, Phase) and ": " in event.name]
    assert {(event.done, event.total) for event in begun} == {(0, 14)}, "told before the first batch is done"
    lookup = [event for event in told if isinstance(event, Progress) and event.unit == "histories"]
    assert lookup[0].done == 0 and lookup[0].total == lookup[-1].total == lookup[-1].done
    assert [event.text for event in told if isinstance(event, Note)] == list(report.notes)


def test_every_score_is_told_before_the_verdict_the_adapted_models_last(make_models, judge_run):
    report, told = judge_run(make_models(2.0))
    scored = [event for event in told if isinstance(event, Scored)]
    assert scored[-1].rival == "adapted"
    assert told.index(scored[0]) < told.index(Phase("loading base"))
    assert {one.rival: (one.value, one.low, one.high) for one in scored} == {
        rival.name: (rival.primary.value, rival.primary.low, rival.primary.high) for rival in report.rivals
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
    assert report.rival("references").primary.value == pytest.approx(1)
    assert report.rival("base").replies[0].stopped_by in ("stop", "length", "loop")
    assert report.rival("parrot").replies[0].stopped_by is None
    with pytest.raises(KeyError):
        report.rival("nobody")


def test_anyone_can_compute_the_figures_again(make_models, judge_run, encoder):
    report, _ = judge_run(make_models(2.0))
    items = [
        Item(i.conversation, i.intent, tuple(Message(*m) for m in i.history), i.reference, i.turn) for i in report.items
    ]
    names = [item.conversation for item in items]
    design = make_design(len(items), report.settings.candidates, report.settings.seed, names)
    scorer = Scorer(items, encoder, design, Complete([item.reference for item in items], encoder))
    for rival in report.rivals:
        again = scorer.score(rival.name, given([reply.reply for reply in rival.replies]))
        for key, values in again.scores.items():
            told = [reply.scores.get(key) for reply in rival.replies]
            assert [x or 0.0 for x in values] == pytest.approx([x or 0.0 for x in told], abs=1e-5), key
        assert rival.primary.value == pytest.approx(np.mean([reply.primary for reply in rival.replies]))
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
            assert against.primary.value == 0
            assert against.primary.probability == 0.5


def test_the_same_evaluation_again_gives_the_same_report(make_models, judge_run):
    def timeless(report: Report) -> str:
        content = report.to_json()
        content.pop("seconds")
        for rival in content["rivals"]:
            rival["form"].pop("seconds")
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
        assert all(value is None or math.isfinite(value) for value in reply.scores.values())
        assert reply.reply.strip() or not any(reply.scores.values())


def test_several_turns_of_a_conversation_count_as_one(make_models, judge_run):
    report, _ = judge_run(make_models(2.0), turns_per_conversation=2)
    assert report.conversations == 14 < len(report.items)
    assert len({(item.conversation, item.turn) for item in report.items}) == len(report.items)
    assert report.best_untrained.primary.conversations == 14
    assert {c.conversation for c in report.bits_per_byte.conversations} == {i.conversation for i in report.items}


def test_a_second_encoder_judges_the_same_replies(make_models, judge_run, encoder):
    report, _ = judge_run(make_models(2.0), second_encoder="another", second=encoder)
    assert report.second.encoder == "another"
    assert report.second.word == report.verdict.word
    assert report.second.rival == report.best_untrained.rival
    assert report.second.difference == report.best_untrained.primary
    assert judge_run(make_models(2.0))[0].second is None


def test_models_that_write_are_asked_whether_they_know_when_they_are_right(make_models, judge_run, monkeypatch):
    models = make_models(2.0)
    monkeypatch.setattr(models.renderer.tokenizer, "decode", lambda ids, **_: f"reply {sum(ids)}")
    report, _ = judge_run(models)
    assert [one.rival for one in report.calibration] == ["base", "adapted"]
    for one in report.calibration:
        assert one.auroc.low <= one.auroc.value <= one.auroc.high
        assert one.curve[-1] == (1.0, pytest.approx(report.rival(one.rival).primary.value))


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
    assert report.rival("references").primary.value == pytest.approx(0.1)
