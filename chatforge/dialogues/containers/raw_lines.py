"""Cut bytes into lines without ever holding more than one long line."""

from collections.abc import Iterable, Iterator


def raw_lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | None]:
    """Yield lines with their ends: ``\\n``, ``\\r\\n`` or ``\\r``; None for a line of more than `limit` bytes."""
    begun, skipping = b"", False
    for piece in pieces:
        if skipping:
            end = piece.find(b"\n") + 1
            if not end:
                continue
            piece, skipping = piece[end:], False
            yield None
        *lines, begun = _cut(begun + piece)
        for line in lines:
            yield line if len(line) <= limit else None
        if len(begun) > limit:
            begun, skipping = b"", True
    if begun or skipping:
        yield begun or None


def _cut(text: bytes) -> list[bytes]:
    """Return lines, the last of which has only begun: also after ``\\r``, as ``\\n`` may follow."""
    lines = text.splitlines(keepends=True)
    return [*lines, b""] if text.endswith(b"\n") or not lines else lines
