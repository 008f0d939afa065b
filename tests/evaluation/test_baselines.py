import numpy as np

from chatforge.evaluation.baselines import central, choose_constant, nearest
from chatforge.evaluation.measures import make_design


def unit(seed: int, *shape: int) -> np.ndarray:
    vectors = np.random.default_rng(seed).standard_normal(shape)
    return vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)


def test_the_first_central_text_is_the_one_nearest_to_the_mean():
    vectors = unit(0, 300, 8) + 0.5
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    chosen = central(vectors, 5, block=64)
    assert chosen[0] == int((vectors @ vectors.mean(axis=0)).argmax())
    assert len(set(chosen)) == 5


def test_central_texts_stand_for_different_groups():
    groups = np.repeat(np.eye(3), 10, axis=0)
    assert sorted(i // 10 for i in central(groups, 3)) == [0, 1, 2]
    assert len(central(np.eye(2), 5)) == 2


def test_the_constant_is_chosen_by_the_valid_conversations():
    replies = [f"r{i}" for i in range(30)]
    chosen = choose_constant(replies, unit(1, 30, 8), unit(2, 20, 8), make_design(20, 10, 7))
    assert chosen.reply in replies
    assert "5 on 20 valid" in chosen.why


def test_without_enough_valid_conversations_it_is_the_medoid():
    vectors = unit(1, 30, 8)
    chosen = choose_constant([f"r{i}" for i in range(30)], vectors, unit(2, 2, 8), None)
    assert chosen.reply == f"r{central(vectors)[0]}"
    assert "most like all others" in chosen.why


def test_the_nearest_is_itself_and_each_group_gives_one():
    vectors = unit(3, 600, 8)
    alone = [str(i) for i in range(600)]
    assert nearest(vectors, vectors, alone, 1) == [[i] for i in range(600)]
    groups = [str(i // 100) for i in range(600)]
    for i, found in enumerate(nearest(vectors, vectors, groups, 4)):
        assert found[0] == i and len({groups[j] for j in found}) == len(found) == 4
        similar = [float(vectors[i] @ vectors[j]) for j in found]
        assert similar == sorted(similar, reverse=True)
    assert len(nearest(vectors[:1], vectors, groups, 9)[0]) == 6, "there are six groups"


def test_of_equally_near_ones_the_first_is_taken():
    same = np.ones((5, 4)) / 2
    assert nearest(same[:1], same, list("aabbc"), 3) == [[0, 2, 4]]
