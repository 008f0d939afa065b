"""What the doctor found in a project's data, in words. Pure."""

from textual.content import Content

from chatforge.dialogues.checks.finding import SEVERITIES, Severity
from chatforge.project.diagnosis import IN_TRAIN, PERSONAL, Diagnosis, Kind, Place
from chatforge.tui.cells import fit
from chatforge.tui.signs import Signs
from chatforge.words import plain

WORDS: dict[Severity, str] = {"error": "error", "warning": "warning", "hint": "remark"}
"""What levels are called in front of people."""

STYLES: dict[Severity, str] = {"error": "$text-error", "warning": "$text-warning", "hint": "$text-muted"}

PLACES = 3
"""How many places the list shows of a kind."""


def summary(known: Diagnosis | None, signs: Signs) -> Content:
    """All in one line: how far the check is, or what it found."""
    if known is None:
        return Content("")
    if known.kinds is None and not known.problem:
        return Content.styled(f"checking the conversations{_so_far(known)}", "$text-muted")
    found = _counts(known)
    if known.problem:
        found.append((f"the check broke off: {plain(known.problem, one_line=True)}", "$text-error"))
    elif known.looking:
        found.append((f"looking for {known.looking}{_so_far(known)}", "$text-muted"))
    elif not found:
        return Content.styled(f"{signs.yes} the check found nothing wrong", "$text-muted")
    parts = [part for one in found for part in (one, (", ", "$text-muted"))][:-1]
    return Content.assemble(*parts)


def _so_far(known: Diagnosis) -> str:
    return f": {known.done:,} done" if known.done else ""


def _counts(known: Diagnosis) -> list[tuple[str, str]]:
    found = [(known.count(level), level) for level in SEVERITIES]
    told = [(f"{n:,} {WORDS[level]}{'s' if n != 1 else ''}", STYLES[level]) for n, level in found if n]
    in_train = [
        (f"{kind.count:,} of {kind.id.removeprefix(IN_TRAIN)} in train, too", STYLES[kind.severity])
        for kind in known.kinds or ()
        if kind.id.startswith(IN_TRAIN)
    ]
    personal = known.kind(PERSONAL)
    return [*in_train, *told, *([(personal.title, STYLES[personal.severity])] if personal else [])]


def row(kind: Kind, width: int, signs: Signs) -> Content:
    """One kind as a line of the list."""
    level = "privacy" if kind.id == PERSONAL else WORDS[kind.severity]
    title = fit(kind.title, max(10, width - 20), signs.cut)
    return Content.assemble((f"{level:<9}", STYLES[kind.severity]), f"{title}  ", (f"{kind.count:>7,}", "bold"))


def about(kind: Kind, signs: Signs) -> Content:
    """What a kind means, what can be done about it, and the first places."""
    mend = f"in a mended copy {kind.mend}" if kind.mended else kind.mend
    lines = [
        Content(kind.why),
        Content.styled(f"{signs.yes} {mend}" if mend else "Only a person can say what is right.", "$text-muted"),
        *(Content.assemble((f"{where(place)}  ", "bold"), _what(place)) for place in kind.places[:PLACES]),
    ]
    return Content("\n").join(lines)


def followed(kind: Kind, at: int) -> Content:
    """One of the places that are gone through, and which of them it is."""
    place, many = kind.places[at], len(kind.places)
    listed = f"{many:,}" if many == kind.count else f"the first {many:,}"
    title = "in train, too" if kind.id.startswith(IN_TRAIN) else kind.title
    head = f"{title}, {at + 1:,} of {listed}: "
    return Content.assemble((head, STYLES[kind.severity]), (f"{where(place)}  ", "bold"), _what(place))


def where(place: Place) -> str:
    """Where something was found."""
    turn = f", message {place.turn}" if place.turn else ""
    return plain(f"{place.file.name}:{place.line}{turn}", one_line=True)


def _what(place: Place) -> str:
    return plain(place.what[:500], one_line=True)
