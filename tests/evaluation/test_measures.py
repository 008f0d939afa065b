import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.evaluation.measures import (
    is_empty,
    lengths,
    make_design,
    score,
    share,
)


def unit(rng: np.random.Generator, *shape: int) -> np.ndarray:
    vectors = rng.standard_normal(shape)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


@given(count=st.integers(3, 60), candidates=st.integers(2, 12), seed=st.integers(0, 2**32 - 1))
def test_a_design_has_distinct_candidates_and_shuffles_without_a_fixed_point(count, candidates, seed):
    design = make_design(count, candidates, seed)
    assert design.candidates == min(candidates, count - 1)
    assert design.chance == 1 / design.candidates
    assert sorted(design.shuffled.tolist()) == list(range(count))
    for i in range(count):
        row = set(design.others[i].tolist())
        assert len(row) == design.candidates - 1
        assert i not in row
        assert design.shuffled[i] != i
        assert int(design.shuffled[i]) not in row
    again = make_design(count, candidates, seed)
    assert (again.others == design.others).all()


def test_too_few_items_are_refused():
    with pytest.raises(ValueError, match="at least 3"):
        make_design(2, 10, 7)


def test_references_reach_the_ceiling():
    references = unit(np.random.default_rng(0), 40, 16)
    scores = score(references, references, make_design(40, 10, 7))
    assert (scores.identification == 1).all()
    assert scores.cosine == pytest.approx(1)
    assert scores.corrected == pytest.approx(1)
    assert (scores.rank == 1).all()


def test_a_constant_lands_on_chance_by_both_measures():
    rng = np.random.default_rng(1)
    references = unit(rng, 400, 16) + 0.3
    references /= np.linalg.norm(references, axis=1, keepdims=True)
    constant = references.mean(axis=0) / np.linalg.norm(references.mean(axis=0))
    scores = score(np.tile(constant, (400, 1)), references, make_design(400, 10, 7))
    assert scores.cosine.mean() > 0.5
    assert scores.corrected.mean() == pytest.approx(0, abs=0.01)
    assert scores.identification.mean() == pytest.approx(0.1, abs=0.04)


def test_ties_share_the_first_place():
    references = np.array([[1.0, 0], [1, 0], [0, 1], [0, 1]])
    design = make_design(4, 10, 0)
    same = np.tile([[1.0, 1.0]], (4, 1)) / np.sqrt(2)
    scores = score(same, references, design)
    assert scores.identification == pytest.approx(design.chance)
    assert scores.rank == pytest.approx((1 + design.candidates) / 2)


@pytest.mark.parametrize("count", [5, 12, 40])
def test_shuffled_replies_are_at_chance_on_average_also_with_few_items_and_duplicates(count):
    rng = np.random.default_rng(3)
    means, corrected = [], []
    for seed in range(300):
        references = unit(rng, count, 8)
        references[: count // 4] = references[0]
        design = make_design(count, 10, seed)
        scores = score(references[design.shuffled], references, design)
        means.append(scores.identification.mean() - design.chance)
        corrected.append(scores.corrected.mean())
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means)) < 4 * error
    # The correction is a ratio: exact only to the order of one over the number of items.
    assert abs(np.mean(corrected)) < 0.5 / count


def test_empty_replies_count_zero_and_stay():
    references = unit(np.random.default_rng(0), 12, 8)
    empty = [True] + [False] * 11
    design = make_design(12, 10, 7)
    scores = score(references, references, design, empty)
    assert len(scores.identification) == 12
    assert scores.identification[0] == scores.corrected[0] == scores.cosine[0] == 0
    assert scores.rank[0] == design.candidates
    assert scores.identification[1:].min() == 1


def test_identical_references_give_zero_and_not_infinity():
    references = np.tile([[1.0, 0.0]], (6, 1))
    scores = score(references, references, make_design(6, 3, 0))
    assert np.isfinite(scores.corrected).all()
    assert (scores.corrected == 0).all()


@settings(max_examples=30)
@given(st.integers(0, 10_000))
def test_scores_do_not_hang_on_the_scale_of_precision(seed):
    rng = np.random.default_rng(seed)
    replies, references = unit(rng, 15, 8), unit(rng, 15, 8)
    design = make_design(15, 10, seed)
    double = score(replies, references, design)
    single = score(replies.astype(np.float32), references.astype(np.float32), design)
    assert single.cosine == pytest.approx(double.cosine, abs=1e-5)
    assert ((double.identification >= 0) & (double.identification <= 1)).all()
    assert ((double.rank >= 1) & (double.rank <= design.candidates)).all()


def test_identification_agrees_with_the_librarys_own_ranking():
    """sentence-transformers ranks the same way where there are no ties."""
    from sentence_transformers.util import cos_sim

    rng = np.random.default_rng(5)
    replies, references = unit(rng, 30, 8), unit(rng, 30, 8)
    design = make_design(30, 10, 7)
    similar = cos_sim(replies, references).numpy()
    for i, hit in enumerate(score(replies, references, design).identification):
        candidates = [i, *design.others[i]]
        assert hit == (max(candidates, key=lambda j: similar[i, j]) == i)


def test_small_arithmetic():
    assert lengths(["ab", " abcd ", ""], ["ab", "ab", "ab"]).median == 1
    assert is_empty(" \n\t ") and not is_empty("🙂")
    assert share([]) == 0 and share([True, False]) == 0.5
