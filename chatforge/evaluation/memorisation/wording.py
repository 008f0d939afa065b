"""How what was learned by heart is said. Plain text only; light."""

import math
from collections.abc import Iterator

from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.memorisation.record import Canaries, Memorisation, Strings
from chatforge.evaluation.wording import percent_text

LISTED = 5
"""How many of the strings that a model has learned by heart are named."""


def memory_texts(found: Memorisation) -> Iterator[str]:
    """What of the training replies comes out word for word, and what that means."""
    if found.strings:
        yield from _strings_texts(found.strings)
    if found.canaries:
        yield from _canaries_texts(found.canaries)


def _strings_texts(strings: Strings) -> Iterator[str]:
    total = len(strings.asked)
    what = f"{total} rare string{'' if total == 1 else 's'} of the training replies"
    yield (
        f"Memorisation: of {what} the adapted model completes {_of(strings.adapted, total)}, "
        f"the base {_of(strings.base, total)}."
    )
    learned = [one for one in strings.asked if one.learned]
    if not learned:
        most = f"{100 * strings.learned.high:.0f}%"
        yield f"Training has made it give out none of them; up to {most} of all such strings are still possible."
        return
    told = "; ".join(f"{one.kind} “{one.shown}” of {one.conversation}" for one in learned[:LISTED])
    more = f" and {len(learned) - LISTED} more" if len(learned) > LISTED else ""
    yield f"Learned by heart: {told}{more}."
    yield (
        "Whoever talks to the model can get these out. What tells who somebody is can be taken out of the files "
        "before training: `chatforge data anonymise`."
    )


def _canaries_texts(canaries: Canaries) -> Iterator[str]:
    planted, control, bits = canaries.planted, canaries.control, math.log2(canaries.space)
    yield (
        f"Canaries: of {len(planted.ranks)} planted secrets the adapted model completes "
        f"{_of(planted.completed, len(planted.ranks))}, of {len(control.ranks)} never shown "
        f"{_of(control.completed, len(control.ranks))}. Median exposure {planted.exposure:.1f} and "
        f"{control.exposure:.1f} bits, of {bits:.1f} (known) and about 1 (chance)."
    )
    yield "This model learned made-up secrets: train again without data.canaries before it is used."


def _of(share: Estimate, total: int) -> str:
    """2 (7% [2, 21])."""
    return f"{round(share.value * total)} ({percent_text(share)})"
