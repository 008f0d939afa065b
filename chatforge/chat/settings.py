"""How replies are made: what the run's recipe says, unless the command line says otherwise. Light."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from chatforge.errors import Problem, UserError
from chatforge.recipe.schema import Chat


@dataclass(frozen=True)
class Settings:
    """Attributes:
    max_new_tokens: longest reply in tokens.
    temperature: 0 always takes the likeliest token.
    top_p: share of probability that is kept when drawing, 0 < p <= 1.
    notice: text shown once when a chat begins.
    """

    max_new_tokens: int = 256
    temperature: float = 0.0
    top_p: float = 1.0
    notice: str | None = None

    def override(self, max_new_tokens: int | None, temperature: float | None) -> "Settings":
        """Return the settings with what is given in place of their own."""
        return Settings(
            self.max_new_tokens if max_new_tokens is None else max_new_tokens,
            self.temperature if temperature is None else temperature,
            self.top_p,
            self.notice,
        )

    def sampled(self, temperature: float, top_p: float, max_new_tokens: int) -> "Settings":
        """Return the settings with another way to draw replies, inside the bounds of a recipe's `chat` block.

        Raises:
            UserError: one problem for each value that is out of bounds.
        """
        asked = {"temperature": temperature, "top_p": top_p, "max_new_tokens": max_new_tokens}
        try:
            chat = Chat.model_validate(asked)
        except ValidationError as error:
            found = {str(item["loc"][0]): item["input"] for item in error.errors()}
            raise UserError([_problem(name, found[name]) for name in BOUNDS if name in found]) from None
        return Settings(chat.max_new_tokens, chat.temperature, chat.top_p, self.notice)


BOUNDS = {
    "temperature": "a number from 0 to 5",
    "top_p": "a number above 0, at most 1",
    "max_new_tokens": "a whole number from 1 to 8192",
}
"""What each value can be, in words."""


def _problem(name: str, found: object) -> Problem:
    return Problem(f"{name} is {BOUNDS[name]}, not {str(found)[:40]}")


def from_lock(lock: Path) -> Settings:
    """Read the `chat` block of a run's resolved recipe; what it does not say is the default.

    Raises:
        UserError: the file is missing or damaged.
    """
    try:
        chat: dict[str, Any] = json.loads(lock.read_text(encoding="utf-8"))["resolved"].get("chat") or {}
    except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise UserError(
            f"the run's settings cannot be read ({type(error).__name__})",
            file=lock,
            hint="this folder is no run, or it is damaged; `chatforge runs` lists the runs",
        ) from error
    known = {name: chat[name] for name in ("max_new_tokens", "temperature", "top_p", "notice") if name in chat}
    return Settings(**known)
