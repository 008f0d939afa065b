"""Start, watch and stop the processes that do the work. They outlive whoever started them.

A worker is `python -m chatforge.workers.<stage> RUN` in a session of its own, with no input, its raw output in a file
(a pipe would fill up, or die with its reader). What it has to say it says by events.
"""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import chatforge
from chatforge.errors import UserError
from chatforge.runs import locks, reading, state
from chatforge.runs.events import Stamped
from chatforge.runs.folder import RunFolder

TAIL_LINES = 12
TAIL_BYTES = 64 * 1024
"""Lines of a dead worker's output that are shown."""

LINGER_SECONDS = 30.0
"""How long a worker may need to leave after its last event."""

Sleep = Callable[[float], None]


def worker_command(run: RunFolder, stage: str, then: str | None) -> list[str]:
    """Return the command of a worker.

    `-P` keeps the user's folder off Python's path: a `random.py` lying there would be taken for Python's own.
    """
    chain = ["--then", then] if then else []
    return [sys.executable, "-P", "-m", f"chatforge.workers.{stage}", str(run.path.resolve()), *chain]


def start(
    run: RunFolder, stage: str, then: str | None = None, *, wait_seconds: float = 0.0, sleep: Sleep = time.sleep
) -> int:
    """Start the worker of a stage.

    Args:
        run: the run to work on.
        stage: "train" or "evaluate".
        then: the stage that the worker goes on with by itself when this one is done.
        wait_seconds: how long to wait for its first event, to know that it really began. One that needs longer
            goes on all the same.
        sleep: for tests.

    Returns:
        Its process number, written down in state.json by then.

    Raises:
        UserError: a worker of this run is running, or the new one died while we waited.
    """
    with locks.exclusive(run.path / "launch.lock", owner="another start of this run"):
        _check_free(run, sleep)
        begun = time.time()
        with run.log(stage).open("ab") as log:
            process = subprocess.Popen(
                worker_command(run, stage, then),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=environment(os.environ),
            )
        state.enter(run, stage, process.pid, then=then)
    deadline = time.monotonic() + wait_seconds
    while time.monotonic() < deadline and not _heard(run, stage, begun):
        if not state.alive(run, stage):
            raise died(run, stage)
        sleep(0.1)
    return process.pid


def stop(
    run: RunFolder, *, save: bool = True, wait_seconds: float = 0.0, sleep: Sleep = time.sleep
) -> tuple[str, bool]:
    """Ask the run's worker to save and stop; without `save`, end it at once: its last checkpoint remains.

    Returns:
        The stage that was running, and whether it has ended within `wait_seconds`.

    Raises:
        UserError: nothing is running.
    """
    stage = state.busy(run)
    process = state.process(run, stage) if stage else None
    if stage is None or process is None:
        raise UserError(f"run {run.id} is not running", hint="`chatforge runs` shows how every run stands")
    state.ask_to_stop(run, stage)
    if save:
        process.terminate()
    else:
        process.kill()
    deadline = time.monotonic() + wait_seconds
    while (lives := state.alive(run, stage)) and time.monotonic() < deadline:
        sleep(0.1)
    return stage, not lives


def follow(
    run: RunFolder,
    stage: str,
    *,
    offset: int = 0,
    poll_seconds: float = 0.2,
    sleep: Sleep = time.sleep,
) -> Iterator[Stamped]:
    """Yield the events of a stage, from a byte offset on, until it is over or its process is dead.

    A stage that the run's worker has not come to yet is waited for.
    """
    over = False

    def running() -> bool:
        # A worker that has ended this stage may live on: it is leaving, or has gone to the next one.
        return not over and state.busy(run) is not None

    for stamped in reading.follow(run.events(stage), running, offset=offset, poll_seconds=poll_seconds, sleep=sleep):
        over = over or state.is_over(state.entry(run, stage), stamped)
        yield stamped


def died(run: RunFolder, stage: str) -> UserError:
    """Return what to tell the user about a worker that ended without a word."""
    logs = [run.log(one) for one in (stage, *state.STAGES) if run.log(one).exists()]
    log = logs[0] if logs else run.log(stage)
    said = "\n".join(f"    {line}" for line in read_tail(log)) or "    (nothing: memory may have run out)"
    return UserError(
        f"the worker of stage {stage} died; the last it said ({log}):\n{said}",
        hint=f"`{run.command('resume')}` goes on from the last checkpoint; `chatforge doctor` checks this machine",
    )


def read_tail(path: Path, lines: int = TAIL_LINES, *, most_bytes: int = TAIL_BYTES) -> list[str]:
    """Return the last lines of raw output, as they would stand on a screen; [] if there is none."""
    if not path.exists():
        return []
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - most_bytes))
        text = file.read().decode("utf-8", "replace")
    # A progress bar writes over its line again and again: only what is left of it counts.
    shown = [line.rstrip("\r").rpartition("\r")[2].rstrip() for line in text.split("\n")]
    return [line for line in shown if line][-lines:]


def _check_free(run: RunFolder, sleep: Sleep) -> None:
    """Raise if a worker is at work; wait for one that has said its last word and is leaving."""
    deadline = time.monotonic() + LINGER_SECONDS
    while stage := state.busy(run):
        leaving = state.stage_status(run, stage) not in ("running", "waiting")
        if not leaving or time.monotonic() > deadline:
            raise UserError(
                f"run {run.id} is running already (stage {stage})",
                hint=f"`{run.command('attach')}` shows it, `{run.command('stop')}` ends it",
            )
        sleep(0.1)


def _heard(run: RunFolder, stage: str, begun: float) -> bool:
    return any(stamped.t >= begun - 0.001 for stamped in reading.read_events(run.events(stage)))


def environment(outer: Mapping[str, str]) -> dict[str, str]:
    """Return the worker's environment: it finds this ChatForge, installed or not, and leaves a trace if it crashes."""
    inner = dict(outer) | {"PYTHONFAULTHANDLER": "1", "PYTHONUNBUFFERED": "1"}
    home = str(Path(chatforge.__file__).parents[1])
    if home != sysconfig.get_paths()["purelib"]:
        inner["PYTHONPATH"] = os.pathsep.join(part for part in (home, outer.get("PYTHONPATH", "")) if part)
    return inner
