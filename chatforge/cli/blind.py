"""`chatforge blind`: a person judges pairs of replies without knowing whose they are."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from chatforge.cli.console import err, is_interactive, out, say
from chatforge.cli.options import json_option, runs_option, show_json
from chatforge.evaluation import blind_result, blind_words
from chatforge.evaluation import report as reports
from chatforge.evaluation.blind import PAIRS, Pair, Sitting
from chatforge.evaluation.rivals import BASE
from chatforge.runs import folder
from chatforge.words import plain

WIDTH = 100
"""Lines are not longer, however wide the terminal: replies are read like prose."""

PAIR = "1 or 2 is better · t equal · b both bad · u undo · q quit: ", (*blind_words.KEYS, "u", "q")
LAST = f"{blind_words.ALL_JUDGED} Enter shows the result · u undo: ", ("", "u")
"""What is asked, and the answers to it: for a pair, and when all are judged."""

Ask = Callable[[], str]
"""Waits for the next answer, in small letters. Raises EOFError when none will come."""


@click.command()
@click.argument("run_id", metavar="RUN")
@click.option(
    "--against", default=BASE.name, show_default=True, metavar="RIVAL", help="Whose replies it stands against."
)
@click.option("--pairs", type=click.IntRange(min=1), default=PAIRS, show_default=True, help="How many to judge.")
@click.option("--seed", type=int, help="Chooses the pairs and their order; else the evaluation's own.")
@click.option("--result", "only_result", is_flag=True, help="Ask nothing; show what the judgements so far come to.")
@runs_option
@json_option
def blind(
    run_id: str, against: str, pairs: int, seed: int | None, only_result: bool, runs_dir: Path, as_json: bool
) -> None:
    """Judge pairs of replies of RUN and a rival without knowing whose they are.

    \b
    1 or 2  that reply is better        u  take the last answer back
    t       both are equally good       q  leave; the same command goes on
    b       both are bad

    Without a terminal, one answer a line is read. Every answer is kept at once in the run's folder. Which reply was
    whose is told at the end, or with --result.
    """
    run = folder.find(runs_dir, run_id)
    report = reports.read(run.evaluation / reports.FILE)
    sitting = Sitting(run.evaluation, report, against, count=pairs, seed=seed)
    if not only_result:
        done = False
        try:
            done = judge(sitting, err(), _asker(err()))
        finally:
            if not done:
                say(err(), f"\n{blind_words.kept_text(sitting)}; the same command goes on")
        if not done:
            return
    found = blind_result.result(sitting, report)
    if as_json:
        show_json(blind_result.as_json(found, sitting))
        return
    for line in (*blind_result.revealed_texts(sitting), "", *blind_result.result_texts(found, "With --pairs")):
        out().print(Text(plain(line)))
    if sitting.answers:
        say(err(), f"kept in {sitting.path}")


def judge(sitting: Sitting, console: Console, ask: Ask) -> bool:
    """Ask about all pairs that are left; whether all are judged at the end.

    Args:
        console: where pairs and questions are shown.
    """
    if sitting.current is None:
        return True
    for line in (blind_words.QUESTION, *blind_words.begin_texts(sitting)):
        say(console, line)
    while True:
        pair = sitting.current
        if pair:
            console.print(_picture(pair, blind_words.place_text(sitting)), width=_width(console))
        try:
            key = _known(ask, console, *(PAIR if pair else LAST))
        except EOFError:
            return pair is None
        if key == "u":
            say(console, blind_words.TAKEN_BACK if sitting.undo() else "there is nothing to take back")
        elif key in blind_words.KEYS:
            sitting.answer(blind_words.KEYS[key])
        else:
            return pair is None


def _known(ask: Ask, console: Console, words: str, keys: Sequence[str]) -> str:
    """Ask until the answer is one of the keys."""
    while True:
        console.print(words, end="")
        key = ask().strip()
        if key in keys:
            return key
        say(console, f"{plain(key, one_line=True) or 'that'} is none of these")


def _picture(pair: Pair, place: str) -> Table:
    """The conversation and both replies, without names."""
    rows = Table.grid(padding=(0, 1))
    rows.add_column(no_wrap=True, style="dim")
    rows.add_column(overflow="fold")
    for role, text in pair.history:
        rows.add_row(Text(plain(role, one_line=True)), Text(blind_words.shown_text(text)))
    for name, reply in (("reply 1", pair.first), ("reply 2", pair.second)):
        rows.add_row()
        rows.add_row(Text(name, style="not dim bold"), Text(blind_words.shown_text(reply)))
    whole = Table.grid(expand=True)
    whole.add_row()
    whole.add_row(Rule(place, align="left"))
    whole.add_row(rows)
    return whole


def _width(console: Console) -> int:
    return min(WIDTH, console.width)


def _asker(console: Console) -> Ask:
    """One key where a person sits there, else a line of stdin."""

    def key() -> str:
        pressed = click.getchar().lower()
        console.print(plain(pressed, one_line=True))
        return pressed

    def line() -> str:
        if not (read := sys.stdin.readline()):
            raise EOFError
        console.print(plain(read, one_line=True))
        return read.lower()

    return key if is_interactive(console) else line
