"""The training worker with an accident at a step: `killed_worker.py HOW STEP RUN`.

HOW: `step`: kill -9 right after an optimizer step; `checkpoint`: kill -9 when a checkpoint's files are written and its
mark is not; `disk`: the disk is full when the optimizer's state is written.
"""

import errno
import os
import signal
import sys
from pathlib import Path
from typing import Any

from chatforge.adaptation import checkpoints
from chatforge.adaptation.reporting import Reporting
from chatforge.adaptation.trainer import Trainer
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


def no_space(self: Trainer, output_dir: str) -> None:
    if self.state.global_step == at:
        raise OSError(errno.ENOSPC, "No space left on device", f"{output_dir}/optimizer.pt")
    usual_save(self, output_dir)


usual_save = Trainer._save_optimizer_and_scheduler
usual_step, usual_mark = Reporting.on_step_end, checkpoints.mark
if how == "step":
    Reporting.on_step_end = after_step  # type: ignore[method-assign]
elif how == "checkpoint":
    checkpoints.mark = before_mark
else:
    Trainer._save_optimizer_and_scheduler = no_space
sys.exit(stage_main("train", work, exclusive=True))
