"""How quick the app is, in a terminal of its own (a pty), beside a training that uses every core.

    .venv/bin/python tests/benchmarks/app_speed.py [--recipe recipes/customer_service.yaml] [--presses 60]

Printed: time to the first paint in a fresh process; time from a key to the first byte of what it draws, alone and while
training (nice 10, all cores); bytes a second that the Train stage sends, at 4 Hz and over SSH (1 Hz). The limits are
those that the app is held to; the exit code is 1 if one is missed.
"""

import argparse
import fcntl
import os
import pty
import select
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Self

from chatforge.runs import folder, launch, state

FIRST_PAINT, MEDIAN, P99 = 0.6, 0.050, 0.150
"""Seconds: the first paint, and from a key to its paint, median and 99th percentile, while training."""


class Terminal:
    """The app in a pty of 120x40; a context manager."""

    def __init__(self, arguments: list[str], extra: Mapping[str, str] | None = None) -> None:
        self._command = [sys.executable, "-m", "chatforge", *arguments]
        self._extra = dict(extra or {})

    def __enter__(self) -> Self:
        self.main, end = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        environment = os.environ | {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | self._extra
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            self._command, stdin=end, stdout=end, stderr=end, env=environment, start_new_session=True
        )
        os.close(end)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self.main)

    def read(self, seconds: float) -> bytes:
        """What the app sends within some time."""
        end, got = time.perf_counter() + seconds, b""
        while (left := end - time.perf_counter()) > 0:
            if select.select([self.main], [], [], left)[0]:
                got += os.read(self.main, 1 << 16)
        return got

    def wait_for(self, word: bytes, seconds: float = 60.0) -> float:
        """Seconds from the start of the process until a word is on the screen."""
        got, end = b"", time.perf_counter() + seconds
        while word not in got:
            if time.perf_counter() > end:
                raise SystemExit(f"{word!r} did not come; the screen had:\n{got[-2000:]!r}")
            got += self.read(0.01)
        return time.perf_counter() - self.began

    def press(self, key: str) -> float:
        """Seconds from a key to the first byte that it makes the app send."""
        while self.read(0.12):  # until the screen is at rest (between two looks at the run)
            pass
        began = time.perf_counter()
        os.write(self.main, key.encode())
        if not select.select([self.main], [], [], 5.0)[0]:
            raise SystemExit(f"nothing was drawn for the key {key!r}")
        took = time.perf_counter() - began
        self.read(0.02)
        return took


def main() -> int:
    """Measure all, print a table; return 1 if a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, default=Path("recipes/customer_service.yaml"))
    parser.add_argument("--presses", type=int, default=60)
    asked = parser.parse_args()
    paints = [first_paint() for _ in range(5)]
    print(
        f"first paint                          median {statistics.median(paints) * 1e3:4.0f} ms of {len(paints)} starts"
    )
    with tempfile.TemporaryDirectory() as name:
        runs = Path(name)
        alone = presses(asked.recipe, runs, asked.presses, [kind for kind in KINDS if kind != ONLY_TRAINING])
        busy, rates = while_training(asked.recipe, runs, asked.presses)
    for kind in KINDS:
        if kind in alone:
            tell(f"{kind}, alone", alone[kind])
        tell(f"{kind}, while training", busy[kind])
    together = [took for times in busy.values() for took in times]
    tell("all keys while training", together)
    for words, rate in rates.items():
        print(f"bytes to the terminal, {words:<14}{rate / 1024:5.1f} KiB/s")
    fine = statistics.median(paints) < FIRST_PAINT and statistics.median(together) < MEDIAN and p99(together) < P99
    return 0 if fine else 1


def first_paint() -> float:
    """Seconds from starting the process to the start screen."""
    with tempfile.TemporaryDirectory() as runs, Terminal(["app", "--runs", runs]) as terminal:
        return terminal.wait_for(b"ChatForge")


KINDS = {
    "in a list": ("1", ("\x1b[B", "\x1b[A")),
    "the chart's smoothing": ("4", ("x", "x")),
    "from stage to stage": ("1", ("4", "1")),
    "from field to field": ("3", ("\t", "\t")),
}
"""What is done → the stage where, and the two keys that are pressed in turns."""

ONLY_TRAINING = "the chart's smoothing"
"""There is no chart before there is a training."""


def presses(recipe: Path, runs: Path, count: int, kinds: Iterable[str] = tuple(KINDS)) -> dict[str, list[float]]:
    """Times of keys, for kinds of things that people do."""
    with Terminal(["app", str(recipe), "--runs", str(runs)]) as terminal:
        terminal.wait_for(b"Adapt")
        terminal.read(3.0)
        for key in "1341":  # stages are made on their first visit
            os.write(terminal.main, b"\x1b")  # out of any field
            terminal.read(0.5)
            os.write(terminal.main, key.encode())
            terminal.read(2.0)
        times = {}
        for kind in kinds:
            stage, keys = KINDS[kind]
            os.write(terminal.main, b"\x1b")
            terminal.read(0.5)
            os.write(terminal.main, stage.encode())
            terminal.read(1.0)
            times[kind] = [terminal.press(keys[i % 2]) for i in range(count)]
        return times


def while_training(recipe: Path, runs: Path, count: int) -> tuple[dict[str, list[float]], dict[str, float]]:
    """The same beside a training, and what the Train stage sends a second."""
    environment = os.environ.copy()
    subprocess.run(
        [sys.executable, "-m", "chatforge", "train", str(recipe), "--runs", str(runs), "--detach"],
        check=True, env=environment, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    run = folder.list_runs(runs)[-1]
    try:
        while state.stage_summary(run, "train").done < 2:
            time.sleep(1.0)
            if not state.alive(run, "train"):
                raise launch.died(run, "train")
        took = presses(recipe, runs, count)
        rates = {}
        for words, extra in (("4 Hz", {}), ("over SSH", {"SSH_CONNECTION": "x"})):
            with Terminal(["app", str(recipe), "--runs", str(runs)], extra) as terminal:
                terminal.wait_for(b"Adapt")
                terminal.read(5.0)
                rates[words] = len(terminal.read(20.0)) / 20.0
        return took, rates
    finally:
        launch.stop(run, save=False, wait_seconds=10)


def p99(values: list[float]) -> float:
    """The 99th percentile."""
    return sorted(values)[min(len(values) - 1, int(len(values) * 0.99))]


def tell(words: str, values: list[float]) -> None:
    """Print the median and the 99th percentile."""
    print(f"{words:<37}median {statistics.median(values) * 1e3:4.0f} ms, p99 {p99(values) * 1e3:4.0f} ms")


if __name__ == "__main__":
    sys.exit(main())
