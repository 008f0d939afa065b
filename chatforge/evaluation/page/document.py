"""The page as a whole."""

import base64
import hashlib
from collections.abc import Callable
from importlib import resources

from chatforge.evaluation.page import comparison, costs, head, trust
from chatforge.evaluation.page.markup import Markup, joined, tag
from chatforge.evaluation.page.replies import replies
from chatforge.evaluation.report import Report
from chatforge.evaluation.rivals import ENDPOINT

FILE = "report.html"

Part = Callable[[Report], Markup | None]

_PARTS: tuple[tuple[str, str, Part], ...] = (
    ("verdict", "Verdict", head.verdict),
    ("asked", "What was asked", head.asked),
    ("rivals", "Rivals", comparison.rivals),
    ("differences", "Differences", comparison.differences),
    ("intents", "Intents", comparison.intents),
    ("similarity", "Similarity", comparison.similarity),
    ("sureness", "Sureness", comparison.sureness),
    ("likelihood", "Bits per byte", comparison.likelihood),
    ("replies", "Replies", replies),
    ("probes", "Safety", costs.probes),
    ("memory", "Memory", costs.memory),
    ("data", "Data", trust.data),
    ("checks", "Self-check", trust.checks),
    ("limits", "Limits", trust.limits),
    ("settings", "Settings", trust.settings),
    ("again", "Again", trust.again),
)
"""Name of the section, its word in the list of links, what makes it; one that makes nothing is left out."""


def page(report: Report) -> str:
    """Return a report as one HTML file."""
    run = report.facts.get("run")
    title = f"Evaluation of {run}" if isinstance(run, str) and run else "Evaluation"
    found = [(name, word, made) for name, word, make in _PARTS if (made := make(report))]
    links = tag("ul", *(tag("li", tag("a", word, href=f"#{name}")) for name, word, _ in found))
    body = tag(
        "body",
        tag(
            "header",
            tag("h1", title),
            tag("p", _made(report), class_="note"),
        ),
        tag("nav", links, aria_label="Sections"),
        tag("main", *(made for _, _, made in found)),
    )
    return f"<!DOCTYPE html>\n{tag('html', _head(title), body, lang='en')}\n"


def _made(report: Report) -> str:
    """Where the report was made, and whether anything was sent to others for it."""
    if any(rival.name.startswith(ENDPOINT) for rival in report.rivals):
        return "Made by ChatForge. The held-out conversations were sent to the endpoints that are among the rivals."
    return "Made by ChatForge on this machine; nothing was sent anywhere."


def _head(title: str) -> Markup:
    css = (resources.files(__package__) / "page.css").read_text(encoding="utf-8")
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=_policy(css)),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("title", title),
        joined((tag("style", Markup(css)),)),
    )


def _policy(css: str) -> str:
    """Nothing may be fetched, run, sent or framed; the one style that may be used is known by its hash."""
    digest = base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
