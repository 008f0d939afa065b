"""The parts of a report: what was asked for, what was said, what it scored, and what follows.

Light: screens read them without numpy or torch.
"""

from pydantic import BaseModel, ConfigDict

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.flags.flag import Flag
from chatforge.evaluation.scales import PRIMARY


class Part(BaseModel):
    """Frozen; fields of a later version do no harm."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Settings(Part):
    """What was asked for.

    Attributes:
        candidates: references each reply was compared with (fewer than the recipe says if there are few items).
        second_encoder: the one that the replies are judged with once more, if any. facts: the fact sheet, if any.
        turns_per_conversation: how many replies of each conversation were scored, at most.
        prompt_sha256: of chat template, system message and stop tokens.
    """

    candidates: int
    max_new_tokens: int
    seed: int
    smallest_worthwhile_difference: float
    encoder: str
    second_encoder: str | None = None
    facts: str | None = None
    turns_per_conversation: int = 1
    decoding: str
    prompt_sha256: str


class ItemRecord(Part):
    """One scored turn: what was said before, and what was really answered."""

    conversation: str
    intent: str | None
    turn: int
    history: tuple[tuple[str, str], ...]
    reference: str


class ReplyRecord(Part):
    """One reply of one rival, in the order of the items.

    Attributes:
        stopped_by: "stop", "length" or "loop"; None where no model wrote it.
        log_probability: mean over its tokens, in nats; None where no model wrote it.
        scores: by key of `scales`; None where the reference has nothing that the scale looks for.
        place: of the own reference among all by the primary scale, from 1; half places are ties.
        flags: what needs a look; never part of a score.
    """

    reply: str
    stopped_by: str | None
    seconds: float | None
    log_probability: float | None = None
    scores: dict[str, float | None]
    place: float
    flags: tuple[Flag, ...] = ()

    @property
    def primary(self) -> float:
        """Its score on the scale that decides."""
        return self.scores[PRIMARY.key] or 0.0


class Form(Part):
    """How a rival's replies are written.

    Attributes:
        lengths: 10% quantile, median and 90% quantile of reply length over reference length, in characters.
        stopped, capped, looped: shares of replies that ended by themselves, met the limit, went round in circles; None
            where no model wrote them.
        empty: share that says nothing. one_answer: share of the most common reply.
        copied: mean share of a reply that is one run of words of the question. repeated: mean share of runs of words
            that stood in the reply before. distinct_2: different pairs of words over all pairs.
        seconds: per reply; None where no model wrote them.
    """

    lengths: tuple[float, float, float]
    stopped: float | None
    capped: float | None
    looped: float | None
    empty: float
    one_answer: float
    copied: float
    repeated: float
    distinct_2: float
    seconds: float | None


class RivalRecord(Part):
    """One rival: its figures and its replies.

    Attributes:
        scores: mean over conversations by key of `scales`; a scale that looks for nothing of theirs is left out.
    """

    name: str
    what: str
    trained: bool
    check_only: bool
    scores: dict[str, Estimate]
    form: Form
    replies: tuple[ReplyRecord, ...]

    @property
    def primary(self) -> Estimate:
        """Its score on the scale that decides."""
        return self.scores[PRIMARY.key]


class Against(Part):
    """The adapted model minus one rival by key of `scales`, on the same conversations."""

    rival: str
    scores: dict[str, Difference]

    @property
    def primary(self) -> Difference:
        """The difference that decides."""
        return self.scores[PRIMARY.key]


class LikelihoodRecord(Part):
    """One held-out conversation: bytes of its assistant turns, and the nats each model needs for them."""

    conversation: str
    bytes: int
    base_nats: float
    adapted_nats: float


class BitsPerByte(Part):
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


class Headline(Part):
    """The adapted model minus the best untrained rival by the primary scale, on some of the conversations."""

    rival: str
    difference: Difference


class OverlapRecord(Part):
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


class IntentRecord(Part):
    """How the conversations of one intent went, by the primary scale.

    Attributes:
        base, adapted: rates drawn towards the mean of all intents, the more the fewer conversations there are, with
            their 95% intervals.
        difference: adapted minus base; None under 8 conversations, of which nothing is said alone.
        q: p of that difference after Benjamini and Hochberg's correction for looking at many intents.
        apart: whether the adapted model's interval lies below that of all other conversations together.
    """

    intent: str
    conversations: int
    base: Estimate
    adapted: Estimate
    difference: Difference | None
    q: float | None
    apart: bool


class CalibrationRecord(Part):
    """Whether a model is surer of the replies that are identified.

    Attributes:
        rival: its name.
        auroc: probability that of two replies the one that is identified is the one with the higher mean
            log-probability per token: 0.5 tells nothing, 1 all.
        curve: (share of the replies that are given, the surest first; their mean score by the primary scale).
    """

    rival: str
    auroc: Estimate
    curve: tuple[tuple[float, float], ...]


class Sensitivity(Part):
    """The same replies judged with a second encoder.

    Attributes:
        word: what the verdict's word would be. rival, difference: the best untrained rival then, and the difference.
    """

    encoder: str
    word: str
    rival: str
    difference: Difference


class CheckRecord(Part):
    """One of the evaluator's checks of itself."""

    name: str
    ok: bool
    what: str
