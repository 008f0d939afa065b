"""Fixtures that make up reports of evaluations: no model has said anything in them."""

from collections.abc import Callable, Sequence

import pytest

SHOWN = ("adapted", "base", "nearest neighbour", "parrot", "constant", "shuffled", "references")
"""Rivals of a made-up report."""

HOSTILE = "\x1b[31m[bold]red[/bold]\x1b[0m \x1b]0;title\x07 \u202egnol\n" + "long " * 80


@pytest.fixture
def make_report() -> Callable[..., object]:
    """Make up the report of an evaluation, with text in it that means no good to a terminal."""
    from chatforge.evaluation.figures import Difference, Estimate
    from chatforge.evaluation.report import Report
    from chatforge.evaluation.rivals import RIVALS
    from chatforge.evaluation.verdict import Standing, judge

    def estimate(value: float, method: str = "bca") -> Estimate:
        return Estimate(value, value - 0.08, value + 0.08, method)

    def difference(value: float) -> Difference:
        return Difference(value, value - 0.07, value + 0.07, "bca", 0.0004, 0.98, 0.9, 0.4, 0.11, 100)

    def make(gain: float = 0.12, failures: tuple[str, ...] = (), items: int = 4) -> Report:
        reply = {
            "reply": HOSTILE, "stopped_by": "loop", "seconds": 0.5, "place": 2.0,
            "scores": {"beyond_question": 0.0, "identification": 0.25, "corrected": 0.11, "numbers": None, "facts": 1},
        }  # fmt: skip
        rivals = []
        for rival in (one for one in RIVALS if one.name in SHOWN):
            by_model = rival.trained or rival.name == "base"
            scores = {"identification": estimate(0.4), "corrected": estimate(0.2), "facts": estimate(0.25)}
            rivals.append(
                {
                    "name": rival.name, "what": rival.what, "trained": rival.trained, "check_only": rival.check_only,
                    "scores": {"beyond_question": estimate(0.3 + (gain if rival.trained else 0))} | scores,
                    "form": {
                        "lengths": (0.3, 0.9, 2.0), "empty": 0.25 if rival.trained else 0.0, "one_answer": 0.1,
                        "copied": 0.2, "repeated": 0.0, "distinct_2": 0.8, "seconds": 1.25 if by_model else None,
                        **dict.fromkeys(("stopped", "capped", "looped"), 0.5 if by_model else None),
                    },
                    "replies": [reply] * items,
                }
            )  # fmt: skip
        names = [one["name"] for one in rivals if not one["trained"] and not one["check_only"]]
        verdict = judge(
            estimate(0.3 + gain),
            [Standing(name, estimate(0.3), difference(gain)) for name in names],
            chance=0.1,
            worthwhile=0.05,
            failures=failures,
        )
        item = {
            "conversation": HOSTILE, "intent": "x", "turn": 1, "history": [("user", HOSTILE)], "reference": HOSTILE,
        }  # fmt: skip
        settings = {
            "candidates": 10, "max_new_tokens": 48, "seed": 7, "smallest_worthwhile_difference": 0.05,
            "encoder": "tiny", "decoding": "greedy", "prompt_sha256": "ab",
        }  # fmt: skip
        bits = {
            "base": estimate(2.1), "adapted": estimate(1.5), "saved": estimate(0.6), "base_stops": 0.1,
            "adapted_stops": 0.8, "turns": 90, "skipped": 2,
            "conversations": [{"conversation": "c", "bytes": 10, "base_nats": 9.0, "adapted_nats": 7.0}],
        }  # fmt: skip
        checks = [{"name": "the adapter changes something", "ok": not failures, "what": "12% the same"}]
        keys = ("beyond_question", "identification", "corrected", "facts")
        against = [{"rival": name, "scores": dict.fromkeys(keys, difference(gain))} for name in names]
        return Report.model_validate(
            {
                "settings": settings, "facts": {}, "chance": 0.1, "ceiling": 0.98, "conversations": items,
                "items": [item] * items,
                "rivals": rivals, "against": against, "bits_per_byte": bits, "checks": checks, "verdict": verdict,
                "gap_closed": estimate(0.2), "intents": [], "calibration": [], "second": None,
                "notes": ["base: 2 histories were cut"], "seconds": 12.0,
            }
        )  # fmt: skip

    return make


@pytest.fixture
def make_voices(make_report: Callable[..., object]) -> Callable[..., object]:
    """Make the report of an evaluation in which adapted and base say what is given, conversation by conversation."""
    from chatforge.evaluation.records import ItemRecord, LikelihoodRecord, ReplyRecord
    from chatforge.evaluation.report import Report
    from chatforge.evaluation.scales import PRIMARY

    def voice(name: str, scores: Sequence[float], same: int) -> tuple[ReplyRecord, ...]:
        return tuple(
            ReplyRecord(
                reply=f"the same {i}" if i < same else f"{name} says {i}", stopped_by="stop", seconds=0.1,
                scores={PRIMARY.key: score, "token_recall": score, "content_words": score, "numbers": None}, place=1.0,
            )
            for i, score in enumerate(scores)
        )  # fmt: skip

    def make(
        adapted: Sequence[float], base: Sequence[float], *, same: int = 0, first: int = 0, nats: Sequence[float] = ()
    ) -> Report:
        """Conversations are called c<first> and so on; `same`: in so many both say the same; `nats`: of the adapted."""
        report = make_report()
        assert isinstance(report, Report) and report.bits_per_byte
        spoken = {"adapted": adapted, "base": base}
        rivals = tuple(
            one.model_copy(
                update={
                    "scores": dict.fromkeys((PRIMARY.key, "token_recall", "content_words"), one.primary),
                    "replies": voice(one.name, spoken.get(one.name, base), same),
                }
            )
            for one in report.rivals
        )
        items = tuple(
            ItemRecord(
                conversation=f"c{first + i}", intent=None, turn=1, history=(("user", f"question {first + i}"),),
                reference=f"true reply {first + i}",
            )
            for i in range(len(adapted))
        )  # fmt: skip
        likelihoods = tuple(
            LikelihoodRecord(conversation=item.conversation, bytes=100, base_nats=90.0, adapted_nats=one)
            for item, one in zip(items, nats or [70.0] * len(items), strict=True)
        )
        bits = report.bits_per_byte.model_copy(update={"conversations": likelihoods})
        checks = tuple(check.model_copy(update={"ok": True}) for check in report.checks)
        changed = {"items": items, "rivals": rivals, "bits_per_byte": bits, "checks": checks}
        return report.model_copy(update=changed)

    return make
