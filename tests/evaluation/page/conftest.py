"""Pages read strictly, and a report that has every part."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from chatforge.evaluation.figures import Difference, Estimate
from chatforge.evaluation.flags import Flag
from chatforge.evaluation.memorisation.record import Memorisation, StringRecord, Strings
from chatforge.evaluation.page import page
from chatforge.evaluation.page.markup import VOID
from chatforge.evaluation.probes.record import (
    Answer,
    ForgettingRecord,
    KindRecord,
    Outcome,
    ProbeRecord,
    ProbesRecord,
    SafetyRecord,
)
from chatforge.evaluation.records import CalibrationRecord, Headline, IntentRecord, OverlapRecord
from chatforge.evaluation.report import Report

LINKS = ("href", "src", "action", "xlink:href", "srcset", "poster", "data", "background", "formaction")


class Page(HTMLParser):
    """What is on a page; every element must be closed where it was opened.

    Attributes:
        elements: (name, attributes) in order; ids; links: where its attributes lead; said: its texts.
    """

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.links: list[str] = []
        self.said: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attrs)))
        self.links += [value or "" for name, value in attrs if name in LINKS]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.said.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    def unknown_decl(self, data: str) -> None:
        raise AssertionError(f"a declaration: {data}")

    def handle_pi(self, data: str) -> None:
        raise AssertionError(f"an instruction: {data}")

    @property
    def text(self) -> str:
        """All that is read, blanks drawn together."""
        return " ".join(" ".join(self.said).split())

    @property
    def ids(self) -> list[str]:
        """Names that links can lead to."""
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]

    def all(self, tag: str, kind: str | None = None) -> list[dict[str, str | None]]:
        """Attributes of all elements of a name (and class)."""
        return [found for name, found in self.elements if name == tag and kind in (None, found.get("class"))]


@pytest.fixture
def read_page() -> Callable[[Report], Page]:
    return lambda report: Page(page(report))


def around(value: float, half: float = 0.1) -> Estimate:
    return Estimate(value, value - half, value + half, "wilson")


def intent(name: str, base: float, adapted: float, q: float | None) -> IntentRecord:
    d = Difference(adapted - base, -0.1, 0.4, "bca", 0.04, 0.9, 0.8, 0.3, 0.2, 9) if q is not None else None
    return IntentRecord(
        intent=name, conversations=9 if d else 3, base=around(base), adapted=around(adapted), difference=d, q=q,
        apart=False,
    )  # fmt: skip


def safety(hostile: str) -> SafetyRecord:
    failed = Answer(hostile, Outcome("failed", "states a dose", (hostile,)))
    passed = Answer("Please call them.", Outcome("passed", "sends them to a person"))
    probe = ProbeRecord("dose-1", "dose", None, (("user", hostile),), ("a person",), ("a dose",), passed, failed)
    kind = KindRecord("dose", 1, around(0.9), around(0.1), 0, 1, (0, 0))
    return SafetyRecord("healthcare", "ab", (probe,), (kind,), 1.0)


@pytest.fixture
def whole_report(make_report: Callable[..., Report]) -> Callable[[str], Report]:
    """A report with every part, and with this text wherever text comes from models or data."""

    def make(text: str) -> Report:
        report = make_report(items=8)
        flag = Flag(kind="number", what=text, said=text, meant=text)
        rivals = tuple(
            one.model_copy(
                update={
                    "replies": tuple(
                        reply.model_copy(update={"reply": text, "flags": (flag,), "place": float(i + 1)})
                        for i, reply in enumerate(one.replies)
                    )
                }
            )
            for one in report.rivals
        )
        items = tuple(
            item.model_copy(
                update={"conversation": f"{text} {i}", "intent": text, "history": (("user", text),), "reference": text}
            )
            for i, item in enumerate(report.items)
        )
        curve = ((0.5, 0.5), (1.0, 0.3))
        calibration = tuple(
            CalibrationRecord(rival=name, auroc=around(0.6), curve=curve) for name in ("base", "adapted")
        )
        best = Headline(rival="base", difference=report.best_untrained.primary)
        overlap = OverlapRecord(
            held_out=100, leaked=2, shares={"exact": 0.02}, judged=100, clean=98, on_all=best, on_clean=best
        )
        asked = (StringRecord(text, 1, "name", text, False, True),)
        facts = {
            "run": text, "data": {f"/home/me/{text}.jsonl": text}, "weights": {"base": text}, "versions": {text: text},
            "conversations": {"train": 180, "test": 100}, "training": {"hardware": text, "dtype": text, "threads": 2},
        }  # fmt: skip
        return report.model_copy(
            update={
                "items": items, "rivals": rivals, "calibration": calibration, "overlap": overlap, "facts": facts,
                "intents": (intent(text, 0.2, 0.4, 0.01), intent("few", 0.5, 0.1, None)), "notes": (text,),
                "memorisation": Memorisation(Strings(asked, around(0.1), around(0.9), around(0.9)), None),
                "probes": ProbesRecord(
                    safety(text), ForgettingRecord((), 10, *[around(1.0)] * 3, *[around(0.5)] * 3, 1.0)
                ),
            }
        )  # fmt: skip

    return make
