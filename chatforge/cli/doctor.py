"""`chatforge doctor`: what is wrong with this machine or installation, and what to do about it."""

from dataclasses import asdict
from pathlib import Path

import click

from chatforge import paths
from chatforge.cli import checkup
from chatforge.cli import console as screen
from chatforge.cli.checkup import Check
from chatforge.cli.options import json_option, runs_option, show_json
from chatforge.words import plain

_STYLES = {"ok": "green", "warn": "yellow", "fail": "bold red"}


@click.command()
@runs_option
@json_option
def doctor(runs_dir: Path, as_json: bool) -> int:
    """Look at Python, packages, disk, memory, GPUs and the store; exit with 1 if something must be mended."""
    checks = checkup.look_over(paths.home(), runs_dir)
    if as_json:
        show_json([asdict(check) for check in checks])
    else:
        for check in checks:
            _print(check)
    return int(any(check.level == "fail" for check in checks))


def _print(check: Check) -> None:
    console = screen.out()
    console.print(f"{check.level:<5}", style=_STYLES[check.level], end="")
    console.print(f"{plain(check.what, one_line=True)}", soft_wrap=True)
    if check.hint:
        console.print(f"     → {plain(check.hint, one_line=True)}", soft_wrap=True)
