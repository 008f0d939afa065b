import pytest

from chatforge.project import new_run
from chatforge.recipe.files import load_recipe
from chatforge.runs.events import Finished
from tests.tui.evaluate.making import close


@pytest.fixture
def trained(project, runs_dir, home):
    """A run that is trained, as far as its files say."""
    run = new_run.create(load_recipe(project), runs_dir, home)
    close(run, "train", Finished(1.0, {"steps": 6}))
    return run
