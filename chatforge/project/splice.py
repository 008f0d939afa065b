"""Put one field into the text of a recipe, or take it out, and leave every other sign where it is.

    text ──compose──► nodes with their places ──► text with one value, one line more or one `#` more

Places come from ruamel.yaml; its own writer is not used, for it moves comments and blank lines when fields are added.
"""

import io
import json
import re
import textwrap
from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from chatforge.recipe.entry import problem_of

_WIDTH = 110
"""Where the lines of a folded text end."""

_BREAK = re.compile("[\n\r\x85\u2028\u2029\ufeff]")
"""What YAML takes for the end of a line, or does not keep."""


class NoPlaceError(Exception):
    """The text is written in a way that has no simple place for the field."""


def put(text: str, field: str, value: object) -> str:
    """Return the text with a field set. A line that has it behind a `#` gets the value; else the block gets a line.

    Raises:
        NoPlaceError: a block in braces, an alias, or no mapping at all.
    """
    block, _, name = field.rpartition(".")
    root = _root(text)
    holder = _value(root, block) if block else root
    if block and _key(root, block) is None:
        return _line_end(text, len(text))[1] + f"{block}:\n  {name}: {one_line(value)}\n"
    found = _value(holder, name)
    if found is not None:
        return _swap(text, found, value, _key(holder, name))
    if shown := _uncommented(text, root, field):
        return put(shown, field, value)
    if isinstance(holder, MappingNode) and holder.value:
        return _grown(text, root, holder, name, value) if block else _top(text, root, f"{name}: {one_line(value)}\n")
    if not block:
        return _top(text, root, f"{name}: {one_line(value)}\n")
    return _begun(text, root, block, f"{name}: {one_line(value)}\n")


def take(text: str, field: str) -> str:
    """Return the text without a field: its line is left behind a `#`, where it can be put back; long values go.

    Raises:
        NoPlaceError: as for `put`.
    """
    block, _, name = field.rpartition(".")
    root = _root(text)
    holder = _value(root, block) if block else root
    key, found = _key(holder, name), _value(holder, name)
    if key is None or found is None:
        return text
    _refuse_flow(holder)
    start = _line_start(text, key.start_mark.index)
    end, _ = _line_end(text, max(_end(text, found), key.end_mark.index))
    line = text[start:end]
    if "\n" in line.rstrip("\n") or isinstance(found, MappingNode):
        return text[:start] + text[end:]
    indent = len(line) - len(line.lstrip(" "))
    return f"{text[:start]}{line[:indent]}# {line[indent:]}{text[end:]}"


def one_line(value: object) -> str:
    """Write a value as YAML that fits in one line."""
    if isinstance(value, str) and _BREAK.search(value):
        return _BREAK.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
    if isinstance(value, list) and any(isinstance(one, dict) for one in value):
        return f"[{', '.join(map(one_line, value))}]"  # ruamel.yaml leaves out the braces of what has one field
    yaml = YAML()
    yaml.width = 1 << 30
    yaml.default_flow_style = isinstance(value, list | dict)  # in brackets
    out = io.StringIO()
    yaml.dump(value if yaml.default_flow_style else {"x": value}, out)
    return out.getvalue().removeprefix("x:").strip(" \n")


def _root(text: str) -> Node | None:
    root: Node | None = YAML(typ="safe", pure=True).compose(text)
    if root is not None and not isinstance(root, MappingNode):
        raise NoPlaceError
    if root is not None:
        _refuse_flow(root)
    return root


def _pairs(holder: Node | None) -> Iterator[tuple[Node, Node]]:
    if isinstance(holder, MappingNode):
        yield from holder.value


def _key(holder: Node | None, name: str) -> Node | None:
    return next((key for key, _ in _pairs(holder) if key.value == name), None)


def _value(holder: Node | None, name: str) -> Node | None:
    return next((value for key, value in _pairs(holder) if key.value == name), None)


def _refuse_flow(holder: Node | None) -> None:
    if isinstance(holder, MappingNode) and holder.flow_style:
        raise NoPlaceError


def _swap(text: str, found: Node, value: object, key: Node | None) -> str:
    """Replace a value."""
    start, end = found.start_mark.index, _end(text, found)
    if key is None or found.anchor or start < key.end_mark.index:
        raise NoPlaceError  # an alias stands for a value that is written elsewhere
    if isinstance(found, ScalarNode) and found.style in (">", "|") and isinstance(value, str):
        return text[:start] + _folded(value, key.start_mark.column + 2) + text[end:]
    if isinstance(found, SequenceNode) and isinstance(value, list) and (listed := _listed(text, found, value)):
        return listed
    between = text[key.end_mark.index : start]
    if "\n" in between:  # a list below its key
        start = key.end_mark.index + 1
    space = "" if text[start - 1 : start].isspace() else " "
    return text[:start] + space + one_line(value) + text[end:]


def _listed(text: str, found: SequenceNode, value: list[Any]) -> str | None:
    """A list with its items below each other: only the lines of one item change; None if more is to be done."""
    items = found.value
    if found.flow_style or not items:
        return None
    old = [_plain(item) for item in items]
    dash = text[_line_start(text, items[-1].start_mark.index) : items[-1].start_mark.index]
    if value[: len(old)] == old and dash.strip() == "-":
        end, before = _line_end(text, _end(text, items[-1]))
        return before + "".join(f"{dash}{one_line(one)}\n" for one in value[len(old) :]) + text[end:]
    for i, item in enumerate(items):
        if value and value == old[:i] + old[i + 1 :]:
            end, _ = _line_end(text, _end(text, item))
            return text[: _line_start(text, item.start_mark.index)] + text[end:]
        if isinstance(item, MappingNode) and value == [*old[:i], *value[i : i + 1], *old[i + 1 :]]:
            return _item(text, item, old[i], value[i])
    return None


def _item(text: str, item: MappingNode, old: dict[str, Any], new: dict[str, Any]) -> str | None:
    """A mapping in a list of which one field is set; None if more is to be done."""
    differing = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    if len(differing) != 1 or differing[0] not in new:
        return None
    (name,) = differing
    if item.flow_style:
        return text[: item.start_mark.index] + one_line(new) + text[item.end_mark.index :]
    if found := _value(item, name):
        return _swap(text, found, new[name], _key(item, name))
    return _grown(text, None, item, name, new[name])


def _plain(node: Node) -> Any:
    """The value of a node."""
    return YAML(typ="safe", pure=True).constructor.construct_object(node, deep=True)


def _folded(value: str, indent: int) -> str:
    lines = textwrap.wrap(value, _WIDTH - indent, break_long_words=False, break_on_hyphens=False)
    if _BREAK.search(value) or " ".join(lines) != value or any(line.startswith("#") for line in lines):
        return one_line(value)
    return ">-\n" + "\n".join(" " * indent + line for line in lines)


def _grown(text: str, root: Node | None, holder: MappingNode, name: str, value: object) -> str:
    """A line more at the end of a block's fields."""
    _refuse_flow(holder)
    key, last = holder.value[-1]
    end, before = _line_end(text, max(_end(text, last), key.end_mark.index))
    indent = " " * holder.value[0][0].start_mark.column
    return f"{before}{indent}{name}: {one_line(value)}\n{text[end:]}"


def _begun(text: str, root: Node | None, block: str, line: str) -> str:
    """The first field of a block that has none."""
    key, empty = _key(root, block), _value(root, block)
    if key is None or not isinstance(empty, ScalarNode) or empty.value not in ("", "null", "~"):
        raise NoPlaceError
    if empty.value:
        text = text[: empty.start_mark.index].rstrip(" ") + text[empty.end_mark.index :]
    end, before = _line_end(text, key.end_mark.index)
    return f"{before}  {line}{text[end:]}"


def _top(text: str, root: Node | None, line: str) -> str:
    """A field outside all blocks: after the last such field, else above the first block and what is said of it."""
    single = [(key, value) for key, value in _pairs(root) if not isinstance(value, MappingNode) and value.value]
    if single:
        end, before = _line_end(text, max(_end(text, single[-1][1]), single[-1][0].end_mark.index))
        return before + line + text[end:]
    first = next(iter(_pairs(root)), None)
    if first is None:
        return _line_end(text, len(text))[1] + line
    at = place = _line_start(text, first[0].start_mark.index)
    while place > 0 and text[_line_start(text, place - 1) :].startswith("#"):
        place = _line_start(text, place - 1)
    at = place if place > 0 else at  # comments at the very top are about the whole file
    return text[:at] + line + text[at:]


def _uncommented(text: str, root: Node | None, field: str) -> str | None:
    """The text with the `#` before a field's own line removed, if there is such a line with a value that can be."""
    block, _, name = field.rpartition(".")
    start, end = _region(text, root, block)
    for found in re.finditer(rf"^([ ]*)# ?({re.escape(name)}:[ ]+\S.*)$", text[start:end], re.MULTILINE):
        indent, rest = found.groups()
        if bool(block) != bool(indent) or not _possible(field, rest):
            continue
        indent = _indent(_value(root, block), indent) if block else ""
        return text[: start + found.start()] + indent + rest + text[start + found.end() :]
    return None


def _possible(field: str, line: str) -> bool:
    try:
        values: Any = YAML(typ="safe", pure=True).load(line)
    except Exception:  # a sentence, not a value
        return False
    return isinstance(values, dict) and problem_of(field, next(iter(values.values()))) is None


def _region(text: str, root: Node | None, block: str) -> tuple[int, int]:
    """From a block's key to the next key at the top."""
    if not block:
        return 0, len(text)
    tops = [key.start_mark.index for key, _ in _pairs(root)]
    key = _key(root, block)
    begin = key.end_mark.index if key else len(text)
    return begin, min((top for top in tops if top > begin), default=len(text))


def _indent(holder: Node | None, commented: str) -> str:
    keys = [key for key, _ in _pairs(holder)]
    return " " * keys[0].start_mark.column if keys else commented


def _end(text: str, node: Node) -> int:
    """Where a value ends: ruamel's marks of blocks reach over the comments behind them."""
    children = node.value if isinstance(node.value, list) and not getattr(node, "flow_style", False) else []
    if children:
        last = children[-1]
        return _end(text, last[1] if isinstance(last, tuple) else last)
    end: int = node.end_mark.index
    if isinstance(node, ScalarNode) and node.style in (">", "|"):
        return len(text[:end].rstrip())
    return end


def _line_start(text: str, at: int) -> int:
    return text.rfind("\n", 0, at) + 1


def _line_end(text: str, at: int) -> tuple[int, str]:
    """Where the line ends that `at` is in, its newline included, and the text so far, a newline at its end."""
    end = text.find("\n", at) + 1 or len(text)
    before = text[:end]
    return end, before if not before or before.endswith("\n") else before + "\n"
