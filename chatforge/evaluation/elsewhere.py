"""Rivals from elsewhere that one run is compared with: other runs and endpoints. Light: the interfaces read it.

The recipe names endpoints; `chatforge evaluate RUN --rival OTHER --endpoint NAME=URL` names more, and these are kept in
the run as `evaluation/elsewhere.json` until it is evaluated with others.
"""

import re
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from chatforge.errors import UserError
from chatforge.evaluation.endpoint import Address, address
from chatforge.recipe.block import NAME
from chatforge.recipe.evaluation import Evaluation
from chatforge.runs import folder
from chatforge.runs.folder import RunFolder

FILE = "elsewhere.json"


class Elsewhere(BaseModel):
    """What was asked for.

    Attributes:
        runs: folders of other runs. endpoints: address by name. remote: whether these may be on other machines.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    runs: tuple[Path, ...] = ()
    endpoints: dict[str, str] = {}
    remote: bool = False


def asked(runs: Sequence[RunFolder], endpoints: Sequence[str], *, remote: bool) -> Elsewhere:
    """Read what a command line asks for.

    Args:
        endpoints: each as NAME=URL or NAME=URL#MODEL.

    Raises:
        UserError: an endpoint cannot be used.
    """
    found: dict[str, str] = {}
    for text in endpoints:
        name, _, url = text.partition("=")
        if not re.match(NAME, name) or not url:
            raise UserError(f"`{text}` is no endpoint", hint="write it as NAME=http://HOST:PORT/v1#MODEL")
        address(name, url, remote=remote)
        found[name] = url
    return Elsewhere(runs=tuple(run.path.resolve() for run in runs), endpoints=found, remote=remote)


def write(run: RunFolder, wanted: Elsewhere) -> None:
    """Keep in a run what it is compared with from now on."""
    if wanted == Elsewhere():
        (run.evaluation / FILE).unlink(missing_ok=True)
        return
    run.evaluation.mkdir(exist_ok=True)
    folder.write_json(run.evaluation / FILE, wanted.model_dump(mode="json"))


def read(run: RunFolder) -> Elsewhere:
    """What was asked for, besides what the recipe names.

    Raises:
        UserError: the file is damaged.
    """
    path = run.evaluation / FILE
    try:
        return Elsewhere.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return Elsewhere()
    except ValidationError:
        raise UserError("this file cannot be read", file=path, hint="remove it and evaluate again") from None


def addresses(recipe: Evaluation, wanted: Elsewhere) -> list[Address]:
    """Return the endpoints of the recipe and of the command line.

    Raises:
        UserError: one cannot be used.
    """
    named = {name: address(name, url, remote=recipe.remote_endpoints) for name, url in recipe.endpoints.items()}
    named |= {name: address(name, url, remote=wanted.remote) for name, url in wanted.endpoints.items()}
    return list(named.values())
