"""The whole way as a user goes it: one command from recipe to verdict, then a chat with the result."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from chatforge.runs import folder
from chatforge.runs.reading import read_events

CHATFORGE = [sys.executable, "-m", "chatforge"]


def run(arguments: Sequence[str], at: Path, stdin: str = "", before: Sequence[str] = ()) -> tuple[int, str, str]:
    """Run the command line in a folder; return exit code, stdout, stderr."""
    done = subprocess.run(
        [*before, *CHATFORGE, *arguments], cwd=at, input=stdin, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def no_network() -> list[str]:
    """What a command is put behind so that it has no network interface; nothing where the machine does not allow it."""
    alone = ["unshare", "-rn"]
    may = shutil.which("unshare") and subprocess.run([*alone, "true"], check=False, capture_output=True).returncode == 0
    return alone if may else []


def test_from_recipe_to_verdict_to_chat(tiny_recipe: Path) -> None:
    """The first command without any network interface, where that can be had."""
    at = tiny_recipe.parent
    code, said, talk = run(["run", tiny_recipe.name, "--fail-unless", "better"], at, before=no_network())
    assert code in (3, 4), talk  # eight conversations are too few for any verdict
    assert "beyond question" in said
    assert "Bits per byte" in said
    assert "Self-check" in said
    made = folder.list_runs(at / "runs")[0]
    assert f"chatforge chat {made.id}" in said
    assert "Traceback" not in said + talk
    for stage in ("train", "evaluate"):
        assert read_events(made.events(stage))
        assert "was refused" not in made.log(stage).read_text()  # nothing even tried to leave

    verdict = json.loads((made.evaluation / "report.json").read_text())
    assert {"nearest neighbour", "parrot", "constant", "base", "adapted"} <= set(json.dumps(verdict).split('"'))

    code, said, talk = run(["chat", made.id], at, stdin="Can I return boots?\nAnd tents?\n")
    assert code == 0, talk
    assert any(made.transcripts.iterdir())
    assert run(["runs"], at)[1].count(made.id) == 1
    assert run(["report", made.id], at)[0] == 0
