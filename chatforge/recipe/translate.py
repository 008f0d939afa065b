"""Rewrites a recipe in other tools' words into ours, keeping line numbers and noting every change."""

from dataclasses import dataclass, field
from pathlib import Path

from chatforge.errors import Problem, UserError
from chatforge.recipe.aliases import (
    ALIASES,
    BLOCK_ALIASES,
    CONVERSIONS,
    LOOSE_METHODS,
    SHORT_BLOCKS,
    UNUSED,
    Fields,
)
from chatforge.recipe.problems import line_of
from chatforge.recipe.schema import BLOCKS, block_fields, iter_fields
from chatforge.recipe.text import Parsed


@dataclass
class Translated:
    """A recipe in our words.

    `lines` is by our field names; `spelled` says which word the file used where it was another one.
    """

    values: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    spelled: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def translate(parsed: Parsed, path: Path) -> Translated:
    """Return the recipe in our words; never raises, problems are collected."""
    work = _Translation(parsed, path)
    for key, value in parsed.values.items():
        work.top(key, value)
    work.settle_method()
    return work.out


def _homes() -> dict[str, str]:
    """Bare field name → dotted name, for names that only one block has (and `seed`, which is training's)."""
    found: dict[str, list[str]] = {}
    for dotted, _ in iter_fields():
        if "." in dotted:
            found.setdefault(dotted.split(".")[1], []).append(dotted)
    homes = {name: places[0] for name, places in found.items() if len(places) == 1}
    return homes | {"seed": "training.seed"}


def _show(value: object) -> str:
    text = {True: "true", False: "false", None: "null"}.get(value) if isinstance(value, bool | None) else None
    shown = text or str(value)
    return shown if len(shown) <= 40 else shown[:39] + "…"


class _Translation:
    def __init__(self, parsed: Parsed, path: Path) -> None:
        self.parsed, self.path, self.out = parsed, path, Translated()
        self._homes = _homes()

    def top(self, key: str, value: object) -> None:
        """One field or block at the top level."""
        block = key if key in BLOCKS else BLOCK_ALIASES.get(key)
        if block and isinstance(value, dict):
            if block != key:
                self._note(key, f"block `{key}` read as `{block}`")
            self._block(block, key, value)
        elif key in BLOCKS and value is None:
            self.out.lines[key] = self.parsed.lines[key]  # an empty block: everything in it is unset
        elif key in SHORT_BLOCKS:
            self._convert(key, {SHORT_BLOCKS[key]: value}, value)
        elif key not in block_fields("") and self._foreign(key, key, value):
            pass
        elif "." in key and key.partition(".")[0] in BLOCKS:
            self._note(key, f"`{key}` read as the field `{key.partition('.')[2]}` of block `{key.partition('.')[0]}`")
            self._put(key, value, key)
        elif key in self._homes and key not in block_fields(""):
            self._convert(key, {self._homes[key]: value}, value)
        else:
            self._put(key, value, key)

    def _block(self, block: str, written: str, values: dict[str, object]) -> None:
        self.out.lines.setdefault(block, self.parsed.lines[written])
        own = block_fields(block)
        self.out.values.setdefault(block, {})
        for key, value in values.items():
            source = f"{written}.{key}"
            if key in own or not self._foreign(source, key, value, block):
                self._put(f"{block}.{key}", value, source)

    def _foreign(self, source: str, key: str, value: object, block: str = "") -> bool:
        """Translate a word of another tool; False if it is none (here: in this block)."""
        if key in UNUSED and (not block or block in ("training", "adaptation", "data", "model")):
            self._unused(source, key, value)
            return True
        if key in CONVERSIONS:
            return self._try_conversion(source, key, value, block)
        if key in ALIASES and (not block or ALIASES[key].startswith(f"{block}.")):
            self._convert(source, {ALIASES[key]: value}, value)
            return True
        return False

    def _try_conversion(self, source: str, key: str, value: object, block: str) -> bool:
        try:
            fields = CONVERSIONS[key](value)
        except UserError as refusal:
            self._problem(source, refusal.problems[0].what, refusal.problems[0].hint)
            return True
        if block and not all(name.startswith(f"{block}.") for name in fields):
            return False
        self._convert(source, fields, value)
        return True

    def _unused(self, source: str, key: str, value: object) -> None:
        why, harmless = UNUSED[key]
        if harmless is None or any(value is item or (value == item and type(value) is type(item)) for item in harmless):
            self._note(source, f"`{source}` is not used: {why}")
        else:
            self._problem(source, f"`{_show(value)}` is not offered", why)

    def _convert(self, source: str, fields: Fields, value: object) -> None:
        if not fields:
            self._note(source, f"`{source}: {_show(value)}` changes nothing")
        for name, converted in fields.items():
            self._note(source, f"`{source}: {_show(value)}` read as `{name}: {_show(converted)}`")
            self._put(name, converted, source)

    def _put(self, name: str, value: object, source: str) -> None:
        """Set one of our fields; the same field given twice must say the same; an empty one stays unset."""
        line = self.parsed.lines[source]
        if value is None:
            self._note(source, f"`{source}` is empty, so it counts as not set")
            return
        target = self.out.values
        block, _, leaf = name.rpartition(".")
        if block:
            inner = target.setdefault(block, {})
            if not isinstance(inner, dict):
                return
            target = inner
        if leaf in target:
            self._twice(name, target[leaf], value, source)
            return
        target[leaf] = value
        self.out.lines[name] = line
        if name != source:
            self.out.spelled[name] = source
        for number in range(len(value) if isinstance(value, list) else 0):
            self.out.lines[f"{name}.{number}"] = self.parsed.lines.get(f"{source}.{number}", line)
        inside = {place: at for place, at in self.parsed.lines.items() if place.startswith(f"{source}.")}
        self.out.lines |= {name + place.removeprefix(source): at for place, at in inside.items()}

    def _twice(self, name: str, first: object, second: object, source: str) -> None:
        if first == second:
            return
        self._problem(
            source,
            f"says `{_show(second)}`, but `{self.out.spelled.get(name, name)}` on line {line_of(name, self.out.lines)} "
            f"says `{_show(first)}`; both mean `{name}`",
            "keep one of the two",
        )

    def settle_method(self) -> None:
        """`finetuning_type: lora` with `quantization_bit: 4` is what is called qlora here."""
        block = self.out.values.get("adaptation")
        if not isinstance(block, dict) or block.get("load_in_4bit") is not True:
            return
        word = self.out.spelled.get("adaptation.method", "").rpartition(".")[2]
        unsaid = "method" not in block and "adaptation.load_in_4bit" in self.out.spelled
        if unsaid or (word in LOOSE_METHODS and block["method"] == "lora"):
            block["method"] = "qlora"
            source = self.out.spelled.get("adaptation.load_in_4bit", "adaptation.load_in_4bit")
            self.out.lines.setdefault("adaptation.method", self.parsed.lines[source])
            self.out.spelled.setdefault("adaptation.method", source)
            self._note(source, "lora on a 4-bit base read as `adaptation.method: qlora`")

    def _note(self, source: str, text: str) -> None:
        self.out.notes.append(f"line {self.parsed.lines[source]}: {text}")

    def _problem(self, source: str, what: str, hint: str | None) -> None:
        self.out.problems.append(Problem(what, self.path, self.parsed.lines[source], source, hint))
