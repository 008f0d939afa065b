"""The axes that are held against people's scores. Light."""

from collections.abc import Mapping

from chatforge.evaluation.scales import CONTENT_WORDS, ENTITIES, NUMBERS, TOKEN_RECALL

COSINE, LENGTH = "cosine", "length"

AXES: Mapping[str, str] = {
    COSINE: "How alike are both texts as a whole? What the other axes are held against.",
    **{scale.key: scale.what for scale in (TOKEN_RECALL, CONTENT_WORDS, NUMBERS, ENTITIES)},
    LENGTH: "How much of the reference's length does it have? With this held constant, what is left of an axis is more "
    "than seeing what was cut off.",
}
"""Key → what it asks, in the order they are shown."""
