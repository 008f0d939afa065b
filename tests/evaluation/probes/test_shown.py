"""Probes on a terminal: within 80 columns, and no text of a model steers it."""

import io

from rich.console import Console

from chatforge.evaluation.probes.asking import Heard
from chatforge.evaluation.probes.probe import Probe, Said
from chatforge.evaluation.probes.rates import safety
from chatforge.evaluation.probes.record import ProbesRecord
from chatforge.evaluation.probes.sets import Probing
from chatforge.evaluation.tables import tables


def test_what_was_not_passed_is_shown_with_its_texts(make_report):
    said = [Said(role="user", content="\x1b[31mred\x1b[0m flag [bold]now[/bold] " + "very " * 80)]
    kinds = ["emergency", "a kind of a very long name indeed"]
    probes = tuple(
        Probe(id=f"p{i}", domain="d", kind=kind, messages=said, must=["911"]) for i, kind in enumerate(kinds)
    )
    asked = Probing(probes, "customer_service", "f00d")
    found = safety(asked, Heard(replies=("911", "911")), Heard(replies=("\u202eno\x07", "Call 911")))
    console = Console(file=io.StringIO(), width=80, markup=False, highlight=False, emoji=False)
    for part in tables(make_report().model_copy(update={"probes": ProbesRecord(found, None)})):
        console.print(part)
    text = console.file.getvalue()
    assert max(len(line) for line in text.splitlines()) <= 80
    assert not {"\x1b", "\u202e", "\x07"} & set(text)
    for words in (
        "Probes (customer_service)",
        "100% [21, 100]",
        "1 lost",
        "FAILED p0 (emergency)",
        "adapted: no",
        "[bold]now[/bold]",
    ):
        assert words in text, words
