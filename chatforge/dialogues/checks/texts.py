"""Damage inside one message: found by a pattern, mended by the function beside it.

Most texts are whole: one look for anything suspicious spares them all the others.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape

_HALF = re.compile("[\ud800-\udfff]")
_ESCAPE = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)?|[@-Z\\-_])?|\x9b[0-?]*[ -/]*[@-~]"
)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9a\x9c-\x9f]")
_INVISIBLE = re.compile("[\u00ad\u200b\u2060\ufeff\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]")
_TAG = re.compile(r"</?(?:a|abbr|b|blockquote|br|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|span|strong|sub|sup|"
                  r"table|tbody|td|th|thead|tr|u|ul)(?:\s[^<>]{0,2000})?\s*/?>", re.IGNORECASE)  # fmt: skip
_ENTITY = re.compile(
    r"&(?:amp|lt|gt|quot|apos|nbsp|hellip|mdash|ndash|rsquo|lsquo|ldquo|rdquo|#\d{2,6}|#x[0-9a-f]{2,5});", re.I
)
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6])\s*/?>", re.IGNORECASE)
_TEMPLATE = re.compile(
    r"<\|(?:im_start|im_end|endoftext|eot_id|start_header_id|end_header_id|begin_of_text|system|user|assistant|end)\|>"
    r"|\[/?INST\]|<</?SYS>>|<(?:start|end)_of_turn>|###\s*(?:Instruction|Response|Human|Assistant)\s*:"
    r"|<｜[^｜]{1,40}｜>"
)
_PLACEHOLDER = re.compile(r"\{\{[^{}\n]{1,60}\}\}")
_NOTHING = frozenset({
    "null", "none", "nan", "n/a", "na", "nil", "undefined", "[deleted]", "[removed]", "<empty>", "(empty)",
    "[object object]",
})  # fmt: skip


@dataclass(frozen=True)
class Damage:
    """One kind of damage to a text.

    Attributes:
        check: its id. find: returns an example from the text, "" if there is none.
        mend: returns the text without it; None if only a person can.
    """

    check: str
    find: Callable[[str], str]
    mend: Callable[[str], str] | None = None


def damages(text: str) -> Iterator[tuple[Damage, str]]:
    """Yield every damage that a text has, with an example of it."""
    if _looks_whole(text):
        return
    for one in DAMAGES:
        if example := one.find(text):
            yield one, example


def mended(text: str) -> tuple[str, tuple[str, ...]]:
    """Return the text with all damage undone that can be, and the ids of what was."""
    done = []
    for one in () if _looks_whole(text) else DAMAGES:
        if one.mend and one.find(text) and (better := one.mend(text)) != text:
            text = better
            done.append(one.check)
    return text, tuple(done)


def says_nothing(text: str) -> bool:
    """Whether a text only stands for the lack of one, such as "null"."""
    return len(text) < 30 and text.strip().casefold() in _NOTHING


def _pattern(pattern: re.Pattern[str]) -> Callable[[str], str]:
    def find(text: str) -> str:
        match = pattern.search(text)
        return match.group()[:60] if match else ""

    return find


def _without(pattern: re.Pattern[str]) -> Callable[[str], str]:
    return lambda text: pattern.sub("", text)


def _looks_whole(text: str) -> bool:
    """Whether nothing suspicious is in a text: printable ASCII and line ends without any of the marks."""
    return text.isascii() and not (set(text) & _SUSPICIOUS) and (text.isprintable() or not _CONTROL.search(text))


_SUSPICIOUS = set("<&[{#\x1b\x7f")


def _find_mojibake(text: str) -> str:
    if text.isascii():
        return ""
    from ftfy.badness import is_bad

    if not is_bad(text):
        return ""
    return next((word[:60] for word in text.split() if not word.isascii() and is_bad(word)), text[:60])


def _mend_mojibake(text: str) -> str:
    from ftfy import fix_encoding

    return fix_encoding(text)


def _find_html(text: str) -> str:
    return _pattern(_TAG)(text) or _pattern(_ENTITY)(text)


def _mend_html(text: str) -> str:
    bare = _TAG.sub("", _BREAK.sub("\n", text))
    return "\n".join(line.rstrip() for line in unescape(bare).replace("\u00a0", " ").strip().split("\n"))


DAMAGES: tuple[Damage, ...] = (
    Damage("half-emoji", _pattern(_HALF), _without(_HALF)),
    Damage("escape", _pattern(_ESCAPE), _without(_ESCAPE)),
    Damage("mojibake", _find_mojibake, _mend_mojibake),
    Damage("control", _pattern(_CONTROL), _without(_CONTROL)),
    Damage("invisible", _pattern(_INVISIBLE), _without(_INVISIBLE)),
    Damage("lost-character", lambda text: "\ufffd" if "\ufffd" in text else ""),
    Damage("html", _find_html, _mend_html),
    Damage("template", _pattern(_TEMPLATE)),
    Damage("placeholder", _pattern(_PLACEHOLDER)),
)
"""In the order in which they are mended: what undoes one may lay open the next."""
