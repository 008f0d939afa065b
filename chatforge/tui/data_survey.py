"""Looks at a project's dialogue files beside the screen: first where their lines are, then what they hold."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from chatforge import paths
from chatforge.dialogues.division import Rules
from chatforge.dialogues.formats.choices import Choices
from chatforge.dialogues.reading import AUTO, open_source
from chatforge.dialogues.survey import Survey, survey
from chatforge.dialogues.window import Corpus, GivenUpError, index_file
from chatforge.errors import UserError
from chatforge.models.sources import locate
from chatforge.models.store import Store
from chatforge.project.data_files import Named, length_limit
from chatforge.recipe.files import load_draft
from chatforge.tui.widgets.files import Looked


@dataclass(frozen=True)
class Found:
    """What is known of the files.

    Attributes:
        files: each with its lines or what is wrong with it. corpus: the rows of those that can be read.
        survey: None while rows are being counted.
    """

    files: tuple[Looked, ...] = ()
    rules: Rules = field(default_factory=lambda: Rules(None, None, 0))
    corpus: Corpus = field(default_factory=Corpus)
    survey: Survey | None = None


@dataclass(frozen=True)
class Settings:
    """What conversations are rendered with; `model` is None where there is no tokenizer yet, and `why` says so."""

    model: Path | None = None
    system: str = ""
    limit: int = 0
    why: str = ""


def look_at(
    files: Sequence[Named], rules: Rules, give_up: Callable[[], bool], form: str = AUTO, choices: Choices | None = None
) -> Iterator[Found]:
    """Yield what is known, twice: when lines can be shown, and when all of them are counted."""
    try:
        looked = tuple(_look(named, form, choices or Choices(), give_up) for named in files)
        corpus = Corpus([file.index for file in looked if file.index])
        found = Found(looked, rules, corpus)
        yield found
        if len(corpus):
            owners = [file.named.part for file in looked if file.index]
            yield replace(found, survey=survey(corpus, owners, rules, _breathe, give_up))
    except GivenUpError:
        return


def _breathe(done: int) -> None:
    """Let the screen have the interpreter: a long count must not hold up keys."""
    time.sleep(0.001)


def _look(named: Named, form: str, choices: Choices, give_up: Callable[[], bool]) -> Looked:
    try:
        index = index_file(named.path, form, choices, give_up)
    except UserError as error:
        problem = error.problems[0]
        return Looked(named, problem=problem, speakers=problem.answers)
    return Looked(named, index, speakers=_speakers(named.path, form) if index.copy else ())


def _speakers(path: Path, form: str) -> tuple[str, ...]:
    """Who speaks in a file, where who is the assistant is a matter of names; reads its beginning."""
    try:
        # A reader learns the names while it reads; it tells them where the one that is wanted is not there.
        next(open_source(path, form, Choices(assistant="\0")).drafts(), None)
    except UserError as error:
        return error.problems[0].answers
    return ()


def settle(recipe_path: Path) -> Settings:
    """What the data worker is to render with, as far as the recipe and the store know."""
    known = Settings()
    try:
        loaded = load_draft(recipe_path).loaded
        if loaded is None:
            return Settings(why="the recipe is not ready: token counts come when it is")
        recipe = loaded.recipe
        known = Settings(None, recipe.data.system, length_limit(loaded))
        found = locate(recipe.model.base, Store(paths.store(paths.home()))).path
    except UserError as error:
        return replace(known, why=error.problems[0].what)
    if found is None:
        return replace(
            known, why="get the base in stage 1 to see what is learned of this; until then lengths are estimates"
        )
    return replace(known, model=found)
