"""Tables, lists and sections of the page."""

from collections.abc import Iterable, Sequence

from chatforge.evaluation.page.markup import Child, Markup, joined, tag


def section(name: str, title: str, *parts: Child) -> Markup:
    """Return one section with its heading; `name` is where links to it lead."""
    return tag("section", tag("h2", title), *parts, id=name)


def table(caption: str, head: Sequence[Child], rows: Iterable[Sequence[Child]], marked: str | None = None) -> Markup:
    """Return a table that moves in its own frame where the page is too narrow for it.

    Args:
        rows: the first cell of each is its name.
        marked: the name of the row that stands out.
    """
    body = [
        tag("tr", tag("th", row[0], scope="row"), *(tag("td", cell) for cell in row[1:]), class_=_kind(row, marked))
        for row in rows
    ]
    top = tag("tr", *(tag("th", cell, scope="col") for cell in head))
    whole = tag("table", tag("caption", caption), tag("thead", top), tag("tbody", *body))
    return tag("div", whole, class_="frame", role="region", tabindex=0, aria_label=caption)


def _kind(row: Sequence[Child], marked: str | None) -> str | None:
    return "marked" if marked is not None and row[0] == marked else None


def interval(text: str) -> Markup:
    """Return a figure above its interval: "41% [33, 49]" in two lines."""
    value, _, rest = text.partition(" ")
    return joined((tag("b", value), tag("small", rest) if rest else None))


def pairs(rows: Iterable[tuple[str, Child]]) -> Markup:
    """Return terms with what they mean."""
    return tag("dl", *(tag("div", tag("dt", name), tag("dd", said)) for name, said in rows))


def points(lines: Iterable[Child]) -> Markup:
    """Return a list of sentences."""
    return tag("ul", *(tag("li", line) for line in lines))


def paragraphs(lines: Iterable[str]) -> Markup:
    """Return sentences, each a paragraph."""
    return joined(tag("p", line) for line in lines)


def figure(drawing: Markup, words: str) -> Markup:
    """Return a drawing with the sentences that say how to read it."""
    return tag("figure", drawing, tag("figcaption", words))
