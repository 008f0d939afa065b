"""The commands that can be typed into a talk on the screen, and what is said about them while one types."""

from collections.abc import Mapping

from chatforge.errors import did_you_mean

ORDERS: Mapping[str, str] = {
    "/both": "base and adapted answer, side by side",
    "/adapted": "the adapted model answers",
    "/base": "the base answers: the model before training",
    "/again": "answer the last message again",
    "/fix": "correct the last reply",
    "/undo": "take the last correction back",
    "/closest": "training conversations closest to the reply",
    "/system": "set the system message: /system TEXT",
    "/settings": "system message, randomness, longest reply",
    "/reset": "begin afresh",
    "/open": "go on with an earlier talk",
    "/save": "write the talk to a file: /save FILE",
    "/reload": "start the model anew",
    "/help": "list these",
}
"""What can be typed, and its sentence."""

WITH_TEXT = ("/system", "/save")
"""Commands that are nothing without what stands behind them."""


def hint(text: str) -> str:
    """What to say about a line that begins as a command does; "" if there is none such."""
    if not text.startswith("/"):
        return ""
    word = text.split(" ")[0]
    matching = [name for name in ORDERS if name.startswith(word)]
    if word in ORDERS or len(matching) == 1:
        name = word if word in ORDERS else matching[0]
        return f"{name}   {ORDERS[name]}"
    return " ".join(matching)


def unknown(name: str) -> str:
    """What to say about a command that is none."""
    guess = did_you_mean(name, ORDERS)
    return f"there is no command {name}{f': {guess}' if guess else ''} (/help lists them)"
