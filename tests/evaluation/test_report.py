import json

import pytest

from chatforge.errors import UserError
from chatforge.evaluation.report import Report, read
from chatforge.evaluation.wording import visible_text


def test_it_is_read_as_it_was_written_and_later_fields_do_no_harm(make_report, tmp_path):
    content = make_report().to_json() | {"from_the_future": 1}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(content))
    assert read(path) == make_report()


def test_the_best_untrained_rival_is_the_first_of_the_best(make_report):
    report = make_report()
    assert report.best_untrained.rival == "base"
    rivals = tuple(
        r.model_copy(update={"scores": report.rival("adapted").scores}) if r.name == "parrot" else r
        for r in report.rivals
    )
    assert report.model_copy(update={"rivals": rivals}).best_untrained.rival == "parrot"


def test_a_rival_that_was_trained_is_never_the_bar(make_report):
    report = make_report(gain=0.3)
    helped = report.rival("adapted").model_copy(update={"name": "adapted + 2 examples"})
    against = report.against[0].model_copy(update={"rival": helped.name})
    report = report.model_copy(update={"rivals": (*report.rivals, helped), "against": (against, *report.against)})
    assert report.best_untrained.rival == "base"
    assert "against base, the best untrained rival" in visible_text(report)


@pytest.mark.parametrize(
    ("content", "words"),
    [(None, "no report yet"), ("", "cannot be read"), ("{", "cannot be read"), ('{"version": 1}', "cannot be read")],
)
def test_a_report_that_cannot_be_read_says_what_to_do(tmp_path, content, words):
    path = tmp_path / "report.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(UserError, match=words) as caught:
        read(path)
    assert "chatforge evaluate" in str(caught.value)


def test_a_missing_field_is_named(make_report, tmp_path):
    content = make_report().to_json()
    del content["verdict"]["word"]
    path = tmp_path / "report.json"
    path.write_text(json.dumps(content))
    with pytest.raises(UserError) as caught:
        read(path)
    assert caught.value.problems[0].field == "verdict.word"
    assert Report.model_fields["version"].default == 2
