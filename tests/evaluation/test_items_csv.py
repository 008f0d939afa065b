"""Every reply of every rival in a table that no spreadsheet runs."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.evaluation.flags import Flag
from chatforge.evaluation.items_csv import HEAD, MARK, harmless, items_csv


def rows(report):
    text = items_csv(report)
    assert text.startswith(MARK)
    return list(csv.DictReader(io.StringIO(text.removeprefix(MARK), newline="")))


def test_a_row_for_each_item_and_rival_with_all_scores(make_report):
    report = make_report(items=3)
    found = rows(report)
    assert len(found) == 3 * len(report.rivals)
    assert [one["rival"] for one in found[: len(report.rivals)]] == [rival.name for rival in report.rivals]
    scored = ["beyond_question", "identification", "corrected", "numbers", "facts"]
    assert list(found[0]) == [*HEAD, *scored, "flags"]
    assert [found[0][key] for key in scored] == ["0.0", "0.25", "0.11", "", "1.0"]
    assert (found[0]["trained"], found[0]["check"]) == ("yes", "no")
    assert float(found[0]["place"]) == report.rivals[0].replies[0].place
    assert (found[-1]["trained"], found[-1]["check"]) == ("no", "yes")


def test_texts_keep_their_lines_and_lose_what_steers(make_report):
    [first, *_] = rows(make_report(items=1))
    assert first["reply"].startswith("[bold]red[/bold]")
    assert "\n" in first["reply"]
    assert "\x1b" not in first["reply"] and "\u202e" not in first["reply"]


def test_flags_are_told_in_words(make_report):
    report = make_report(items=1)
    flags = (Flag(kind="dose", what="another dose", said="10 mg", meant="5 mg"),)
    replies = tuple(one.model_copy(update={"flags": flags}) for one in report.rivals[0].replies)
    rivals = (report.rivals[0].model_copy(update={"replies": replies}), *report.rivals[1:])
    found = rows(report.model_copy(update={"rivals": rivals}))
    assert found[0]["flags"] == "Needs a look (dose): another dose (“10 mg” here, “5 mg” in the true reply)"
    assert found[1]["flags"] == ""


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " \n =1", "\x00=1", "\x1b[0m=1", "\u202e=1", "＝1", "＠x"]
)
def test_no_text_becomes_a_formula(text):
    assert harmless(text).startswith("'")


@pytest.mark.parametrize("text", ["", "a=1", "5-1", "'=1", "é", "…"])
def test_other_texts_stay_as_they_are(text):
    assert harmless(text) == text


@given(st.text(max_size=40))
def test_no_cell_begins_like_a_formula(text):
    assert not harmless(text).lstrip().startswith(("=", "+", "-", "@"))


def test_negative_figures_stay_figures(make_report):
    report = make_report(items=1)
    reply = report.rivals[0].replies[0]
    reply = reply.model_copy(update={"scores": reply.scores | {"corrected": -0.25}, "log_probability": -1.5})
    rivals = (report.rivals[0].model_copy(update={"replies": (reply,)}), *report.rivals[1:])
    found = rows(report.model_copy(update={"rivals": rivals}))
    assert (found[0]["corrected"], found[0]["log_probability"]) == ("-0.25", "-1.5")
