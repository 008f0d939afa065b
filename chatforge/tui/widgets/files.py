"""What a project's files hold and what each is for, as aligned lines."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from chatforge.dialogues.division import PARTS, Part, Rules
from chatforge.dialogues.formats import messages
from chatforge.dialogues.formats.known import named
from chatforge.dialogues.formats.sides import TAKEN
from chatforge.dialogues.survey import FileCount, Survey
from chatforge.dialogues.window import LineIndex
from chatforge.errors import Problem
from chatforge.project.data_files import Named
from chatforge.tui.cells import fit
from chatforge.tui.signs import Signs
from chatforge.words import bytes_text, plain

MOST_PROBLEMS = 3
"""How many problems are told; the rest are counted."""


@dataclass(frozen=True)
class Looked:
    """One named file after it was looked at: its lines, or what is wrong with it.

    Attributes:
        speakers: who speaks in it, where who is the assistant is a matter of names.
    """

    named: Named
    index: LineIndex | None = None
    problem: Problem | None = None
    speakers: tuple[str, ...] = ()


def file_lines(
    files: Sequence[Looked],
    found: Survey | None,
    rules: Rules,
    width: int,
    most: int,
    signs: Signs,
    assistant: str | None = None,
) -> list[Content]:
    """A line for each file, with another one below where its form was found out, and for each part that has none.

    Args:
        most: how many lines there may be. assistant: who that is, where a person said so.
    """
    told = _told(files, found, signs)
    names = [plain(file.named.word, one_line=True) for file in files]
    rest = max((cell_len(words.plain) for words in told), default=0)
    column = min(max((cell_len(name) for name in names), default=8), max(12, width - rest - 10))
    lines: list[Content] = []
    for part in PARTS:
        mine = [i for i, file in enumerate(files) if file.named.part == part]
        for i in mine:
            head = (f"{part if i == mine[0] else '':<6} ", "$text-muted")
            lines.append(
                Content.assemble(head, (fit(names[i], column, signs.cut, keep_end=True), "bold"), "  ", told[i])
            )
            if words := form_words(files[i], assistant):
                words = fit(words, max(20, width - 8), signs.cut).rstrip()
                lines.append(Content.styled(f"       {words}", "$text-muted"))
        if not mine:
            lines.append(_none(part, rules, found))
    if len(lines) > most:
        lines = [*lines[: most - 1], Content.styled(f"       and {len(lines) - most + 1} more", "$text-muted")]
    return lines


def form_words(file: Looked, assistant: str | None) -> str:
    """What a file is, and who in it is the assistant; "" for ChatForge's own form, of which there is nothing to say."""
    index = file.index
    if index is None or index.form == messages.NAME:
        return "; ".join(plain(note, one_line=True) for note in index.notes) if index else ""
    form = named(index.form).WHAT.partition(":")[0]
    said = f"{assistant} is the assistant (data.assistant)" if assistant and file.speakers else ""
    who = said or next((what for what in index.changed if TAKEN in what), "")
    return plain("; ".join(filter(None, (form, who, *index.notes))), one_line=True)


def _told(files: Sequence[Looked], found: Survey | None, signs: Signs) -> list[Content]:
    """What is known of each file, in columns."""
    counts = iter(found.files if found else ())
    known = [(file, next(counts, None) if file.index else None) for file in files]
    widest = max((count.conversations for _, count in known if count), default=0)
    turns = max((count.turns for _, count in known if count), default=0)
    return [_file(file, count, len(f"{widest:,}"), len(f"{turns:,}"), signs) for file, count in known]


def _file(file: Looked, count: FileCount | None, wide: int, turns: int, signs: Signs) -> Content:
    if file.problem and file.speakers:
        return Content.styled(f"{signs.warn} press w to say who is the assistant", "$text-error")
    if file.problem:
        line = f", line {file.problem.line}" if file.problem.line else ""
        return Content.styled(f"{signs.warn} {plain(file.problem.what, one_line=True)}{line}", "$text-error")
    size = bytes_text(file.index.size) if file.index else ""
    if count is None:
        return Content.styled(f"{len(file.index):,} lines  {size}" if file.index else "", "$text-muted")
    words = f"{count.conversations:>{wide},} conversations  {count.turns:>{turns},} turns  {size:>8}"
    bad = f"  {signs.warn} {count.bad} bad line{'s' if count.bad > 1 else ''}" if count.bad else ""
    return Content.assemble(words, (bad, "$text-warning"))


def system_line(system: str, width: int, signs: Signs) -> Content:
    """The system message in one line."""
    text = plain(system, one_line=True)
    return Content.assemble(("system ", "$text-muted"), fit(text, max(10, width - 8), signs.cut).rstrip())


def _none(part: Part, rules: Rules, found: Survey | None) -> Content:
    share = {"valid": rules.valid_share, "test": rules.test_share, "train": None}[part]
    if share is None:
        return Content.assemble((f"{part:<6} ", "$text-muted"), ("no file", "$text-muted"))
    count = f", {found.count(part):,} conversations" if found else ""
    words = f"{share:.0%} of train, split off in whole groups (seed {rules.seed}){count}"
    return Content.assemble((f"{part:<6} ", "$text-muted"), (words, "$text-muted"))


def parts_words(found: Survey, rules: Rules) -> str:
    """How many conversations each part has, and how they were divided."""
    counts = "   ".join(f"{part} {found.count(part):,}" for part in PARTS)
    return counts if rules.valid_share is None and rules.test_share is None else f"{counts}   seed {rules.seed}"


def problem_lines(problems: Sequence[Problem], signs: Signs) -> Content:
    """What is wrong with the data, a line each."""
    lines = [plain(f"{signs.warn} {_in_one_line(problem)}", one_line=True) for problem in problems[:MOST_PROBLEMS]]
    more = len(problems) - len(lines)
    return Content("\n".join([*lines, *([f"  and {more} more"] if more else [])]))


def _in_one_line(problem: Problem) -> str:
    """A problem in one line: where, what, and what to do."""
    place = f"{problem.file.name}:{problem.line}: " if problem.file and problem.line else ""
    place = place or (f"{problem.file.name}: " if problem.file else "")
    hint = f" ({problem.hint})" if problem.hint and not problem.answers else ""  # there is a key for the answer
    return f"{place}{problem.what}{hint}"
