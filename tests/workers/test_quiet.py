"""Nothing leaves: tried in a process of its own, since closing the network cannot be taken back."""

import subprocess
import sys

from chatforge.workers import quiet

PROGRAM = """
import socket, sys
from chatforge.workers import quiet
quiet.close_network()
left, right = socket.socketpair()
left.send(b"x"); assert right.recv(1) == b"x"
left.sendmsg([b"y"]); assert right.recv(1) == b"y"
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", 9)),
    lambda: socket.getaddrinfo("huggingface.co", 443),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9)),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg([b"x"], [], 0, ("127.0.0.1", 9)),
):
    try:
        attempt()
    except PermissionError as error:
        print(error)
unix = socket.socket(socket.AF_UNIX)
try:
    unix.connect("/nowhere/at/all")
except FileNotFoundError:
    print("unix sockets are this machine's own")
"""


def test_every_way_out_is_refused_and_pipes_stay() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 5
    assert all("works offline" in line for line in lines[:4])
    assert "this machine's own" in lines[4]


OPEN = """
import socket
from chatforge.workers import quiet
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
other = socket.create_server(("127.0.0.1", 0)).getsockname()[1]
quiet.close_network({("localhost", port), ("127.0.0.1", port)})
socket.create_connection(("127.0.0.1", port)).close()
socket.getaddrinfo("localhost", port)
for attempt in (
    lambda: socket.create_connection(("127.0.0.1", other)),
    lambda: socket.getaddrinfo("localhost", other),
    lambda: socket.getaddrinfo("example.com", port),
    lambda: socket.gethostbyname("localhost"),
    lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", port)),
):
    try:
        attempt()
    except PermissionError as error:
        print(error)
"""


def test_only_what_the_user_named_stays_open() -> None:
    done = subprocess.run([sys.executable, "-c", OPEN], capture_output=True, text=True, check=True)
    assert done.stdout.count("works offline") == 5


def test_the_libraries_are_told_to_be_quiet() -> None:
    environment: dict[str, str] = {}
    quiet.hush(environment)
    assert environment["HF_HUB_DISABLE_TELEMETRY"] == "1"
    assert environment["HF_HUB_OFFLINE"] == "1"
