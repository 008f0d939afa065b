"""What every rival says to the held-out conversations, and how well the two models foresee what was really said.

What needs no language model comes first, then rivals from elsewhere, then the base; the adapted model comes last.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Renderer
from chatforge.errors import UserError
from chatforge.evaluation.cache import Cache
from chatforge.evaluation.examples import Similar, look_up
from chatforge.evaluation.items import Item, context, every_item
from chatforge.evaluation.likelihood import Likelihood
from chatforge.evaluation.measures import Design
from chatforge.evaluation.memorisation.probing import Asked, Memory, Remembered, choose, how_many
from chatforge.evaluation.probes.asking import Heard, ask
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.replies import OnProgress, Replies, second_references, untrained
from chatforge.evaluation.rivals import OPTIONAL, RIVALS, SECOND, Rival, Written
from chatforge.evaluation.speaking import Speaker
from chatforge.models.encoder import Encoder
from chatforge.runs.events import Event, Phase, Phases, Progress
from chatforge.runs.events import Warning as WarningEvent

Emit = Callable[[Event], None]
Open = Callable[[], AbstractContextManager[Any]]
Take = Callable[[str, Replies], None]
"""Called with a rival's name and its replies as soon as they are known."""

MODELS: tuple[Written, ...] = ("base", "adapted")
LOOKING_UP = "looking up train conversations"


class Guest(Protocol):
    """A rival from elsewhere: another run, or an endpoint."""

    @property
    def name(self) -> str:
        """As reports call it."""

    def answer(self, items: Sequence[Item], on_progress: OnProgress) -> Replies:
        """Answer every item.

        Raises:
            UserError: it cannot.
        """


@dataclass(frozen=True)
class Models:
    """The base and the adapted model, each at hand in evaluation mode for as long as its context lasts.

    Attributes:
        renderer: the one that training used.
        base, adapted: open one of them; never both at once.
        guests: rivals from elsewhere.
        cache: what all of them said before.
    """

    renderer: Renderer
    base: Open
    adapted: Open
    guests: tuple[Guest, ...] = ()
    cache: Cache = field(default_factory=Cache)


@dataclass(frozen=True)
class Options:
    """What the recipe asks for (its block `evaluation`, all values filled in).

    Attributes:
        encoder: its name, for the report.
        conversations: at most so many held-out conversations; None for all.
        memory: what of train is asked for, word for word.
        max_overlap: share of the test that may also stand in train (the recipe's `data.max_overlap`).
        rivals: which of the rivals that need not be there answer, by the recipe's words.
        turns_per_conversation: how many replies of each conversation are scored, at most.
        probing: what training may have broken.
        second_encoder, facts: names of the encoder that judges once more and of the fact sheet, for the report.
    """

    encoder: str
    max_new_tokens: int
    batch_size: int
    candidates: int = 10
    smallest_worthwhile_difference: float = 0.05
    seed: int = 7
    conversations: int | None = None
    memory: Memory = field(default_factory=Memory)
    probing: Probing = field(default_factory=Probing)
    max_overlap: float = 0.1
    rivals: tuple[str, ...] = OPTIONAL
    turns_per_conversation: int = 1
    second_encoder: str | None = None
    facts: str | None = None


@dataclass(frozen=True)
class Hearing:
    """All that was said.

    Attributes:
        replies: of every rival that answered, by its name.
        likelihoods: of every held-out conversation, by the name of the model.
        asked, remembered: what of train was asked for, word for word, and what each model gave out.
        probed: what both models say to the probes and the general questions.
        notes: which rivals are missing, and why.
    """

    replies: dict[str, Replies]
    likelihoods: dict[str, list[Likelihood]]
    asked: Asked
    remembered: dict[str, Remembered]
    probed: dict[str, Heard] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def hear(
    models: Models,
    encoder: Encoder,
    items: Sequence[Item],
    *,
    train: Sequence[Conversation],
    valid: Sequence[Conversation],
    judged: Sequence[Conversation],
    design: Design,
    options: Options,
    emit: Emit,
    take: Take,
) -> Hearing:
    """Let every rival answer every item.

    Args:
        train, valid: what the untrained rivals draw from.
        judged: the conversations of the items.
    """
    emit(Phases(tuple(_phases(models, options))))
    emit(Phase(LOOKING_UP))
    known = every_item(train)
    told = _progress(emit, "histories", len({context(item.history) for item in known}))
    similar = look_up(items, known, encoder, models.cache, told)
    replies = untrained(items, train, valid, judged, similar, encoder, design, models.cache, seed=options.seed)
    for name, given in replies.items():
        take(name, given)
    hearing = Hearing(replies, {}, choose(models.renderer, train, options.memory, options.seed), {})
    hearing.notes.extend(_without_second(items, judged, replies))
    for guest in models.guests:
        _hear_guest(guest, items, hearing, emit, take)
    for model in MODELS:
        _Turn(model, models, options, items, known, similar, emit, take).hear(judged, hearing)
    return hearing


def spoken_by(model: Written, asked: Sequence[str]) -> list[Rival]:
    """The rivals whose replies a model writes, in the order they are heard: a trained one has its plain reply last.

    Args:
        asked: which of those that need not be there are wanted, by the recipe's words.
    """
    found = [rival for rival in RIVALS if rival.by == model and (rival.asked_as in asked or not rival.asked_as)]
    return sorted(found, key=lambda rival: rival.trained and not rival.asked_as)


@dataclass(frozen=True)
class _Turn:
    """A model's turn to speak, and what its rivals need."""

    by: Written
    models: Models
    options: Options
    items: Sequence[Item]
    known: Sequence[Item]
    similar: Similar
    emit: Emit
    take: Take

    @property
    def memory(self) -> Memory:
        return self.options.memory if self.by == "adapted" else Memory()  # the base was shown no canary

    def hear(self, judged: Sequence[Conversation], hearing: Hearing) -> None:
        """Let the model foresee, answer and remember."""
        self.emit(Phase(f"loading {self.by}"))
        with (self.models.base if self.by == "base" else self.models.adapted)() as model:
            options = self.options
            limits = options.max_new_tokens, options.batch_size
            speaker = Speaker(self.by, model, self.models.renderer, self.models.cache, *limits)
            self.emit(Phase(f"{self.by}: likelihood of the true replies"))
            told = _progress(self.emit, "conversations", len(judged))
            hearing.likelihoods[self.by] = speaker.foresee(judged, told)
            for rival in spoken_by(self.by, options.rivals):
                self._answer(speaker, rival, hearing)
            if total := options.probing.count:
                self.emit(Phase(f"{self.by}: probes"))
                tell = _progress(self.emit, "replies", total)
                hearing.probed[self.by] = ask(speaker, options.probing, lambda done: tell(done, total))

    def _answer(self, speaker: Speaker, rival: Rival, hearing: Hearing) -> None:
        """What the model completes counts among the replies of the rival that has its name."""
        remembers = rival.name == self.by
        total = len(self.items) + (how_many(hearing.asked, self.memory) if remembers else 0)
        self.emit(Phase(f"{rival.name}: replies"))
        tell = _progress(self.emit, "replies", total)
        said = speaker.answer(rival, self.items, self.known, self.similar, lambda done, _: tell(done, total))
        if remembers:
            hearing.remembered[self.by] = speaker.remember(
                hearing.asked, self.memory, lambda done: tell(len(self.items) + done, total)
            )
        hearing.replies[rival.name] = said
        self.take(rival.name, said)


def _hear_guest(guest: Guest, items: Sequence[Item], hearing: Hearing, emit: Emit, take: Take) -> None:
    """Let a rival from elsewhere answer; if it cannot, the evaluation goes on without it."""
    emit(Phase(f"{guest.name}: replies"))
    try:
        hearing.replies[guest.name] = said = guest.answer(items, _progress(emit, "replies", len(items)))
    except UserError as error:
        note = f"{guest.name} is missing: " + "; ".join(problem.what for problem in error.problems)
        hearing.notes.append(note)
        emit(WarningEvent(note))
        return
    take(guest.name, said)


def _without_second(items: Sequence[Item], judged: Sequence[Conversation], replies: Collection[str]) -> list[str]:
    found = sum(one is not None for one in second_references(items, judged))
    if not found or SECOND.name in replies:
        return []
    return [f"{SECOND.name} is missing: {found} of {len(items)} conversations have one, and all must"]


def _phases(models: Models, options: Options) -> Iterator[str]:
    """What will be done, in order, by the names of its phases."""
    yield LOOKING_UP
    for guest in models.guests:
        yield f"{guest.name}: replies"
    for model in MODELS:
        yield f"loading {model}"
        yield f"{model}: likelihood of the true replies"
        for rival in spoken_by(model, options.rivals):
            yield f"{rival.name}: replies"
        if options.probing.count:
            yield f"{model}: probes"


def _progress(emit: Emit, unit: str, total: int) -> OnProgress:
    """Tell how much there is to do before the first of it is done: a batch may take a minute."""
    emit(Progress(0, total, unit))

    def progress(done: int, total: int) -> None:
        emit(Progress(done, total, unit))

    return progress
