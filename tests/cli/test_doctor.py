import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatforge.cli import checkup
from chatforge.cli.checkup import Check
from chatforge.models.machine import Gpu, Machine
from chatforge.models.store import MARK, Store
from chatforge.runs.events import EventWriter, Started
from chatforge.runs.folder import RunFolder

GB = 10**9


def machine(available: int = 8 * GB, gpus: tuple[Gpu, ...] = (), system: str = "Linux x86_64") -> Machine:
    return Machine(system, 2, 16 * GB, available, gpus)


def test_every_line_has_a_level_and_the_exit_code_follows(
    chatforge: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkup.metadata, "requires", lambda name: ["click>=8.2", 'pytest>=9; extra == "dev"'])
    shown = chatforge("doctor", "--runs", tmp_path)
    assert all(line[:5].strip() in ("ok", "warn", "fail", "") for line in shown.out.splitlines())
    assert "Python 3." in shown.out
    assert shown.code == int("fail " in shown.out)
    checks = json.loads(chatforge("doctor", "--runs", tmp_path, "--json").out)
    assert {"level", "what", "hint"} == set(checks[0])
    monkeypatch.setattr(checkup, "check_python", lambda: Check("fail", "too old", "get a new one"))
    failed = chatforge("doctor", "--runs", tmp_path)
    assert failed.code == 1
    assert "fail too old\n     → get a new one" in failed.out


def test_an_old_python_fails() -> None:
    assert checkup.check_python((3, 10, 1)).level == "fail"


def test_packages_missing_or_too_old_are_named_with_the_command_that_helps() -> None:
    found = list(checkup.check_packages(["click>=8.2", "click>=999.1", "no-such-thing>=1", "rich"]))
    assert found[0].level == "ok"
    assert "click 8" in found[0].what
    assert "is older than 999.1" in found[1].what
    assert found[2] == Check("fail", "no-such-thing is missing", "pip install 'no-such-thing>=1'")


def test_a_chatforge_that_is_not_installed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str]:
        raise checkup.metadata.PackageNotFoundError

    monkeypatch.setattr(checkup.metadata, "requires", requires)
    found = list(checkup.check_packages())
    assert "not installed" in found[0].what
    assert any("torch" in check.what for check in found)


def test_a_gpu_that_torch_cannot_use_is_told() -> None:
    gpus = (Gpu("NVIDIA X", 24 * GB, 20 * GB),)
    good, bad = checkup.check_gpus(machine(gpus=gpus), "2.13.0+cpu")
    assert good.what == "GPU NVIDIA X: 20 GB of 24 GB free"
    assert bad.level == "warn"
    assert len(list(checkup.check_gpus(machine(gpus=gpus), "2.13.0"))) == 1
    assert "Apple" in next(iter(checkup.check_gpus(machine(system="Darwin arm64"), "2.13.0"))).what


@pytest.mark.parametrize(("free", "level"), [(8 * GB, "ok"), (3 * GB, "warn"), (1 * GB, "warn")])
def test_little_memory_is_told(free: int, level: str) -> None:
    assert checkup.check_memory(machine(free)).level == level


@pytest.mark.parametrize(("free", "level"), [(80 * GB, "ok"), (3 * GB, "warn"), (GB // 2, "fail")])
def test_little_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, level: str) -> None:
    usage = checkup.shutil.disk_usage(tmp_path)._replace(free=free)
    monkeypatch.setattr(checkup.shutil, "disk_usage", lambda path: usage)
    assert checkup.check_disk("runs", tmp_path / "not" / "yet").level == level


@pytest.mark.parametrize(("purpose", "hint"), [("weights", "CHATFORGE_HOME"), ("runs", "--runs")])
def test_a_place_that_cannot_be_written_fails(tmp_path: Path, purpose: str, hint: str) -> None:
    (tmp_path / "file").write_text("x")
    found = checkup.check_disk(purpose, tmp_path / "file" / "deeper")
    assert found.level == "fail"
    assert hint in str(found.hint)


def test_the_store_and_what_broken_off_downloads_left(tmp_path: Path) -> None:
    store = Store(tmp_path / "models")
    assert next(iter(checkup.check_store(store))).what == "no weights yet"
    model = store.path / "tiny"
    model.mkdir(parents=True)
    facts = {"source": "folder:x", "sha256": None, "parameters": 1, "licence": None, "bytes": 93_000_000}
    (model / MARK).write_text(json.dumps(facts))
    for name in (".partial-big-1", ".resume-big"):
        (store.path / name).mkdir()
        (store.path / name / "half").write_bytes(bytes(2000))
    found = list(checkup.check_store(store))
    assert found[0] == Check("ok", "model tiny: 93 MB, folder:x")
    assert [check.level for check in found[1:]] == ["warn", "warn"]
    assert all("2.0 KB" in check.what for check in found[1:])


@pytest.mark.parametrize(
    ("main", "dropped_in", "lingers", "warned"),
    [
        ("#KillUserProcesses=yes\n", None, False, False),
        ("KillUserProcesses=yes\n", None, False, True),
        ("KillUserProcesses=yes\n", None, True, False),
        ("KillUserProcesses=yes\n", "[Login]\nKillUserProcesses=no\n", False, False),
        (None, "[Login]\nKillUserProcesses=1\n", False, True),
        (None, None, False, False),
    ],
)
def test_a_system_that_ends_everything_at_logout_is_told(
    tmp_path: Path, main: str | None, dropped_in: str | None, lingers: bool, warned: bool
) -> None:
    if main:
        (tmp_path / "logind.conf").write_text(main)
    if dropped_in:
        (tmp_path / "d").mkdir()
        (tmp_path / "d" / "10.conf").write_text(dropped_in)
    if lingers:
        (tmp_path / "me").touch()
    found = list(checkup.check_background(tmp_path / "logind.conf", tmp_path / "d", linger=tmp_path / "me"))
    assert bool(found) == warned
    if warned:
        assert "loginctl enable-linger" in str(found[0].hint)


def test_runs_that_died_and_broken_removals_are_told(run: RunFolder) -> None:
    with EventWriter(run.events("train")) as writer:
        writer.write(Started("train", 1))
    (run.path.parent / ".removing-x-1").mkdir()
    died, left = checkup.check_runs(run.path.parent)
    assert died.what == f"run {run.id} died"
    assert "removal was broken off" in left.what
