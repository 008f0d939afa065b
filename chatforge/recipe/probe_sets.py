"""What `evaluation.probes` may be: a set of probes that comes with ChatForge, a file of one's own, or neither."""

from pydantic_core import PydanticCustomError

NO_PROBES = "none"
GENERAL_PROBES = "general_chat"
"""General questions alone: what was forgotten. They are asked beside every other set, too."""

PROBE_SETS = ("healthcare", "customer_service")


def is_probe_file(name: str) -> bool:
    """Whether a file is meant, not a set."""
    return name.endswith(".jsonl")


def probe_set(value: object) -> object:
    """Accept the name of a set or of a .jsonl file."""
    if isinstance(value, str) and (value in (*PROBE_SETS, GENERAL_PROBES, NO_PROBES) or is_probe_file(value)):
        return value
    names = ", ".join(f"`{name}`" for name in (*PROBE_SETS, GENERAL_PROBES, NO_PROBES))
    raise PydanticCustomError("probe_set", f"should be {names} or a .jsonl file of probes")
