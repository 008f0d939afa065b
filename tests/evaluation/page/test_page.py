"""One file, nothing fetched, nothing run, every part that the report has, and foreign text is only ever text."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from chatforge.evaluation import wording
from chatforge.evaluation.memorisation.wording import memory_texts
from chatforge.evaluation.page import page
from chatforge.evaluation.report import Report

SECTIONS = (
    "verdict", "asked", "rivals", "differences", "intents", "similarity", "sureness", "likelihood", "replies", "probes",
    "memory", "data", "checks", "limits", "settings", "again",
)  # fmt: skip

HOSTILE = {
    "closing": "</title></style></svg><script>alert(1)</script>",
    "attribute": "\"' onload=alert(1) x='",
    "image": "<img src=https://example.org/x.png onerror=alert(1)>",
    "comment": "<!-- --><![CDATA[ ]]><?php ?>",
    "entity": "&lt;script&gt; &amp; &#60;",
    "direction": "\u202egnol \u2066a\u2069 \u200f",
    "escape": "\x1b[31mred\x1b[0m \x1b]0;title\x07\x9b31m\x00\x08",
    "endless": "word " * 2_000,
    "unbroken": "w" * 10_000,
    "nothing": "",
    "emoji": "🙂👩‍👩‍👧 日本語 العربية",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_foreign_text_stays_text(whole_report: Callable[[str], Report], read_page: Callable[[Report], Any], text: str):
    whole = page(whole_report(text))
    found = read_page(whole_report(text))
    names = {name for name, _ in found.elements}
    assert not names & {"script", "img", "iframe", "object", "embed", "link", "base", "form", "use", "image"}
    assert all(link.startswith("#") for link in found.links)
    assert not any(name.startswith("on") or name == "style" for _, attributes in found.elements for name in attributes)
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200e\u200f]", whole)
    assert len(whole) < 1_000_000


def test_what_is_foreign_is_there_as_it_was_written(whole_report, read_page):
    text = HOSTILE["closing"]
    assert text in read_page(whole_report(text)).text


def test_nothing_may_be_fetched_and_only_its_own_style_is_used(make_report, read_page):
    whole = page(make_report())
    style = re.search("<style>(.*?)</style>", whole, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(one["content"] for one in read_page(make_report()).all("meta") if one.get("http-equiv"))
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "://" not in whole
    assert "url(" not in style and "@import" not in style


def test_every_part_stands_in_its_place_and_can_be_linked(whole_report, read_page):
    found = read_page(whole_report("a"))
    assert tuple(name for name in found.ids if name in SECTIONS) == SECTIONS
    assert len(set(found.ids)) == len(found.ids)
    assert {link[1:] for link in found.links} <= set(found.ids)


def test_what_a_report_lacks_is_left_out(make_report, read_page):
    report = make_report(items=1).model_copy(update={"bits_per_byte": None})
    found = read_page(report)
    gone = {"intents", "sureness", "likelihood", "probes", "memory"}
    assert tuple(name for name in found.ids if name in SECTIONS) == tuple(name for name in SECTIONS if name not in gone)


def test_it_says_what_every_other_screen_says(whole_report, read_page):
    report = whole_report("a")
    text = read_page(report).text
    said = [
        wording.visible_text(report), report.verdict.sentence, report.verdict.numbers, wording.question_text(report),
        f"{report.verdict.sign} {report.verdict.word}", *wording.overlap_texts(report.overlap),
        *wording.bits_texts(report.bits_per_byte), *map(wording.check_text, report.checks),
        *map(wording.calibration_text, report.calibration), *memory_texts(report.memorisation),
    ]  # fmt: skip
    for sentence in said:
        assert " ".join(sentence.split()) in text
    assert text.index("Smallest difference") < text.index(report.verdict.sentence)


def test_a_verdict_has_sign_word_and_class(make_report, read_page):
    for gain, kind in ((0.12, "verdict good"), (-0.12, "verdict bad")):
        report = make_report(gain)
        found = read_page(report)
        assert found.all("div", kind)
        assert f"{report.verdict.sign} {report.verdict.word}" in found.text
    failed = read_page(make_report(failures=("it is broken",)))
    assert failed.all("div", "verdict")
    assert failed.all("span", "failed")


def test_a_conversation_is_shown_once_and_linked_after(whole_report, read_page):
    found = read_page(whole_report("a"))
    cases = [one for one in found.ids if one.startswith("case-")]
    assert len(cases) == len(set(cases)) == 8
    assert "Shown above:" in found.text


def test_differences_are_marked_by_sign_and_line_not_by_colour_alone(whole_report, read_page):
    report = whole_report("a")
    items = tuple(item.model_copy(update={"reference": "It takes 15 days at most."}) for item in report.items)
    replies = tuple(
        reply.model_copy(update={"reply": "It takes 5 days at most."}) for reply in report.rivals[0].replies
    )
    rivals = (report.rivals[0].model_copy(update={"replies": replies}), *report.rivals[1:])
    whole = page(report.model_copy(update={"items": items, "rivals": rivals}))
    assert "It takes <del>15</del> <ins>5</ins> days at most." in whole
    assert 'ins::before { content: "+"; }' in whole
    assert 'del::before { content: "−"; }' in whole


def test_a_reply_that_is_the_true_one_has_no_differences_to_show(whole_report, read_page):
    found = read_page(whole_report("It takes 15 days."))
    assert "Word for word the true reply." in found.text
    assert not found.all("details")


def said_by(report, reference, reply):
    """The same with this true reply everywhere, and this reply of every rival."""
    items = tuple(item.model_copy(update={"reference": reference}) for item in report.items)
    rivals = tuple(
        one.model_copy(update={"replies": tuple(r.model_copy(update={"reply": reply}) for r in one.replies)})
        for one in report.rivals
    )
    return report.model_copy(update={"items": items, "rivals": rivals})


def test_texts_are_compared_whole_and_cut_for_the_eye(whole_report, read_page):
    begin = "so many words " * 400
    found = read_page(said_by(whole_report("a"), f"{begin}and five days", f"{begin}and six weeks"))
    assert "Word for word the true reply." not in found.text
    assert "Word by word: 99% of the words are the same" in found.text
    assert "more characters)" in found.text


@pytest.mark.parametrize("reply", ["", "  ", "\x1b[0m"])
def test_an_empty_reply_has_no_differences_to_show(whole_report, read_page, reply):
    found = read_page(said_by(whole_report("a"), "It takes 15 days.", reply))
    assert "(nothing)" in found.text
    assert not found.all("details") and "Word by word:" not in found.text


def test_what_decides_is_not_said_to_be_chosen_blindly(whole_report, read_page):
    assert "decides: the same for every run, not chosen by its figures" in read_page(whole_report("a")).text


def test_where_files_lay_is_not_told(whole_report):
    assert "/home/me" not in page(whole_report("a"))


@pytest.mark.long
def test_a_real_evaluation(judge_run, make_models, read_page):
    report, _ = judge_run(make_models(0.02), rivals=())
    found = read_page(report)
    assert report.verdict.sentence in found.text
    assert len([one for one in found.ids if one.startswith("case-")]) >= 10


def test_it_does_not_say_that_nothing_was_sent_where_an_endpoint_was_asked(make_report, read_page):
    report = make_report()
    asked = report.rivals[1].model_copy(update={"name": "endpoint big"})
    assert "nothing was sent anywhere" in read_page(report).text
    text = read_page(report.model_copy(update={"rivals": (*report.rivals, asked)})).text
    assert "nothing was sent anywhere" not in text
    assert "were sent to the endpoints" in text
