"""Which training conversations are closest to a reply: `python -m chatforge.workers.nearest RUN`.

It hears and says what `chat.nearest_protocol` has. Every assistant reply of the run's training conversations becomes
one vector, together with the user's message before it. The vectors are kept in the run's folder, with the hash of what
they were made from and their own: they are made again when one of these is another.

    nearest.npy     one unit vector a row, float32
    nearest.json    {"key": hash of texts and encoder, "sha256": hash of the .npy, "cut": exchanges cut by the encoder}
"""

import argparse
import hashlib
import io
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from chatforge.adaptation.locked_data import split_as_locked
from chatforge.chat.nearest_protocol import Answer, Ask, Compared, Failed, Found, Indexing, ask_from
from chatforge.dialogues.conversation import Conversation
from chatforge.errors import UserError
from chatforge.models.sources import folder_here, weights_hash
from chatforge.models.store import Store
from chatforge.recipe.files import recipe_from_dict
from chatforge.runs import folder, lockfile, wire
from chatforge.runs.folder import RunFolder
from chatforge.workers import quiet

if TYPE_CHECKING:
    from chatforge.models.encoder import Encoder

SHOWN = 5
"""How many conversations an answer names at most."""

Vectors = NDArray[np.float32]


@dataclass(frozen=True)
class Exchange:
    """One assistant reply of a training conversation, with the user's message before it; `turn` counts from 1."""

    file: str
    line: int
    user: str
    reply: str
    turn: int


@dataclass(frozen=True)
class Index:
    """The training exchanges and their vectors, row by row."""

    exchanges: Sequence[Exchange]
    vectors: Vectors
    conversations: int

    def nearest(self, vector: Vectors, shown: int = SHOWN) -> list[dict[str, Any]]:
        """Return the closest conversations, the closest first, each by its closest exchange."""
        scores = self.vectors @ vector
        found: dict[tuple[str, int], dict[str, Any]] = {}
        for row in np.argsort(-scores, kind="stable"):
            if len(found) == shown:
                break
            exchange = self.exchanges[row]
            score = round(min(1.0, float(scores[row])), 4)
            found.setdefault((exchange.file, exchange.line), {"score": score, **vars(exchange)})
        return list(found.values())


def main(arguments: list[str] | None = None) -> int:
    """Answer until stdin ends; return the exit code: 0, or 1 if there is nothing to compare with."""
    parser = argparse.ArgumentParser(prog="python -m chatforge.workers.nearest", description=__doc__)
    parser.add_argument("run", type=Path, help="folder of a run")
    run = RunFolder(parser.parse_args(arguments).run)
    outlet = quiet.claim_fd_1()
    quiet.hush()
    quiet.close_network()

    def send(answer: Answer) -> None:
        outlet.write(wire.to_line(answer))

    with suppress(BrokenPipeError):  # nobody is left to be told anything
        try:
            encoder, index, note = open_index(run, send)
        except BrokenPipeError:
            raise
        except Exception as error:  # an encoder can fail to load in any way: out of memory, a damaged file
            traceback.print_exc()
            what = str(error) if isinstance(error, UserError) else f"comparing failed: {type(error).__name__}: {error}"
            send(Failed(0, what))
            return 1
        send(Compared(0, index.conversations, note))
        serve(encoder, index, os.fdopen(os.dup(0), "rb"), send)
    return 0


def serve(encoder: "Encoder", index: Index, lines: Iterable[bytes], send: Callable[[Answer], None]) -> None:
    """Answer every question; what goes wrong is told."""
    for line in lines:
        ask = ask_from(line)
        if ask is None:
            continue
        try:
            send(Found(ask.id, tuple(index.nearest(encoder.encode([_asked(ask)])[0]))))
        except BrokenPipeError:
            raise
        except UserError as error:
            send(Failed(ask.id, str(error)))
        except Exception as error:  # memory may run out; the next question may be shorter
            traceback.print_exc()
            send(Failed(ask.id, f"comparing failed: {type(error).__name__}: {error}"))


def open_index(run: RunFolder, send: Callable[[Answer], None]) -> tuple["Encoder", Index, str | None]:
    """Read the training conversations and load the encoder; return what should be known besides.

    Raises:
        UserError: no training conversations, or not those of the run any more; the encoder is not there.
    """
    lock = lockfile.read(run)
    split = split_as_locked(run)
    exchanges = exchanges_of(split.known)
    place = folder_here(
        recipe_from_dict(lock.resolved, run.path).evaluation.encoder,
        Store(Path(lock.store)),
        what="encoder",
        field="evaluation.encoder",
    )
    # Imported here, after fd 1 is out of the way: these libraries print while they are imported.
    from chatforge.models.encoder import Encoder

    encoder = Encoder.load(place)
    texts = [_text(one.user, one.reply) for one in exchanges]
    key = hashlib.sha256("\0".join([weights_hash(place), *texts]).encode()).hexdigest()
    kept = read_kept(run, key, len(texts))
    if kept is None:
        vectors = encoder.encode(texts, lambda done, total: send(Indexing(0, done, total)))
        kept = vectors, encoder.truncated
        keep(run, key, *kept)
    vectors, cut = kept
    longer = f"{cut} exchanges are longer than the encoder reads: only their beginnings are compared" if cut else None
    note = "; ".join(part for part in (*split.notes, longer) if part) or None
    return encoder, Index(exchanges, vectors, len(split.known)), note


def exchanges_of(conversations: Iterable[Conversation]) -> list[Exchange]:
    """Every assistant reply with the user's message before it."""
    return [
        Exchange(str(one.file), one.line or 0, one.messages[at - 1].content, one.messages[at].content, turn)
        for one in conversations
        for turn, at in enumerate(one.assistant_turns, 1)
    ]


def read_kept(run: RunFolder, key: str, rows: int) -> tuple[Vectors, int] | None:
    """Return vectors that were kept for this key and how many texts were cut; None if there are none whole."""
    try:
        said = folder.read_json(_facts(run))
        content = _file(run).read_bytes()
        if said["key"] != key or said["sha256"] != hashlib.sha256(content).hexdigest():
            return None
        vectors: Vectors = np.load(io.BytesIO(content), allow_pickle=False)
        return (vectors, int(said["cut"])) if vectors.shape[0] == rows else None
    except (UserError, OSError, ValueError, LookupError, TypeError):
        return None


def keep(run: RunFolder, key: str, vectors: Vectors, cut: int) -> None:
    """Keep the vectors for next time; a disk that cannot take them costs time then, nothing now."""
    content = io.BytesIO()
    np.save(content, vectors, allow_pickle=False)
    half = _file(run).with_name(f".nearest-{os.getpid()}.npy")
    try:
        half.write_bytes(content.getvalue())
        half.replace(_file(run))
        facts = {"key": key, "sha256": hashlib.sha256(content.getvalue()).hexdigest(), "cut": cut}
        folder.write_json(_facts(run), facts)
    except OSError:
        traceback.print_exc()
        half.unlink(missing_ok=True)


def _asked(ask: Ask) -> str:
    # Half characters, which no tokenizer takes, can come over the wire.
    text = _text(ask.context, ask.text).encode("utf-8", "replace").decode()
    if not text:
        raise UserError("there is no reply to compare")
    return text


def _text(user: str, reply: str) -> str:
    """What the encoder reads of an exchange."""
    return f"{user.strip()}\n{reply.strip()}".strip()


def _file(run: RunFolder) -> Path:
    return run.path / "nearest.npy"


def _facts(run: RunFolder) -> Path:
    return run.path / "nearest.json"


if __name__ == "__main__":
    sys.exit(main())
