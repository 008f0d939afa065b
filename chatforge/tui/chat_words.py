"""What stands around a talk, in words: the welcome, the line below the prompt. Pure."""

from collections.abc import Sequence

from chatforge.tui.cells import middle
from chatforge.tui.chat_commands import hint
from chatforge.tui.chat_talker import State, Talker
from chatforge.tui.signs import Signs
from chatforge.words import plain

HELP = """\
Talk with the base and the adapted model, side by side; **ctrl+t** shows both or one of them.

Not what it should say? **ctrl+f** corrects the last reply. Corrections are kept in `corrections.jsonl` beside the
recipe and can be trained on. **ctrl+s** shows the training conversations closest to a reply, **ctrl+l** sets the system
message and how replies are drawn, **/open** goes on with an earlier talk.

**alt+up** picks a message: **y** copies, **c** corrects, **r** answers again from there. **esc** stops a reply; what
came of it stays.
"""

KEYS = """\
ctrl+f   correct a reply: it becomes a training conversation
ctrl+s   the training conversations closest to a reply
ctrl+l   the system message, how replies are drawn
/open    go on with an earlier talk"""

BESIDE = "enter or a letter: back to the message   1-7 stages"
"""Below the prompt while the stage has the focus: then digits are its keys."""

PICKED = "esc: back to the message"
"""The same while something else has it."""

_QUOTED = 24


def welcome(talker: Talker) -> str:
    """What is said while nothing was said; nothing that is not known yet."""
    if talker.ready is None:
        return KEYS
    who = "Both models answer" if talker.mode == "both" else f"The {talker.mode} model answers"
    return f"{who} what you type.\n\nsystem message: {talker.manner.system or '(none)'}\n\n{KEYS}"


def below(typed: str, queue: Sequence[str], state: State, signs: Signs) -> str:
    """Below the prompt, while it has the focus: what waits, the command one is about to type, or what enter does."""
    if queue:
        what = f"{len(queue)} messages are sent"
        if len(queue) == 1:
            what = f'"{middle(plain(queue[0], one_line=True), _QUOTED, signs.cut)}" is sent'
        return f"{what} {'after this reply' if state == 'writing' else 'when the model is ready'}   esc takes it back"
    return hint(typed) or f"enter send{',' if signs.ascii_only else ' ·'} ctrl+j new line"


def count(number: int) -> str:
    """How many corrections there are."""
    return f"{number} correction{'s' if number != 1 else ''}"
