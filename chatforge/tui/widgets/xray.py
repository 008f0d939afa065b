"""A conversation as lines for the eye: as people read it, or as the model gets it.

   <|im_start|>user                        template: dimmed
   Is it free?<|im_end|>
   <|im_start|>assistant
✓  Yes, from $75.<|im_end|>                learned: a mark at the left and underlined
┄┄┄┄┄┄ cut here: 512 tokens ┄┄┄┄┄┄
"""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from textual.content import Content

from chatforge.dialogues.conversation import Message
from chatforge.project.data_client import Answer
from chatforge.tui.signs import Signs
from chatforge.words import plain

MOST = 24_000
"""Characters that are drawn of one conversation; how many are left out is said."""

FOLDED = 60
"""Characters that are drawn of a system message."""

STYLES = {"learned": "$text-success underline", "template": "$text-muted", "context": "", "cut": "$text-disabled"}

Piece = tuple[str, str]
"""A text and what it is: a key of STYLES."""


def as_people_read(
    messages: Sequence[Message], width: int, signs: Signs, learned: bool, system: str = ""
) -> list[Content]:
    """Messages by role, a mark at what the assistant says if it is learned."""
    lines: list[Content] = []
    if system and messages and messages[0].role != "system":
        shown = system if len(system) <= FOLDED else system[:FOLDED] + signs.cut
        messages = (Message("system", shown), *messages)
    left = MOST
    for message in messages:
        mark = learned and message.role == "assistant"
        lines.append(Content.styled(f"{_gutter(mark, signs)}{message.role}", "$text-muted bold"))
        lines += _wrapped([(_tidy(message.content[:left]), "context")], width, signs, "  ")
        left -= len(message.content)
        if left <= 0:
            return [*lines, _rest(-left)]
    return lines


def as_the_model_gets(answer: Answer, width: int, signs: Signs, limit: int, system: str = "") -> list[Content]:
    """The whole text with the template's marks, what is learned, and the cut; a long system message is folded."""
    cut = answer.cut
    kept = _folded(answer.pieces if cut is None else answer.pieces[:cut], system.strip(), signs)
    lines = _wrapped(_tidied(kept), width, signs)
    if cut is not None:
        lines.append(cut_line(limit, width, signs))
        lines += _wrapped(_tidied((text, "cut") for text, _ in answer.pieces[cut:]), width, signs)
    if (more := sum(len(text) for text, _ in answer.pieces) - MOST) > 0:
        lines.append(_rest(more))
    return lines


def _folded(pieces: Sequence[Piece], system: str, signs: Signs) -> list[Piece]:
    """The system message is the same in every conversation: its beginning will do."""
    pieces = list(pieces)
    for i, (text, kind) in enumerate(pieces[:2]):
        if kind == "context" and len(system) > FOLDED and text.startswith(system):
            fold = f"{signs.cut} [{len(system) - FOLDED} more characters of the system message]"
            pieces[i : i + 1] = [(system[:FOLDED], kind), (fold, "template"), (text[len(system) :], kind)]
            break
    return pieces


def wrapped(text: str, width: int, style: str) -> list[Content]:
    """A text in lines of `width` cells."""
    return [Content.styled("".join(t for t, _ in line), style) for line in _broken([(text, "")], width)]


def cut_line(limit: int, width: int, signs: Signs) -> Content:
    """The line where training cuts."""
    words = f" cut here: {limit} tokens "
    dash = "-" if signs.ascii_only else "┄"
    side = max(2, (width - len(words)) // 2)
    return Content.styled((dash * side + words + dash * side)[:width], "$text-warning bold")


def _rest(count: int) -> Content:
    return Content.styled(f"  ({count:,} more characters are not drawn)", "$text-muted")


def _gutter(mark: bool, signs: Signs) -> str:
    return f"{signs.yes} " if mark else "  "


def _tidied(pieces: "Sequence[Piece] | Iterator[Piece]") -> list[Piece]:
    found, left = [], MOST
    for text, kind in pieces:
        if left <= 0:
            break
        found.append((_tidy(text[:left]), kind))
        left -= len(text)
    return found


def _tidy(text: str) -> str:
    return plain(text).replace("\t", "    ")


def _wrapped(pieces: Sequence[Piece], width: int, signs: Signs, indent: str | None = None) -> list[Content]:
    """Break pieces into lines of `width` cells; without an indent, lines with something learned get a mark."""
    lines = []
    for line in _lines(pieces):
        for part in _broken(line, max(8, width - 2)):
            marked = any(kind == "learned" for _, kind in part)
            gutter = indent if indent is not None else _gutter(marked, signs)
            lines.append(Content.assemble((gutter, "$text-success"), *((text, STYLES[kind]) for text, kind in part)))
    return lines


def _lines(pieces: Sequence[Piece]) -> Iterator[list[Piece]]:
    """Divide pieces at their newlines; a newline at the very end begins no line."""
    line: list[Piece] = []
    for text, kind in pieces:
        first, *others = text.split("\n")
        line.append((first, kind))
        for other in others:
            yield [piece for piece in line if piece[0]]
            line = [(other, kind)]
    if any(text for text, _ in line):
        yield [piece for piece in line if piece[0]]


def _broken(line: Sequence[Piece], width: int) -> Iterator[list[Piece]]:
    """Break one line at spaces, words that are too long anywhere."""
    now: list[Piece] = []
    used = 0
    for text, kind in line:
        for word in _words(text, width):
            size = cell_len(word)
            if used and used + cell_len(word.rstrip()) > width:
                yield _trimmed(now)
                now, used, word = [], 0, word.lstrip()
                size = cell_len(word)
            now.append((word, kind))
            used += size
    yield _trimmed(now)


def _trimmed(line: list[Piece]) -> list[Piece]:
    """A space at the end of a full line would be one cell too many."""
    return [*line[:-1], (line[-1][0].rstrip(" "), line[-1][1])] if line else line


def _words(text: str, width: int) -> Iterator[str]:
    """Words, each with the spaces after it; pieces of words longer than a line."""
    for i, word in enumerate(parts := text.split(" ")):
        whole = word + (" " if i < len(parts) - 1 else "")
        while cell_len(whole.rstrip()) > width:
            at = next(n for n in range(len(whole), 0, -1) if cell_len(whole[:n]) <= width)
            yield whole[:at]
            whole = whole[at:]
        if whole:
            yield whole
