"""The words of a mail or a help-desk message: without markup, and without the earlier mails it quotes.

<p>Hi &amp; thanks</p>  ──►  Hi & thanks            Yes.            ──►  Yes.
                                                    On Monday, Anna wrote:
                                                    > Did it come?
"""

import html
import re
from contextlib import suppress

_HIDDEN = ("script", "style", "head")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/tr|/h[1-6]|/blockquote)\b[^<>]*>", re.IGNORECASE)
_TAG = re.compile(r"<[a-zA-Z/!][^<>]*>")
_SPACES = re.compile(r"[^\S\n]+")
_GAPS = re.compile(r"\n{3,}")
_ORIGINAL = re.compile(r"-{2,}\s*(?:original message|forwarded message|ursprüngliche nachricht)\s*-{2,}", re.IGNORECASE)
_WROTE = re.compile(r"(?:on|am|le|el)\b.{1,200}(?:wrote|schrieb|écrit|escribió)[^:]{0,80}:", re.IGNORECASE)


def from_html(markup: str) -> str:
    """Return the text of HTML: a line for each paragraph, no tags, no entities."""
    for tag in _HIDDEN:
        markup = _without(markup, tag)
    bare = _TAG.sub("", _BREAK.sub("\n", markup))
    with suppress(ValueError):  # an entity with thousands of digits
        bare = html.unescape(bare)
    lines = (_SPACES.sub(" ", line).strip() for line in bare.split("\n"))
    return _GAPS.sub("\n\n", "\n".join(lines)).strip()


def unquoted(letter: str) -> tuple[str, bool]:
    """Return a mail without what it quotes, and whether anything was quoted."""
    kept: list[str] = []
    lines = letter.replace("\r\n", "\n").split("\n")
    for i, line in enumerate(lines):
        bare = line.strip()[:400]
        if _ORIGINAL.fullmatch(bare):
            break
        quotes_next = any(following.lstrip().startswith(">") for following in lines[i + 1 : i + 3])
        if not bare.startswith(">") and not (quotes_next and _WROTE.fullmatch(bare)):
            kept.append(line)
    return "\n".join(kept).strip(), len(kept) < len(lines)


def _without(markup: str, tag: str) -> str:
    """Return HTML without an element; what is never closed is hidden to its end."""
    first, *rest = re.split(rf"<{tag}\b", markup, flags=re.IGNORECASE)
    end = re.compile(rf"</{tag}\s*>", re.IGNORECASE)
    return first + "".join(part[match.end() :] for part in rest if (match := end.search(part)))
