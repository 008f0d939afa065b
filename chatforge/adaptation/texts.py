"""Texts of the domain, learned before its dialogues (Gururangan et al. 2020, "Don't Stop Pretraining").

    steps      1 ─── texts ───► T   T+1 ─── dialogues ───► T+D
    rate       ╱▔▔╲______           ╱▔▔╲________
    learned    every token          what the assistant says

The same adapter learns both, in one run, each with an optimizer and a schedule of its own. So the second part is the
training that the recipe would do without texts: nothing but its start is another. Under one schedule the number of
pages would decide how fast the dialogues are learned, and Adam would begin them with the moments of another loss.
No validation looks on while texts are learned: it may stop and choose for the dialogues only.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from transformers import set_seed

from chatforge.adaptation import checkpoints
from chatforge.adaptation.trainer import Trainer
from chatforge.dialogues.rendering import Renderer
from chatforge.dialogues.texts import Document, pack, read_texts
from chatforge.recipe.schema import Recipe
from chatforge.runs import lockfile
from chatforge.runs.folder import RunFolder

FOLDER = "texts"
"""In a run's checkpoints: those of this part."""

_ENDS = ("<|endoftext|>", "<|end_of_text|>", "<eos>", "</s>", "<｜end▁of▁sentence｜>")
"""What known families put between documents in pretraining; the chat's end of a turn is often another."""


@dataclass(frozen=True)
class Piece:
    """As much of the texts as is learned at once; `ids` has shape (T,), and all of it counts."""

    ids: tuple[int, ...]

    @property
    def labels(self) -> list[int]:
        """The ids, none left out."""
        return list(self.ids)


@dataclass(frozen=True)
class Texts:
    """What is learned of the texts.

    Attributes:
        notes: what was left out or changed, one sentence each.
    """

    pieces: tuple[Piece, ...]
    notes: tuple[str, ...]

    @property
    def tokens(self) -> int:
        """In all pieces."""
        return sum(len(piece.ids) for piece in self.pieces)

    @property
    def longest(self) -> int:
        """Tokens of the longest piece."""
        return max(len(piece.ids) for piece in self.pieces)


def prepare(run: RunFolder, recipe: Recipe, renderer: Renderer) -> Texts | None:
    """Read the texts of a run, as they were when it began, and cut them into pieces; None if it has none.

    Raises:
        UserError: a file has changed, or cannot be used.
    """
    if not recipe.data.texts:
        return None
    lockfile.check(lockfile.read(run), {"data": lockfile.data_hashes(recipe.data.texts)})
    documents = read_texts(recipe.data.texts)
    tokenizer = renderer.tokenizer
    tokens = (_tokens(renderer, one) for one in documents)
    packed = pack(tokens, recipe.training.max_length or 1024, end_of_text(tokenizer), beginning(tokenizer))
    return Texts(tuple(map(Piece, packed)), tuple(_notes(documents, renderer)))


def learn(trainer: Trainer, folder: Path, seed: int) -> int:
    """Learn the texts, or go on with them from the newest whole checkpoint.

    Returns:
        The step that was gone on from.
    """
    newest = checkpoints.newest(folder)
    began = checkpoints.step_of(newest) if newest else 0
    if newest and began >= trainer.args.max_steps:
        trainer.take_up(newest)
    elif newest:
        trainer.train(resume_from_checkpoint=str(newest))
    else:
        set_seed(seed)
        trainer.train()
    return began


def end_of_text(tokenizer: Any) -> int:
    """The token between documents."""
    known = {**tokenizer.get_added_vocab(), tokenizer.eos_token: tokenizer.eos_token_id}
    return int(next((known[mark] for mark in _ENDS if mark in known), tokenizer.eos_token_id))


def beginning(tokenizer: Any) -> list[int]:
    """Tokens that the model expects at the beginning of whatever it reads; none for many."""
    whole, bare = (list(tokenizer("a", add_special_tokens=special)["input_ids"]) for special in (True, False))
    at = next((i for i in range(len(whole)) if whole[i : i + len(bare)] == bare), 0)
    return whole[:at]


def _tokens(renderer: Renderer, document: Document) -> Iterator[list[int]]:
    """Ids of each passage, with the empty line that parts it from the next one."""
    last = len(document.passages) - 1
    for number, passage in enumerate(document.passages):
        text = renderer.harmless(passage) + ("\n\n" if number < last else "")
        yield list(renderer.tokenizer(text, add_special_tokens=False)["input_ids"])


def _notes(documents: tuple[Document, ...], renderer: Renderer) -> Iterator[str]:
    for one in documents:
        for what, count in one.left_out.items():
            yield f"{one.file.name}: left out: {count:,} {what}"
        yield from (f"{one.file.name}: {note}" for note in one.notes)
        if marks := sum(map(renderer.marks_in, one.passages)):
            yield f"{one.file.name}: {marks} control marks of the model in the text were broken up"
