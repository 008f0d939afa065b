"""What a person said about a file that its form does not tell."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Choices:
    """Answers to what a file leaves open.

    Attributes:
        assistant: the speaker whose words are to be learned, as the file names them; None: guessed, and said.
        columns: which column of a table holds what: {"user": "Frage", "assistant": "Antwort"}, also "system", "intent".
    """

    assistant: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
