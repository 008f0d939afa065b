import io
import json
import webbrowser
from pathlib import Path

import pytest
from rich.console import Console

from chatforge.cli.main import main
from chatforge.cli.report import print_report
from chatforge.errors import UserError
from chatforge.project import browser
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


def test_page_and_table_are_written_anew_and_their_places_printed(judged, runs_dir, capsys):
    assert main(["report", judged.id, "--runs", str(runs_dir), "--html", "--csv"]) == 0
    page, table = map(Path, capsys.readouterr().out.splitlines())
    assert page == (judged.evaluation / "report.html").resolve()
    assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert table.read_text(encoding="utf-8-sig").startswith("conversation,turn,intent,rival,")


@pytest.mark.parametrize("there", [True, False])
def test_the_page_is_opened_in_the_browser(judged, runs_dir, capsys, monkeypatch, there):
    opened = []
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(browser, "is_near", lambda: True)
    monkeypatch.setattr(browser, "show", lambda path: opened.append(path) or there)
    assert main(["report", judged.id, "--runs", str(runs_dir), "--open"]) == 0
    said = capsys.readouterr()
    assert opened == [(judged.evaluation / "report.html").resolve()]
    assert said.out.strip().endswith("report.html")
    assert ("No browser could be opened here: open the file" in said.err) is not there


def test_over_ssh_no_browser_takes_the_terminal_and_the_command_is_told_in_one_piece(
    judged, runs_dir, capsys, monkeypatch
):
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 5000 10.0.0.9 2222")
    monkeypatch.setattr(webbrowser, "open", lambda address: pytest.fail("a browser of this machine was asked"))
    monkeypatch.setattr(browser, "show", lambda path: pytest.fail("a browser of this machine was asked"))
    page = (judged.evaluation / "report.html").resolve()
    assert main(["report", judged.id, "--runs", str(runs_dir), "--open"]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [str(page)]
    command = said.err.splitlines()[-1]
    assert "To bring it where you sit:" in said.err
    assert command.startswith("scp -P 2222 ") and command.endswith(f"@10.0.0.9:{page} .")


def test_json_goes_with_no_file(judged, runs_dir, capsys):
    assert main(["report", judged.id, "--runs", str(runs_dir), "--json", "--html"]) == 2
    assert "--json" in capsys.readouterr().err
