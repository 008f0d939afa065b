"""The box of limits says what this report itself shows of its measure."""

from chatforge.evaluation.flags.limits import limit_texts
from chatforge.evaluation.limits import limits_texts


def test_what_those_reach_that_understand_nothing_is_read_from_the_report(make_report):
    text = " ".join(limits_texts(make_report()))
    assert "repeating the user’s message 30% [22, 38]" in text
    assert "With the question left in, repeating it would reach 40% [32, 48]" in text


def test_the_flags_limits_are_part_of_it(make_report):
    assert set(limit_texts()) <= set(limits_texts(make_report()))


def test_a_report_without_these_rivals_says_nothing_of_them(make_report):
    report = make_report()
    rivals = tuple(one for one in report.rivals if one.name in ("adapted", "base"))
    text = " ".join(limits_texts(report.model_copy(update={"rivals": rivals})))
    assert "repeating" not in text
    assert "medical" in text


def test_that_the_bar_is_chosen_on_the_test_is_said_where_there_was_a_choice(make_report):
    report = make_report()
    assert "the best of 4 untrained rivals on this very test" in " ".join(limits_texts(report))
    one = report.model_copy(
        update={"rivals": tuple(rival for rival in report.rivals if rival.name in ("adapted", "base"))}
    )
    assert "on this very test" not in " ".join(limits_texts(one))
