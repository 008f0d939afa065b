"""How the files that are handed on, and their card, are drawn."""

from collections.abc import Iterator, Sequence

from textual.content import Content

from chatforge.export.adapter import Item
from chatforge.words import bytes_text, plain


def in_columns(items: Sequence[Item]) -> Iterator[Content]:
    """The files with their sizes, in two columns, down and then across."""
    width, half = max(len(item.name) for item in items), (len(items) + 1) // 2
    for i in range(half):
        cells = []
        for item in items[i::half]:
            name = plain(item.name, one_line=True)
            cells += [Content(f"{name:<{width}} "), Content.styled(f"{bytes_text(item.size):>10}    ", "$text-muted")]
        yield Content("").join(cells)


def styled(card: str) -> Content:
    """The card's text as it is, with its headings made visible and its front matter dim."""
    lines, front = [], 0
    for line in plain(card).split("\n"):
        front += line == "---" and front < 2
        inside = front == 1 or line == "---"
        style = "$text-muted" if inside else "bold $text-accent" if line.startswith("#") else ""
        lines.append(Content.styled(line, style))
    return Content("\n").join(lines)
