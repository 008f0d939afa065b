"""What the blocks of a recipe have in common."""

from pydantic import BaseModel, ConfigDict

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"
"""What a run or an endpoint may be called."""


class Block(BaseModel):
    """Common rules: no unknown keys, no silent conversion ("8" is not 8), no NaN, nothing changed later."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False, protected_namespaces=())
