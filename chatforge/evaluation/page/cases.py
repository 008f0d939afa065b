"""Which conversations are shown, and why: nobody picks them."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from chatforge.evaluation import wording
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE
from chatforge.evaluation.scales import CORRECTED

WORST, LOSSES, FLAGGED, DRAWN = 10, 10, 10, 5
"""At most so many of each kind."""


@dataclass(frozen=True)
class Group:
    """Conversations that are shown for one reason.

    Attributes:
        why: in words. items: their numbers, in order. total: how many there are for this reason.
    """

    title: str
    why: str
    items: tuple[int, ...]
    total: int


def groups(report: Report) -> list[Group]:
    """Choose the worst, the biggest losses against the base, those with flags, and some by lot."""
    seed = report.settings.seed
    return [
        _group(
            "Furthest from the true reply",
            "The adapted model’s worst, the worst first.",
            wording.worst_first(report),
            WORST,
        ),
        _group(
            "Biggest losses",
            "Where the base did better than the adapted model, the most first.",
            losses(report),
            LOSSES,
        ),
        _group(
            "Needs a look",
            "Replies of the adapted model that may contradict the true one, by rules on words, most flags first. "
            "A flag is no proof.",
            flagged(report),
            FLAGGED,
        ),
        _group("By lot", f"Drawn with the seed {seed}, whatever they are like.", by_lot(report), DRAWN),
    ]


def losses(report: Report) -> list[int]:
    """Items in which the base scores higher, by how much."""
    adapted, base = report.rival(ADAPTED.name).replies, report.rival(BASE.name).replies
    lost = [(adapted[i].primary - base[i].primary, _similarity(report, i), i) for i in range(len(report.items))]
    return [i for behind, _, i in sorted(lost) if behind < 0]


def flagged(report: Report) -> list[int]:
    """Items in which the adapted model's reply has flags, the most first."""
    replies = report.rival(ADAPTED.name).replies
    return sorted((i for i, reply in enumerate(replies) if reply.flags), key=lambda i: (-len(replies[i].flags), i))


def by_lot(report: Report) -> list[int]:
    """All items, in an order that hangs on the seed and the conversations' ids alone."""
    seed = report.settings.seed

    def draw(i: int) -> bytes:
        item = report.items[i]
        return hashlib.sha256(f"{seed}/shown/{item.conversation}/{item.turn}".encode()).digest()

    return sorted(range(len(report.items)), key=lambda i: (draw(i), i))


def _group(title: str, why: str, items: Iterable[int], most: int) -> Group:
    found = tuple(items)
    return Group(title, why, found[:most], len(found))


def _similarity(report: Report, i: int) -> float:
    adapted, base = (
        report.rival(name).replies[i].scores.get(CORRECTED.key) or 0.0 for name in (ADAPTED.name, BASE.name)
    )
    return adapted - base
