"""Elements of HTML and SVG as text. Whatever is not an element is escaped: foreign text cannot become one.

tag("p", "1 < 2 ", tag("b", reply), class_="said")   ─►   <p class="said">1 &lt; 2 <b>…</b></p>
"""

import html
from collections.abc import Iterable

from chatforge.words import plain

VOID = frozenset(("br", "meta"))
"""Elements that have no end."""


class Markup(str):
    """Text that is markup already: made by `tag` and `joined` only."""

    __slots__ = ()


LONGEST = 2_000
"""Characters of a text that are shown."""

NAME = 80
"""Characters of a name."""

Child = str | None
"""Text to escape, markup to keep, or nothing."""

Value = str | int | float | bool | None
"""Of an attribute: None and False leave it out, True gives it no value, numbers have three decimals at most."""


def tag(name: str, /, *children: Child, **attributes: Value) -> Markup:
    """Return one element.

    Args:
        attributes: `class_` is class, `stroke_width` is stroke-width.
    """
    said = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None and value is not False
    )
    if name in VOID:
        return Markup(f"<{name}{said}>")
    return Markup(f"<{name}{said}>{joined(children)}</{name}>")


def joined(children: Iterable[Child]) -> Markup:
    """Return elements and texts one after the other."""
    return Markup("".join(escaped(child) for child in children if child))


def escaped(text: str) -> Markup:
    """Return text as it is read; nothing in it steers the page or the direction of writing."""
    return text if isinstance(text, Markup) else Markup(html.escape(plain(text)))


def cut(text: str, most: int = LONGEST) -> str:
    """Return text with what is too long for a reader left out, and said."""
    harmless = plain(text)
    left = len(harmless) - most
    return harmless if left <= 0 else f"{harmless[:most]} … ({left} more characters)"


def number(value: float) -> str:
    """Return a coordinate: 12.5, 3; never in the notation with an exponent."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def _attribute(key: str, value: Value) -> str:
    name = key.rstrip("_").replace("_", "-")
    if value is True:
        return f" {name}"
    return f' {name}="{escaped(value if isinstance(value, str) else number(float(value or 0)))}"'
