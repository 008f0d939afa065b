"""How long conversations are, as bars, with the mark behind which they are cut."""

from collections.abc import Sequence

from textual.content import Content

from chatforge.tui.signs import Signs

_BLOCKS = " ▁▂▃▄▅▆▇█"
_ASCII = " .:-=+*#@"


def bins(lengths: Sequence[int], limit: int, columns: int) -> tuple[list[int], int, float]:
    """Count lengths into equal bins from 0: (counts, index of the first bin behind `limit`, tokens in a bin).

    The index is the number of columns where nothing is cut; a bin lies wholly on one side of the limit.
    """
    longest = max(lengths, default=0)
    step = max(1.0, (longest + 1) / columns)
    at = columns
    if 0 < limit < longest:
        at = max(1, min(columns - 1, round(limit * columns / (longest + 1))))
        step = max((limit + 1) / at, (longest + 1 - limit) / (columns - at))
    counts = [0] * columns
    for length in lengths:
        if length <= limit or at == columns:
            counts[min(at - 1, int(length / step))] += 1
        else:
            counts[min(columns - 1, at + int((length - limit) / step))] += 1
    return counts, at, step


def histogram(lengths: Sequence[int], limit: int, width: int, height: int, signs: Signs) -> list[Content]:
    """Bars of `width` columns and `height` lines; a line stands at the cut."""
    if not lengths:
        return [Content("")] * height
    counts, at, _ = bins(lengths, limit, max(4, width - 1))
    most, scale = max(counts), _ASCII if signs.ascii_only else _BLOCKS
    levels = [max(1, round(count / most * 8 * height)) if count else 0 for count in counts]
    lines = []
    for line in range(height - 1, -1, -1):
        drawn = "".join(scale[min(8, max(0, level - 8 * line))] for level in levels)
        bar = ("|" if signs.ascii_only else "│") if at < len(counts) else ""
        lines.append(
            Content.assemble((drawn[:at], "$text-accent"), (bar, "$text-warning bold"), (drawn[at:], "$text-warning"))
        )
    return lines


def in_words(lengths: Sequence[int], limit: int, total: int, counted: bool, progress: str = "") -> str:
    """What the bars say, in a sentence; an estimate says that it is one, and what is being done about it."""
    if not lengths:
        return "no lengths yet"
    ordered = sorted(lengths)
    over = sum(length > limit for length in ordered) if limit else 0
    about = "" if counted else "about "
    span = f"{about}{ordered[0]:,} to {ordered[-1]:,} tokens, half under {ordered[len(ordered) // 2]:,}"
    cut = f"; {about}{over:,} longer than {limit:,}" if over else f"; all fit into {limit:,}" if limit else ""
    if not counted:
        return f"{span}{cut} (estimated{f'; {progress}' if progress else ''})"
    of = f" ({len(ordered):,} of {total:,} counted)" if len(ordered) < total else ""
    return f"{span}{cut}{of}"
