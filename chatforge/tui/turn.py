"""Keys in the order in which they were pressed.

Textual sees a key that a screen has taken for itself (priority) at once, while the letters before it may still be on
their way to the field that has the focus: a quick hand on a busy machine would send half of its sentence.
"""

from collections.abc import Callable
from typing import Any

from textual.widget import Widget


def in_turn(owner: Widget, do: Callable[[], Any]) -> None:
    """Do something in `owner`'s turn, once every key pressed before has reached the field with the focus."""
    field = owner.screen.focused or owner
    field.call_later(owner.call_later, do)
