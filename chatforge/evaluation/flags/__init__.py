"""Not contradicting: places in a reply that need a look. Rules on words, no model; never part of a score.

finding     `find_flags`: all flags of one reply          flag        what a flag is (light: reports hold it)
polarity    what is so, and what is not                   escalation  help that is left out
differing   quantities the true reply does not have       clauses     which sentences are about the same
quantities  text to quantities (units, moments, codes, numerals, quantity)
house       what the assistant often names is not invented
probes      planted flips and harmless paraphrases        limits      how much the rules find of them
"""

from chatforge.evaluation.flags.finding import find_flags
from chatforge.evaluation.flags.flag import KINDS, Flag, FlagKind

__all__ = ["KINDS", "Flag", "FlagKind", "find_flags"]
