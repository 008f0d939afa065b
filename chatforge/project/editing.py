"""Change single fields of a recipe.yaml and keep everything else as its author wrote it, comments too."""

import io
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from chatforge.errors import UserError
from chatforge.project import splice


def set_fields(path: Path, values: Mapping[str, Any]) -> str:
    """Set fields such as "adaptation.lora_r" in a recipe's file; None takes a field out. Return the new text.

    The file is replaced in one step: a reader sees the old or the new one. Blocks that are missing are added at the
    end; a field that is taken out is left behind a `#`, and set again in the same place.

    Raises:
        UserError: the file cannot be read or written, or is no YAML mapping.
    """
    try:
        written = path.read_bytes().decode("utf-8")
        text = changed(written.replace("\r\n", "\n"), values)
        _replace(path.resolve(), text.replace("\n", "\r\n") if "\r\n" in written else text)
    except UnicodeDecodeError:
        raise UserError("is not UTF-8 text", file=path) from None
    except UserError as error:
        raise UserError(error.problems[0].what, file=path) from error
    except OSError as error:
        raise UserError(f"cannot be changed: {error.strerror}", file=path) from error
    return text


def changed(text: str, values: Mapping[str, Any]) -> str:
    """Return a recipe's text with fields set.

    Raises:
        UserError: the text is no YAML mapping, or a block is no mapping.
    """
    for field, value in values.items():
        text = _changed(text, field, value)
    return text


def _changed(text: str, field: str, value: Any) -> str:
    """Set one field in its place; where that has none, or it went wrong, let ruamel.yaml write the whole anew."""
    plain = _values(text)
    _set(plain, field.split("."), value)
    try:
        new = splice.take(text, field) if value is None else splice.put(text, field, value)
        if _same(_values(new), plain):
            return new
    except (splice.NoPlaceError, UserError):
        pass
    new = _rewritten(text, field, value)
    if not _same(_values(new), plain):
        raise UserError(f"`{field}` cannot be changed where it stands", hint="change it in the file, with an editor")
    return new


def _values(text: str) -> Any:
    try:
        values = YAML(typ="safe", pure=True).load(text)
    except YAMLError as error:
        raise UserError(f"is no YAML: {str(error).splitlines()[0]}") from error
    return {} if values is None else values


def _same(left: Any, right: Any) -> bool:
    """Whether two recipes say the same; an empty block says nothing."""

    def told(values: Any) -> Any:
        return {key: value for key, value in values.items() if value not in (None, {})} if values else {}

    return isinstance(left, dict) and told(left) == told(right)


def _rewritten(text: str, field: str, value: Any) -> str:
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 4096  # long texts are left in one line, as they were written
    yaml.indent(mapping=2, sequence=4, offset=2)
    document = yaml.load(text) or CommentedMap()
    _set(document, field.split("."), value)
    out = io.StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _set(document: Any, words: list[str], value: Any) -> None:
    *blocks, name = words
    holder = document
    for block in blocks:
        if not isinstance(holder, dict):
            break
        if value is None and not holder.get(block):
            return
        if holder.get(block) is None:  # missing, or a block of which every field is commented out
            holder[block] = CommentedMap()
        holder = holder[block]
    if not isinstance(holder, dict):
        raise UserError(f"`{'.'.join(words[:-1]) or 'the recipe'}` holds no fields")
    if value is not None:
        holder[name] = value
        return
    holder.pop(name, None)
    if blocks and not holder:
        document.pop(blocks[0], None)


def _replace(path: Path, text: str) -> None:
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            Path(draft).chmod(path.stat().st_mode & 0o777)
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
