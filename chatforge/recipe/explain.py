"""Shows a resolved recipe: every value, where it came from and why, readable in 80 columns."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console, ConsoleRenderable, Group
from rich.table import Table
from rich.text import Text

from chatforge.recipe.batches import Facts
from chatforge.recipe.files import LoadedRecipe
from chatforge.recipe.resolved import Resolved, Row
from chatforge.recipe.schema import BLOCKS, Recipe, block_fields

_LONGEST_VALUE = 60


def explain(loaded: LoadedRecipe, resolved: Resolved, facts: Facts) -> ConsoleRenderable:
    """Return the whole explanation: what it was resolved for, notes, and one table per block."""
    parts: list[ConsoleRenderable] = [
        Text(facts_sentence(facts)),
        *(Text(f"note: {_harmless(note)}") for note in loaded.notes),
    ]
    folder = loaded.path.parent
    for block in ("", *BLOCKS):
        rows = [row for row in resolved.rows() if row.field.rpartition(".")[0] == block]
        if rows:
            parts += [Text(""), _table(block, rows, folder)]
    return Group(*parts)


def explain_json(loaded: LoadedRecipe, resolved: Resolved, facts: Facts) -> dict[str, Any]:
    """Return the same as plain values: {"recipe", "facts", "notes", "fields": [{field, value, source, why, …}]}."""
    return {
        "version": 1,
        "recipe": str(loaded.path),
        "facts": {
            "parameters": facts.parameters,
            "conversations": facts.conversations,
            "tokens": facts.tokens,
            "beside": facts.beside,
            "cores": facts.cores,
            "ram_bytes": facts.ram_bytes,
            "gpu_bytes": facts.gpu_bytes,
        },
        "notes": loaded.notes,
        "fields": [row._asdict() for row in resolved.rows()],
    }


def facts_sentence(facts: Facts) -> str:
    """Say in one sentence what the values were chosen for."""
    size = f"{_short(facts.parameters)} parameters" if facts.parameters else "a base of unknown size"
    number = facts.conversations
    data = "data not counted" if number is None else f"{number:,} conversations in train"
    tokens = f" (about {_short(facts.tokens)} tokens)" if facts.tokens else ""
    beside = f" and {facts.beside:,} beside it" if facts.beside else ""
    cores = f"{facts.cores} core{'s' if facts.cores != 1 else ''}"
    gpu = f"a GPU with {_gigabytes(facts.gpu_bytes)}" if facts.gpu_bytes is not None else "no GPU"
    return f"Chosen for {size}, {data}{tokens}{beside}, {cores}, {_gigabytes(facts.ram_bytes)} of memory, {gpu}."


def print_explanation(console: Console, loaded: LoadedRecipe, resolved: Resolved, facts: Facts) -> None:
    """Print `explain`'s result."""
    console.print(explain(loaded, resolved, facts))


def fields_markdown() -> str:
    """Return every field of a recipe with its sentence and default, as markdown tables."""
    return "\n".join(_markdown_lines()) + "\n"


def _markdown_lines() -> Iterator[str]:
    for block in ("", *BLOCKS):
        fields = block_fields(block)
        if not fields:
            continue
        about = Recipe.model_fields[block].description if block else "At the top of the file."
        yield from ([] if not block else [""])
        yield from (f"## {f'`{block}`' if block else 'Recipe'}", "", about or "", "")
        yield from ("| field | default | what it is |", "|---|---|---|")
        for name, info in fields.items():
            default = "required" if info.is_required() else _default(info.default)
            yield f"| `{name}` | {default} | {info.description} |"


def _default(value: object) -> str:
    if value is None:
        return "chosen"
    return f"`{shown(value)}`"


def shown(value: object, folder: Path | None = None) -> str:
    """Write a value as a recipe would, paths relative to `folder` where they are inside or beside it."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(shown(item, folder) for item in value) or "none"
    if isinstance(value, dict):
        said = (f"{key}: {shown(item, folder)}" for key, item in value.items() if item not in (None, {}))
        return f"{{{', '.join(said)}}}"
    if isinstance(value, float):
        return f"{value:g}"
    text = _harmless(str(value))
    return _relative(text, folder) if folder else text


def _harmless(text: str) -> str:
    """Text without what could steer a terminal: a recipe may come from somebody else."""
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _relative(text: str, folder: Path) -> str:
    path = Path(text)
    if not path.is_absolute():
        return text
    for base, prefix in ((folder, ""), (folder.parent, "../")):
        if path.is_relative_to(base) and base != base.parent:
            return prefix + str(path.relative_to(base))
    return text


def _shortened(text: str) -> str:
    words = text.split()
    flat = " ".join(words)
    return flat if len(flat) <= _LONGEST_VALUE else f"{flat[: _LONGEST_VALUE - 12].rstrip()}… ({len(words)} words)"


def _value(row: Row, folder: Path) -> str:
    if row.field == "evaluation.conversations" and row.value is None:
        return "all"
    text = shown(row.value, folder)
    return _shortened(text) if row.field == "data.system" else text


def _table(block: str, rows: list[Row], folder: Path) -> Table:
    # Widths leave the longest names and the four sources whole; values and reasons wrap.
    table = Table(box=None, padding=(0, 1, 0, 0), show_header=True, header_style="bold", pad_edge=False)
    table.add_column(block or "recipe", width=30, overflow="fold")
    table.add_column("value", width=21, overflow="fold")
    table.add_column("from", width=7)
    table.add_column("why", overflow="fold", ratio=1)
    for row in rows:
        styles = {"recipe": "bold", "machine": "cyan"}
        name = Text(row.field.rpartition(".")[2])
        table.add_row(name, Text(_value(row, folder)), Text(row.source, styles.get(row.source, "dim")), Text(row.why))
    return table


def _gigabytes(number: int) -> str:
    return f"{number / 1e9:.1f} GB"


def _short(number: int | None) -> str:
    """134515008 → "135M"."""
    value = float(number or 0)
    for limit, sign in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if value >= limit:
            return f"{value / limit:.3g}{sign}"
    return f"{value:.0f}"
