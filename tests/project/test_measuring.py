"""Measuring without the probe: what a process says and how it ends is what counts here."""

import asyncio
import sys
from pathlib import Path

import psutil
import pytest

from chatforge.project import measuring
from chatforge.project.measuring import measure


def use(monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Let a script take the probe's place."""
    monkeypatch.setattr(measuring, "command", lambda home: [sys.executable, "-c", script, str(home)])


def test_the_probe_is_told_to_measure_again(tmp_path: Path) -> None:
    assert measuring.command(tmp_path)[-4:] == ["-m", "chatforge.workers.probe", str(tmp_path), "--again"]


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("print('{}')", ""),
        ("import sys; sys.exit('a trace\\nno torch here')", "no torch here"),
        ("import os; os._exit(3)", "exit code 3"),
    ],
)
def test_what_went_wrong_is_the_last_thing_it_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, problem: str
) -> None:
    use(monkeypatch, script)
    assert asyncio.run(measure(tmp_path)) == problem


def test_a_probe_that_cannot_start_or_never_answers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(measuring, "command", lambda home: [str(tmp_path / "nothing")])
    assert "nothing" in asyncio.run(measure(tmp_path))
    monkeypatch.setattr(measuring, "PATIENCE", 0.01)
    use(monkeypatch, "import time; time.sleep(600)")
    assert "no answer" in asyncio.run(measure(tmp_path))


def test_who_waits_no_more_ends_the_probe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "import os, sys, time; open(sys.argv[1] + '/pid', 'w').write(f'{os.getpid()} '); time.sleep(600)")
    told = tmp_path / "pid"

    async def ask_and_leave() -> None:
        asking = asyncio.create_task(measure(tmp_path))
        while not (told.exists() and told.read_text().endswith(" ")):
            await asyncio.sleep(0.01)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)

    asyncio.run(ask_and_leave())
    with pytest.raises(psutil.NoSuchProcess):
        psutil.Process(int(told.read_text())).wait(timeout=10)
        psutil.Process(int(told.read_text()))
