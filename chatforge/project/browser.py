"""Show a file in the browser of the machine that somebody sits at, or say how to bring it there."""

import getpass
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SECONDS = 5.0
"""How long a browser may take to say that it has begun; after that it is taken to be at work."""

_OPEN = "import sys, webbrowser; sys.exit(not webbrowser.open(sys.argv[1]))"


@dataclass(frozen=True)
class Shown:
    """A file that was to be shown.

    Attributes:
        opened: whether a browser shows it. bring: how to bring it to the machine that one sits at; None if it is this.
    """

    path: Path
    opened: bool
    bring: str | None

    @property
    def how(self) -> str:
        """How to read it where no browser has opened it."""
        if self.bring:
            return f"To bring it where you sit:\n{self.bring}"
        return "No browser could be opened here: open the file in one yourself, here or on another machine."


def offer(path: Path) -> Shown:
    """Open a file in the browser where one sits, else say how to come by it."""
    return Shown(path, is_near() and show(path), bring_command(path))


def is_near(environment: Mapping[str, str] = os.environ, system: str = sys.platform) -> bool:
    """Whether a browser's window can come up where one sits: not over SSH, nor where there is no desktop."""
    if environment.get("SSH_CONNECTION"):
        return False
    return system in ("darwin", "win32") or bool(environment.get("DISPLAY") or environment.get("WAYLAND_DISPLAY"))


def show(path: Path) -> bool:
    """Open a file in the browser; whether there was one.

    It is asked in a process of its own, far from the terminal: what a browser prints would spoil the screen, and one
    that draws in the terminal (Python tries those where TERM is set) would take it.
    """
    environment = {name: value for name, value in os.environ.items() if name != "TERM"}
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _OPEN, path.resolve().as_uri()],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True, close_fds=True, env=environment,
        )  # fmt: skip
        return process.wait(SECONDS) == 0
    except subprocess.TimeoutExpired:
        return True
    except OSError:
        return False


def bring_command(path: Path, environment: Mapping[str, str] = os.environ) -> str | None:
    """The command that brings a file over to the machine that one sits at; None if that is this one."""
    parts = environment.get("SSH_CONNECTION", "").split()
    if len(parts) != 4:
        return None
    host, port = parts[2:]
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "USER"
    at = f"[{host}]" if ":" in host else host
    there = shlex.quote(f"{name}@{at}:{path.resolve()}")
    return f"scp {'' if port == '22' else f'-P {port} '}{there} ."
