import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatforge.evaluation.measures import is_empty, make_design, share
from chatforge.evaluation.measures.on_topic import OnTopic, identification
from chatforge.evaluation.measures.ranking import expected_first, expected_reciprocal


def unit(rng: np.random.Generator, *shape: int) -> np.ndarray:
    vectors = rng.standard_normal(shape)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def domain(seed: int, count: int = 100, size: int = 32) -> tuple[np.ndarray, np.ndarray]:
    """Questions and true replies of one domain: all have something in common, a reply takes up its question."""
    rng = np.random.default_rng(seed)
    common = unit(rng, size)
    questions = unit(rng, count, size) + 0.7 * common
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    references = unit(rng, count, size) + 0.9 * common + 0.8 * questions
    return questions, references / np.linalg.norm(references, axis=1, keepdims=True)


def scores(replies, questions, references, design, empty=None, intents=None):
    count = len(references)
    on_topic = OnTopic(references, questions, intents or [None] * count, design)
    columns, places = on_topic.score(replies, empty or [False] * count)
    return {key: np.array(values, dtype=float) for key, values in columns.items()}, np.array(places)


@given(count=st.integers(3, 60), candidates=st.integers(2, 12), seed=st.integers(0, 2**32 - 1))
def test_a_design_shuffles_without_a_fixed_point(count, candidates, seed):
    design = make_design(count, candidates, seed)
    assert design.candidates == min(candidates, count - 1)
    assert design.chance == 1 / design.candidates
    assert sorted(design.shuffled.tolist()) == list(range(count))
    for i in range(count):
        allowed = set(np.flatnonzero(design.others[i]).tolist())
        assert allowed == set(range(count)) - {i, int(design.shuffled[i])}
    assert (make_design(count, candidates, seed).shuffled == design.shuffled).all()


@given(st.lists(st.integers(1, 4), min_size=2, max_size=20).filter(lambda turns: sum(turns) >= 3), st.integers(0, 99))
def test_the_shuffled_reply_is_of_another_conversation_also_with_several_turns(turns, seed):
    names = [f"c{i}" for i, count in enumerate(turns) for _ in range(count)]
    design = make_design(len(names), 10, seed, names)
    assert all(names[i] != names[j] for i, j in enumerate(design.shuffled))


@pytest.mark.parametrize(("count", "names"), [(2, None), (4, ["a"] * 4)])
def test_too_few_items_or_conversations_are_refused(count, names):
    with pytest.raises(ValueError, match="at least 3"):
        make_design(count, 10, 7, names)


@given(
    above=st.integers(0, 12), tied=st.integers(0, 12), below=st.integers(0, 12), candidates=st.integers(2, 12),
    seed=st.integers(0, 99),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_expected_places_are_what_drawing_gives(above, tied, below, candidates, seed):
    """Draw the other candidates and break ties by lot, many times."""
    n = above + tied + below
    if not n:
        return
    rng = np.random.default_rng(seed)
    others = np.array([2.0] * above + [1.0] * tied + [0.0] * below)
    drawn = np.stack([rng.permutation(others)[: min(candidates - 1, n)] for _ in range(4000)])
    lots = rng.random(drawn.shape) < rng.random((4000, 1))
    places = 1 + ((drawn > 1) | ((drawn == 1) & lots)).sum(axis=1)
    arguments = (*(np.array([x]) for x in (above, tied, n)), candidates)
    assert expected_first(*arguments)[0] == pytest.approx((places == 1).mean(), abs=0.035)
    assert expected_reciprocal(*arguments)[0] == pytest.approx((1 / places).mean(), abs=0.035)


@given(st.integers(1, 300), st.integers(2, 20))
def test_who_cannot_tell_candidates_apart_is_on_chance_exactly(others, candidates):
    k = min(candidates, others + 1)
    zero, n = np.array([0]), np.array([others])
    assert expected_first(zero, n, n, candidates)[0] == pytest.approx(1 / k)
    harmonic = sum(1 / i for i in range(1, k + 1)) / k
    assert expected_reciprocal(zero, n, n, candidates)[0] == pytest.approx(harmonic)


def test_references_are_first_everywhere():
    questions, references = domain(0, 40)
    found, places = scores(references, questions, references, make_design(40, 10, 7), intents=["a", "b"] * 20)
    for key, values in found.items():
        assert values == pytest.approx(1), key
    assert (places == 1).all()


def test_whoever_repeats_the_question_is_identified_but_not_beyond_it():
    questions, references = domain(1)
    design = make_design(100, 10, 7)
    found, places = scores(questions, questions, references, design)
    assert found["identification"].mean() > 0.6
    assert found["beyond_question"] == pytest.approx(design.chance)
    assert places == pytest.approx(1 + 98 / 2)


def test_question_and_somebody_elses_reply_is_near_chance_beyond_the_question():
    means = []
    for seed in range(8):
        questions, references = domain(seed)
        design = make_design(100, 10, seed)
        both = questions + references[design.shuffled]
        both /= np.linalg.norm(both, axis=1, keepdims=True)
        found, _ = scores(both, questions, references, design)
        assert found["identification"].mean() > 0.3
        means.append(found["beyond_question"].mean())
    assert np.mean(means) < 0.2


@pytest.mark.parametrize("count", [12, 40, 100])
def test_shuffled_replies_are_on_chance_on_average(count):
    """The formula's spread sees to it: without the division it is 8 to 9%."""
    beyond, plain = [], []
    for seed in range(40):
        questions, references = domain(seed, count)
        design = make_design(count, 10, seed)
        found, _ = scores(references[design.shuffled], questions, references, design)
        beyond.append(found["beyond_question"].mean())
        plain.append(found["identification"].mean())
    for means in (beyond, plain):
        error = np.std(means) / np.sqrt(len(means))
        assert np.mean(means) == pytest.approx(0.1, abs=max(0.008, 3.5 * error))


def test_a_constant_lands_on_chance_on_average():
    means, similar = [], []
    for seed in range(20):
        questions, references = domain(seed)
        middle = references.mean(axis=0) / np.linalg.norm(references.mean(axis=0))
        found, _ = scores(np.tile(middle, (100, 1)), questions, references, make_design(100, 10, seed))
        means.append((found["beyond_question"].mean(), found["identification"].mean()))
        similar.append(found["corrected"].mean())
    assert np.mean(means, axis=0) == pytest.approx([0.1, 0.1], abs=0.02)
    assert np.mean(similar) == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("count", [5, 12, 40])
def test_plain_identification_of_shuffled_replies_is_chance_also_with_duplicates(count):
    rng = np.random.default_rng(3)
    means = []
    for seed in range(300):
        references = unit(rng, count, 8)
        references[: count // 4] = references[0]
        design = make_design(count, 10, seed)
        means.append(identification(references[design.shuffled], references, design).mean() - design.chance)
    assert abs(np.mean(means)) < 4 * np.std(means) / np.sqrt(len(means))


def test_empty_replies_count_zero_on_every_scale_and_stay():
    questions, references = domain(0, 12)
    design = make_design(12, 10, 7)
    found, places = scores(references, questions, references, design, [True] + [False] * 11, ["a"] * 12)
    for values in found.values():
        assert len(values) == 12 and values[0] == 0
        assert values[1:].min() == pytest.approx(1)
    assert places[0] == 11


def test_candidates_of_the_same_intent_and_the_most_alike_are_harder():
    rng = np.random.default_rng(0)
    groups = np.repeat(unit(rng, 6, 16), 15, axis=0)
    references = groups + 0.5 * unit(rng, 90, 16)
    references /= np.linalg.norm(references, axis=1, keepdims=True)
    replies = groups + 0.3 * unit(rng, 90, 16)  # right as to the intent, and no more
    replies /= np.linalg.norm(replies, axis=1, keepdims=True)
    intents = [f"i{i // 15}" for i in range(90)]
    found, _ = scores(replies, unit(rng, 90, 16), references, make_design(90, 10, 7), intents=intents)
    assert found["identification"].mean() > 0.3
    assert found["identification_intent"].mean() == pytest.approx(0.1, abs=0.05)
    assert found["identification_hard"].mean() < 0.2


def test_equivalent_answers_are_no_hard_candidates():
    rng = np.random.default_rng(0)
    references = np.repeat(unit(rng, 10, 16), 2, axis=0)  # each answer is there twice
    found, _ = scores(references, unit(rng, 20, 16), references, make_design(20, 5, 7))
    assert found["identification_hard"] == pytest.approx(1)
    assert found["identification"].mean() < 0.95


def test_without_intents_there_is_no_scale_for_them():
    questions, references = domain(0, 12)
    design = make_design(12, 5, 7)
    assert "identification_intent" not in scores(references, questions, references, design)[0]
    some, _ = scores(references, questions, references, design, intents=["a"] * 6 + [None] * 6)
    assert np.isnan(some["identification_intent"]).tolist() == [False] * 6 + [True] * 6


def test_identical_references_and_replies_give_finite_scores_on_chance():
    references = np.tile([[1.0, 0.0]], (6, 1))
    design = make_design(6, 3, 0)
    found, _ = scores(references, references, references, design)
    assert (found["corrected"] == 0).all()
    for key in ("beyond_question", "identification"):
        assert found[key] == pytest.approx(design.chance)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000))
def test_scores_are_shares_and_do_not_hang_on_the_precision(seed):
    rng = np.random.default_rng(seed)
    questions, references = domain(seed, 15, 8)
    replies, design = unit(rng, 15, 8), make_design(15, 10, seed)
    double, places = scores(replies, questions, references, design)
    single, _ = scores(replies.astype(np.float32), questions.astype(np.float32), references.astype(np.float32), design)
    assert single["corrected"] == pytest.approx(double["corrected"], abs=1e-5)
    for key in ("beyond_question", "identification", "identification_hard", "reciprocal_rank"):
        assert ((double[key] >= 0) & (double[key] <= 1)).all()
    assert ((places >= 1) & (places <= 14)).all()


def test_identification_agrees_with_the_librarys_own_ranking():
    """sentence-transformers ranks the same way: what is first among all is identified for sure, and only that."""
    from sentence_transformers.util import cos_sim

    rng = np.random.default_rng(5)
    replies, references = unit(rng, 30, 8), unit(rng, 30, 8)
    design = make_design(30, 29, 7)  # all candidates there are
    similar = cos_sim(replies, references).numpy()
    for i, hit in enumerate(identification(replies, references, design)):
        candidates = [i, *np.flatnonzero(design.others[i])]
        assert hit == (max(candidates, key=lambda j: similar[i, j]) == i)


def test_small_arithmetic():
    assert is_empty(" \n\t ") and not is_empty("🙂")
    assert share([]) == 0 and share([True, False]) == 0.5
