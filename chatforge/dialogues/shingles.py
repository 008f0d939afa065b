"""Which texts of many are nearly the same: 5-letter pieces, MinHash, and an exact look at what is likely.

    text ──► set of 5-letter pieces ──► 128 smallest hashes (datasketch) ──► 25 bands of 5: equal in one band = likely
                                                                                      │
             Jaccard of the two sets >= 0.7, counted exactly   ◄──────────────────────┘

Two texts with a Jaccard of 0.7 are likely with probability 0.99, with 0.8 practically always. A name that is replaced
costs a few pieces, a sentence that is moved only those at its ends. The bands are sorted arrays, not datasketch's
MinHashLSH: its tables take 8 kB for each text, these 0.6.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # numpy takes longer to import than the screens may wait
    import numpy as np
    from numpy.typing import NDArray

JACCARD = 0.7
"""From here on two texts are nearly the same."""

PIECE = 5
HASHES, BANDS, ROWS = 128, 25, 5

LIKELY = JACCARD - 0.12
"""Three standard errors of a Jaccard of 0.7 that is estimated from 128 hashes."""

NEIGHBOURS = 4
"""A band may put thousands into one place. Each is compared with so many next to it and with the first."""

SPREAD, TRIED = 16, 8
"""Across two sides, with so many of the other side, evenly spread over the place; the likeliest are then counted."""


def pieces(text: str) -> "NDArray[np.uint32]":
    """Return the distinct hashes of a text's 5-letter pieces in ascending order; a shorter text is one piece."""
    import numpy as np

    hashes = np.sort(_hashes(text))
    new = np.ones(len(hashes), dtype=np.bool_)
    new[1:] = hashes[1:] != hashes[:-1]
    return hashes[new]


def _hashes(text: str) -> "NDArray[np.uint32]":
    import numpy as np

    letters = np.frombuffer(text.ljust(PIECE).encode("utf-32-le", "surrogatepass"), dtype=np.uint32).astype(np.uint64)
    count = len(letters) - PIECE + 1
    hashes = np.zeros(count, dtype=np.uint64)
    for i in range(PIECE):
        hashes = hashes * np.uint64(0x100000001B3) + letters[i : i + count]
    return (hashes ^ (hashes >> np.uint64(32))).astype(np.uint32)


def jaccard(left: "NDArray[np.uint32]", right: "NDArray[np.uint32]") -> float:
    """Return how much of two texts' pieces they share, 0 to 1."""
    import numpy as np

    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (len(left) + len(right) - shared)


def signatures(texts: Iterable[str], count: int) -> "NDArray[np.uint32]":
    """Return the MinHash of each text, shape (count, 128)."""
    import numpy as np
    from datasketch import MinHash  # type: ignore[import-untyped]

    empty = MinHash(HASHES, seed=1, hashfunc=int, scheme="affine32")
    found = np.empty((count, HASHES), dtype=np.uint32)
    for i, text in enumerate(texts):
        sketch = empty.copy()
        sketch.update_batch(_hashes(text).tolist())
        found[i] = sketch.hashvalues
    return found


def likely_within(signed: "NDArray[np.uint32]") -> "Iterator[NDArray[np.int64]]":
    """Yield likely pairs of one set of texts, band by band: rows (i, j) with i < j, shape (pairs, 2).

    Args:
        signed: their signatures, shape (N, 128), N > 0.
    """
    import numpy as np

    for band in _bands(signed):
        order = np.argsort(band, kind="stable")
        placed = band[order]
        new = np.append(True, placed[1:] != placed[:-1])
        first = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
        pairs = [np.stack([order[first[~new]], order[~new]], axis=1)]
        for step in range(1, NEIGHBOURS + 1):
            (same,) = np.nonzero(placed[step:] == placed[:-step])
            pairs.append(np.stack([order[same], order[same + step]], axis=1))
        once = _once(np.concatenate(pairs), len(signed))
        yield once[_estimates(once, signed, signed) >= LIKELY]


def likely_across(left: "NDArray[np.uint32]", right: "NDArray[np.uint32]") -> "NDArray[np.int64]":
    """Return likely pairs across two sets of texts: rows (i of left, j of right), shape (pairs, 2).

    Of each text of the left side the most alike eight, in the order of i.

    Args:
        left, right: their signatures, shapes (L, 128) and (R, 128), neither empty.
    """
    import numpy as np

    found = np.empty((0, 2), dtype=np.int64)
    for mine, theirs in zip(_bands(left), _bands(right), strict=True):
        order = np.argsort(theirs, kind="stable")
        begin = np.searchsorted(theirs[order], mine, side="left")
        size = np.searchsorted(theirs[order], mine, side="right") - begin
        pairs = [found]
        for step in range(SPREAD):
            (there,) = np.nonzero(size > step)
            at = begin[there] + step * np.maximum(size[there], SPREAD) // SPREAD
            pairs.append(np.stack([there, order[at]], axis=1))
        found = _once(np.concatenate(pairs), len(right))
    estimates = _estimates(found, left, right)
    order = np.lexsort((-estimates, found[:, 0]))
    rank = np.arange(len(order)) - np.searchsorted(found[order, 0], found[order, 0])
    best = order[(rank < TRIED) & (estimates[order] >= LIKELY)]
    chosen: NDArray[np.int64] = found[best]
    return chosen


def _bands(signed: "NDArray[np.uint32]") -> "Iterator[NDArray[np.uint64]]":
    import numpy as np

    for band in range(BANDS):
        mixed = np.zeros(len(signed), dtype=np.uint64)
        for column in range(band * ROWS, (band + 1) * ROWS):
            mixed = (mixed ^ signed[:, column]) * np.uint64(0x9E3779B97F4A7C15)
            mixed ^= mixed >> np.uint64(29)
        yield mixed


def _once(pairs: "NDArray[np.int64]", width: int) -> "NDArray[np.int64]":
    import numpy as np

    # Numbers sort ten times as fast as rows.
    return np.stack(np.divmod(np.unique(pairs[:, 0] * width + pairs[:, 1]), width), axis=1)


def _estimates(
    pairs: "NDArray[np.int64]", left: "NDArray[np.uint32]", right: "NDArray[np.uint32]", block: int = 65_536
) -> "NDArray[np.float64]":
    """Jaccards as the whole signatures have them."""
    import numpy as np

    found = np.empty(len(pairs))
    for i in range(0, len(pairs), block):
        part = pairs[i : i + block]
        found[i : i + block] = (left[part[:, 0]] == right[part[:, 1]]).mean(axis=1)
    return found
