"""What a user calls a data set of the hub. Light; `data_download` brings it."""

import re
from dataclasses import dataclass

from chatforge.errors import UserError

_ID = re.compile(r"(?:(?:hf://|https://huggingface\.co/)datasets/)?([A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?)/?")


@dataclass(frozen=True)
class DataSet:
    """A data set of the hub.

    Attributes:
        repository: its id. split: the only one wanted; None: all. revision: branch, tag or commit; None: the newest.
    """

    repository: str
    split: str | None = None
    revision: str | None = None

    @property
    def name(self) -> str:
        """Name of its folder."""
        words = (self.repository.replace("/", "--"), self.revision, self.split)
        return ".".join(re.sub(r"[^\w.-]+", "-", word) for word in words if word)


def data_set(word: str, split: str | None = None, revision: str | None = None) -> DataSet:
    """Read what a user calls a data set: ``acme/talks`` or ``hf://datasets/acme/talks``.

    Raises:
        UserError: it is no such name.
    """
    found = _ID.fullmatch(word)
    if found is None:
        raise UserError(f"`{word[:80]}` is no data set of the hub", hint="write OWNER/NAME or hf://datasets/OWNER/NAME")
    return DataSet(found[1], split, revision)
