"""The report of an evaluation: everything that was found, and everything needed to compute it again.

Kept as `report.json`. Light: screens read it without numpy or torch.
"""

from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chatforge.errors import UserError
from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.memorisation.record import Memorisation
from chatforge.evaluation.verdict import Verdict

FILE = "report.json"


class _Part(BaseModel):
    """Frozen; fields of a later version do no harm."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Settings(_Part):
    """What was asked for.

    Attributes:
        candidates: references each reply was compared with (fewer than the recipe says if there are few items).
        prompt_sha256: of chat template, system message and stop tokens.
    """

    candidates: int
    max_new_tokens: int
    seed: int
    smallest_worthwhile_difference: float
    encoder: str
    decoding: str
    prompt_sha256: str


class ItemRecord(_Part):
    """One scored turn: what was said before, what was really answered, and its other candidates (item numbers)."""

    conversation: str
    intent: str | None
    turn: int
    history: tuple[tuple[str, str], ...]
    reference: str
    others: tuple[int, ...]


class ReplyRecord(_Part):
    """One reply of one rival, in the order of the items.

    Attributes:
        stopped_by: "stop", "length" or "loop"; None where no model wrote it.
    """

    reply: str
    stopped_by: str | None
    seconds: float | None
    identification: float
    rank: float
    cosine: float
    chance: float
    corrected: float


class RivalRecord(_Part):
    """One rival: its figures and its replies.

    Attributes:
        lengths: 10% quantile, median and 90% quantile of reply length over reference length, in characters.
        empty, capped, looped: shares of replies that say nothing, met the limit, went round in circles.
    """

    name: str
    what: str
    trained: bool
    check_only: bool
    identification: Estimate
    corrected: Estimate
    lengths: tuple[float, float, float]
    empty: float
    capped: float
    looped: float
    seconds_per_reply: float | None
    replies: tuple[ReplyRecord, ...]


class Against(_Part):
    """The adapted model minus one rival, on the same conversations."""

    rival: str
    identification: Difference
    corrected: Difference


class LikelihoodRecord(_Part):
    """One held-out conversation: bytes of its assistant turns, and the nats each model needs for them."""

    conversation: str
    bytes: int
    base_nats: float
    adapted_nats: float


class BitsPerByte(_Part):
    """How well the held-out assistant turns are foreseen; lower is better.

    Attributes:
        saved: base minus adapted; above zero means that the adapted model foresees them better.
        base_stops, adapted_stops: mean probability of stopping where the true turn ended.
        skipped: assistant turns beyond the window, in no figure.
    """

    base: Estimate
    adapted: Estimate
    saved: Estimate
    base_stops: float
    adapted_stops: float
    turns: int
    skipped: int
    conversations: tuple[LikelihoodRecord, ...]


class Headline(_Part):
    """The adapted model minus the best untrained rival, on some of the conversations."""

    rival: str
    identification: Difference


class OverlapRecord(_Part):
    """What of the held-out conversations is in train too, exactly or nearly, and the headline with and without it.

    Attributes:
        held_out, leaked: conversations of the whole test, and how many of them are in train.
        shares: of the whole test by level (see `dialogues.leakage`), each conversation at its strongest.
        judged, clean: conversations that were judged, and how many of them are not in train.
        on_clean: None with fewer than two clean ones.
    """

    held_out: int
    leaked: int
    shares: dict[str, float]
    judged: int
    clean: int
    on_all: Headline
    on_clean: Headline | None


class CheckRecord(_Part):
    """One of the evaluator's checks of itself."""

    name: str
    ok: bool
    what: str


class Report(_Part):
    """The whole.

    Attributes:
        facts: hashes, versions and hardware, as the run's lock has them.
        chance: identification of a reply that has nothing to do with its item; ceiling: of the true replies.
        bits_per_byte: None if every held-out turn is beyond the model's window.
        overlap: None if nothing that is held out is in train, and in reports older than that.
        memorisation: None in reports that were written before there was such a test.
    """

    version: Literal[1] = 1
    settings: Settings
    facts: dict[str, Any]
    chance: float
    ceiling: float
    items: tuple[ItemRecord, ...]
    rivals: tuple[RivalRecord, ...]
    against: tuple[Against, ...]
    bits_per_byte: BitsPerByte | None
    checks: tuple[CheckRecord, ...]
    verdict: Verdict
    notes: tuple[str, ...]
    seconds: float
    memorisation: Memorisation | None = None
    overlap: OverlapRecord | None = None

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
        """The difference to the best untrained rival by identification, which is the bar."""
        names = {against.rival for against in self.against}
        best = max((r for r in self.rivals if r.name in names), key=lambda r: r.identification.value)
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
