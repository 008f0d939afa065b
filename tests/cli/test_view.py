import io
from collections.abc import Iterable

import pytest
from rich.console import Console

from chatforge.cli.view import View
from chatforge.runs import events
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    Event,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Plan,
    Progress,
    Sample,
    Scored,
    Stamped,
    Started,
    Step,
    Stopped,
    Unknown,
)

PLAN = Plan(
    48, 3.0, 120, 9000, 0.31, 2, 1, 754.0, 1_900_000_000, "cpu", "bfloat16", "1.9 x as fast", 2, 4_884_480, 134_515_008
)


def step(i: int, loss: float = 2.0) -> Step:
    return Step(i, 48, i / 16, loss, 1.31e-4, 0.83, 412.0, 2_000_000_000, (48 - i) * 10.0)


def view_of(happened: Iterable[Event], now: float = 1000.0, **more: object) -> View:
    view = View("1121-shop-a", "Ctrl-C: detach", now=lambda: now, **more)  # type: ignore[arg-type]
    for i, event in enumerate(happened):
        view.add(Stamped(i, 1000.0 + i, event))
    return view


def frame(view: View, width: int = 80) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width, height=24, markup=False, highlight=False).print(view)
    return stream.getvalue().splitlines()


FULL = [
    Started("train", 7),
    Phase("loading"),
    Note("2 conversations cut"),
    PLAN,
    Phase("training"),
    *(step(i, 3 - i / 20) for i in range(1, 13)),
    Eval(12, 2.31, True),
    Sample(12, "Can I return\nmy boots?", "Yes. " * 60),
    Checkpoint(12, "x"),
    *(Note(f"note {i} " + "very long " * 20) for i in range(9)),
    events.Warning("the loss is high\x1b[2J"),
]


def test_before_anything_is_heard_the_view_says_why() -> None:
    assert "libraries take some seconds to load" in "\n".join(frame(view_of([])))


@pytest.mark.parametrize("width", [20, 80, 200])
def test_a_full_frame_fits_the_screen(width: int) -> None:
    lines = frame(view_of(FULL), width)
    assert len(lines) <= 23
    assert max(len(line) for line in lines) <= width


def test_a_training_is_shown_with_all_that_is_known() -> None:
    text = "\n".join(frame(view_of(FULL, now=1040.0), 120))
    for part in (
        "training   1121-shop-a",
        "step 12/48   25%",
        "ETA 5:36",  # 360 s at the step's time, 24 s ago
        "epoch 0.75   elapsed 0:40   saved at step 12",
        "loss              2.400  █",
        "validation loss   2.310",
        "best 2.310 at step 12",
        "412 tokens/s   learning rate 1.31e-04   memory 2.0 GB",
        "48 steps over 120 conversations",
        "about 12:34 and 1.9 GB of memory",
        "asked  Can I return my boots?",
        "says   Yes. Yes.",
        "warning: the loss is high",
        "Ctrl-C: detach",
    ):
        assert part in text
    assert "note 0" not in text
    assert "\x1b" not in text


def test_a_step_done_again_after_a_resume_replaces_the_first() -> None:
    again = [Started("train", 8), Phase("training"), step(2, 1.5)]
    view = view_of([Started("train", 7), step(1), step(2), step(3), *again])
    assert view.course.losses == {1: 2.0, 2: 1.5, 3: 2.0}
    assert view.course.step == step(2, 1.5)


def test_silence_is_told() -> None:
    text = "\n".join(frame(view_of([Started("train", 7), step(1), Heartbeat("training", 5)], now=1062.0)))
    assert "nothing heard for 1:00" in text
    assert "memory 5 bytes" in text


def test_an_evaluation_shows_its_own_progress_and_none_of_the_training() -> None:
    scored = [Scored("parrot", 0.71, 0.6, 0.81, 0.1), Scored("base", 0.3, 0.2, 0.4, 0.1)]
    happened = [*FULL, Finished(9.0), Started("evaluate", 7), *scored, Phase("replies")]
    counted = [Progress(10, 40, "replies"), Progress(20, 40, "replies")]
    text = "\n".join(frame(view_of([*happened, *counted], now=1000.0 + len(happened) + 1)))
    assert "evaluation: replies" in text
    assert "20/40 replies   50%" in text
    assert "ETA 0:02" in text
    assert text.index("chance 10%") < text.index("30% [20, 40]") < text.index("71% [60, 81]")
    assert "epoch" not in text
    assert "loss  " not in text
    assert "saved at" not in text
    assert "48 steps" not in text
    assert "ETA -" in "\n".join(frame(view_of([*happened, counted[0]])))


@pytest.mark.parametrize(
    ("end", "words"), [(Finished(1.0), "finished"), (Stopped(3), "stopped"), (Error("no disk"), "failed")]
)
def test_an_end_is_shown_and_nothing_counts_down_any_more(end: Event, words: str) -> None:
    text = "\n".join(frame(view_of([Started("train", 7), step(1), end], now=9999.0)))
    assert f"training: {words}" in text
    assert "ETA" not in text
    assert "Ctrl-C" not in text
    assert "elapsed 0:02" in text
    assert ("error: no disk" in text) == (words == "failed")


def test_events_of_later_versions_and_empty_replies_do_no_harm() -> None:
    text = "\n".join(frame(view_of([Started("train", 7), Unknown("dream", {}), Sample(1, "", "")])))
    assert "says   (nothing)" in text


def test_a_poor_terminal_gets_ascii() -> None:
    "\n".join(frame(view_of([Started("train", 7), step(1, 3.0), step(2, 2.0)], ascii_only=True))).encode("ascii")
