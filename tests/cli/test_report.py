import io
import json

import pytest
from rich.console import Console

from chatforge.cli.main import main
from chatforge.cli.report import print_report
from chatforge.errors import UserError
from chatforge.runs import folder


@pytest.fixture
def judged(run, make_report):
    run.evaluation.mkdir()
    folder.write_json(run.evaluation / "report.json", make_report().to_json())
    return run


def test_report_prints_the_verdict_within_80_columns(judged, runs_dir, capsys):
    assert main(["report", judged.id, "--runs", str(runs_dir)]) == 0
    text = capsys.readouterr().out
    assert "✔ better" in text
    assert "\x1b" not in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_report_as_json_is_the_report(judged, runs_dir, capsys, make_report):
    assert main(["report", judged.id, "--runs", str(runs_dir), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(make_report().to_json()))


def test_narrow_terminals_are_used_as_they_are(judged):
    console = Console(file=io.StringIO(), width=60, markup=False, highlight=False, emoji=False)
    print_report(judged, console)
    assert max(len(line) for line in console.file.getvalue().splitlines()) <= 60


def test_a_run_without_report_says_so(run, runs_dir, capsys):
    assert main(["report", run.id, "--runs", str(runs_dir)]) == 1
    assert "no report yet" in capsys.readouterr().err
    with pytest.raises(UserError):
        print_report(run, Console(file=io.StringIO()))
