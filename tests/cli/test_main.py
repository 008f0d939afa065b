import errno
import importlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from chatforge import __version__
from chatforge.cli import main as main_module
from chatforge.cli.main import COMMANDS, cli
from chatforge.errors import UserError

HEAVY = ("torch", "transformers", "trl", "peft", "datasets", "bitsandbytes", "sentence_transformers", "accelerate")


def python(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False)


def test_help_is_quick_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from chatforge.cli.main import main; code = main(['--help']);"
        f"heavy = [m for m in {HEAVY!r} if m in sys.modules]; assert not heavy, heavy; sys.exit(code)"
    )
    assert python(code).returncode == 0

    def seconds() -> float:
        begun = time.perf_counter()
        shown = subprocess.run([sys.executable, "-m", "chatforge", "--help"], capture_output=True, check=True)
        assert b"Exit codes: 0 done" in shown.stdout
        return time.perf_counter() - begun

    assert min(seconds() for _ in range(5)) < 0.4


def test_no_module_of_the_command_line_loads_anything_heavy() -> None:
    code = (
        "import importlib, pkgutil, sys, chatforge.cli\n"
        "for module in pkgutil.iter_modules(chatforge.cli.__path__):\n"
        "    importlib.import_module(f'chatforge.cli.{module.name}')\n"
        f"heavy = [m for m in (*{HEAVY!r}, 'numpy', 'scipy') if m in sys.modules]\n"
        "assert not heavy, heavy"
    )
    done = python(code)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_is_where_the_table_says_and_has_help(name: str, chatforge: Callable[..., Any]) -> None:
    module, _, attribute = COMMANDS[name][0].partition(":")
    assert isinstance(getattr(importlib.import_module(module), attribute), click.Command)
    shown = chatforge(name, "--help")
    assert shown.code == 0
    assert f"Usage: chatforge {name}" in shown.out


def test_the_version_is_told(chatforge: Callable[..., Any]) -> None:
    assert chatforge("--version").out == f"chatforge, version {__version__}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trian"], "no command 'trian': did you mean `train`?"),
        (["xyz"], "no command 'xyz'"),
        (["run"], "Missing argument"),
        (["--nonsense"], "No such option"),
    ],
)
def test_wrong_usage_is_2(chatforge: Callable[..., Any], words: list[str], said: str) -> None:
    shown = chatforge(*words)
    assert shown.code == 2
    assert said in shown.err


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (UserError("the file\x1b[31m is empty", hint="fill it"), 1, "error: the file is empty\n    → fill it\n"),
        (OSError(errno.ENOSPC, "No space left on device", "/x/y"), 1, "error: /x/y: No space left on device\n"),
        (OSError(errno.EIO, "Input/output error"), 1, "error: Input/output error\n"),
        (ZeroDivisionError("division by zero"), 1, "unexpected ZeroDivisionError: division by zero; this is a bug"),
        (KeyboardInterrupt(), 130, ""),
        (click.Abort(), 130, ""),
        (BrokenPipeError(), 1, ""),
        (click.UsageError("no"), 2, "no"),
    ],
)
def test_what_goes_wrong_becomes_words_and_an_exit_code(
    chatforge: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: int,
    said: str,
) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(main_module, "_silence_stdout", lambda: None)
    monkeypatch.setattr(cli, "main", lambda *_, **__: fail())
    shown = chatforge("runs")
    assert shown.code == code
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_a_package_that_is_missing_is_told_with_the_way_to_install_again(
    chatforge: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        importlib.import_module("textual_of_tomorrow.app")

    monkeypatch.setattr(cli, "main", lambda *_, **__: fail())
    shown = chatforge("runs")
    assert shown.code == 1
    assert "'textual_of_tomorrow' is missing: this installation is older than the program" in shown.err
    assert "-m pip install" in shown.err
    assert "bug" not in shown.err


def test_a_trace_is_there_on_request(chatforge: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATFORGE_TRACE", "1")
    with pytest.raises(UserError):
        chatforge("attach", "x")


@pytest.mark.parametrize("prints", ["", "m.cli.main = lambda *_, **__: print('not flushed yet'); "])
def test_a_reader_that_leaves_is_no_reason_to_complain(prints: str) -> None:
    code = f"import sys; from chatforge.cli import main as m; {prints}input(); sys.exit(m.main(['--help']))"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout and process.stdin and process.stderr
    process.stdout.close()
    process.stdin.write("go\n")
    process.stdin.close()
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait() == 1


def test_commands_are_listed_in_the_order_of_the_table() -> None:
    context = click.Context(cli)
    assert cli.list_commands(context) == list(COMMANDS)
    assert cli.get_command(context, "nothing") is None


def test_a_terminal_without_our_signs_gets_question_marks(tmp_path: Path) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "chatforge", "attach", "nö", "--runs", str(tmp_path)],
        env={"PYTHONIOENCODING": "ascii", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True, check=False,
    )  # fmt: skip
    assert shown.returncode == 1
    assert b"? start one with" in shown.stderr
