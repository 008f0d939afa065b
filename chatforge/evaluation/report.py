"""The report of an evaluation: everything that was found, and everything needed to compute it again.

Kept as `report.json`; its parts are in `records`. Light: screens read it without numpy or torch.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from chatforge.errors import UserError
from chatforge.evaluation.figures import Estimate
from chatforge.evaluation.memorisation.record import Memorisation
from chatforge.evaluation.probes.record import ProbesRecord
from chatforge.evaluation.records import (
    Against,
    BitsPerByte,
    CalibrationRecord,
    CheckRecord,
    IntentRecord,
    ItemRecord,
    OverlapRecord,
    Part,
    RivalRecord,
    Sensitivity,
    Settings,
)
from chatforge.evaluation.verdict import Verdict

FILE = "report.json"


class Report(Part):
    """The whole.

    Attributes:
        facts: hashes, versions and hardware, as the run's lock has them.
        chance: primary score of a reply that has nothing to do with its item; ceiling: of the true replies.
        conversations: how many were judged; items: their scored turns, one of each unless the recipe says more.
        gap_closed: share of the way from the best untrained rival to the ceiling that the adapted model has gone; None
            where that rival is at the ceiling.
        intents: empty where the conversations have none.
        second: None if no second encoder was asked for.
        bits_per_byte: None if every held-out turn is beyond the model's window.
        overlap: None if nothing that is held out is in train.
        memorisation, probes: None if nothing was asked for.
    """

    version: Literal[2] = 2
    settings: Settings
    facts: dict[str, Any]
    chance: float
    ceiling: float
    conversations: int
    items: tuple[ItemRecord, ...]
    rivals: tuple[RivalRecord, ...]
    against: tuple[Against, ...]
    gap_closed: Estimate | None
    intents: tuple[IntentRecord, ...]
    calibration: tuple[CalibrationRecord, ...]
    second: Sensitivity | None
    bits_per_byte: BitsPerByte | None
    checks: tuple[CheckRecord, ...]
    verdict: Verdict
    notes: tuple[str, ...]
    seconds: float
    memorisation: Memorisation | None = None
    overlap: OverlapRecord | None = None
    probes: ProbesRecord | None = None

    def rival(self, name: str) -> RivalRecord:
        """Return the rival of this name.

        Raises:
            KeyError: the report has no such rival.
        """
        for rival in self.rivals:
            if rival.name == name:
                return rival
        raise KeyError(name)

    @property
    def best_untrained(self) -> Against:
        """The difference to the best untrained rival by the primary scale, which is the bar."""
        competing = (rival for rival in self.rivals if not (rival.trained or rival.check_only))
        best = max(competing, key=lambda rival: rival.primary.value)
        return next(against for against in self.against if against.rival == best.name)

    def to_json(self) -> dict[str, Any]:
        """Return the content of report.json."""
        return self.model_dump(mode="json")


def read(path: Path) -> Report:
    """Read a report.

    Raises:
        UserError: there is none, or it is not one of this version.
    """
    try:
        return Report.model_validate_json(path.read_bytes())
    except FileNotFoundError as error:
        raise UserError("there is no report yet", file=path, hint="`chatforge evaluate RUN` writes it") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or None
        raise UserError(
            f"this report cannot be read: {first['msg']}",
            file=path,
            field=where,
            hint="`chatforge evaluate RUN` writes it anew",
        ) from error
