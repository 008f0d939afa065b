"""The words around the conversations of the stage Data: offer, files, what is too little, lengths. Pure."""

from collections.abc import Sequence

from textual.content import Content

from chatforge.dialogues.mixture import name_of
from chatforge.project.stages import Corrections
from chatforge.recipe.schema import Recipe
from chatforge.tui.data_survey import Found, Settings
from chatforge.tui.data_tokens import MOST, Counting
from chatforge.tui.few_words import few
from chatforge.tui.signs import Signs
from chatforge.tui.widgets.files import file_lines, parts_words, system_line
from chatforge.tui.widgets.lengths import histogram, in_words
from chatforge.words import plain

NO_FILES = "No conversations yet. Press a to name a file of them: JSON lines, one conversation each."


def offer(found: Corrections) -> Content:
    """What becomes of corrections that were saved."""
    count = found.waiting
    many = ("s", "them") if count > 1 else ("", "it")
    what = f"the next training learns {many[1]}" if found.named else f"press c to train on {many[1]}"
    return Content(f"{count} correction{many[0]} saved: {what}" if count else "")


def files(
    found: Found, settings: Settings, width: int, most: int, signs: Signs, assistant: str | None = None
) -> Content:
    """The files, at most so many lines of them, and the system message."""
    if not found.files:
        return Content(NO_FILES)
    lines = file_lines(found.files, found.survey, found.rules, width, most, signs, assistant)
    if settings.system:
        lines.append(system_line(settings.system, width, signs))
    return Content("\n").join(lines)


def mixed(recipe: Recipe | None, lesson: Sequence[str] = ()) -> Content:
    """What is learned besides these files, if anything: in a run's own words, once they are known."""
    data = recipe.data if recipe else None
    if data is None or not (data.mix or data.replay or data.texts or data.canaries):
        return Content("")
    if lesson:
        words = "; ".join(lesson)
    else:
        said = [f"{name_of(one.files)} (weight {one.weight:g})" for one in data.mix]
        if data.replay:
            said.append(f"general chat ({data.replay:.0%} of each pass)")
        words = f"and {' + '.join(said)}, for training only" if said else ""
    return Content.assemble(("mix    ", "$text-muted"), plain(words, one_line=True)) if words else Content("")


def too_few(found: Found, recipe: Recipe | None, signs: Signs) -> Content:
    """What is too little to learn or to judge from."""
    if found.survey is None or not found.survey.conversations:
        return Content("")
    asked, held_out = recipe.evaluation.conversations if recipe else None, found.survey.count("test")
    said = few(found.survey.count("train"), min(held_out, asked) if asked else held_out)
    return Content("\n".join(f"{signs.warn} {words}" for words in said))


def shape(found: Found, counting: Counting, settings: Settings, width: int, short: bool, signs: Signs) -> Content:
    """How long the conversations are, and where they belong."""
    limit = settings.limit
    if found.survey is None:
        total = len(found.corpus)
        return Content.styled(f"reading {total:,} conversations" if total else "", "$text-muted")
    counted = list(counting.lengths.values()) if counting.wanted and not counting.working else []
    lengths = counted or found.survey.estimates(settings.system, MOST)
    progress = f"{len(counting.lengths):,} of {counting.wanted:,} counted" if counting.working else ""
    words = in_words(lengths, limit, found.survey.conversations, bool(counted), progress)
    parts, tail = parts_words(found.survey, found.rules), Content.styled(words, "$text-muted")
    if short:
        bars = histogram(lengths, limit, width // 3, 1, signs)
        return Content("\n").join([Content.assemble(parts, "   ", *bars), tail])
    return Content("\n").join([*histogram(lengths, limit, width, 3, signs), Content(parts), tail])
