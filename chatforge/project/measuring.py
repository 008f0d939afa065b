"""Measure how fast this machine trains, in a process of its own: about a second of work, some more of starting."""

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from pathlib import Path

from chatforge.runs.launch import environment

PATIENCE = 300.0
"""Seconds; a probe that has not answered by then never will."""


async def measure(home: Path) -> str:
    """Let the probe measure and keep what it finds in `home`, whatever was kept before: the machine may have been busy.

    Who does not wait for the answer any more (cancels) ends the probe.

    Returns what went wrong, "" if nothing did.
    """
    try:
        process = await asyncio.create_subprocess_exec(
            *command(home), stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, start_new_session=True,
            env=environment(os.environ),
        )  # fmt: skip
    except OSError as error:
        return str(error)
    try:
        _, said = await asyncio.wait_for(process.communicate(), PATIENCE)
    except TimeoutError:
        return f"no answer within {PATIENCE:.0f} seconds"
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    last = said.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"exit code {process.returncode}"]
    return last[0] if process.returncode else ""


def command(home: Path) -> list[str]:
    """What runs the probe."""
    return [sys.executable, "-P", "-m", "chatforge.workers.probe", str(home), "--again"]
