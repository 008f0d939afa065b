"""The training worker with an accident: `killed_worker.py HOW STEP RUN` ends as kill -9 ends a process, at a step.

HOW: `step` right after an optimizer step; `checkpoint` when its files are written and its mark is not.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from chatforge.adaptation import checkpoints
from chatforge.adaptation.reporting import Reporting
from chatforge.workers.common import stage_main
from chatforge.workers.train import work

how, at = sys.argv.pop(1), int(sys.argv.pop(1))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def after_step(self: Reporting, args: Any, state: Any, control: Any, **rest: Any) -> None:
    usual_step(self, args, state, control, **rest)
    if state.global_step == at:
        die()


def before_mark(checkpoint: Path) -> None:
    if checkpoints.step_of(checkpoint) == at:
        die()
    usual_mark(checkpoint)


usual_step, usual_mark = Reporting.on_step_end, checkpoints.mark
if how == "step":
    Reporting.on_step_end = after_step  # type: ignore[method-assign]
else:
    checkpoints.mark = before_mark
sys.exit(stage_main("train", work, exclusive=True))
