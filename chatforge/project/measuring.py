"""Measure how fast this machine trains, in a process of its own: about a second of work, some more of starting."""

import os
import subprocess
import sys
from pathlib import Path

from chatforge.runs.launch import environment

PATIENCE = 300.0
"""Seconds; a probe that has not answered by then never will."""


def measure(home: Path) -> str:
    """Let the probe measure and keep what it finds in `home`, whatever was kept before: the machine may have been busy.

    Returns what went wrong, "" if nothing did.
    """
    command = [sys.executable, "-P", "-m", "chatforge.workers.probe", str(home), "--again"]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE,
            start_new_session=True, env=environment(os.environ),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    last = done.stderr.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
    return last[0] if done.returncode else ""
