"""A model behind an OpenAI-compatible address, such as a llama.cpp, Ollama or vLLM server. Light: stdlib only.

    big=http://127.0.0.1:8080/v1#qwen3-8b      POST http://127.0.0.1:8080/v1/chat/completions
    └name        └address          └model      {"model": "qwen3-8b", "messages": [...], "temperature": 0, ...}

Only hosts that the user named are asked: this machine, and others only where that was said, too. No proxy is used, no
redirection followed. A key comes out of the environment (`CHATFORGE_KEY_BIG`) and is never written anywhere.
"""

import http.client
import ipaddress
import json
import os
import re
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, Field, ValidationError

from chatforge.dialogues.conversation import Message
from chatforge.errors import UserError

TIMEOUT = 120.0
"""Seconds that one answer may take."""
TRIES = 3
MOST_BYTES = 4 * 1024 * 1024
FIELD = "evaluation.endpoints"


@dataclass(frozen=True)
class Address:
    """Where an endpoint is.

    Attributes:
        name: what the user calls it. url: of its version 1 API. model: as the server calls it.
    """

    name: str
    url: str
    model: str

    @property
    def host(self) -> str:
        """The machine."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """The port."""
        parts = urlsplit(self.url)
        return parts.port or (443 if parts.scheme == "https" else 80)

    @property
    def key_variable(self) -> str:
        """The environment variable that may hold its key."""
        return "CHATFORGE_KEY_" + re.sub(r"[^A-Z0-9]", "_", self.name.upper())


@dataclass(frozen=True)
class Answer:
    """What an endpoint answered.

    Attributes:
        stopped_by: "stop" or "length", as far as it says so.
        seconds: from asking to answer.
    """

    text: str
    stopped_by: str | None
    seconds: float


def address(name: str, text: str, *, remote: bool) -> Address:
    """Read an address such as `http://127.0.0.1:8080/v1#model`.

    Args:
        remote: whether it may be on another machine.

    Raises:
        UserError: it is no address, or on another machine where that is not allowed.
    """
    field = f"{FIELD}.{name}"
    parts = _split(text)
    if parts is None:
        raise UserError(
            f"`{text}` is no address", field=field, hint="write it as http://HOST:PORT/v1#MODEL, without a password"
        )
    path = parts.path.rstrip("/").removesuffix("/chat/completions") or "/v1"
    found = Address(name, f"{parts.scheme}://{parts.netloc}{path}", parts.fragment or "default")
    if is_here(found.host):
        return found
    if not remote:
        raise UserError(
            f"{found.host} is another machine: the held-out conversations would be sent there",
            field=field,
            hint="allow that with `--remote`, or `remote_endpoints: true` in the recipe's block evaluation",
        )
    if parts.scheme == "http" and os.environ.get(found.key_variable):
        raise UserError(f"{found.host} would get the key without encryption", field=field, hint="use https")
    return found


def is_here(host: str) -> bool:
    """Whether a host's name is this machine's, without asking anybody."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def models(at: Address) -> list[str]:
    """Return what the server says it serves; [] if it does not say.

    Raises:
        UserError: it cannot be reached.
    """
    try:
        found = _Listed.model_validate_json(_request(at, "/models", None))
    except (_RefusedError, ValidationError):
        return []
    return sorted(one.id for one in found.data)


def ask(at: Address, messages: Sequence[Message], max_tokens: int) -> Answer:
    """Let it answer a history, as greedily as it can.

    Raises:
        UserError: it cannot be reached, refuses, or answers something else.
    """
    body = {
        "model": at.model,
        "messages": [{"role": message.role, "content": message.content} for message in messages],
        "temperature": 0,
        "max_tokens": max_tokens,
        "stream": False,
    }
    begun = time.perf_counter()
    try:
        said = _Completion.model_validate_json(_request(at, "/chat/completions", body))
    except _RefusedError as error:
        raise _trouble(at, f"answers with {error}", _HINTS.get(error.code)) from None
    except ValidationError:
        raise _trouble(
            at, "gives no chat completion", "is it OpenAI-compatible? its path usually ends in /v1"
        ) from None
    choice = said.choices[0]
    why = choice.finish_reason if choice.finish_reason in ("stop", "length") else None
    return Answer((choice.message.content or "").strip(), why, time.perf_counter() - begun)


class _Said(BaseModel):
    content: str | None = None


class _Choice(BaseModel):
    message: _Said
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class _Model(BaseModel):
    id: str


class _Listed(BaseModel):
    data: list[_Model]


class _RefusedError(Exception):
    """The server answers with an error."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{code} {http.client.responses.get(code, 'error')}")
        self.code = code


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """What is meant for one host does not go to another."""

    def redirect_request(self, *_: Any) -> None:
        return None


_HINTS: Mapping[int, str] = {
    401: "it wants a key: see the environment variable in the error",
    403: "it wants a key, or another one",
    404: "the path usually ends in /v1, and the model follows behind a #",
}
_BUSY = (429, 500, 502, 503, 504)


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return None
    plain = "@" not in parts.netloc and not parts.query and not re.search(r"[\s\x00-\x1f\x7f]", text)
    return parts if fine and plain else None


def _request(at: Address, path: str, body: Mapping[str, Any] | None) -> bytes:
    """Ask, and again if it is busy.

    Raises:
        _RefusedError: it answers with an error. UserError: it cannot be reached.
    """
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    headers = {"Content-Type": "application/json"}
    if key := os.environ.get(at.key_variable):
        headers["Authorization"] = f"Bearer {key}"
    data = json.dumps(body).encode() if body is not None else None
    for attempt in range(1, TRIES + 1):
        request = urllib.request.Request(at.url + path, data, headers)  # noqa: S310 (http or https: see `address`)
        try:
            with opener.open(request, timeout=TIMEOUT) as answer:
                return bytes(answer.read(MOST_BYTES))
        except urllib.error.HTTPError as error:
            error.close()
            if error.code not in _BUSY or attempt == TRIES:
                raise _RefusedError(error.code) from None
        except TimeoutError:
            raise _trouble(at, f"has not answered for {TIMEOUT:.0f} seconds", "is it busy?") from None
        except (OSError, http.client.HTTPException, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise _trouble(at, f"cannot be reached ({type(reason).__name__})", "is it running, and there?") from None
        time.sleep(2.0 ** (attempt - 1))
    raise AssertionError  # the last attempt returns or raises


def _trouble(at: Address, what: str, hint: str | None) -> UserError:
    """Neither the server's words nor the key are in it."""
    key = f"; a key is taken from the environment variable {at.key_variable}" if hint and "key" in hint else ""
    return UserError(f"the endpoint {at.name} at {at.url} {what}", field=f"{FIELD}.{at.name}", hint=f"{hint}{key}")
