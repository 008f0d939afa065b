"""A worker that does nothing but behave like one: a real process with real events, signals and deaths.

fake_worker.py RUN STAGE [--then STAGE]        what it does: the environment variable FAKE
"""

import os
import signal
import sys
import time
from pathlib import Path

from chatforge.runs import state
from chatforge.runs.events import (
    Checkpoint,
    Error,
    Eval,
    EventWriter,
    Finished,
    Heartbeat,
    Note,
    Phase,
    Plan,
    Progress,
    Sample,
    Started,
    Step,
    Stopped,
)
from chatforge.runs.folder import RunFolder

PLAN = Plan(
    8, 2.0, 16, 900, 0.31, 1, 0, 75.0, 900_000_000, "cpu", "bfloat16", "1.9 x as fast here", 2, 4_884_480, 134_515_008
)


def step(i: int, total: int = 8) -> Step:
    return Step(i, total, i / 4, 3.0 - i / 8, 1e-3, 0.8, 412.0, 900_000_000, (total - i) * 1.5)


def train(writer: EventWriter, endless: bool, stopping: list[int]) -> None:
    writer.write(Phase("loading"))
    writer.write(Note("1 conversation cut"))
    writer.write(PLAN)
    writer.write(Phase("training"))
    i = 0
    while (endless or i < 8) and not stopping:
        i += 1
        writer.write(step(i, 100_000 if endless else 8))
        if i % 4 == 0 and not endless:
            writer.write(Eval(i, 3.1 - i / 8, True))
            writer.write(Sample(i, "Can I return boots?", f"Yes, within {i} days."))
            writer.write(Checkpoint(i, f"checkpoints/checkpoint-{i}"))
        if endless:
            time.sleep(0.02)
    writer.write(Phase("saving"))
    writer.write(Stopped(i) if stopping else Finished(1.5, {"steps": i}))


def evaluate(writer: EventWriter) -> None:
    writer.write(Phase("replies"))
    for i in range(1, 5):
        writer.write(Progress(i, 4, "replies"))
    writer.write(Finished(0.5))


def behave(what: str, stage: str, writer: EventWriter, stopping: list[int]) -> None:
    match what:
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "error":
            writer.write(Error("the weights are broken", "fetch them again"))
        case "waiting":
            writer.write(Note("waiting for run 1121-other-a, which trains on this machine"))
            while not stopping:
                time.sleep(0.02)
            writer.write(Stopped(0))
        case "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            writer.write(Phase("loading"))
            while True:
                time.sleep(0.02)
        case "deaf":
            while True:
                time.sleep(0.02)
        case _ if stage == "train":
            train(writer, what == "endless", stopping)
        case _:
            evaluate(writer)


def main() -> None:
    run, stage, then = RunFolder(Path(sys.argv[1])), sys.argv[2], sys.argv[4:]
    what = os.environ.get("FAKE", "")
    stopping: list[int] = []
    if what != "deaf":
        signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    sys.stdout.write("loading 10 %\rloading 100 %\nthe worker speaks\n")
    sys.stdout.flush()
    if what == "early":
        sys.exit("no module named torch")
    state.enter(run, stage)
    with EventWriter(run.events(stage)) as writer:
        writer.write(Started(stage, os.getpid()))
        writer.write(Heartbeat("starting", 1000))
        behave(what, stage, writer, stopping)
    if what == "linger":
        time.sleep(0.5)
    if then and not stopping and what != "no-next":
        os.execv(sys.executable, [sys.executable, __file__, str(run.path), *then])


if __name__ == "__main__":
    main()
