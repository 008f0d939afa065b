"""What a blind comparison says around its pairs: how far one is; nothing to judge, all judged, what it came to."""

from textual.content import Content

from chatforge.errors import UserError
from chatforge.evaluation.blind import Sitting
from chatforge.evaluation.blind_result import Result, result_texts, revealed_texts
from chatforge.evaluation.blind_words import ALL_JUDGED, QUESTION, place_text
from chatforge.tui.signs import Signs
from chatforge.words import bar, plain

HELP = """\
**Blind comparison.** Two replies to one conversation, yours to judge; whose they are is told at the end. Every answer
is kept at once: leave when you like, and go on later. `r` chooses whose replies stand against the adapted model's.

`1` `2` that reply is better · `t` equally good · `b` both bad · `u` takes the last answer back · `enter` the result ·
`m` judges more pairs after it · `tab` goes to the next text, where arrows scroll · `esc` leaves · `ctrl+g` copies the
command
"""

BAR = 12
"""Columns of the progress bar."""


def place(sitting: Sitting, signs: Signs) -> Content:
    """Return the line above a pair: which it is, and what is asked."""
    done = bar(len(sitting.answers) / len(sitting.pairs), BAR, ascii_only=signs.ascii_only)
    return Content.assemble(
        (place_text(sitting), "bold"), "  ", (done, "$text-accent"), f"  {QUESTION}",
        ("   tab: scroll the texts", "$text-muted"),
    )  # fmt: skip


def nothing(why: str, signs: Signs) -> Content:
    """Return the page that says why nothing can be judged."""
    head = Content.styled("There is nothing to judge here.\n\n", "bold $text-error")
    return Content.assemble(head, signs.typed(plain(why)), "\n\nr chooses another rival, esc leads back.")


def told(error: Exception) -> str:
    """Return an error in words, also one that nobody thought of."""
    return str(error) if isinstance(error, UserError | OSError) else f"unexpected {type(error).__name__}: {error}"


def all_judged() -> Content:
    """Return the page between the last answer and the result, on which nothing is told yet."""
    words = "enter shows the result and whose replies they were. Until then, u takes the last answer back."
    return Content.assemble((f"{ALL_JUDGED}\n\n", "bold"), words)


def result(found: Result, sitting: Sitting, signs: Signs) -> Content:
    """Return the page that tells all: what follows, what to do next, the figures, which reply was whose."""
    *figures, follows = result_texts(found, "With m")
    lines = [
        Content.styled(plain(follows), "bold"),
        Content.styled(next_steps(found, signs), "$text-accent"),
        Content(""),
        *(Content(plain(line)) for line in figures),
    ]
    if revealed := [Content(plain(line)) for line in revealed_texts(sitting)]:
        lines += [Content(""), Content.styled("Which was which", "bold"), *revealed]
    if sitting.answers:
        lines += [Content(""), Content.styled(plain(f"kept in {sitting.path}", one_line=True), "$text-muted")]
    return Content("\n").join(lines)


def next_steps(found: Result, signs: Signs) -> str:
    """What can be done now, each with its key; behind `esc` they are those of the stage Evaluate."""
    steps = []
    if found.judged < found.asked:
        steps.append("m: judge the others")
    elif found.asked < found.askable:
        steps.append("m: judge more pairs")
    steps.append("r: against another rival")
    if found.mostly_bad:
        steps += ["esc, then w: read the conversations", "esc, then 2: look at the data"]
    elif found.preferred == "rival":
        steps += ["esc, then w: read the conversations it lost", "esc, then 2: look at the data"]
    elif found.preferred is None:
        steps.append("esc, then w: read the conversations")
    else:
        steps += ["esc, then 6: talk to it", "esc, then 7: hand it on"]
    return signs.typed(" · ".join(steps))
