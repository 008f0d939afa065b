"""Text in so many cells of the terminal: wide characters take two."""

from rich.cells import cell_len, set_cell_size


def fit(text: str, width: int, cut: str, *, keep_end: bool = False) -> str:
    """Text in exactly `width` cells: filled with spaces, or cut at its end, where `cut` then stands.

    Args:
        keep_end: cut its beginning instead, as for names of files, which differ at the end.
    """
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    cut = cut[: max(0, width)]
    room = max(0, width - cell_len(cut))
    if not keep_end:
        return set_cell_size(text, room) + cut
    while cell_len(text) > room:
        text = text[1:]
    return set_cell_size(cut + text, width)


def middle(text: str, width: int, cut: str) -> str:
    """Text in at most `width` cells, its middle left out: names of runs begin alike and differ at the end."""
    if cell_len(text) <= width:
        return text
    room = max(0, width - cell_len(cut))
    head, tail = set_cell_size(text, room - room // 2), text
    while cell_len(tail) > room // 2:
        tail = tail[1:]
    return head + cut[: max(0, width)] + tail
