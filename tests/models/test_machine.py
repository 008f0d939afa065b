import sys
from types import SimpleNamespace

import pytest

from chatforge.models import machine
from chatforge.models.machine import Gpu, Machine, MachineFacts, look, read_facts, write_facts


def test_this_machine_has_cores_and_memory(tmp_path):
    seen = look(tmp_path)
    assert seen.cores >= 1
    assert 0 < seen.available_bytes <= seen.ram_bytes


def test_a_containers_limits_are_respected(tmp_path):
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("400000\n")
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    seen = look(tmp_path)
    assert (seen.ram_bytes, seen.available_bytes, seen.cores) == (1_000_000, 600_000, 1)


@pytest.mark.parametrize("text", ["max", ""])
def test_no_limit_is_no_limit(tmp_path, text):
    (tmp_path / "memory.max").write_text(text)
    (tmp_path / "cpu.max").write_text("max 100000")
    assert look(tmp_path).ram_bytes > 1_000_000


class Nvml(SimpleNamespace):
    class NVMLError(Exception):
        pass

    def nvmlInit(self):  # noqa: N802
        if self.broken == "init":
            raise self.NVMLError

    def nvmlShutdown(self):  # noqa: N802
        pass

    def nvmlDeviceGetCount(self):  # noqa: N802
        if self.broken == "count":
            raise self.NVMLError
        return 2

    def nvmlDeviceGetHandleByIndex(self, index):  # noqa: N802
        return index

    def nvmlDeviceGetMemoryInfo(self, handle):  # noqa: N802
        return SimpleNamespace(total=24 << 30, free=20 << 30)

    def nvmlDeviceGetName(self, handle):  # noqa: N802
        return b"Card" if handle else "Card"


@pytest.mark.parametrize(("broken", "count"), [("", 2), ("init", 0), ("count", 0)])
def test_gpus_come_from_nvml(monkeypatch, tmp_path, broken, count):
    monkeypatch.setitem(sys.modules, "pynvml", Nvml(broken=broken))
    seen = look(tmp_path)
    assert len(seen.gpus) == count
    assert seen.gpu == (Gpu("Card", 24 << 30, 20 << 30) if count else None)
    assert ("Card" in seen.key) == bool(count)


def test_other_hardware_has_another_key():
    assert Machine("L", 2, 1 << 34, 0).key != Machine("L", 4, 1 << 34, 0).key


def test_facts_are_kept(tmp_path):
    path = tmp_path / "new" / "machine.json"
    facts = MachineFacts("bfloat16", "faster", 100.0, "cpu", "k")
    write_facts(path, facts)
    assert read_facts(path) == facts
    assert [p.name for p in path.parent.iterdir()] == ["machine.json"]


@pytest.mark.parametrize("text", [None, "{", "{}", "[]"])
def test_unreadable_facts_are_no_facts(tmp_path, text):
    path = tmp_path / "machine.json"
    if text is not None:
        path.write_text(text)
    assert read_facts(path) is None


def test_speed_scales_with_size():
    facts = MachineFacts("bfloat16", "", 100.0, "cpu", "k")
    assert facts.speed_for(machine.REFERENCE_LINEAR_PARAMETERS * 10) == pytest.approx(10.0)
