"""Nothing leaves this machine: telemetry off, the hub offline, sockets closed."""

import logging
import os
import socket
import sys
from collections.abc import Collection
from typing import Any, BinaryIO

SETTINGS = {
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "DO_NOT_TRACK": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
    "DATASETS_VERBOSITY": "error",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TRL_EXPERIMENTAL_SILENCE": "1",
    "BITSANDBYTES_NOWELCOME": "1",
    # Threads that spin while they wait starve each other as soon as anything else wants a core: a training step beside
    # another busy program was measured at 6 s with sleeping threads and at 20 to 60 s with spinning ones.
    "OMP_WAIT_POLICY": "PASSIVE",
    # Falling asleep at once costs as much as a fifth of a step alone; half a millisecond of spinning first does not
    # starve anybody.
    "GOMP_SPINCOUNT": "30000",
}
"""Read by the libraries when they are imported; set before that."""

NETWORK = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto", "socket.sendmsg")
"""Python's audit events of a program that wants to reach another machine."""


def hush(environment: dict[str, str] | None = None) -> None:
    """Set the libraries' switches, in this process's environment unless another is given."""
    target = os.environ if environment is None else environment
    target.update(SETTINGS)
    # bitsandbytes looks for kernels on the hub and complains when it may not.
    logging.getLogger("bitsandbytes").setLevel(logging.ERROR)


def claim_fd_1() -> BinaryIO:
    """Return a file for our own lines on what fd 1 is now, and give fd 1 to where fd 2 goes.

    Native libraries print on fd 1 as they like; a screen that reads lines from it must not see that.
    """
    sys.stdout.flush()
    outlet = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return outlet


Place = tuple[str, int]
"""A host and a port."""


def close_network(open_to: Collection[Place] = ()) -> None:
    """Refuse every connection for the rest of this process's life; local pipes stay open.

    Args:
        open_to: what the user named. Hosts are looked up now; those that cannot be found stay closed.
    """
    allowed = {*open_to, *(place for host, port in open_to for place in _looked_up(host, port))}

    def refuse(event: str, arguments: tuple[Any, ...]) -> None:
        if event in NETWORK:
            _refuse(event, arguments, allowed)

    sys.addaudithook(refuse)


def _looked_up(host: str, port: int) -> list[Place]:
    try:
        return [(str(found[4][0]), port) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def _refuse(event: str, arguments: tuple[Any, ...], allowed: Collection[Place]) -> None:
    address = arguments[1] if event in _WITH_SOCKET and len(arguments) > 1 else arguments[0]
    if event in _WITH_SOCKET and (address is None or isinstance(address, str | bytes)):
        return  # a socket that is connected already, or a Unix socket: this machine
    place = arguments[:2] if event == "socket.getaddrinfo" else address[:2] if event == "socket.connect" else None
    if place in allowed:
        return
    raise PermissionError(f"ChatForge works offline: {event} to {address!r} was refused")


_WITH_SOCKET = ("socket.connect", "socket.sendto", "socket.sendmsg")
