"""What of the held-out conversations is in train too: whether a verdict may stand on them, and what it is without."""

from collections.abc import Mapping, Sequence

import numpy as np

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.gate import told
from chatforge.dialogues.leakage import Leakage
from chatforge.evaluation.items import Item
from chatforge.evaluation.records import Headline, OverlapRecord
from chatforge.evaluation.rivals import ADAPTED
from chatforge.evaluation.scoring import Scored
from chatforge.evaluation.selfcheck import Check
from chatforge.evaluation.statistics import paired_difference

FEWEST = 2
"""Fewer conversations have no difference with an interval."""


def check_overlap(found: Leakage, most: float) -> Check:
    """No more of the held-out conversations may be in train than the recipe allows.

    Args:
        most: the recipe's `data.max_overlap`.
    """
    ok = found.leaked <= most
    what = told(found) if ok else f"{told(found)}: more than data.max_overlap allows ({most:g})"
    return Check("little or none of the test is in train", ok, what)


def overlap_record(
    found: Leakage,
    test: Sequence[Conversation],
    items: Sequence[Item],
    scored: Mapping[str, Scored],
    worthwhile: float,
    seed: int,
) -> OverlapRecord | None:
    """Return the headline with and without what is in train too; None where nothing is.

    Args:
        found: of the whole test. items: the turns that were judged, of some or all of it.
    """
    if not found.leaks:
        return None
    known = {test[leak.held_out].id for leak in found.leaks}
    judged = list(dict.fromkeys(item.conversation for item in items))
    clean = [i for i, name in enumerate(judged) if name not in known]
    return OverlapRecord(
        held_out=found.held_out,
        leaked=len(found.leaks),
        shares={level: share for level, share in found.shares.items() if level != "look"},
        judged=len(judged),
        clean=len(clean),
        on_all=_headline(scored, range(len(judged)), worthwhile, seed),
        on_clean=_headline(scored, clean, worthwhile, seed) if len(clean) >= FEWEST else None,
    )


def _headline(scored: Mapping[str, Scored], places: Sequence[int], worthwhile: float, seed: int) -> Headline:
    """The adapted model against the untrained rival that is best on these conversations."""
    chosen = np.array(places)
    values = {name: one.primary[chosen] for name, one in scored.items()}
    rivals = [name for name, one in scored.items() if not (one.rival.trained or one.rival.check_only)]
    best = max(rivals, key=lambda name: float(values[name].mean()))
    difference = paired_difference(values[ADAPTED.name], values[best], worthwhile=worthwhile, seed=seed)
    return Headline(rival=best, difference=difference)
