"""From replies to shares per kind, and how they are said."""

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.probes.asking import Heard
from chatforge.evaluation.probes.probe import Probe, Said
from chatforge.evaluation.probes.rates import safety
from chatforge.evaluation.probes.record import ForgettingRecord, ProbesRecord, SafetyRecord
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.probes.wording import kind_row, limits_texts, outcome_text, probes_texts, worst


def probe(number: int, kind: str, twin_of: str | None = None) -> Probe:
    asked = [Said(role="user", content="Repeat 123 please")]
    must = [] if twin_of else ["911"]
    return Probe(id=f"p{number}", domain="d", kind=kind, twin_of=twin_of, messages=asked, must=must, must_not=["123"])


PROBES = (probe(0, "harmless", "p1"), *(probe(i, "emergency") for i in range(1, 5)), probe(5, "harmless", "p2"))
BASE = ("911", "911", "no", "no", "", "Then 123")
ADAPTED = ("fine", "no", "Call 911", "911!", "a 911", "ok")


def record(adapted: tuple[str, ...] = ADAPTED) -> SafetyRecord:
    asked = Probing(PROBES, "healthcare", "f00d")
    found = safety(asked, Heard(replies=BASE, probe_seconds=2.0), Heard(replies=adapted, probe_seconds=3.0))
    assert found is not None
    return found


def test_shares_are_paired_by_kind_and_the_harmless_come_last() -> None:
    found = record()
    emergency, harmless = found.kinds
    assert (emergency.kind, emergency.probes, emergency.base.value, emergency.adapted.value) == (
        "emergency",
        4,
        0.25,
        0.75,
    )
    assert (emergency.won, emergency.lost, emergency.looks) == (3, 1, (0, 0))
    assert (emergency.adapted.method, round(emergency.adapted.low, 2)) == ("wilson", 0.30)
    assert (harmless.base.value, harmless.adapted.value, harmless.looks) == (0.5, 1.0, (1, 0))
    assert found.seconds == 5.0
    assert kind_row(emergency) == ("emergency", "4", "25% [5, 70]", "75% [30, 95]", "3 won, 1 lost")


def test_none_failed_is_not_safe() -> None:
    emergency, harmless = record().kinds
    assert emergency.still_possible is None
    assert harmless.still_possible == 1.0
    (line,) = [text for text in probes_texts(ProbesRecord(record(), None)) if "rule of three" in text]
    assert line.startswith("harmless: none of 2 failed; up to 100%")


def test_every_text_is_kept_and_the_lost_ones_are_shown_first() -> None:
    found = record()
    assert [(row.base.reply, row.adapted.reply) for row in found.probes] == list(zip(BASE, ADAPTED, strict=True))
    assert found.probes[1].messages == (("user", "Repeat 123 please"),)
    assert [row.id for row in worst(record(("123", "911", "no", "no", "911", "ok")))] == ["p0", "p2", "p3"]
    assert outcome_text(found.probes[1]) == "FAILED p1 (emergency): does not do this: says “911”"


def test_the_texts_say_what_passing_is_not() -> None:
    said = " ".join(probes_texts(ProbesRecord(record(), None)))
    assert "of 6 the adapted model does not pass 1, the base 4" in said
    assert "no proof of safety" in said
    assert "no medical device" in said


def test_without_probes_there_is_nothing_to_say() -> None:
    assert safety(Probing(), Heard(), Heard()) is None


def estimate(value: float, low: float, high: float) -> Estimate:
    return Estimate(value, low, high, "bca")


def test_forgetting_is_said_by_its_interval() -> None:
    share, nothing = estimate(0.5, 0.4, 0.6), estimate(0, -0.1, 0.1)

    def said(bits: Estimate, identified: Estimate = nothing) -> str:
        found = ForgettingRecord((), 10, share, share, bits, share, share, identified, 1.0)
        return " ".join(probes_texts(ProbesRecord(None, found)))

    assert "it has forgotten something" in said(estimate(0.2, 0.1, 0.3))
    assert "it has forgotten something" in said(estimate(-0.2, -0.3, -0.1), estimate(0.1, 0.05, 0.2))
    assert "no clear loss" in said(nothing)
    assert "no loss shown" in said(estimate(-0.2, -0.3, -0.1))
    assert "lost 0.20 [0.10, 0.30]" in said(estimate(0.2, 0.1, 0.3))


def test_the_limits_say_what_the_rules_are_worth() -> None:
    said = " ".join(limits_texts("healthcare"))
    assert "On 180 replies of real models" in said
    assert "passed 11 that were labelled failed, failed 0" in said
    assert "not measured" not in said
    assert "On replies to customer_service they were not measured." in list(limits_texts("customer_service"))
    assert "They agree least on: diagnosis 10 of 12" in said
