"""`chatforge runs`, `attach`, `stop`, `resume`: what works in the background, and how to get at it."""

import sys
from pathlib import Path

import click

from chatforge.cli import console as screen
from chatforge.cli.console import is_interactive, say
from chatforge.cli.faces import choose_face
from chatforge.cli.options import detach_option, find_or_only_running, json_option, runs_option, show_json
from chatforge.cli.run import ensure_weights, show, work
from chatforge.errors import UserError
from chatforge.evaluation import elsewhere
from chatforge.project.new_run import check_unchanged, what_is_left
from chatforge.runs import folder, launch, state
from chatforge.runs.course import STAGE_WORDS
from chatforge.runs.folder import RunFolder
from chatforge.runs.state import StageSummary, Summary
from chatforge.words import bytes_text, when_text

STOP_SECONDS = 300.0
"""How long `stop` waits for a worker to save: a step may take a minute on a slow machine."""

_RUN = click.argument("run_id", metavar="[RUN]", required=False)


@click.group(invoke_without_command=True)
@runs_option
@json_option
@click.pass_context
def runs(context: click.Context, runs_dir: Path, as_json: bool) -> None:
    """List the runs, the newest last, and how each of them stands."""
    if context.invoked_subcommand:
        return
    found = [(run, state.summary(run)) for run in folder.list_runs(runs_dir)]
    if as_json:
        show_json([_record(run, summary) for run, summary in found])
    elif not found:
        say(screen.err(), f"no runs in the folder {runs_dir}: start one with `chatforge run RECIPE`")
    else:
        _print_table(found)


@runs.command("rm")
@click.argument("run_ids", metavar="RUN...", nargs=-1, required=True)
@click.option("--runs", "own_dir", type=click.Path(path_type=Path, file_okay=False), help="Folder of the runs.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@click.pass_context
def remove(context: click.Context, run_ids: tuple[str, ...], own_dir: Path | None, yes: bool) -> int:
    """Delete runs with everything in them. Says what that is, and asks."""
    outer = context.parent.params["runs_dir"] if context.parent else Path("runs")
    found = list(dict.fromkeys(folder.find(own_dir or outer, run_id) for run_id in run_ids))
    for run in found:
        _check_idle(run)
    for run in found:
        if not _remove(run, yes):
            return 1
    return 0


@click.command()
@_RUN
@runs_option
@json_option
def attach(run_id: str | None, runs_dir: Path, as_json: bool) -> int:
    """Show RUN from its beginning and go on while it works; without RUN the only one that is running."""
    run = find_or_only_running(runs_dir, run_id)
    stages = _stages(run)
    if not stages:
        raise UserError(f"run {run.id} was never started", hint=f"`{run.command('resume')}` starts it")
    return show(run, stages, choose_face(run, as_json=as_json), offsets={}, as_json=as_json)


@click.command()
@_RUN
@runs_option
@click.option("--now", is_flag=True, help="Don't save: what came after the last checkpoint is lost.")
def stop(run_id: str | None, runs_dir: Path, now: bool) -> int:
    """Save the work of RUN and stop it; without RUN the only one that is running."""
    run = find_or_only_running(runs_dir, run_id)
    if not now:
        say(screen.err(), f"{run.id}: waiting until the present step is done and saved …")
    stage, ended = launch.stop(run, save=not now, wait_seconds=STOP_SECONDS)
    if not ended:
        raise UserError(
            f"the {STAGE_WORDS[stage]} of {run.id} is asked to stop but still works",
            hint=f"wait a little, or end it without saving: `{run.command('stop')} --now`",
        )
    words = state.stage_status(run, stage)
    say(screen.out(), f"{run.id}: {STAGE_WORDS[stage]} {words}; `{run.command('resume')}` goes on")
    return 0


@click.command()
@click.argument("run_id", metavar="RUN")
@runs_option
@detach_option
@json_option
def resume(run_id: str, runs_dir: Path, detach: bool, as_json: bool) -> int:
    """Go on with RUN where it was stopped or died; a trained one is evaluated."""
    run = folder.find(runs_dir, run_id)
    _check_idle(run)
    stage, then = what_is_left(run)
    check_unchanged(run)
    evaluating = "evaluate" in (stage, then)
    ensure_weights(run, evaluating=evaluating, rivals=elsewhere.read(run).runs if evaluating else ())
    return work(run, stage, then, detach=detach, as_json=as_json)


def _stages(run: RunFolder) -> list[str]:
    """Stages that have been started or will follow by themselves."""
    follows = (state.entry(run, "train") or {}).get("then")
    return [s for s in state.STAGES if s == follows or state.entry(run, s) or run.events(s).exists()]


def _check_idle(run: RunFolder) -> None:
    if state.status(run) in ("running", "waiting"):
        raise UserError(
            f"run {run.id} is running",
            hint=f"`{run.command('attach')}` shows it, `{run.command('stop')}` ends it",
        )


def _remove(run: RunFolder, yes: bool) -> bool:
    inside = folder.contents(run)
    console = screen.err()
    say(console, f"{run.path}: {state.status(run)}, {bytes_text(sum(size for _, size in inside))}")
    for name, size in inside:
        say(console, f"    {name:<28} {bytes_text(size):>10}")
    if not yes and not sys.stdin.isatty():
        raise UserError("nobody is here to be asked whether to delete this", hint="say so with --yes")
    if not yes and not click.confirm("Delete all of this?", err=True):
        return False
    folder.remove(run)
    say(screen.out(), f"deleted {run.id}")
    return True


def _print_table(found: list[tuple[RunFolder, Summary]]) -> None:
    rows = [("run", "is", "how far", "last sign of life")]
    rows += [(run.id, s.status, _progress(run, s.latest), when_text(s.latest.t)) for run, s in found]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    console = screen.out()
    for row in rows:
        say(console, "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    if is_interactive(console):
        say(screen.err(), "attach, stop, resume, report, chat RUN; runs rm RUN")


def _progress(run: RunFolder, stage: StageSummary) -> str:
    if stage.stage == "evaluate" and stage.status == "done":
        return _verdict(run) or "evaluated"
    parts = [f"{STAGE_WORDS[stage.stage]} {stage.done}/{stage.total}"] if stage.total else []
    parts += [f"validation loss {stage.loss:.3f}"] if stage.loss is not None else []
    return ", ".join(parts) or "-"


def _verdict(run: RunFolder) -> str | None:
    """The verdict's word, read without the whole report's model: a list must be quick."""
    try:
        return str(folder.read_json(run.evaluation / "report.json")["verdict"]["word"])
    except (UserError, KeyError, TypeError):
        return None


def _record(run: RunFolder, summary: Summary) -> dict[str, object]:
    latest = summary.latest
    return {
        "id": run.id,
        "path": str(run.path.resolve()),
        "status": summary.status,
        "stage": latest.stage,
        "done": latest.done,
        "total": latest.total,
        "validation_loss": latest.loss,
        "verdict": _verdict(run),
        "t": latest.t,
        "pid": (state.entry(run, latest.stage) or {}).get("pid"),
    }
