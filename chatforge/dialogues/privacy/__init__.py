"""Find what tells who somebody is, and put surrogates in its place.

`find(text)` and `find_all(texts)` find; `anonymise(conversation, seed)` replaces; `look_through(conversations)` counts.
The rules are for English and German and for names in Latin letters; they find much, not all, and `data/probes` holds
texts to measure how much.
"""

from chatforge.dialogues.privacy.anonymise import Replaced, anonymise
from chatforge.dialogues.privacy.finding import Recogniser, find, find_all
from chatforge.dialogues.privacy.found import KINDS, WORDS, Found, Kind, masked
from chatforge.dialogues.privacy.report import Report, look_through
from chatforge.dialogues.privacy.surrogates import Surrogates

__all__ = [
    "KINDS", "WORDS", "Found", "Kind", "Recogniser", "Replaced", "Report", "Surrogates", "anonymise", "find",
    "find_all", "look_through", "masked",
]  # fmt: skip
