"""What a printed document repeats at the edges of its pages: its title, its date, the number of the page."""

import re
from collections import Counter
from collections.abc import Sequence

EDGE = 2
"""How many lines at the top and at the bottom of a page may be such."""

FEWEST_PAGES = 3
"""With fewer, what is there twice may well be meant twice."""

_NUMBER = re.compile(r"\d+|^[ivxlc]+$")
_PAGE = "#"


def without_edges(pages: Sequence[Sequence[str]]) -> tuple[list[list[str]], int]:
    """Return the pages' lines without what is repeated at their edges, and how many lines were left out.

    Left out is what most pages have there, what some have beside a number (the name of the chapter), and numbers alone.
    Lines that differ only in their numbers count as the same.
    """
    full = [[line for line in page if line.strip()] for page in pages]
    written = [page for page in full if page]
    on_pages = Counter(key for page in written for key in {_key(page[at]) for at in _edge(page)})
    if len(written) < FEWEST_PAGES:
        return [list(page) for page in pages], 0
    repeated = {key for key, count in on_pages.items() if _is_repeated(key, count, len(written))}
    kept = [_without(page, repeated) for page in pages]
    return kept, sum(map(len, pages)) - sum(map(len, kept))


def _is_repeated(key: str, count: int, pages: int) -> bool:
    numbered = key.startswith(_PAGE) or key.endswith(_PAGE)
    return key == _PAGE or count > pages / 2 or (numbered and count >= FEWEST_PAGES)


def _without(page: Sequence[str], repeated: set[str]) -> list[str]:
    places = [at for at, line in enumerate(page) if line.strip()]
    edge = {places[i] for i in _edge(places)}
    return [line for at, line in enumerate(page) if at not in edge or _key(line) not in repeated]


def _edge(lines: Sequence[object]) -> list[int]:
    """Indices of the first and the last lines, each once."""
    count = len(lines)
    return sorted({*range(min(EDGE, count)), *range(max(0, count - EDGE), count)})


def _key(line: str) -> str:
    return _NUMBER.sub(_PAGE, " ".join(line.split()))
