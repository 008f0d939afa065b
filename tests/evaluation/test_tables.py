import io
from dataclasses import replace

import pytest
from rich.console import Console

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.flags.flag import Flag
from chatforge.evaluation.memorisation.record import Canaries, Memorisation, Secrets, StringRecord, Strings
from chatforge.evaluation.records import CalibrationRecord, Headline, IntentRecord, OverlapRecord, Sensitivity
from chatforge.evaluation.statistics import share_of
from chatforge.evaluation.tables import tables


def shown(report, width=80) -> str:
    console = Console(file=io.StringIO(), width=width, markup=False, highlight=False, emoji=False)
    for part in tables(report):
        console.print(part)
    return console.file.getvalue()


def test_everything_fits_and_nothing_hostile_comes_through(make_report):
    text = shown(make_report())
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text and "\u202e" not in text
    assert "[bold]red[/bold]" in text  # markup is text
    assert "…" not in text.split("Worst cases")[0].replace("Adapted minus …", "")


def test_figures_come_with_chance_interval_and_number(make_report):
    text = shown(make_report())
    for part in (
        "chance is 10%", "42% [34, 50]", "40% ±8", "0.20 ±.08", "25% ±8", "of 4", "+12 [+5, +19]", "98%", "<0.001",
        "4 held-out conversations", "saved 0.60 [0.52, 0.68]", "it does not decide", "2 more beyond",
        "shuffled (check)", "25% are empty", "50% met the limit of length", "50% went round in circles",
        "note: base: 2 histories were cut",
    ):  # fmt: skip
        assert part in text, part


def test_the_headline_with_and_without_what_was_in_train(make_report):
    report = make_report()
    assert "in train too" not in shown(report)
    best = report.best_untrained
    found = OverlapRecord(
        held_out=100, leaked=8, shares={"exact": 0.02, "begins": 0.0, "near": 0.06}, judged=100, clean=92,
        on_all=Headline(rival=best.rival, difference=best.primary),
        on_clean=Headline(rival="parrot", difference=replace(best.primary, value=0.03, low=-0.04, high=0.1)),
    )  # fmt: skip
    text = " ".join(shown(report.model_copy(update={"overlap": found})).split())
    assert "8 of 100 held-out conversations (8.0%) are in train too, the same or nearly: exact 2.0%, near 6.0%." in text
    assert "+12 [+5, +19] points (base) on all, +3 [-4, +10] points (parrot) on the 92 that are not." in text


def intent(name: str, difference=None, apart=False) -> IntentRecord:
    rate = Estimate(0.2, 0.1, 0.3, "beta-binomial")
    n, q = (12, 0.4) if difference else (6, None)
    return IntentRecord(intent=name, conversations=n, base=rate, adapted=rate, difference=difference, q=q, apart=apart)


def test_intents_are_shown_where_there_are_enough_conversations(make_report):
    report = make_report()
    few = shown(report.model_copy(update={"intents": (intent("refund"), intent("repair"))}))
    assert "2 intents, none with the 8" in few
    best = report.best_untrained.primary
    intents = (intent("\x1b[31mrefund", best, apart=True), intent("repair"))
    text = shown(report.model_copy(update={"intents": intents}))
    assert "20% [10, 30]" in text and "0.400" in text and "\x1b" not in text
    assert "Weakest intent:" in text and "not shown to be" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_calibration_flags_and_the_second_encoder_are_told(make_report):
    report = make_report()
    flag = Flag(kind="amount", what="the true reply says $5", said="$50", meant="$5")
    adapted = report.rival("adapted")
    flagged = adapted.model_copy(
        update={"replies": tuple(one.model_copy(update={"flags": (flag, flag)}) for one in adapted.replies)}
    )
    curve = ((0.5, 0.4), (1.0, 0.3))
    changed = {
        "rivals": tuple(flagged if one.name == "adapted" else one for one in report.rivals),
        "calibration": (CalibrationRecord(rival="adapted", auroc=Estimate(0.6, 0.5, 0.7, "bca"), curve=curve),),
        "second": Sensitivity(encoder="other", word="worse", rival="parrot", difference=report.best_untrained.primary),
    }
    text = " ".join(shown(report.model_copy(update=changed)).replace("│", " ").split())
    assert "adapted: 0.60 [0.50, 0.70]; the surest 50% of its replies score 40%, all 30%" in text
    assert "Needs a look, replies of the adapted model: amount 4 (base 0)." in text
    assert "A second encoder, other, would say “worse”: the verdict hangs on the encoder" in text
    assert text.index("Needs a look (replies)") < text.index("Verdict")


def test_the_smallest_visible_difference_stands_before_the_verdict(make_report):
    text = shown(make_report())
    assert text.index("Smallest difference") < text.index("✔ better")
    assert "11 points, against base" in " ".join(text.split())


@pytest.mark.parametrize(
    ("gain", "failures", "words"),
    [
        (0.12, (), "✔ better"),
        (-0.12, (), "✘ worse"),
        (0.0, (), "= no meaningful difference"),
        (0.12, ("it is broken",), "! no verdict"),
    ],
)
def test_the_verdict_has_sign_and_word(make_report, gain, failures, words):
    report = make_report(gain, failures)
    if words.startswith("="):
        report = report.model_copy(update={"verdict": narrow(report)})
    text = shown(report)
    assert words in text
    assert ("FAILED" in text) is bool(failures)


def narrow(report):
    from chatforge.evaluation.figures import Difference
    from chatforge.evaluation.verdict import Standing, judge

    d = Difference(0.0, -0.02, 0.02, "bca", 1.0, 0.5, 0.0, 0.1, 0.03, 100)
    e = Estimate(0.3, 0.2, 0.4, "bca")
    return judge(e, [Standing("base", e, d)], chance=0.1, worthwhile=0.05, failures=[])


def test_a_report_without_likelihoods_is_shown(make_report):
    report = make_report().model_copy(update={"bits_per_byte": None})
    assert "Bits per byte" not in shown(report)


def rare(i: int, adapted: bool, base: bool = False) -> StringRecord:
    return StringRecord(f"c{i}\x1b[31m", 3, "record", "4•••••", base, adapted)


def memory(learned: int, canaries: Canaries | None = None) -> Memorisation:
    """Of 30 strings: so many learned, one more that the base completes, too."""
    asked = tuple(rare(i, adapted=i <= learned, base=i == 0) for i in range(30))
    shares = (share_of([getattr(one, name) for one in asked]) for name in ("base", "adapted", "learned"))
    return Memorisation(Strings(asked, *shares), canaries)


def said_of(make_report, found: Memorisation) -> str:
    text = shown(make_report().model_copy(update={"memorisation": found}))
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "\x1b" not in text
    return " ".join(text.split())


def test_strings_learned_by_heart_are_counted_listed_and_explained(make_report):
    text = said_of(make_report, memory(7))
    assert "of 30 rare strings of the training replies the adapted model completes 8 (27% [14, 44])" in text
    assert "the base 1 (3% [1, 17])" in text
    assert text.count("record “4•••••”") == 5
    assert "and 2 more" in text
    assert "chatforge data anonymise" in text


def test_nothing_learned_by_heart_does_not_mean_that_nothing_is(make_report):
    text = said_of(make_report, memory(0))
    assert "give out none of them; up to 11% of all such strings" in text
    assert "anonymise" not in text
    assert "Canaries" not in text


def test_canaries_stand_beside_those_never_shown(make_report):
    known = Secrets(share_of([True] * 6 + [False] * 2), (1,) * 8, 6.64)
    unknown = Secrets(share_of([False] * 8), (50,) * 8, 1.0)
    text = said_of(make_report, memory(0, Canaries(100, known, unknown)))
    assert "of 8 planted secrets the adapted model completes 6 (75%" in text
    assert "of 8 never shown 0 (0%" in text
    assert "Median exposure 6.6 and 1.0 bits, of 6.6 (known) and about 1 (chance)" in text
    assert "train again without data.canaries" in text


def test_a_report_without_a_memorisation_test_says_nothing_of_it(make_report):
    assert "Memorisation" not in shown(make_report())
    assert "Memorisation" not in said_of(make_report, Memorisation(None, None))


def test_a_long_and_hostile_name_of_another_run_is_cut_and_harmless(make_report):
    report = make_report()
    named = report.rivals[1].model_copy(update={"name": "run \x1b]0;owned\x07 by night" + "x" * 90})
    against = report.against[0].model_copy(update={"rival": named.name})
    report = report.model_copy(update={"rivals": (*report.rivals, named), "against": (*report.against, against)})
    said = shown(report)
    assert "\x1b" not in said and "\x07" not in said and "owned" not in said
    assert said.count(" by night") == 5  # two axes, form, flags, differences
    assert max(map(len, said.splitlines())) <= 80
