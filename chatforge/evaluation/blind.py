"""Two replies to one conversation, and a person who says which is better without knowing whose they are. No screen.

    report ──► pairs (which, and whose stands first: by seed) ──► Sitting ◄── first, second, tie, bad, undo
                                                                     └──► evaluation/blind/base-1f3a5c7e.jsonl

    {"v": 1, "t": 1795168031.2, "kind": "sitting", "rival": "base", "seed": 7}
    {"v": 1, "t": …, "kind": "answer", "pair": 0, "conversation": "shop1-009", "turn": 1, "said": "first"}
    {"v": 1, "t": …, "kind": "undo", "pair": 0}

Only replies that differ are asked about, and one turn of a conversation: two would not be independent. Which ones are
asked hangs on the seed and never on a score: pairs chosen by score would agree with it. The name of the file holds the
hash of all texts that can be asked about: replies of a later evaluation that differ begin another file, the same ones
go on in this. What came of it: `evaluation.blind_result`.
"""

import errno
import hashlib
import json
import os
import random
import re
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from chatforge.errors import UserError, did_you_mean
from chatforge.evaluation.records import ReplyRecord
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ADAPTED, BASE, ordered
from chatforge.runs import locks

VERSION = 1
PAIRS = 24
"""How many pairs are asked about, where there are as many and nobody says otherwise."""

Choice = Literal["first", "second", "tie", "bad"]
"""Which reply is better; both are equally good; both are bad."""


@dataclass(frozen=True)
class Pair:
    """One question.

    Attributes:
        item: number of the item in the report.
        history: what was said before, (role, text); ends with the user.
        first, second: the replies in the order in which they are shown.
        adapted_first: whose the first one is. Not to be shown before all is judged.
    """

    item: int
    conversation: str
    turn: int
    history: tuple[tuple[str, str], ...]
    first: str
    second: str
    adapted_first: bool

    def preferred(self, said: Choice) -> Literal["adapted", "rival"] | None:
        """Whose reply was said to be better; None if neither was."""
        if said not in ("first", "second"):
            return None
        return "adapted" if (said == "first") == self.adapted_first else "rival"


class Sitting:
    """The pairs of one run and rival, and what was said of them so far. Every answer is on the disk at once.

    Attributes:
        rival: whose replies stand against the adapted model's.
        pairs: what is asked, in this order.
        askable: pairs that could be asked about; same: replies that are the same, which are not asked about.
        path: file of the answers; made with the first one.

    Args:
        folder: the run's `evaluation/`. count: pairs that are asked about; never fewer than were already answered.
        seed: chooses pairs and order; the report's own where None.

    Raises:
        UserError: the report has no such rival; no two replies differ; the file of the answers is damaged.
    """

    def __init__(
        self,
        folder: Path,
        report: Report,
        rival: str = BASE.name,
        *,
        count: int = PAIRS,
        seed: int | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.rival = rival
        self._seed = report.settings.seed if seed is None else seed
        self._clock = clock
        everything, self.same = _pairs(report, rival, self._seed)
        self.askable = len(everything)
        if not everything:
            what = f"no reply of the adapted model differs from that of “{rival}”: there is nothing to choose between"
            others = ", ".join(one for one in rivals(report) if one != rival)
            raise UserError(what, hint=f"other rivals are: {others}" if others else None)
        self.path = folder / "blind" / f"{_slug(rival)}-{_fingerprint(everything)}.jsonl"
        self._answers = _read(self.path, len(everything))
        self.pairs = everything[: max(count, len(self._answers))]

    @property
    def answers(self) -> tuple[Choice, ...]:
        """What was said of the first pairs, in their order."""
        return tuple(self._answers)

    @property
    def current(self) -> Pair | None:
        """The pair to ask about next; None when all are judged."""
        return self.pairs[len(self._answers)] if len(self._answers) < len(self.pairs) else None

    @property
    def earlier(self) -> list[Path]:
        """Answers about other replies of this run and the same rival: of an earlier evaluation, or another seed."""
        pattern = f"{_slug(self.rival)}-{'[0-9a-f]' * _HASH}.jsonl"  # the names of rivals may begin alike
        return sorted(path for path in self.path.parent.glob(pattern) if path != self.path)

    def answer(self, said: Choice) -> None:
        """Keep what was said of the current pair.

        Raises:
            OSError: it cannot be written; it then does not count. ValueError: all pairs are judged.
            UserError: the file was changed elsewhere meanwhile; it then does not count.
        """
        if (pair := self.current) is None:
            raise ValueError("all pairs are judged")
        number = len(self._answers)
        self._write(kind="answer", pair=number, conversation=pair.conversation, turn=pair.turn, said=said)
        self._answers.append(said)

    def undo(self) -> bool:
        """Take the last answer back; whether there was one.

        Raises:
            OSError, UserError: as `answer`; the last answer then stays.
        """
        if not self._answers:
            return False
        self._write(kind="undo", pair=len(self._answers) - 1)
        self._answers.pop()
        return True

    def _write(self, **fields: Any) -> None:
        """Append a line and see it on the disk, or leave the file as it was. Others who write wait meanwhile."""
        with locks.exclusive(self.path.with_suffix(".lock"), on_wait=lambda _: None, poll_seconds=0.02):
            if _read(self.path, self.askable) != self._answers:
                what = "the judgements were changed elsewhere meanwhile: what is there now counts"
                raise UserError(what, file=self.path)
            self._append(fields)

    def _append(self, fields: dict[str, Any]) -> None:
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "a+b", buffering=0) as file:
            size = file.seek(0, os.SEEK_END)
            lines = [fields] if size else [{"kind": "sitting", "rival": self.rival, "seed": self._seed}, fields]
            stamp = {"v": VERSION, "t": round(self._clock(), 3)}
            data = "".join(json.dumps(stamp | line) + "\n" for line in lines).encode()
            if size and os.pread(descriptor, 1, size - 1) != b"\n":
                data = b"\n" + data  # a line that a crash has cut off stays one by itself
            try:
                if file.write(data) < len(data):
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
                os.fsync(descriptor)
            except OSError:
                with suppress(OSError):
                    os.truncate(descriptor, size)
                raise


def rivals(report: Report) -> list[str]:
    """Whose replies can stand against the adapted model's, in the order in which rivals are shown."""
    return ordered(one.name for one in report.rivals if one.name != ADAPTED.name)


def _pairs(report: Report, rival: str, seed: int) -> tuple[tuple[Pair, ...], int]:
    """Every pair that can be asked about, in the order of the seed; and how many replies are the same."""
    mine, theirs = report.rival(ADAPTED.name).replies, _replies(report, rival)
    differ = [i for i in range(len(report.items)) if _bare(mine[i].reply) != _bare(theirs[i].reply)]
    source = random.Random(f"blind/{seed}/{rival}")  # noqa: S311 (an order, not a secret)
    source.shuffle(differ)
    pairs: dict[str, Pair] = {}
    for i in differ:
        item, adapted_first = report.items[i], source.random() < 0.5
        first, second = (mine, theirs) if adapted_first else (theirs, mine)
        shown = (first[i].reply, second[i].reply)
        pair = Pair(i, item.conversation, item.turn, item.history, shown[0], shown[1], adapted_first)
        pairs.setdefault(item.conversation, pair)
    return tuple(pairs.values()), len(report.items) - len(differ)


def _replies(report: Report, rival: str) -> tuple[ReplyRecord, ...]:
    names = rivals(report)
    if rival not in names:
        known = f"there are: {', '.join(names)}" if names else None
        what = f"{rival!r} is no rival in this run's report"
        raise UserError(what, field="--against", hint=did_you_mean(rival, names) or known)
    return report.rival(rival).replies


def _bare(reply: str) -> str:
    return " ".join(reply.split())


def _fingerprint(pairs: tuple[Pair, ...]) -> str:
    """Characters that change with whatever the person is shown."""
    shown = [(p.conversation, p.turn, p.history, p.first, p.second) for p in pairs]
    return hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:_HASH]


def _slug(rival: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", rival.lower()).strip("-")


def _read(path: Path, most: int) -> list[Choice]:
    """Replay the file: what was said and not taken back. A line that is cut off was never answered.

    Raises:
        UserError: the answers do not follow one another.
    """
    answers: list[Choice] = []
    lines = path.read_bytes().splitlines() if path.exists() else []
    for number, line in enumerate(lines, start=1):
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            continue
        match said:
            case {"kind": "answer", "pair": pair, "said": choice} if pair == len(answers) < most and choice in _CHOICES:
                answers.append(choice)
            case {"kind": "undo", "pair": pair} if answers and pair == len(answers) - 1:
                answers.pop()
            case {"kind": "sitting"}:
                pass
            case _:
                hint = "the file was changed outside; move it away to begin afresh"
                raise UserError("this answer does not follow those before it", file=path, line=number, hint=hint)
    return answers


_CHOICES: tuple[Choice, ...] = get_args(Choice)
"""No set: what a damaged file holds there need not be hashable."""
_HASH = 8
"""Characters of the hash in a file's name."""
