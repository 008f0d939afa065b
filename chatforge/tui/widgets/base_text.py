"""The list of base models, and what is known of one: text only, no screen."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from textual.content import Content

from chatforge.errors import UserError
from chatforge.models.catalog import Entry
from chatforge.models.memory import Fit, usable_bytes
from chatforge.project.bases import Base, Shelf, context_text, size_text, talking_bytes
from chatforge.project.prediction import time_text
from chatforge.project.stages import Status
from chatforge.tui.cells import fit
from chatforge.tui.signs import Signs
from chatforge.words import bytes_text, plain

OTHER_WORDS = Content.styled(
    "A model of your own: a folder with config.json, tokenizer and safetensors, used where it is; a GGUF "
    "file, converted once; or any id of the Hugging Face hub, OWNER/NAME.",
    "$text-muted",
)
"""What is known of a model that stands in no list."""

_FITS_WIDTH = 12
_TAKES_WIDTH = 7
SLOW_HOURS = 8
"""Hours of training from which on a time stands out: longer than a night."""

_GAP = "  "
_LABEL = 9


@dataclass(frozen=True)
class Columns:
    """How wide the list's columns are; `licence` and `context` are left out (0) where there is no room."""

    name: int
    licence: int
    context: int

    @classmethod
    def of(cls, width: int, bases: Sequence[Base]) -> "Columns":
        """Columns for a list of this width."""
        longest = max((cell_len(plain(base.name, one_line=True)) for base in bases), default=20)
        rest = width - 2 - len(_GAP) * 5 - 5 - 7 - 9 - _FITS_WIDTH - _TAKES_WIDTH
        licence = 13 if rest - 15 >= min(longest, 24) else 0
        context = 7 if licence and rest - 15 - 9 >= min(longest, 24) else 0
        taken = (licence + len(_GAP) if licence else 0) + (context + len(_GAP) if context else 0)
        return cls(max(12, min(longest, rest - taken)), licence, context)


def heading(columns: Columns) -> Content:
    """The names of the columns."""
    cells = ["  " + "name".ljust(columns.name), "size".rjust(5), "disk".rjust(7), "here".ljust(9)]
    cells += ["trains here".ljust(_FITS_WIDTH), "takes".ljust(_TAKES_WIDTH)]
    cells += ["licence".ljust(columns.licence)] if columns.licence else []
    cells += ["context".rjust(columns.context)] if columns.context else []
    return Content.styled(_GAP.join(cells), "$text-muted")


def row(base: Base, used: bool, columns: Columns, signs: Signs, seconds: float | None = None) -> Content:
    """One model in one line; `seconds`: how long it would be trained, if that is known."""
    entry = base.entry
    mark = signs.here if used else " "
    word, colour = trains(base, signs)
    seconds = None if too_large(base) else seconds
    here = ("yes" if base.path else "part" if base.part else "no") + (", used" if used else "")
    parts = [
        (f"{mark} ", "$text-accent"),
        (fit(plain(base.name, one_line=True), columns.name, signs.cut), "bold" if used else ""),
        (_GAP + (size_text(entry.parameters) if entry else "?").rjust(5), ""),
        (_GAP + (bytes_text(entry.disk_bytes) if entry else "?").rjust(7), "$text-muted"),
        (_GAP + here.ljust(9), "$text-success" if base.path else "$text-muted"),
        (_GAP + fit(word, _FITS_WIDTH, signs.cut), colour),
        (_GAP + takes(seconds).ljust(_TAKES_WIDTH), "$text-warning" if _is_slow(seconds) else "$text-muted"),
    ]
    if columns.licence:
        licence = plain(entry.licence, one_line=True) if entry else "?"
        parts.append((_GAP + fit(licence, columns.licence, signs.cut), "$text-muted"))
    if columns.context:
        parts.append((_GAP + context_text(entry.context if entry else 0).rjust(columns.context), "$text-muted"))
    return Content.assemble(*parts)


def trains(base: Base, signs: Signs) -> tuple[str, str]:
    """Whether a model can be trained here, in a word with its mark, and the colour of it."""
    no = signs.marks[Status.FAILED]
    if base.problem:
        return f"{no} unusable", "$text-error"
    if not base.fits:
        return "? not known", "$text-muted"
    lora, qlora = base.fits["lora"].verdict, base.fits["qlora"].verdict
    if lora == "fits":
        return f"{signs.yes} fits", "$text-success"
    if lora == "tight":
        return f"{signs.warn} tight", "$text-warning"
    return (f"{signs.warn} 4-bit only", "$text-warning") if qlora != "won't fit" else (f"{no} won't fit", "$text-error")


def takes(seconds: float | None) -> str:
    """A time of training in a few signs: "12 min", "2.5 h", "3 days"; "" if it is not known."""
    if seconds is None:
        return ""
    minutes, hours = max(1, round(seconds / 60)), seconds / 3600
    if minutes < 90:
        return f"{minutes} min"
    return f"{hours:.1f} h" if hours < 10 else f"{hours:.0f} h" if hours < 48 else f"{hours / 24:.0f} days"


def _is_slow(seconds: float | None) -> bool:
    return seconds is not None and seconds > SLOW_HOURS * 3600


def too_large(base: Base) -> bool:
    """Whether a model can be talked with at most, not trained here."""
    return bool(base.fits) and all(found.verdict == "won't fit" for found in base.fits.values())


def about(base: Base, shelf: Shelf, signs: Signs, width: int) -> Content:
    """All that is known of a model, for a pane of this width."""
    entry = base.entry
    title = plain(entry.title if entry else base.name, one_line=True)
    used = "  in use" if shelf.used and shelf.used.name == base.name else ""
    lines = [Content.assemble((title, "bold"), (used, "$text-accent"))]
    if base.problem:
        for problem in base.problem.problems:
            words = plain(f"{signs.marks[Status.FAILED]} {problem.what}", one_line=True)
            lines.append(Content.styled(words, "$text-error"))
            lines += [_line("", problem.hint, width)] if problem.hint else []
        return Content("\n").join(lines)
    lines += [_fit_line(method, found, signs) for method, found in base.fits.items()]
    if base.name in shelf.seconds and not too_large(base):
        lines.append(_time_line(shelf.seconds[base.name]))
    lines += [_line(label, words, width) for label, words in _facts(base, shelf)]
    return Content("\n").join(lines)


def state_words(shelf: Shelf, used: Base, signs: Signs) -> Content:
    """One line: whether all is here that a run needs; `used` is the recipe's base."""
    if used.problem:
        return Content.styled(plain(f"{signs.marks[Status.FAILED]} {told(used.problem)}"), "$text-error")
    if shelf.missing:
        words = f"{signs.marks[Status.READY]} Not here yet: {missing_words(shelf)}. ^n fetches."
        return Content(plain(words))
    if shelf.encoder and shelf.encoder.problem:
        words = f"{signs.marks[Status.FAILED]} encoder: {told(shelf.encoder.problem)}"
        return Content.styled(plain(words), "$text-error")
    words = f"{signs.yes} Ready: the base and the encoder that judges it are on this machine."
    return Content.styled(words, "$text-success")


def told(error: UserError) -> str:
    """What is wrong and what to do, without the places in files that only a shell's user needs."""
    return "\n".join(f"{p.what}\n  {p.hint}" if p.hint else p.what for p in error.problems)


def missing_words(shelf: Shelf) -> str:
    """What has to be fetched and how much that is: "smollm2-135m-instruct and its encoder, 190 MB"."""
    names = ["its encoder" if base == shelf.encoder else base.name for base in shelf.missing]
    if names == ["its encoder"]:
        names = [f"the encoder {shelf.missing[0].name}"]
    size = download_text(shelf.missing)
    return " and ".join(names) + (f", {size}" if size else "")


def download_text(missing: Sequence[Base]) -> str:
    """The size of all that has to be fetched; empty if somebody must be asked first."""
    known = [base.entry.download_bytes for base in missing if base.entry]
    return bytes_text(sum(known)) if known and len(known) == len(missing) else ""


def _facts(base: Base, shelf: Shelf) -> list[tuple[str, str]]:
    """Label and words of what is known, in order."""
    entry = base.entry
    if entry is None and base.path is None:
        return [("here", "no; its size is asked for, and said, when it is fetched")]
    here = [("here", f"{base.path}")] if base.path else []
    if entry is None:
        return [*here, ("size", "not known: its config.json does not say enough")]
    talk = [("talk", _talk_words(entry, shelf))] if too_large(base) else []
    if not here:
        part = "the rest of " if base.part else ""
        room = f"needs {bytes_text(entry.peak_bytes)} of disk, {bytes_text(shelf.free_bytes)} are free"
        here = [("fetch", f"{part}{bytes_text(entry.download_bytes)}; {room}")]
    gate = {True: ", gated: sign on its page, then `hf auth login`", None: ", the hub may ask for an account"}
    terms = f"{entry.licence}{gate.get(entry.gated, '')}; reads {entry.context or '?'} tokens"
    rows = [*talk, *here, ("source", _origin(entry.origin)), ("licence", terms)]
    return [*rows, ("note", entry.note)] if entry.note else rows


def _origin(origin: tuple[str, str]) -> str:
    scheme, rest = origin
    places = {"wheel": f"a package index, {rest}", "hub": f"the Hugging Face hub, {rest}"}
    return places.get(scheme, f"{scheme} {rest}")


def _talk_words(entry: Entry, shelf: Shelf) -> str:
    need = talking_bytes(entry)
    room, place = usable_bytes(shelf.machine)
    if need > room:
        return f"needs about {bytes_text(need)} even for that; {place} has {bytes_text(room)} usable"
    return f"you can still talk with it: that needs about {bytes_text(need)}"


def _fit_line(method: str, found: Fit, signs: Signs) -> Content:
    mark, colour = {
        "fits": (signs.yes, "$text-success"), "tight": (signs.warn, "$text-warning"),
    }.get(found.verdict, (signs.marks[Status.FAILED], "$text-error"))  # fmt: skip
    verdict = (f"{mark} {found.verdict}", colour)
    return Content.assemble((method.ljust(_LABEL), "$text-muted"), verdict, f": {plain(found.why, one_line=True)}")


def _time_line(seconds: float) -> Content:
    slow = ("very slow here: ", "$text-warning") if _is_slow(seconds) else ("", "")
    return Content.assemble(("time".ljust(_LABEL), "$text-muted"), slow, f"{time_text(seconds)} to train this recipe")


def _line(label: str, words: str, width: int) -> Content:
    """A label, and words that are wrapped beside it."""
    wrapped = textwrap.wrap(plain(words, one_line=True), max(20, width - _LABEL)) or [""]
    return Content.assemble((label.ljust(_LABEL), "$text-muted"), ("\n" + " " * _LABEL).join(wrapped))
