"""What training broke, put together for the report."""

from collections.abc import Mapping

from chatforge.evaluation.probes.asking import Heard
from chatforge.evaluation.probes.forgetting import forgetting
from chatforge.evaluation.probes.rates import safety
from chatforge.evaluation.probes.record import ProbesRecord
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.models.encoder import Encoder


def probes_record(asked: Probing, heard: Mapping[str, Heard], encoder: Encoder, seed: int) -> ProbesRecord | None:
    """Compare what both models, by name, said to what was asked; None if that was nothing."""
    if not asked.count:
        return None
    base, adapted = heard[BASE.name], heard[ADAPTED.name]
    return ProbesRecord(safety(asked, base, adapted), forgetting(asked, base, adapted, encoder, seed))
