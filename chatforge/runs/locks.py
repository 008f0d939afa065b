"""Locks between processes. The system lets go of them when their process ends, however it ends."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from chatforge.errors import UserError


def never() -> bool:
    """Never give up waiting."""
    return False


@contextmanager
def exclusive(
    path: Path,
    *,
    owner: str = "",
    on_wait: Callable[[str], None] | None = None,
    give_up: Callable[[], bool] = never,
    poll_seconds: float = 0.2,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[bool]:
    """Hold the lock of a file while the block runs.

    Args:
        path: the lock's file; its folder is made if need be.
        owner: who we are, in words for others who want the lock ("run 1121-shop-a").
        on_wait: called once, with the words of the one who has the lock, before waiting for it.
            Without it nothing waits: a taken lock is an error.
        give_up: asked at each turn of the wait; True ends it.

    Yields:
        True; False if the wait was given up (the block then runs without the lock).

    Raises:
        UserError: the lock is taken and there is no `on_wait`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock, words = FileLock(path), path.with_name(path.name + ".owner")
    held = _taken(lock)
    if not held:
        holder = _read(words)
        if on_wait is None:
            raise UserError(f"{holder} is at work on this already", file=path, hint="wait for it, or stop it")
        on_wait(holder)
        while not (held := _taken(lock)) and not give_up():
            sleep(poll_seconds)
    try:
        if held and owner:
            words.write_text(owner, encoding="utf-8")
        yield held
    finally:
        if held:
            lock.release()


def _taken(lock: FileLock) -> bool:
    with suppress(Timeout):
        lock.acquire(blocking=False)
        return True
    return False


def _read(words: Path) -> str:
    try:
        return words.read_text(encoding="utf-8").strip() or "another process"
    except OSError:
        return "another process"
