"""Evaluations of made-up systems whose truth is known: what the evaluator says of them is counted.

A made-up corpus: embeddings in which true replies take up their question and have something in common, and systems
whose replies are so much true reply, so much question and the rest noise. Everything else is the product's own code.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from chatforge.evaluation.figures import Difference
from chatforge.evaluation.measures import make_design
from chatforge.evaluation.measures.on_topic import OnTopic
from chatforge.evaluation.scales import CORRECTED, PRIMARY
from chatforge.evaluation.statistics import mean_interval, paired_difference
from chatforge.evaluation.verdict import Standing, judge

SIZE = 16
WORTHWHILE = 0.05


def unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@dataclass(frozen=True)
class Corpus:
    """Questions and true replies, embedded, shape (N, SIZE), what they have in common, and what scores replies."""

    questions: np.ndarray
    references: np.ndarray
    common: np.ndarray
    on_topic: OnTopic
    shuffled: np.ndarray

    def primary(self, replies: np.ndarray) -> np.ndarray:
        return self.scores(replies)[PRIMARY.key]

    def scores(self, replies: np.ndarray) -> dict[str, np.ndarray]:
        columns, _ = self.on_topic.score(replies, [False] * len(replies))
        return {key: np.array(columns[key]) for key in (PRIMARY.key, CORRECTED.key)}


def corpus(seed: int, count: int = 100) -> Corpus:
    rng = np.random.default_rng([seed, 1])
    common = unit(rng.standard_normal(SIZE))
    questions = unit(unit(rng.standard_normal((count, SIZE))) + 0.7 * common)
    references = unit(unit(rng.standard_normal((count, SIZE))) + 0.9 * common + 0.8 * questions)
    design = make_design(count, 10, seed)
    return Corpus(
        questions, references, common, OnTopic(references, questions, [None] * count, design), design.shuffled
    )


def elsewhere(found: Corpus, seed: int) -> np.ndarray:
    """Replies of the same domain to other questions, which nobody asked here."""
    rng, shape = np.random.default_rng([seed, 2]), found.references.shape
    others = unit(unit(rng.standard_normal(shape)) + 0.7 * found.common)
    return unit(unit(rng.standard_normal(shape)) + 0.9 * found.common + 0.8 * others)


def system(found: Corpus, seed: int, truth: float) -> np.ndarray:
    """Replies that have so much of the true one."""
    rng = np.random.default_rng([seed, 3])
    noise = unit(rng.standard_normal(found.references.shape))
    return unit(truth * found.references + 0.6 * found.questions + noise)


def word(mine: np.ndarray, theirs: Sequence[np.ndarray], seed: int, resamples: int) -> str:
    """The verdict's word on primary scores, one per conversation."""
    standings = [
        Standing(str(i), mean_interval(one, seed, resamples), difference(mine, one, seed, resamples))
        for i, one in enumerate(theirs)
    ]
    own = mean_interval(mine, seed, resamples)
    return judge(own, standings, chance=0.1, worthwhile=WORTHWHILE, failures=[]).word


def difference(mine: np.ndarray, theirs: np.ndarray, seed: int, resamples: int) -> Difference:
    return paired_difference(mine, theirs, worthwhile=WORTHWHILE, seed=seed, resamples=resamples)


def shuffled_words(runs: int, resamples: int) -> tuple[Counter[str], list[float]]:
    """How replies of other conversations are judged against other such replies, and what they score."""
    words: Counter[str] = Counter()
    means = []
    for seed in range(runs):
        found = corpus(seed)
        mine, theirs = found.primary(found.references[found.shuffled]), found.primary(elsewhere(found, seed))
        words[word(mine, [theirs], seed, resamples)] += 1
        means.append(float(mine.mean()))
    return words, means


def constant_words(runs: int, resamples: int) -> Counter[str]:
    """How the same reply to all is judged against replies of other conversations."""
    words: Counter[str] = Counter()
    for seed in range(runs):
        found = corpus(seed)
        middle = np.tile(unit(found.references.mean(axis=0)), (len(found.references), 1))
        words[word(found.primary(middle), [found.primary(elsewhere(found, seed))], seed, resamples)] += 1
    return words


def coverage(runs: int, conversations: int, resamples: int, turns: int = 3) -> float:
    """Share of 95% intervals that hold the true difference, where turns of a conversation are alike.

    Two systems share the conversation's difficulty; how much the first is ahead is the conversation's own, too. The
    effect is 0.2 on average by construction.
    """
    rng, held = np.random.default_rng(11), 0
    for seed in range(runs):
        easy = rng.beta(2, 2, (conversations, 1)) * 0.5 + 0.15
        ahead = 0.2 + rng.uniform(-0.15, 0.15, (conversations, 1))
        first = (rng.random((conversations, turns)) < easy + ahead).mean(axis=1)
        second = (rng.random((conversations, turns)) < easy).mean(axis=1)
        found = difference(first, second, seed, resamples)
        held += found.low <= 0.2 <= found.high
    return held / runs
