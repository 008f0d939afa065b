from chatforge.cli.lines import Lines
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
)


def said(*happened: Event) -> list[str]:
    lines = Lines()
    found = [line for i, event in enumerate(happened) for line in lines.add(Stamped(i, 1000.0, event))]
    assert all(line[2] == line[5] == ":" for line in found)
    return [line[9:] for line in found]


def step(i: int, total: int = 1000) -> Step:
    return Step(i, total, 0.5, 2.34567, 1e-3, 0.8, 412.4, 900_000_000, 75.0)


def test_each_kind_of_event_in_words() -> None:
    plan = Plan(8, 2.0, 16, 900, 0.31, 0, 0, 75.0, 9 * 10**8, "cuda", "bfloat16", "fast", 2, 4_884_480, 134_515_008)
    assert said(
        Started("train", 7), Phase("loading"), Heartbeat("loading", 1), Phase("loading"), plan, step(1),
        Eval(1, 2.5, True),
        Eval(2, 2.6, False), Sample(2, "Q\n?", "A\x1b[2J"), Sample(2, "R", " "), Checkpoint(2, "x"), Note("n"),
        events.Warning("w"), Error("e"), Stopped(2), Started("evaluate", 7), Scored("parrot", 0.712, 0.6, 0.81, 0.1),
        Finished(75.0),
    ) == [
        "training started (process 7)",
        "phase: loading",
        "plan: 8 steps over 16 conversations (2 epochs)",
        "plan: 31% of the tokens learned, 4.88 M of 135 M weights trained",
        "plan: about 1:15 and 900 MB of memory on cuda, bfloat16 (fast)",
        "step 1/1000 (0%): loss 2.3457, learning rate 1.00e-03, 412 tokens/s, 900 MB, ETA 1:15",
        "step 1: validation loss 2.5000 (best so far)",
        "step 2: validation loss 2.6000",
        "step 2: asked: Q ?",
        "step 2: says: A",
        "step 2: asked: R",
        "step 2: says: (nothing)",
        "step 2: checkpoint saved",
        "note: n",
        "warning: w",
        "error: e",
        "training stopped at step 2",
        "evaluation started (process 7)",
        "scored: parrot 71% [60, 81] beyond question (chance 10%)",
        "evaluation finished in 1:15",
    ]  # fmt: skip


def test_many_steps_are_few_lines_with_the_first_and_the_last() -> None:
    lines = said(*(step(i) for i in range(1, 1001)))
    assert len(lines) == 21
    assert lines[0].startswith("step 1/1000")
    assert lines[-1].startswith("step 1000/1000 (100%)")


def test_few_steps_are_all_shown() -> None:
    assert len(said(*(step(i, 12) for i in range(1, 13)))) == 12


def test_progress_begins_anew_with_each_phase() -> None:
    once = [Progress(i, 100, "replies") for i in range(1, 101)]
    lines = said(Phase("base"), *once, Phase("adapted"), *once)
    assert len(lines) == 2 + 2 * 11
    assert lines[1] == "1/100 replies"
