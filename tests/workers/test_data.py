"""The real data worker with a tiny real tokenizer: answers, settles anew, leaves, dies."""

import json
import os
import queue
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from chatforge.dialogues.conversation import Conversation, Message
from chatforge.dialogues.rendering import Renderer
from chatforge.project.data_client import Answer, DataClient, Ended
from chatforge.workers import data as worker

TALK = (Message("user", "Is it free?"), Message("assistant", "Yes, from $75."))


def lines(*asked: object) -> list[bytes]:
    return [one if isinstance(one, bytes) else json.dumps(one).encode() for one in asked]


def question(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "messages": [{"role": m.role, "content": m.content} for m in TALK], **more}


def test_answers_in_order_settles_anew_and_passes_over_what_it_cannot_read(new_tokenizer: Callable[[], Any]) -> None:
    renderer = Renderer(new_tokenizer(), "You help.")
    asked = lines(
        question("1"), b"{nonsense", {"system": "S", "max_length": 30}, question("2", pieces=False),
        {"id": "3", "messages": [{"role": "user", "content": "only a question"}]}, {"id": "4", "messages": [{}]},
    )  # fmt: skip
    one, two, three, four = worker.answers(renderer, 1_000, asked)
    rendered = renderer.render(Conversation("1", TALK))[0]
    assert (one["tokens"], one["learned"], one["cut"]) == (len(rendered.ids), sum(rendered.learned), None)
    assert two["pieces"] == [] and two["tokens"] == one["tokens"] - len("You help.") + 1
    assert (two["learned"], two["cut"] is not None) == (0, True)
    assert "problem" in three and "problem" in four


@pytest.fixture
def heard() -> "queue.Queue[Answer | Ended]":
    return queue.Queue()


@pytest.fixture
def client(tiny_model: Path, heard: "queue.Queue[Answer | Ended]") -> Iterator[DataClient]:
    client = DataClient(tiny_model, "You help.", 1_000, heard.put)
    yield client
    client.close()


def test_the_client_hears_answers_and_of_its_workers_death(
    client: DataClient, heard: "queue.Queue[Answer | Ended]"
) -> None:
    client.ask("7", TALK)
    answer = heard.get(timeout=60)
    assert isinstance(answer, Answer) and answer.id == "7"
    assert ("Yes, from $75.", "learned") in answer.pieces and ("<|im_end|>", "learned") in answer.pieces
    client.ask("8", (Message("user", "x" * 300_000), Message("assistant", "y")), pieces=False)  # more than a pipe holds
    longer = heard.get(timeout=60)
    assert isinstance(longer, Answer) and longer.tokens > 300_000 and not longer.pieces

    os.kill(client.pid, signal.SIGKILL)
    ended = heard.get(timeout=60)
    assert isinstance(ended, Ended) and "signal 9" in ended.why
    client.ask("9", TALK)  # nobody is harmed
    client.close()
    assert heard.empty()


def test_a_folder_without_a_tokenizer_is_told(tmp_path: Path, heard: "queue.Queue[Answer | Ended]") -> None:
    client = DataClient(tmp_path, "", 1_000, heard.put)
    ended = heard.get(timeout=60)
    assert isinstance(ended, Ended) and "tokenizer" in ended.why
    client.close()


def test_the_worker_leaves_when_its_screen_is_gone_and_prints_only_answers(tiny_model: Path) -> None:
    command = [sys.executable, "-m", "chatforge.workers.data", str(tiny_model), "--system", "S", "--max-length", "99"]
    done = subprocess.run(command, input=b"\n".join(lines(question("1"))) + b"\n", capture_output=True, timeout=120)
    assert done.returncode == 0
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["1"]


def test_answers_that_are_none_are_passed_over() -> None:
    assert Answer.read(b"a native library prints") is None
    assert Answer.read(b"[]") is None
    assert Answer.read(b'{"id": "1", "problem": "no"}') == Answer("1", problem="no")
