"""Text in so many cells of the terminal: wide characters take two."""

from rich.cells import cell_len


def fit(text: str, width: int, cut: str) -> str:
    """Text in exactly `width` cells: filled with spaces, or cut at its end, where `cut` then stands."""
    if cell_len(text) > width:
        while text and cell_len(text) + cell_len(cut) > width:
            text = text[:-1]
        text += cut
    return text + " " * max(0, width - cell_len(text))
