"""Judging at a terminal and without one; what is kept, and what is told only at the end."""

import io
import json
from collections.abc import Callable
from typing import Any

import click
import pytest
from rich.console import Console

from chatforge.cli import blind as blind_module
from chatforge.evaluation.report import Report
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder


def flat(text: str) -> str:
    """Without the places where lines were broken."""
    return " ".join(text.split())


HOSTILE = "\x1b[2J[bold]no[/bold] \u202egnol"


@pytest.fixture
def judged(run: RunFolder, make_voices: Callable[..., Report]) -> RunFolder:
    """A run with a report; both replies of two conversations are the same."""
    run.evaluation.mkdir()
    folder.write_json(run.evaluation / "report.json", make_voices([0.9] * 8, [0.1] * 8, same=2).to_json())
    return run


@pytest.fixture
def judge(judged: RunFolder, chatforge: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Run `chatforge blind` with lines on stdin."""

    def judge(typed: str, *words: object) -> Any:
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        return chatforge("blind", judged.id, "--runs", judged.path.parent, *words)

    return judge


def test_lines_of_stdin_are_answers_and_the_result_comes_at_the_end(judge: Callable[..., Any]) -> None:
    shown = judge("1\n2\nT\n b \n1\n1\n\n")
    assert shown.code == 0
    assert "2 replies are the same of both and are not asked about." in shown.err
    for number in range(1, 7):
        assert f"{number} of 6 ─" in shown.err
    assert "6 of 6 pairs judged" in shown.out and "equally good 1, both bad 1" in flat(shown.out)
    assert max(map(len, shown.out.splitlines())) <= 80


def test_nothing_tells_whose_reply_it_is_before_the_end(judge: Callable[..., Any]) -> None:
    shown = judge("1\n2\n1\n")
    told = "\n".join(line for line in shown.err.splitlines() if " says " not in line)  # the replies themselves
    assert "adapted" not in told and "base" not in told
    assert shown.out == ""
    assert "3 of 6 are judged and kept; the same command goes on" in shown.err


def test_the_same_command_goes_on_where_it_was_left(judge: Callable[..., Any]) -> None:
    judge("1\n2\nq\n1\n")
    shown = judge("t\nb\nt\nb\n")
    assert "2 of 6 are judged already" in shown.err and "1 of 6 ─" not in shown.err and "3 of 6 ─" in shown.err
    assert "6 of 6 pairs judged" in shown.out
    again = judge("")
    assert "6 of 6 pairs judged" in again.out and "of 6 ─" not in again.err


def test_undo_also_takes_the_last_answer_of_all_back(judge: Callable[..., Any]) -> None:
    shown = judge("u\nt\nt\nt\nt\nt\nt\nu\nb\n\n")
    assert "there is nothing to take back" in shown.err and "taken back" in shown.err
    assert "equally good 5, both bad 1" in flat(shown.out)


def test_other_words_are_no_answers(judge: Callable[..., Any]) -> None:
    shown = judge(f"12\n\nyes\n{HOSTILE}\n")
    assert "0 of 6 are judged and kept" in shown.err
    assert "12 is none of these" in shown.err and "that is none of these" in shown.err
    assert "\x1b" not in shown.err and "\u202e" not in shown.err


def test_result_asks_nothing_and_knows_what_is_judged_so_far(judge: Callable[..., Any], judged: RunFolder) -> None:
    assert "0 of 6 pairs judged" in judge("1\n", "--result").out
    judge("1\nq\n")
    shown = judge("", "--result", "--json")
    told = json.loads(shown.out)
    assert (told["judged"], told["asked"], told["wins"] + told["losses"], len(told["answers"])) == (1, 6, 1, 1)
    assert told["agreements"]["beyond_question"]["pairs"] == 1
    assert told["file"].startswith(str((judged.evaluation / "blind").absolute()))
    assert "1 was " in judge("", "--result").out


def test_fewer_pairs_another_seed_and_another_rival(judge: Callable[..., Any]) -> None:
    assert "2 of 2 pairs judged" in judge("t\nt\n", "--pairs", 2).out
    other = judge("", "--seed", 99)
    assert "stay where they are: base-" in other.err
    assert "parrot says" in judge("t\n", "--against", "parrot").err
    wrong = judge("", "--against", "parot")
    assert wrong.code == 1 and "did you mean `parrot`?" in wrong.err
    assert judge("", "--pairs", 0).code == 2


def test_a_damaged_line_of_the_answers_is_told_in_words(judge: Callable[..., Any], judged: RunFolder) -> None:
    judge("1\n")
    (path,) = (judged.evaluation / "blind").glob("*.jsonl")
    path.write_text('{"kind": "answer", "pair": 0, "said": []}\n')
    shown = judge("1\n")
    assert shown.code == 1 and "this answer does not follow those before it" in flat(shown.err)


def test_a_run_without_a_report_says_what_to_do(run: RunFolder, chatforge: Callable[..., Any]) -> None:
    shown = chatforge("blind", run.id, "--runs", run.path.parent)
    assert shown.code == 1 and "no report yet" in shown.err and "chatforge evaluate" in shown.err


def test_a_person_presses_keys_and_ctrl_c_loses_nothing(
    judge: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = iter(["1", "\x1b[A", "2", None])

    def getchar() -> str:
        if (key := next(keys)) is None:
            raise KeyboardInterrupt
        return key

    monkeypatch.setattr(blind_module, "is_interactive", lambda console: True)
    monkeypatch.setattr(click, "getchar", getchar)
    shown = judge("")
    assert shown.code == 130 and "2 of 6 are judged and kept" in shown.err
    assert "\x1b" not in shown.err


def test_replies_cannot_steer_the_terminal_and_are_wrapped_to_it(
    run: RunFolder, make_voices: Callable[..., Report]
) -> None:
    report = make_voices([0.9] * 3, [0.1] * 3)
    hostile = [reply.model_copy(update={"reply": HOSTILE + " long" * 80}) for reply in report.rivals[0].replies]
    rivals = (report.rivals[0].model_copy(update={"replies": tuple(hostile)}), *report.rivals[1:])
    sitting = blind_module.Sitting(run.path, report.model_copy(update={"rivals": rivals}))
    console = Console(file=io.StringIO(), width=60, markup=False, highlight=False, emoji=False)
    assert not blind_module.judge(sitting, console, lambda: "q")
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "[bold]no[/bold]" in text and "\x1b" not in text and "\u202e" not in text
    assert max(map(len, text.splitlines()[2:])) <= 60
