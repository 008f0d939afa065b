"""YAML text → plain values, and the line on which every field stands.

Works on ruamel's node tree rather than on its objects: only the tree shows *all* duplicate keys with their lines,
and nothing in it can build a Python object.
"""

from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from chatforge.errors import Problem, UserError, did_you_mean

LARGEST_BYTES = 1_000_000
_DATA_ENDINGS = (".jsonl", ".csv", ".tsv", ".parquet")
_PLAIN_TAG = "tag:yaml.org,2002:"


@dataclass
class Parsed:
    """A recipe as plain dicts, lists and scalars.

    `lines` maps "training.learning_rate" to its line (from 1), list items as "data.train.0".
    """

    values: dict[str, object] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_text(path: Path) -> str:
    """Read a recipe file as UTF-8 text.

    Raises:
        UserError: no such file, a folder, too large, binary, or another encoding.
    """
    if not path.exists():
        raise UserError("there is no such file", file=path, hint=_sibling_hint(path))
    if not path.is_file():
        raise UserError("this is a folder, not a recipe", file=path, hint="name the recipe.yaml inside it")
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UserError(f"cannot be read: {error.strerror}", file=path, hint="check its permissions") from None
    if len(raw) > LARGEST_BYTES:
        raise UserError(
            f"is {len(raw):,} bytes long; a recipe is a short text file", file=path, hint="is it a data file?"
        )
    if path.suffix in _DATA_ENDINGS and raw.strip():
        hint = f"write a recipe for it: chatforge recipe new my.yaml --train {path.name}"
        raise UserError("this is a data file, not a recipe", file=path, hint=hint)
    return _decode(raw, path)


def _decode(raw: bytes, path: Path) -> str:
    utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in raw and not utf16:
        raise UserError("is not a text file (it has zero bytes)", file=path, hint="name a .yaml file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            "is not UTF-8 text" + (" (it looks like UTF-16)" if utf16 else ""),
            file=path,
            line=raw[: error.start].count(b"\n") + 1,
            hint="save it again with the encoding UTF-8",
        ) from None


def _sibling_hint(path: Path) -> str | None:
    folder = path.parent
    names = [entry.name for entry in folder.glob("*.y*ml")] if folder.is_dir() else []
    return did_you_mean(path.name, names) or "write one with `chatforge recipe new FILE`"


def parse(text: str, path: Path) -> Parsed:
    """Parse YAML; duplicate keys and odd tags are collected in `problems`.

    Raises:
        UserError: the text is not YAML, empty, or not a mapping at the top.
    """
    try:
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise _syntax_error(error, path) from None
    except YAMLError as error:
        raise UserError(f"is not valid YAML: {_one_line(error)}", file=path) from None
    except RecursionError:
        raise UserError("is nested too deeply to be a recipe", file=path) from None
    if root is None:
        raise UserError("is empty", file=path, hint="write one with `chatforge recipe new FILE`")
    if not isinstance(root, MappingNode):
        raise UserError(
            "should start with fields such as `preset: balanced`, not with a list or bare text",
            file=path,
            line=root.start_mark.line + 1,
            hint="see `chatforge recipe fields`",
        )
    walker = _Walker(path)
    walker.parsed.values = walker.mapping(root, "")
    return walker.parsed


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]


def _syntax_error(error: MarkedYAMLError, path: Path) -> UserError:
    what = str(error.problem or error.context or "cannot be parsed")
    hint = None
    if "\\t" in what:
        what, hint = "a tab is used for indentation", "use spaces; YAML does not allow tabs"
    elif "another document" in what:
        what, hint = "a second document starts here (`---`)", "keep one recipe per file"
    elif "mapping values are not allowed" in what:
        hint = "check the indentation, and put text with a colon in quotes"
    mark = error.problem_mark or error.context_mark
    return UserError(
        f"is not valid YAML: {what}", file=path, line=mark.line + 1 if mark is not None else None, hint=hint
    )


class _Walker:
    """Turns nodes into values. Each anchored node is built once, so that aliases cannot blow up."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parsed = Parsed()
        self._built: dict[int, object] = {}
        self._open: set[int] = set()
        self._constructor = YAML(typ="safe", pure=True).constructor

    def mapping(self, node: MappingNode, prefix: str) -> dict[str, object]:
        values: dict[str, object] = {}
        for key_node, value_node in node.value:
            key = str(key_node.value) if isinstance(key_node, ScalarNode) else "?"
            dotted = f"{prefix}{key}"
            line = key_node.start_mark.line + 1
            if key in values:
                first = self.parsed.lines[dotted]
                self._problem(f"is given twice, first on line {first}", line, dotted, "keep one of the two")
                continue
            self.parsed.lines[dotted] = line
            values[key] = self.value(value_node, dotted)
        return values

    def value(self, node: Node, dotted: str) -> object:
        if id(node) in self._open:
            self._problem("contains itself", node.start_mark.line + 1, dotted, "remove the alias (`*name`)")
            return None
        if id(node) not in self._built:
            self._open.add(id(node))
            self._built[id(node)] = self._build(node, dotted)
            self._open.discard(id(node))
        return self._built[id(node)]

    def _build(self, node: Node, dotted: str) -> object:
        if isinstance(node, MappingNode):
            return self.mapping(node, f"{dotted}.")
        if isinstance(node, SequenceNode):
            for number, item in enumerate(node.value):
                self.parsed.lines[f"{dotted}.{number}"] = item.start_mark.line + 1
            return [self.value(item, f"{dotted}.{number}") for number, item in enumerate(node.value)]
        return self._scalar(node, dotted)

    def _scalar(self, node: Node, dotted: str) -> object:
        line = node.start_mark.line + 1
        if not str(node.tag).startswith(_PLAIN_TAG) or ":python" in str(node.tag):
            self._problem(f"has the tag `{node.tag}`", line, dotted, "write a plain value")
            return None
        try:
            return self._constructor.construct_object(node)
        except (YAMLError, ValueError, OverflowError):
            self._problem(f"`{node.value}` cannot be read as a value", line, dotted, "put it in quotes")
            return None

    def _problem(self, what: str, line: int, dotted: str, hint: str) -> None:
        self.parsed.problems.append(Problem(what, self.path, line, dotted, hint))
