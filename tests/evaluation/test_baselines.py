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


def test_nearest_finds_itself():
    vectors = unit(3, 600, 8)
    assert nearest(vectors, vectors, block=100) == list(range(600))
