"""What leaves a history that is longer than what the model can look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from chatforge.dialogues.conversation import Message
from chatforge.dialogues.rendering import Renderer


@dataclass(frozen=True)
class Fitted:
    """A prompt that fits.

    Attributes:
        ids: token ids, shape (T,).
        dropped: messages that left, the oldest first.
        cut: tokens that were cut off the front of what was left, because even one exchange was too long.
    """

    ids: list[int]
    dropped: int
    cut: int


def fitted_prompt(renderer: Renderer, history: Sequence[Message], limit: int) -> Fitted:
    """Render a history into at most `limit` tokens; the oldest exchanges leave, a system message of its own stays.

    Args:
        history: ends with a user turn.
    """
    head = [m for m in history[:1] if m.role == "system"]
    rest = list(history[len(head) :])
    dropped = 0
    ids = renderer.prompt([*head, *rest])
    while len(ids) > limit and len(rest) > 2:
        rest, dropped = rest[2:], dropped + 2
        ids = renderer.prompt([*head, *rest])
    cut = max(0, len(ids) - limit)
    return Fitted(ids[cut:], dropped, cut)
