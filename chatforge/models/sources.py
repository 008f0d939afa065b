"""What the word under `model.base` means, and whether a folder can be used as a model."""

import difflib
import hashlib
import json
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from chatforge.errors import Problem, UserError, did_you_mean
from chatforge.models.catalog import Entry, Shape, load_catalog
from chatforge.models.store import Store, StoredModel
from chatforge.paths import expand

SourceKind = Literal["stored", "wheel", "hub", "folder", "gguf"]
_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")
_TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.txt", "vocab.json")
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_TO_SAFETENSORS = (
    "a pickle can run any program when it is read. Look for a safetensors version of this model, or convert it "
    "where you trust it: `AutoModelForCausalLM.from_pretrained(FOLDER).save_pretrained(NEW_FOLDER)`"
)


@dataclass(frozen=True)
class Source:
    """Where a base comes from.

    Attributes:
        kind: `stored` (only in the store), `wheel` or `hub` (to be fetched), `folder` (used where it is),
            `gguf` (converted once into the store).
        name: its name in the store; for a folder, the folder's name.
        location: the wheel's requirement, the hub id, or the path.
        path: the folder to load from, or None if it must be fetched first.
        entry: its line in the catalogue, if it has one.
    """

    kind: SourceKind
    name: str
    location: str
    path: Path | None = None
    entry: Entry | None = None


def locate(base: str, store: Store, relative_to: Path | None = None) -> Source:
    """Find out what `base` names: a stored model, a catalogue name, a folder, a GGUF file or a hub id.

    Args:
        base: the recipe's word. A path is taken from `relative_to` (default: the working folder).
        store: where fetched models are.

    Raises:
        UserError: it is nothing of these; the nearest known name is suggested.
    """
    catalog = load_catalog(store.path)
    entry = catalog.get(base.lower()) or next(
        (e for e in catalog.values() if e.origin == ("hub", base) or e.origin[1].lower() == base.lower()), None
    )
    if entry:
        return _fetchable(entry.origin[0], entry.name, entry.origin[1], store, entry)
    if stored := store.find(base):
        return Source("stored", base, stored.source, stored.path)
    path = (relative_to or Path.cwd()) / expand(base)
    if path.is_dir():
        return Source("folder", path.resolve().name, str(path.resolve()), path.resolve())
    if base.lower().endswith(".gguf"):
        return _gguf(path, base, store)
    if _HUB_ID.fullmatch(base):
        return _fetchable("hub", base.replace("/", "--"), base, store, None)
    known = [*catalog, *(model.name for model in store.entries())]
    raise UserError(
        f"`{base}` is no known model, no folder, no GGUF file and no hub id (OWNER/NAME)",
        hint=_nearest(base.lower(), known) or "`chatforge models` lists what there is",
    )


def folder_here(name: str, store: Store, *, what: str = "model", field: str | None = None) -> Path:
    """Return the folder of a model that is on this machine.

    Args:
        what: the word for it in an error; field: the recipe's field that names it.

    Raises:
        UserError: there is no such model, or it is not on this machine yet.
    """
    source = locate(name, store)
    if source.path is None or not source.path.is_dir():
        raise UserError(
            f"the {what} `{name}` is not on this machine yet",
            field=field,
            hint=f"fetch it with `chatforge models fetch {name}`",
        )
    return source.path


def check_folder(path: Path) -> None:
    """Check that a folder holds a model that can be loaded: config, tokenizer, whole safetensors.

    Raises:
        UserError: with every problem found and what to do about each.
    """
    if not path.is_dir():
        raise UserError("no such model folder", file=path)
    if (path / "adapter_config.json").is_file() and not (path / "config.json").is_file():
        raise UserError("this is an adapter, not a model", file=path, hint="give the base it was trained on")
    problems = [*_config_problems(path), *_tokenizer_problems(path), *_weight_problems(path)]
    if problems:
        raise UserError(problems)


def count_parameters(path: Path) -> int:
    """Count the weights of a folder from the headers of its safetensors; nothing is loaded.

    Raises:
        UserError: a file is damaged.
    """
    total = 0
    for file in sorted(path.glob("*.safetensors")):
        for name, tensor in _header(file).items():
            if name != "__metadata__":
                count = 1
                for size in tensor["shape"]:
                    count *= size
                total += count
    return total


def weights_hash(weights: Path) -> str:
    """Hash of every weight file and the config of a model or an adapter, in the order of their names."""
    whole = hashlib.sha256()
    configs = [path for name in ("config.json", "adapter_config.json") if (path := weights / name).is_file()]
    for path in sorted([*weights.glob("*.safetensors"), *configs]):
        with path.open("rb") as file:
            whole.update(hashlib.file_digest(file, "sha256").digest())
    return whole.hexdigest()


def read_shape(path: Path) -> Shape:
    """Read a model folder's sizes from its `config.json`, for the memory estimate.

    Raises:
        UserError: the file is missing, damaged, or lacks a size.
    """
    config = _json(path / "config.json")
    config = {**config, **config.get("text_config", {})}  # models that also see keep the text part inside
    try:
        heads, hidden = int(config["num_attention_heads"]), int(config["hidden_size"])
        return Shape(
            parameters=count_parameters(path),
            layers=int(config["num_hidden_layers"]),
            hidden=hidden,
            intermediate=int(config["intermediate_size"]),
            vocab=int(config["vocab_size"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=int(config.get("head_dim") or hidden // heads),
            tied=bool(config.get("tie_word_embeddings", True)),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"no usable {error} in it", file=path / "config.json") from error


def describe(model: StoredModel) -> Entry:
    """Describe a stored model that the catalogue does not list, in the catalogue's words.

    Raises:
        UserError: its `config.json` lacks a size.
    """
    config = _json(model.path / "config.json")
    context = {**config, **config.get("text_config", {})}.get("max_position_embeddings")
    shape = read_shape(model.path)
    return Entry(
        name=model.name,
        title=model.name,
        kind="encoder" if model.kind == "encoder" else "chat",
        source=model.source,
        parameters=model.parameters or shape.parameters,
        licence=model.licence or "unknown",
        context=int(context or 0),
        shape=shape,
        download_bytes=0,
        disk_bytes=model.bytes,
        sha256=model.sha256,
    )


def file_sha256(path: Path) -> str:
    """SHA-256 of a file, as hex digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetchable(kind: str, name: str, location: str, store: Store, entry: Entry | None) -> Source:
    stored = store.find(name)
    return Source("hub" if kind == "hub" else "wheel", name, location, stored.path if stored else None, entry)


def _nearest(word: str, names: list[str]) -> str | None:
    """Like `did_you_mean`, but the beginning of a long name counts too: people leave out its tail."""
    begins = {name[: len(word) + 1]: name for name in reversed(names)}
    near = difflib.get_close_matches(word, list(begins), n=1, cutoff=0.8)
    return f"did you mean `{begins[near[0]]}`?" if near else did_you_mean(word, names)


def _gguf(path: Path, base: str, store: Store) -> Source:
    if not path.is_file():
        siblings = [p.name for p in path.parent.glob("*.gguf")] if path.parent.is_dir() else []
        raise UserError(f"no such GGUF file: {base}", hint=did_you_mean(path.name, siblings))
    path, stat = path.resolve(), path.stat()
    # Where it lies, how large and how old it is: another file of the same name becomes another model.
    stamp = hashlib.sha256(f"{path}|{stat.st_size}|{stat.st_mtime_ns}".encode()).hexdigest()[:8]
    stem = re.sub(r"[^a-z0-9._-]+", "-", path.stem.lower()).strip("-._") or "model"
    name = f"{stem[:100]}-{stamp}"
    stored = store.find(name)
    return Source("gguf", name, str(path), stored.path if stored else None)


def _config_problems(path: Path) -> list[Problem]:
    config = path / "config.json"
    if not config.is_file():
        return [Problem("the folder has no config.json", path, hint="copy it from where the model came from")]
    try:
        _json(config)
    except UserError as error:
        return list(error.problems)
    return []


def _tokenizer_problems(path: Path) -> list[Problem]:
    if any((path / name).is_file() for name in _TOKENIZERS):
        return []
    hint = "copy tokenizer.json and tokenizer_config.json from where the model came from"
    return [Problem("the folder has no tokenizer", path, hint=hint)]


def _weight_problems(path: Path) -> list[Problem]:
    files = sorted(path.glob("*.safetensors"))
    if not files:
        pickles = sorted(p.name for pattern in _PICKLES for p in path.glob(pattern))
        if pickles:
            what = f"the weights are pickled ({', '.join(pickles[:3])}) and are not read"
            return [Problem(what, path, hint=_TO_SAFETENSORS)]
        hint = "copy model.safetensors from where the model came from"
        return [Problem("the folder has no weights (*.safetensors)", path, hint=hint)]
    problems: list[Problem] = []
    for file in files:
        try:
            _header(file)
        except UserError as error:
            problems += error.problems
    index = path / "model.safetensors.index.json"
    if index.is_file():
        wanted = set(_json(index).get("weight_map", {}).values())
        missing = sorted(name for name in wanted if not (path / name).is_file())
        problems += [Problem(f"weight file {name} is missing", path, hint="fetch it again") for name in missing]
    return problems


def _header(file: Path) -> dict[str, Any]:
    """The JSON header of a safetensors file: name → dtype, shape, place; checked against the file's size."""
    size = file.stat().st_size
    try:
        with file.open("rb") as stream:
            (length,) = struct.unpack("<Q", stream.read(8))
            if length > min(size, 100_000_000):
                raise ValueError("its header is longer than the file")
            header: dict[str, Any] = json.loads(stream.read(length))
        end = max((t["data_offsets"][1] for n, t in header.items() if n != "__metadata__"), default=0)
        if 8 + length + end != size:
            raise ValueError(f"{size} bytes instead of {8 + length + end}")
    except (ValueError, TypeError, KeyError, struct.error) as error:
        with file.open("rb") as stream:
            pointer = stream.read(40).startswith(b"version https://git-lfs")
        hint = "run `git lfs pull` there" if pointer else "fetch it again"
        what = "only a pointer to the weights (git lfs)" if pointer else f"damaged weights ({error})"
        raise UserError(what, file=file, hint=hint) from error
    return header


def _json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(f"cannot be read: {error}", file=path) from error
    if not isinstance(data, dict):
        raise UserError("not a JSON object", file=path)
    return data
