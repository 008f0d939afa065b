"""The head of the page: the verdict, what it means, and what was asked."""

from chatforge.evaluation import wording
from chatforge.evaluation.page.markup import Markup, tag
from chatforge.evaluation.page.tables import paragraphs, points, section
from chatforge.evaluation.report import Report
from chatforge.evaluation.scales import PRIMARY

_KINDS = {"better": "good", "probably better": "good", "worse": "bad", "probably worse": "bad"}
"""Word → class; the sign and the word say the same without colour."""


def verdict(report: Report) -> Markup:
    """Sign, word, sentence, advice, numbers, what to watch; before them the difference that could be seen at all."""
    found = report.verdict
    watch = wording.watch_texts(report)
    return section(
        "verdict",
        "Did training help?",
        tag("p", wording.visible_text(report)),
        tag(
            "div",
            tag("p", f"{found.sign} {found.word}", class_="word"),
            tag("p", found.sentence, class_="sentence"),
            tag("p", found.advice, class_="advice") if found.advice else None,
            tag("p", found.numbers),
            points(watch) if watch else None,
            class_=f"verdict {_KINDS.get(found.word, '')}".strip(),
        ),
    )


def asked(report: Report) -> Markup:
    """What was done, in one paragraph, for a reader who was not there."""
    rivals = len(report.against)
    worth = report.settings.smallest_worthwhile_difference
    return section(
        "asked",
        "What was asked",
        tag(
            "p",
            f"{wording.question_text(report)} The adapted model and {rivals} rivals answered the same messages, and "
            "all were judged in the same way by a small language model that compares meanings "
            f"({report.settings.encoder}); no person and no chat model was the judge. “Adapted” is the model after "
            "training, “base” the same model before. Training is called better only if it beats the best of what you "
            "could have without training by "
            f"{100 * worth:g} points or more, and the 95% interval of the difference lies above zero. "
            f"“{PRIMARY.title.capitalize()}” decides: the same for every run, not chosen by its figures.",
        ),
        paragraphs(f"Note: {note}." for note in report.notes),
    )
