"""Replies: greedy in batches for evaluation, token by token for the chat.

The loop is ours, not the library's `generate`: a reply that has ended leaves the batch at once, a looping one is
caught per reply, settings that a model ships (sampling, repetition penalties) cannot slip in, and evaluation and
chat decode with the same few lines.

    prompts           what all begin with, read once    the rest, left-padded    step 1   step 2   step 3
    s s a b c d       s s                               · · a b c d              x        y        (stopped: left)
    s s e f g h i j                                     e f g h i j              u        v        w
"""

import time
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch

from chatforge.models.beginning import Beginning, read_beginning

StoppedBy = Literal["stop", "length", "loop", "asked"]
"""Why a reply ended: its stop token, the limit, the loop guard, or someone (chat only)."""

LONGEST_PERIOD = 32
REPEATS = 4
LEAST_LOOP = 16

USUAL = 512
"""Tokens of a prompt for which the batch size is meant; of longer ones there are fewer in a batch."""


@dataclass(frozen=True)
class Reply:
    """One generated reply.

    Attributes:
        ids: token ids without the stop token; a loop is cut after its first round.
        stopped_by: why it ended.
        seconds: its share of its batch's time.
        log_probability: mean over its tokens of the natural logarithm of what the model gave each, the stop token's
            counted in where it came.
    """

    ids: tuple[int, ...]
    stopped_by: StoppedBy
    seconds: float
    log_probability: float


def generate(
    model: Any,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: Collection[int],
    max_new_tokens: int,
    batch_size: int,
    pad_id: int,
    on_progress: Callable[[int, int], None] | None = None,
    on_batch: Callable[[Mapping[int, Reply]], None] | None = None,
) -> list[Reply]:
    """Answer every prompt greedily.

    Args:
        model: a causal language model in evaluation mode.
        prompts: token ids, none empty.
        stop_ids: tokens that end a reply.
        batch_size: prompts answered at once, fewer where they are long.
        pad_id: fills up short prompts; masked, so any id will do.
        on_progress: called with (replies done, replies in all) after each reply.
        on_batch: called with the replies of each batch, by the place of their prompt.

    Returns:
        Replies in the order of the prompts. A reply does not hang on what else is in its batch, but for rounding: in
        float32 that changes nothing, in bfloat16 another batch can turn a close choice (of 16 replies of
        SmolLM2-135M, 4 differed within 12 tokens between batches of 16 and of 5; as many as from float32's).
    """
    replies: dict[int, Reply] = {}

    def ended() -> None:
        if on_progress:
            on_progress(len(replies) + len(batch.done), len(prompts))

    beginning = read_beginning(model, prompts)
    for rows in _batches([len(prompt) for prompt in prompts], batch_size):
        started = time.perf_counter()
        batch = _Batch(model, [prompts[i] for i in rows], beginning, frozenset(stop_ids), pad_id, ended)
        batch.run(max_new_tokens)
        seconds = (time.perf_counter() - started) / len(rows)
        said = {i: replace(batch.done[place], seconds=seconds) for place, i in enumerate(rows)}
        replies |= said
        if on_batch:
            on_batch(said)
    return [replies[i] for i in range(len(prompts))]


def stream(
    model: Any,
    prompt: Sequence[int],
    *,
    stop_ids: Collection[int],
    max_new_tokens: int,
    temperature: float = 0.0,
    top_p: float = 1.0,
    seed: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
) -> Generator[int, None, StoppedBy]:
    """Yield the ids of one reply as they come, without the stop token.

    Args:
        temperature: 0 for greedy.
        top_p: sample only from the likeliest tokens that together have this probability.
        should_stop: asked before every token.

    Returns:
        Why it ended (the value of StopIteration, what `yield from` returns). A loop is not taken back: its tokens
        are out already.
    """
    dice = torch.Generator().manual_seed(seed)
    ids = torch.tensor([list(prompt)], device=_device(model))
    cache, said = None, list[int]()
    while len(said) < max_new_tokens:
        if should_stop():
            return "asked"
        length = len(prompt) + len(said)
        mask = torch.ones(1, length, dtype=torch.long, device=ids.device)
        positions = torch.arange(length - ids.shape[1], length, device=ids.device)[None]
        logits, cache = _forward(model, ids, mask, positions, cache)
        token = choose(logits[0], temperature, top_p, dice)
        if token in stop_ids:
            return "stop"
        said.append(token)
        yield token
        if loop_start(said) is not None:
            return "loop"
        ids = torch.tensor([[token]], device=ids.device)
    return "length"


def choose(logits: torch.Tensor, temperature: float, top_p: float, dice: torch.Generator) -> int:
    """Choose the next token.

    Args:
        logits: shape (V,).
    """
    if temperature <= 0:
        return int(logits.argmax())
    probabilities = torch.softmax(logits.float().cpu() / temperature, dim=-1)
    ranked, tokens = probabilities.sort(descending=True, stable=True)
    # The token that crosses top_p belongs to the set; so there is always one.
    ranked = torch.where(ranked.cumsum(-1) - ranked < top_p, ranked, torch.zeros_like(ranked))
    ranked[0] = torch.clamp(ranked[0], min=1e-9)
    return int(tokens[torch.multinomial(ranked, 1, generator=dice)])


def loop_start(ids: Sequence[int]) -> int | None:
    """Return where a reply may be cut because it goes round in circles at its end, or None.

    It does when its last tokens are the same 1 to 32 tokens over and over: four times, and 16 tokens at least.

        yes , you can C C C C C C C C C C C C C C C C
                        ^ end of the first round
    """
    for period in range(1, min(LONGEST_PERIOD, len(ids) // REPEATS) + 1):
        if ids[-1] != ids[-1 - period]:
            continue
        start = len(ids) - period
        while start > 0 and ids[start - 1] == ids[start - 1 + period]:
            start -= 1
        if len(ids) - start >= max(LEAST_LOOP, REPEATS * period):
            return start + period
    return None


def _batches(lengths: Sequence[int], batch_size: int) -> list[list[int]]:
    """Places of the prompts, the longest first, in batches of at most `batch_size` times `USUAL` tokens."""
    order = sorted(range(len(lengths)), key=lambda i: lengths[i], reverse=True)
    batches: list[list[int]] = []
    while order:
        rows = max(1, min(batch_size, batch_size * USUAL // lengths[order[0]]))
        batches.append(order[:rows])
        order = order[rows:]
    return batches


class _Batch:
    """Prompts that are decoded together; `done` maps a place in the batch to its reply (of no seconds yet)."""

    def __init__(
        self,
        model: Any,
        prompts: Sequence[Sequence[int]],
        beginning: Beginning,
        stop_ids: frozenset[int],
        pad_id: int,
        on_done: Callable[[], None],
    ) -> None:
        self.done: dict[int, Reply] = {}
        self._model, self._stop_ids, self._on_done = model, stop_ids, on_done
        self._said: list[list[int]] = [[] for _ in prompts]
        self._logs: list[list[float]] = [[] for _ in prompts]
        self._places = list(range(len(prompts)))
        self._ids, mask = _left_pad([prompt[beginning.length :] for prompt in prompts], pad_id, _device(model))
        self._mask = torch.cat([mask.new_ones(len(prompts), beginning.length), mask], dim=1)
        self._positions = (self._mask.cumsum(-1) - 1).clamp(min=0)[:, beginning.length :]
        self._cache: Any = beginning.for_rows(len(prompts))

    def run(self, max_new_tokens: int) -> None:
        """Decode until every reply has ended."""
        for step in range(max_new_tokens):
            logits, self._cache = _forward(self._model, self._ids, self._mask, self._positions, self._cache)
            best, tokens = logits.float().max(-1)
            logs = best - logits.float().logsumexp(-1)
            rows = self._take(tokens.tolist(), logs.tolist(), last=step == max_new_tokens - 1)
            if not rows:
                return
            self._go_on(tokens, rows)

    def _take(self, tokens: list[int], logs: list[float], last: bool) -> list[int]:
        """Add one token to each reply; return the rows of those that go on."""
        rows = []
        for row, (place, token, log) in enumerate(zip(self._places, tokens, logs, strict=True)):
            said = self._said[place]
            self._logs[place].append(log)
            if token in self._stop_ids:
                self._end(place, len(said), "stop")
                continue
            said.append(token)
            cut = loop_start(said)
            if cut is not None:
                self._end(place, cut, "loop")
            elif last:
                self._end(place, len(said), "length")
            else:
                rows.append(row)
        return rows

    def _end(self, place: int, length: int, why: StoppedBy) -> None:
        logs = self._logs[place][: length + (why == "stop")]
        self.done[place] = Reply(tuple(self._said[place][:length]), why, 0.0, sum(logs) / len(logs))
        self._on_done()

    def _go_on(self, tokens: torch.Tensor, rows: list[int]) -> None:
        """Keep the rows that go on, and make the next step's input of their tokens."""
        if len(rows) < len(self._places):
            keep = torch.tensor(rows, device=tokens.device)
            self._cache.batch_select_indices(keep)
            tokens, self._mask, self._positions = tokens[keep], self._mask[keep], self._positions[keep]
            self._places = [self._places[row] for row in rows]
        self._ids = tokens[:, None]
        self._mask = torch.cat([self._mask, torch.ones_like(self._ids)], dim=1)
        self._positions = self._positions[:, -1:] + 1


@torch.inference_mode()
def _forward(
    model: Any, ids: torch.Tensor, mask: torch.Tensor, positions: torch.Tensor, cache: Any
) -> tuple[torch.Tensor, Any]:
    """One step: logits of the last position, shape (B, V), and the grown cache."""
    out = model(
        input_ids=ids,
        attention_mask=mask,
        position_ids=positions,
        past_key_values=cache,
        use_cache=True,
        logits_to_keep=1,
    )
    return out.logits[:, -1], out.past_key_values


def _left_pad(prompts: Sequence[Sequence[int]], pad_id: int, device: torch.device) -> tuple[torch.Tensor, torch.Tensor]:
    """Ids and mask, both of shape (B, longest prompt), on the model's device."""
    longest = max(len(prompt) for prompt in prompts)
    ids = [[pad_id] * (longest - len(prompt)) + list(prompt) for prompt in prompts]
    mask = [[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts]
    return torch.tensor(ids, device=device), torch.tensor(mask, device=device)


def _device(model: Any) -> torch.device:
    return next(model.parameters()).device
