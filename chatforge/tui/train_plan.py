"""What a training will do, in words, before it is begun. Pure."""

from dataclasses import dataclass
from pathlib import Path

from textual.content import Content

from chatforge.project.prediction import Outlook, time_text
from chatforge.project.stages import Snapshot, Stage, blocker
from chatforge.recipe.resolved import Resolved
from chatforge.tui.few_words import few
from chatforge.words import bytes_text, count_text, plain

_BASES = {
    "earlier runs": "as earlier runs here",
    "probe": "by what was measured here",
    "guess": "a guess: nothing was measured here yet",
}


@dataclass(frozen=True)
class Forecast:
    """What a recipe comes to; `held_out`: conversations, about, that the verdict will rest on."""

    resolved: Resolved
    outlook: Outlook
    held_out: int | None


def introduction(snapshot: Snapshot, plan: Forecast | None, runs_dir: Path, warn: str, trouble: str = "") -> Content:
    """What will happen when training is started, and what is in the way; `warn` stands before what is doubtful."""
    lines = [Content.styled("Nothing is trained yet", "bold"), Content("")]
    if found := blocker(snapshot, Stage.TRAIN):
        why, where = found
        lines += [Content.styled(f"First, {plain(why, one_line=True)}", "$text-warning")]
        lines += [Content.styled(f"ctrl+n leads to the stage {where.title()}.", "$text-muted"), Content("")]
    if trouble:
        lines += [Content.styled(plain(trouble), "$text-error"), Content("")]
    if plan:
        lines += [_row(name, text) for name, text in _rows(plan.resolved, plan.outlook)]
        lines += [_doubt(f"{warn} {words}") for words in few(plan.outlook.conversations, plan.held_out)]
    lines += [
        _row("run", f"a new folder in {plain(str(runs_dir), one_line=True)}"),
        _row("then", "the evaluation on held-out conversations begins by itself"),
        Content(""),
        Content.styled("You may leave ChatForge meanwhile: training goes on without it.", "$text-muted"),
    ]
    return Content("\n").join(lines)


def _rows(resolved: Resolved, outlook: Outlook) -> list[tuple[str, str]]:
    recipe = resolved.recipe
    training, adaptation = recipe.training, recipe.adaptation
    batch, accumulate = training.per_device_train_batch_size or 1, training.gradient_accumulation_steps or 1
    rank = f", rank {adaptation.lora_r}" if adaptation.method != "full" else ""
    weights = ""
    if outlook.trained and outlook.parameters:
        weights = f"; {count_text(outlook.trained)} of {count_text(outlook.parameters)} weights"
    conversations = f"{outlook.conversations} conversations" if outlook.conversations else "the conversations"
    steps = f"{outlook.steps} steps" if outlook.steps else "as many steps as it takes"
    rows = [
        ("base", recipe.model.base),
        ("method", f"{adaptation.method}{rank}{weights}"),
        ("plan", f"{steps}: {outlook.epochs:.3g} times over {conversations}, {batch * accumulate} a step"),
        ("rate", f"{training.learning_rate or 0:.1e}, {training.lr_scheduler_type}"),
    ]
    if recipe.data.texts:
        names = ", ".join(path.name for path in recipe.data.texts)
        rows.append(("texts", f"learned first, {training.text_epochs:g} x: {names}"))
    if training.eval_steps:
        rows.append(("looks", f"every {training.eval_steps} steps: validation loss and sample replies"))
    if outlook.seconds is not None and outlook.speed:
        rows.append(("time", f"{time_text(outlook.seconds)}, {_BASES[outlook.speed.basis]}"))
    if outlook.memory:
        fit = f": {outlook.fit.verdict}" if outlook.fit else ""
        rows.append(("memory", f"{bytes_text(outlook.memory.total)} of {bytes_text(outlook.usable)}{fit}"))
    return [(name, plain(text, one_line=True)) for name, text in rows]


def _doubt(text: str) -> Content:
    return Content.styled(f"  {text}", "$text-warning")


def _row(name: str, text: str) -> Content:
    return Content.assemble((f"  {name:<10}", "$text-muted"), text)
