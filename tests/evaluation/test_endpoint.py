"""Endpoints: a small server of our own on this machine answers, errs, hangs and lies."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError
from chatforge.evaluation import endpoint
from chatforge.evaluation.endpoint import address, ask, is_here

HISTORY = [Message("system", "You help."), Message("user", "Is it free?")]


class Server:
    """What came in, and what goes out next."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str], dict[str, object]]] = []
        self.answers: list[tuple[int, bytes]] = []
        self.wait = threading.Event()
        self.wait.set()
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                server.asked.append((self.path, dict(self.headers), body))
                server.wait.wait(5)
                self._answer(*(server.answers.pop(0) if server.answers else (200, said("Yes."))))

            def do_GET(self) -> None:
                self._answer(200, json.dumps({"data": [{"id": "b"}, {"id": "a"}]}).encode())

            def _answer(self, code: int, content: bytes) -> None:
                self.send_response(code)
                if code == 307:
                    self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1"


def said(text: str | None, why: str = "stop") -> bytes:
    return json.dumps({"choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": why}]}).encode()


@pytest.fixture
def server(monkeypatch) -> Iterator[Server]:
    monkeypatch.setattr(endpoint.time, "sleep", lambda _: None)
    one = Server()
    yield one
    one.wait.set()
    one.http.shutdown()
    one.http.server_close()


@pytest.fixture
def at(server):
    return address("big", f"{server.url}#some-model", remote=False)


def trouble(work: Callable[[], object]) -> str:
    with pytest.raises(UserError) as caught:
        work()
    return str(caught.value)


def test_a_history_is_asked_greedily_and_the_answer_read(server, at):
    server.answers = [(200, said(" Yes, free. \n")), (200, said("Ye", "length")), (200, said(None, "tool_calls"))]
    assert [(one.text, one.stopped_by) for one in (ask(at, HISTORY, 48) for _ in range(3))] == [
        ("Yes, free.", "stop"), ("Ye", "length"), ("", None),
    ]  # fmt: skip
    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions"
    assert "Authorization" not in headers
    assert body == {
        "model": "some-model", "temperature": 0, "max_tokens": 48, "stream": False,
        "messages": [{"role": "system", "content": "You help."}, {"role": "user", "content": "Is it free?"}],
    }  # fmt: skip
    assert endpoint.models(at) == ["a", "b"]


def test_the_key_comes_from_the_environment_and_is_told_to_nobody_else(server, at, monkeypatch):
    monkeypatch.setenv("CHATFORGE_KEY_BIG", "sk-secret")
    server.answers = [(401, b'{"error": "sk-secret is wrong"}')]
    words = trouble(lambda: ask(at, HISTORY, 48))
    assert "401 Unauthorized" in words and "CHATFORGE_KEY_BIG" in words and "secret" not in words
    assert server.asked[0][1]["Authorization"] == "Bearer sk-secret"
    assert "secret" not in repr(at)


def test_a_busy_one_is_asked_again_but_not_for_ever(server, at):
    server.answers = [(503, b""), (429, b"")]
    assert ask(at, HISTORY, 48).text == "Yes."
    server.answers = [(503, b"")] * 9
    assert "503 Service Unavailable" in trouble(lambda: ask(at, HISTORY, 48))
    assert len(server.asked) == 6


def test_no_redirection_is_followed(server, at):
    server.answers = [(307, b"")]
    assert "307" in trouble(lambda: ask(at, HISTORY, 48))


@pytest.mark.parametrize("content", [b"", b"<html>", b"[]", b'{"choices": []}', b'{"choices": [{"message": 5}]}'])
def test_what_is_no_completion_is_named(server, at, content):
    server.answers = [(200, content)]
    assert "gives no chat completion" in trouble(lambda: ask(at, HISTORY, 48))


def test_a_slow_or_dead_one_is_named(server, at, monkeypatch):
    monkeypatch.setattr(endpoint, "TIMEOUT", 0.2)
    server.wait.clear()
    assert "has not answered" in trouble(lambda: ask(at, HISTORY, 48))
    dead = address("gone", "http://127.0.0.1:9/v1", remote=False)
    words = trouble(lambda: ask(dead, HISTORY, 48))
    assert (
        "the endpoint gone at http://127.0.0.1:9/v1 cannot be reached" in words and "evaluation.endpoints.gone" in words
    )
    assert "cannot be reached" in trouble(lambda: endpoint.models(dead))


@pytest.mark.parametrize(
    ("text", "url", "model"),
    [
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/v1", "default"),
        ("http://localhost:1/v1/#a/b:c", "http://localhost:1/v1", "a/b:c"),
        ("http://[::1]:1/api/v1/chat/completions#m", "http://[::1]:1/api/v1", "m"),
    ],
)
def test_addresses_are_read(text, url, model):
    found = address("x", text, remote=False)
    assert (found.url, found.model) == (url, model)
    assert is_here(found.host)


@pytest.mark.parametrize(
    "text",
    ["", "127.0.0.1:80", "ftp://localhost", "http://", "http://me:pw@localhost/v1", "http://localhost:x", "http://a b"],
)
def test_what_is_no_address_is_refused(text):
    assert "is no address" in trouble(lambda: address("x", text, remote=True))


def test_other_machines_only_where_that_was_said(monkeypatch):
    for host in ("api.example.com", "10.0.0.1", "localhost.example.com", "127.0.0.1.example.com"):
        assert "another machine" in trouble(lambda host=host: address("x", f"https://{host}/v1", remote=False))
    found = address("my-big.1", "https://api.example.com", remote=True)
    assert (found.host, found.port, found.key_variable) == ("api.example.com", 443, "CHATFORGE_KEY_MY_BIG_1")
    monkeypatch.setenv("CHATFORGE_KEY_X", "k")
    assert "without encryption" in trouble(lambda: address("x", "http://api.example.com", remote=True))


@given(st.text(max_size=40))
def test_any_text_is_an_address_or_refused(text):
    try:
        found = address("x", text, remote=False)
    except UserError:
        return
    assert is_here(found.host) and found.port > 0
