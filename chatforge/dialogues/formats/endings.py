"""What was put around a question and its answer for other trainers, and must not be learned.

"Where is my order? ->", " It left the warehouse. END"   ──►   "Where is my order?", "It left the warehouse."
"### Instruction: …", "<|im_start|>user …"               ──►   refused: the chat template would stand there twice
"""

_PROMPT_ENDS = ("###", "->", "===")
_STOP_WORDS = ("END", "STOP", "###")
_TEMPLATE_MARKS = (
    *("<|im_start|>", "[INST]", "<<SYS>>", "<start_of_turn>", "<|start_header_id|>", "<|user|>", "<|assistant|>"),
    *("### Instruction:", "### Input:", "### Human:", "### User:", "### Response:", "### Assistant:"),
)


def without_endings(question: str, answer: str, changed: list[str]) -> tuple[str, str]:
    """Take off the separator after the question and the space and stop word around the answer; add each to `changed`.

    A stop word is only taken off where a separator or a space shows that the pair was written in this old way.
    """
    shorter = _without_end(question.rstrip(), _PROMPT_ENDS)
    old = shorter is not None or answer.startswith(" ")
    if shorter is not None:
        question = shorter
        changed.append("separators after the question left out")
    if answer.startswith(" "):
        answer = answer.lstrip(" ")
        changed.append("spaces before the answer left out")
    stopped = _without_end(answer.rstrip(), _STOP_WORDS) if old else None
    if stopped is not None:
        answer = stopped
        changed.append("stop words after the answer left out")
    return question, answer


def template_mark(text: str) -> str | None:
    """Return the mark of a chat template that a text holds, or None."""
    return next((mark for mark in _TEMPLATE_MARKS if mark in text), None)


def _without_end(text: str, ends: tuple[str, ...]) -> str | None:
    """The text without one of these ends, if it stands apart and is not everything there is."""
    for end in ends:
        if text.endswith(end):
            rest = text[: -len(end)]
            return rest.rstrip() if rest.rstrip() and rest[-1].isspace() else None
    return None
