"""From rendered conversations to batches: what fits, in which order, padded how."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import torch
from torch.utils.data import Sampler

from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.rendering import Rendered, Renderer
from chatforge.errors import UserError

LEAST_SHARE, MOST_SHARE = 0.01, 0.95
"""Outside of these shares of learned tokens something is wrong with the template or the data."""


@dataclass(frozen=True)
class Examples:
    """What training sees.

    Attributes:
        rendered: one entry per example, each with at least one learned turn, at most `max_length` tokens.
        cut: conversations that lost their end to `max_length`.
        dropped: conversations of which nothing learnable is left, or that the recipe drops for their length.
        broken_marks: control marks of the model that texts spelled out and that were broken up.
    """

    rendered: tuple[Rendered, ...]
    cut: int
    dropped: int
    broken_marks: int = 0

    @property
    def tokens(self) -> int:
        """Tokens in all examples, padding not counted."""
        return sum(len(r.ids) for r in self.rendered)

    @property
    def learned_tokens(self) -> int:
        """Tokens that the loss counts."""
        return sum(sum(r.learned) for r in self.rendered)

    @property
    def learned_share(self) -> float:
        """Share of tokens that the loss counts, 0 to 1."""
        return self.learned_tokens / self.tokens if self.tokens else 0.0


def prepare(
    renderer: Renderer,
    conversations: Sequence[Conversation],
    max_length: int,
    too_long: Literal["cut", "drop", "stop"],
    part: Literal["train", "valid"] = "train",
) -> Examples:
    """Render conversations and fit them into `max_length` tokens.

    Args:
        part: what the conversations are for; named in errors.
        too_long: "cut" keeps the whole turns that fit, "drop" leaves a conversation out, "stop" is an error.

    Raises:
        UserError: too long under "stop"; nothing left; the share of learned tokens is out of bounds.
    """
    kept: list[Rendered] = []
    cut, dropped = 0, 0
    for conversation in conversations:
        for rendered in renderer.render(conversation):
            if len(rendered.ids) <= max_length:
                kept.append(rendered)
                continue
            _refuse_if_told(too_long, rendered, max_length)
            shorter = rendered.cut(max_length)
            if too_long == "drop" or not shorter.spans:
                dropped += 1
            else:
                cut += 1
                kept.append(shorter)
    marks = sum(renderer.marks_in(message.content) for c in conversations for message in c.messages)
    examples = Examples(tuple(kept), cut, dropped, marks)
    _check_share(examples, max_length, part)
    return examples


def _refuse_if_told(too_long: str, rendered: Rendered, max_length: int) -> None:
    if too_long == "stop":
        source = rendered.conversation
        raise UserError(
            f"the conversation has {len(rendered.ids)} tokens, max_length is {max_length}",
            file=source.file,
            line=source.line,
            field="training.max_length",
            hint="raise max_length, or set training.too_long to cut or drop",
        )


def _check_share(examples: Examples, max_length: int, part: str) -> None:
    if not examples.rendered:
        raise UserError(
            f"no assistant turn of {part} fits into max_length {max_length}",
            field="training.max_length",
            hint="raise max_length or shorten data.system",
        )
    share = examples.learned_share
    if not LEAST_SHARE <= share <= MOST_SHARE:
        raise UserError(
            f"{share:.1%} of the tokens would be learned; between {LEAST_SHARE:.0%} and {MOST_SHARE:.0%} is plausible",
            field=f"data.{part}",
            hint="look at a few conversations: are the roles right, is something pasted into every message?",
        )


class LengthGroupedSampler(Sampler[int]):
    """Indices in an order where neighbours have similar lengths, different in every epoch.

    The order depends on (seed, epoch) and on nothing else, so that a resumed run goes on exactly where it was.

        shuffle all → cut into pools of 8 batches → sort each pool by length → shuffle the batches

    Args:
        lengths: tokens of each example, shape (N,).
        batch_size: examples of one forward pass.
        seed: the recipe's seed.
    """

    def __init__(self, lengths: Sequence[int], batch_size: int, seed: int) -> None:
        self.lengths, self.batch_size, self.seed, self.epoch = list(lengths), batch_size, seed, 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the epoch whose order comes next; the trainer's data loader calls it."""
        self.epoch = epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        source = random.Random(f"{self.seed}/{self.epoch}")  # noqa: S311 (an order, not a secret)
        order = list(range(len(self.lengths)))
        source.shuffle(order)
        pool = self.batch_size * 8
        grouped: list[int] = []
        for begin in range(0, len(order), pool):
            grouped += sorted(order[begin : begin + pool], key=lambda i: -self.lengths[i])
        batches = [grouped[i : i + self.batch_size] for i in range(0, len(grouped), self.batch_size)]
        # The incomplete batch stays last: anywhere else it would shift the ones behind it.
        whole = [batch for batch in batches if len(batch) == self.batch_size]
        rest = [batch for batch in batches if len(batch) < self.batch_size]
        source.shuffle(whole)
        return iter([i for batch in whole + rest for i in batch])


def collate(rows: Sequence[dict[str, list[int]]], pad_id: int) -> dict[str, torch.Tensor]:
    """Pad a batch on the right, by length and never by token id (pad is often the stop token, too).

    Args:
        rows: each with `input_ids` and `labels` of the same length.

    Returns:
        `input_ids`, `attention_mask`, `labels`, each int64 of shape (B, T); labels are -100 on padding.
    """
    longest = max(len(row["input_ids"]) for row in rows)

    def padded(values: list[int], fill: int) -> list[int]:
        return values + [fill] * (longest - len(values))

    return {
        "input_ids": torch.tensor([padded(row["input_ids"], pad_id) for row in rows]),
        "attention_mask": torch.tensor([padded([1] * len(row["input_ids"]), 0) for row in rows]),
        "labels": torch.tensor([padded(row["labels"], -100) for row in rows]),
    }
