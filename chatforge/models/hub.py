"""The Hugging Face hub: what a repository holds, and its download. The only module that knows huggingface_hub."""

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Literal, Protocol

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

from chatforge.errors import UserError
from chatforge.folders import ending, is_wanted

Kind = Literal["model", "dataset"]

_SUFFIXES = {".safetensors", ".json", ".txt", ".model", ".jinja"}
_LEGAL = ("LICENSE", "NOTICE", "USE_POLICY")
# Other forms of the same weights; `consolidated` is a second copy in Mistral's own layout.
_DATA_ENDINGS = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv")
_OTHER_FORMS = {"onnx", "openvino", "original", "coreml", "gguf", "runs"}


@dataclass(frozen=True)
class Listing:
    """What a repository offers that is wanted here.

    Attributes:
        revision: the commit, so that listing and download agree.
        sizes: file → bytes. hashes: file → SHA-256, for the large ones.
        licence: the hub's word, or None. pickled: it also, or only, has pickled weights.
    """

    revision: str
    sizes: Mapping[str, int]
    hashes: Mapping[str, str] = field(default_factory=dict)
    licence: str | None = None
    pickled: bool = False

    @property
    def total_bytes(self) -> int:
        """What a whole download weighs."""
        return sum(self.sizes.values())


class Hub(Protocol):
    """What fetching needs from a hub."""

    def listing(self, repository: str) -> Listing:
        """List what is wanted of a repository."""

    def download(self, repository: str, listing: Listing, target: Path) -> None:
        """Bring the listed files into `target`, going on with what is already there."""


class HuggingFace:
    """The real hub.

    Args:
        kind: what is asked for there. revision: a branch, tag or commit; None: the newest.
    """

    def __init__(self, kind: Kind = "model", revision: str | None = None) -> None:
        self._kind, self._revision = kind, revision

    def listing(self, repository: str) -> Listing:
        """List a repository's wanted files.

        Raises:
            UserError: not reachable, not there, or gated.
        """
        with _explained(repository, self._kind):
            ask = HfApi().model_info if self._kind == "model" else HfApi().dataset_info
            info = ask(repository, revision=self._revision, files_metadata=True)
        files = {s.rfilename: s for s in info.siblings or []}
        fits: Callable[[str], bool] = wanted if self._kind == "model" else wanted_data
        kept = {name: s for name, s in files.items() if fits(name)}
        return Listing(
            revision=info.sha or "main",
            sizes={name: s.size or 0 for name, s in kept.items()},
            hashes={name: s.lfs.sha256 for name, s in kept.items() if s.lfs},
            licence=getattr(info.card_data, "license", None),
            pickled=any(name.endswith((".bin", ".pt", ".pth")) for name in files),
        )

    def download(self, repository: str, listing: Listing, target: Path) -> None:
        """Download the listed files; broken off files go on where they ended.

        Raises:
            UserError: not reachable, or gated.
        """
        with _explained(repository, self._kind):
            snapshot_download(
                repository,
                repo_type=self._kind,
                revision=listing.revision,
                local_dir=target,
                allow_patterns=[_literal(name) for name in listing.sizes],
            )


def wanted(name: str) -> bool:
    """Whether a repository's file belongs to the model: safetensors, tokenizer, configs, licence texts."""
    path = PurePosixPath(name)
    if _OTHER_FORMS & set(path.parts[:-1]) or path.name.startswith(("consolidated", ".")):
        return False
    return path.suffix in _SUFFIXES or path.name.startswith(_LEGAL)


def wanted_data(name: str) -> bool:
    """Whether a repository's file holds data: tables and JSON, packed or not, and licence texts; never a script."""
    path = PurePosixPath(name)
    if ".." in path.parts or path.is_absolute():
        return False
    legal = path.name.startswith(_LEGAL) and path.suffix in ("", ".txt", ".md")
    return legal or (is_wanted(path) and ending(path) in _DATA_ENDINGS)


def _literal(name: str) -> str:
    """A pattern that only this name fits."""
    return name.replace("[", "[[]").replace("*", "[*]").replace("?", "[?]")


@contextmanager
def _explained(repository: str, kind: Kind) -> Iterator[None]:
    """Turn what can go wrong with the hub into what the user can do."""
    page = f"https://huggingface.co/{'datasets/' if kind == 'dataset' else ''}{repository}"
    other = "without the hub, the embedded smollm2-135m-instruct, a folder or a GGUF file work as well"
    instead = other if kind == "model" else "files that were brought otherwise work as well"
    try:
        yield
    except GatedRepoError as error:
        raise UserError(
            f"{repository} is gated", hint=f"accept its licence at {page}, then run `hf auth login`"
        ) from error
    except RepositoryNotFoundError as error:
        raise UserError(
            f"the hub has no {kind} {repository}, or it is private", hint=f"look at {page}; check the spelling"
        ) from error
    except Exception as error:  # the client's errors share no base class of their own
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        reason = str(error).strip().splitlines()[0][:200] if str(error).strip() else ""
        raise UserError(
            f"the hub did not give {repository}: {type(error).__name__} {reason}".rstrip(),
            hint=f"a download goes on where it ended; {instead}",
        ) from error
