"""What a recipe may say of how the result is judged: the block `evaluation`."""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Strict

from chatforge.recipe.block import NAME, Block
from chatforge.recipe.probe_sets import GENERAL_PROBES, probe_set

RivalWord = Literal["no-system", "2-examples", "4-examples", "adapted-2-examples"]
"""The rivals that need not be there (`evaluation.rivals`); a test holds the two together."""


class Evaluation(Block):
    """How the result is judged on the held-out conversations."""

    encoder: str = Field(
        "all-minilm-l6-v2", min_length=1, description="Embedding model that compares replies with references."
    )
    second_encoder: str | None = Field(
        None,
        min_length=1,
        description="Another embedding model that judges the same replies: the verdict must not flip.",
    )
    facts: Annotated[Path, Strict(False)] | None = Field(
        None,
        description="Fact sheet of the domain (YAML): prices, times, how to reach somebody; replies should tell them.",
    )
    max_new_tokens: int | None = Field(None, ge=1, le=8192, description="Longest reply in tokens while evaluating.")
    candidates: Annotated[int, Field(ge=2, le=1000)] = Field(
        10, description="References among which a reply must find its own; chance is one in this many."
    )
    smallest_worthwhile_difference: Annotated[float, Field(gt=0, lt=1)] = Field(
        0.05, description="Smallest gain in identification beyond the question that counts as better (0.05 = 5 points)."
    )
    batch_size: int | None = Field(None, ge=1, le=4096, description="Replies written at once.")
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = Field(
        7, description="Start of every random choice in evaluation."
    )
    conversations: int | None = Field(
        None, ge=1, description="How many test conversations to judge on, drawn by seed; unset means all."
    )
    turns_per_conversation: Annotated[int, Field(ge=1, le=100)] = Field(
        1, description="How many replies of each test conversation are judged, drawn by seed, if it has so many."
    )
    rivals: list[RivalWord] | None = Field(
        None,
        description=(
            "Ways to prompt that are compared, too: no-system (no system message), 2-examples and 4-examples (similar "
            "train exchanges before the conversation), adapted-2-examples."
        ),
    )
    endpoints: dict[Annotated[str, Field(pattern=NAME)], str] = Field(
        {}, description="Models elsewhere to compare with, such as {big: http://127.0.0.1:8080/v1#model-name}."
    )
    remote_endpoints: bool = Field(
        False, description="Whether an endpoint may be on another machine: it is sent the held-out conversations."
    )
    memorisation: Annotated[int, Field(ge=0, le=1000)] = Field(
        30, description="Rare strings of the training replies that the models are asked to complete; 0 asks none."
    )
    probes: Annotated[str, BeforeValidator(probe_set)] = Field(
        GENERAL_PROBES,
        description=(
            "What both models are asked to see what training broke: healthcare, customer_service or a .jsonl file; "
            "general_chat asks general questions alone, none nothing."
        ),
    )
