import subprocess
import sys

import pytest

from chatforge.project import browser


@pytest.mark.parametrize(
    ("environment", "system", "near"),
    [
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "linux", False),
        ({}, "darwin", True),
        ({}, "win32", True),
        ({"DISPLAY": ":0", "SSH_CONNECTION": "1 2 3 22"}, "linux", False),
        ({"SSH_CONNECTION": "1 2 3 22"}, "darwin", False),
    ],
)
def test_a_browser_is_asked_only_where_its_window_would_be_seen(environment, system, near):
    assert browser.is_near(environment, system) is near


def test_the_command_brings_a_page_over_and_is_quoted(tmp_path):
    page = tmp_path / "my run" / "report.html"
    command = browser.bring_command(page, {"SSH_CONNECTION": "10.0.0.2 50 10.0.0.9 22"})
    assert command.startswith("scp '") and command.endswith(f"@10.0.0.9:{page.resolve()}' .")
    assert "@[::1]:" in browser.bring_command(page, {"SSH_CONNECTION": "::2 50 ::1 22"})
    assert browser.bring_command(page, {}) is None


def fake_browser(tmp_path, monkeypatch, code):
    """Make BROWSER a program of ours; returns the file that it writes to."""
    seen = tmp_path / "seen"
    program = tmp_path / "browser"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen({str(seen)!r}, 'w').write(sys.argv[1])\nsys.exit({code})\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("BROWSER", f"{program} %s")
    return seen


@pytest.mark.skipif(sys.platform == "win32", reason="BROWSER names a script")
def test_the_browser_gets_the_files_address(tmp_path, monkeypatch):
    seen = fake_browser(tmp_path, monkeypatch, 0)
    page = tmp_path / "a b.html"
    page.write_text("x")
    assert browser.show(page)
    assert seen.read_text() == page.resolve().as_uri()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has no browser of its own")
def test_a_browser_that_cannot_open_it_counts_as_none(tmp_path, monkeypatch):
    fake_browser(tmp_path, monkeypatch, 1)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    assert not browser.show(tmp_path / "page.html")


def test_a_browser_that_takes_its_time_counts_as_opened(tmp_path, monkeypatch):
    monkeypatch.setattr(browser, "_OPEN", "import time; time.sleep(5)")
    monkeypatch.setattr(browser, "SECONDS", 0.05)
    assert browser.show(tmp_path / "page.html")


def test_without_a_process_there_is_no_browser(tmp_path, monkeypatch):
    def refuse(*args, **options):
        raise OSError("no more processes")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    assert not browser.show(tmp_path / "page.html")
