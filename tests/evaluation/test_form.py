import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation.measures.form import copied, distinct_2, length_ratios, mean_of, one_answer, repeated

texts = st.lists(st.text(max_size=60), min_size=1, max_size=8)


def test_lengths_are_ratios_with_their_tenths():
    assert length_ratios(["ab", " abcd ", ""], ["ab", "ab", "ab"]) == pytest.approx((0.2, 1, 1.8))
    assert length_ratios(["abc"], ["ab"]) == (1.5, 1.5, 1.5)
    assert length_ratios(["abc"], [""]) == (3, 3, 3)


def test_copying_is_the_longest_common_run_of_words():
    question = "Where is my order, please?"
    assert copied("Where is my ORDER", question) == 1
    assert copied("I know where is my cat", question) == pytest.approx(3 / 6)
    assert copied("No.", question) == copied("", question) == 0


def test_repetition_within_a_reply():
    assert repeated("I am sorry to hear that") == 0
    assert repeated("no no no no no no") == pytest.approx(2 / 3)
    assert repeated("three words only") == 0


def test_pairs_of_words_and_one_answer_for_all():
    assert distinct_2(["a b c", "a b d"]) == 3 / 4
    assert distinct_2(["a", ""]) == 0
    assert one_answer(["Yes.", "yes. ", "No."]) == pytest.approx(2 / 3)
    assert one_answer([]) == mean_of([]) == 0


@given(texts, st.text(max_size=60))
def test_all_are_shares_whatever_is_said(replies, question):
    for reply in replies:
        assert 0 <= copied(reply, question) <= 1 and 0 <= repeated(reply) <= 1
    assert 0 <= distinct_2(replies) <= 1 and 0 < one_answer(replies) <= 1
