"""The seven stages, one file each."""

import importlib

from chatforge.project.stages import Stage
from chatforge.tui.stage import StagePane


def pane_of(stage: Stage) -> type[StagePane]:
    """The pane of a stage; its module is imported when it is first needed: the first paint must be quick."""
    found: type[StagePane] = importlib.import_module(f"chatforge.tui.stages.{stage.value}").PANE
    return found
