"""What `chatforge data texts` shows of files of texts."""

from collections.abc import Iterator, Sequence
from typing import Any

from chatforge.dialogues.texts import Document
from chatforge.words import count_text


def lines(documents: Sequence[Document], everything: bool) -> Iterator[str]:
    """Yield what would be learned of each file, what was left out, and its texts if `everything`."""
    for one in documents:
        yield f"{one.file}: {len(one.passages):,} paragraphs, about {count_text(one.tokens)} tokens"
        for what, count in one.left_out.items():
            yield f"  left out: {count:,} {what}"
        for note in one.notes:
            yield f"  {note}"
        for passage in one.passages if everything else ():
            yield f"\n{passage}"
    if len(documents) > 1:
        yield f"{len(documents)} files, about {count_text(sum(one.tokens for one in documents))} tokens"


def as_json(documents: Sequence[Document]) -> dict[str, Any]:
    """Return the same as plain values."""
    return {
        "version": 1,
        "files": [
            {
                "file": str(one.file),
                "paragraphs": len(one.passages),
                "tokens": one.tokens,
                "left_out": dict(one.left_out),
                "notes": list(one.notes),
            }
            for one in documents
        ],
    }
