"""Which probes a run is asked: a set that comes with ChatForge, a file of one's own, or general questions alone."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from chatforge import included
from chatforge.dialogues.conversation import Conversation
from chatforge.dialogues.mixing import GENERAL_SYSTEM
from chatforge.dialogues.reading import read_files
from chatforge.evaluation.probes.probe import Probe, read_probes
from chatforge.recipe.probe_sets import GENERAL_PROBES, NO_PROBES, is_probe_file


@dataclass(frozen=True)
class Probing:
    """What both models are asked.

    Attributes:
        source: name of the set of probes, or its file. sha256: of the file; "" without probes.
        questions: general questions with their true answers, under the system message of general chat.
    """

    probes: tuple[Probe, ...] = ()
    source: str = ""
    sha256: str = ""
    questions: tuple[Conversation, ...] = ()

    @property
    def count(self) -> int:
        """How many replies a model is asked for."""
        return len(self.probes) + len(self.questions)


def probing(name: str) -> Probing:
    """Read what the recipe's `evaluation.probes` names: a set, a file, "general_chat" or "none".

    Raises:
        UserError: the file cannot be read, or not every line is a probe.
    """
    if name == NO_PROBES:
        return Probing()
    read = read_files([included.probes(GENERAL_PROBES)], form="messages").conversations
    questions = tuple(one.with_system(GENERAL_SYSTEM) for one in read)
    if name == GENERAL_PROBES:
        return Probing(questions=questions)
    path = Path(name) if is_probe_file(name) else included.probes(name)
    probes = tuple(read_probes(path))
    source = path.name if is_probe_file(name) else name
    return Probing(probes, source, hashlib.sha256(path.read_bytes()).hexdigest(), questions)
