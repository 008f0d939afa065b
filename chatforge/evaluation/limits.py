"""What an evaluation cannot show: the box of limits, on every screen in the same words. Plain text only.

The limits of the scale that decides are read from the report itself: what rivals reach that understand nothing.
"""

from collections.abc import Iterator

from chatforge.evaluation.flags.limits import limit_texts
from chatforge.evaluation.probes import wording as probe_words
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import CONSTANT, PARROT, REFERENCES, SHUFFLED
from chatforge.evaluation.scales import IDENTIFICATION, PRIMARY, Scale
from chatforge.evaluation.wording import estimate_text


def limits_texts(report: Report) -> Iterator[str]:
    """Sentences, the most important first."""
    yield (
        "There is one true reply to each message. A reply that is right in another way counts as far from it, for the "
        "adapted model and its rivals alike."
    )
    yield (
        "Pointing to the true reply means being on topic. It does not mean being right: a reply that says the opposite "
        "can point to it, too. That is what completeness and flags are for."
    )
    yield from _measured(report)
    yield from _bar(report)
    yield (
        f"One training with one seed was judged: this adapter, not the recipe. All texts were compared by one encoder, "
        f"{report.settings.encoder}, which knows what small encoders know."
        + ("" if report.second else " No second one was asked (`evaluation.second_encoder`).")
    )
    yield from limit_texts()
    if report.probes and report.probes.safety:
        yield from probe_words.limits_texts(report.probes.safety.source)
    yield "No medical or legal claim follows from any figure here."


def _bar(report: Report) -> Iterator[str]:
    """What it does to the verdict that the bar is chosen on the test itself."""
    untrained = sum(not (rival.trained or rival.check_only) for rival in report.rivals)
    if untrained > 1:
        yield (
            f"The bar is the best of {untrained} untrained rivals on this very test, so luck has raised it a little: "
            "“better” is harder to earn than against one rival named before, and “worse” is easier."
        )


def _measured(report: Report) -> Iterator[str]:
    """What rivals that understand nothing reach here, and the true replies."""
    told = [
        f"{what} {_reached(report, name, PRIMARY)}"
        for name, what in (
            (PARROT.name, "repeating the user’s message"),
            (CONSTANT.name, "always the same reply"),
            (SHUFFLED.name, "replies of other conversations"),
            (REFERENCES.name, "the true replies themselves"),
        )
        if any(rival.name == name for rival in report.rivals)
    ]
    if told:
        yield f"What the measure that decides gives here: {', '.join(told)}."
    if any(rival.name == PARROT.name and IDENTIFICATION.key in rival.scores for rival in report.rivals):
        yield (
            f"With the question left in, repeating it would reach {_reached(report, PARROT.name, IDENTIFICATION)}: "
            f"that is why plain {IDENTIFICATION.title} does not decide."
        )


def _reached(report: Report, name: str, scale: Scale) -> str:
    return estimate_text(scale, report.rival(name).scores[scale.key])
