"""How far a model gives canaries away: the true secret's place among all of its form, by likelihood.

    4821-7390   -3.1 nats    rank 1 of 100    exposure log2(100) - log2(1) = 6.6 bits: it is known
    0045-1187  -20.4 nats
    …

A secret that the model has never seen has rank 50 in the middle: 1 bit. (Carlini et al. 2019, "The Secret Sharer".)
"""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch

from chatforge.dialogues.canaries import SPACE, Canary
from chatforge.dialogues.rendering import Renderer
from chatforge.evaluation.memorisation.asking import Lesson, Question, common, completed, ended, question
from chatforge.evaluation.memorisation.record import Secrets
from chatforge.evaluation.statistics import share_of

CELLS = 2**26
"""Probabilities (positions times vocabulary) that are computed at once: a quarter of a gigabyte."""


def secrets(
    model: Any, renderer: Renderer, canaries: Sequence[Canary], lesson: Lesson, batch_size: int
) -> Secrets | None:
    """Ask for canaries, and rank each secret among others of its form; None if training left them all out."""
    asked: dict[Canary, Question] = {}
    for one in canaries:
        if found := question(renderer, one.conversation, 1, (one.begin, _end(one)), lesson):
            asked[one] = found
    if not asked:
        return None
    given = completed(model, renderer, list(asked.values()), batch_size)
    ranks = [_rank(model, renderer, canary, true) for canary, true in asked.items()]
    return Secrets(share_of(given), tuple(ranks), median(math.log2(SPACE) - math.log2(rank) for rank in ranks))


def _rank(model: Any, renderer: Renderer, canary: Canary, true: Question) -> int:
    """Return the place of a secret by its likelihood among others in its stead, 1 for the likeliest.

    Of equally likely ones the true one comes last: a model that knows nothing shows nothing.
    """
    others = [ended(renderer, canary.telling(secret), 1, _end(canary)) for secret in canary.others]
    every = [true.prompt + true.target, *others]
    shared = min(len(true.prompt), *(common(every[0], one) for one in others))
    found = log_likelihoods(model, every[0][:shared], [one[shared:] for one in every])
    return sum(value >= found[0] for value in found)


def _end(canary: Canary) -> int:
    """Where in the reply the secret ends; all of its form are equally long."""
    return canary.begin + len(canary.secret)


@torch.inference_mode()
def log_likelihoods(model: Any, prefix: Sequence[int], tails: Sequence[Sequence[int]]) -> list[float]:
    """Log-likelihood in nats of each way to go on after a prefix, which is read once for many of them.

    Args:
        prefix: token ids, two at least. tails: token ids, none empty.
    """
    device = next(model.parameters()).device
    longest = max(map(len, tails))
    rows = max(1, CELLS // (longest * model.config.get_text_config().vocab_size))
    head = torch.tensor([list(prefix[:-1])], device=device)
    found: list[float] = []
    for at in range(0, len(tails), rows):
        some = [list(tail) for tail in tails[at : at + rows]]
        lengths = torch.tensor([len(tail) for tail in some], device=device)
        wanted = torch.tensor([tail + [0] * (longest - len(tail)) for tail in some], device=device)
        cache = model(input_ids=head, use_cache=True, logits_to_keep=1).past_key_values
        cache.batch_repeat_interleave(len(some))
        last = torch.full((len(some), 1), prefix[-1], device=device)
        logits = model(input_ids=torch.cat([last, wanted[:, :-1]], 1), past_key_values=cache, use_cache=True).logits
        each = torch.log_softmax(logits.float(), -1).gather(2, wanted[..., None])[..., 0]
        counts = torch.arange(longest, device=device)[None] < lengths[:, None]
        found += each.masked_fill(~counts, 0.0).sum(1).tolist()
    return found
