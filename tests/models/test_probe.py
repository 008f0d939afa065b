import dataclasses
import json

import pytest

from chatforge import paths
from chatforge.models import probe
from chatforge.models.machine import read_facts, write_facts
from chatforge.models.probe import known_or_measured, measure
from chatforge.workers import probe as worker


@pytest.fixture(scope="module")
def facts():
    return measure(seconds=0.02)


def test_measures_this_machine(facts):
    assert facts.dtype in ("float32", "bfloat16")
    assert facts.tokens_per_second > 0
    assert facts.reason
    assert "torch" in facts.key


@pytest.mark.parametrize(
    ("bfloat16", "dtype", "words"),
    [(200.0, "bfloat16", "2.0 times"), (100.0, "float32", "only 1.00"), (30.0, "float32", "only 0.30")],
)
def test_on_a_cpu_the_clearly_faster_one_is_chosen(bfloat16, dtype, words):
    chosen, reason = probe._choose(100.0, bfloat16, "cpu")
    assert chosen == dtype
    assert words in reason


@pytest.mark.parametrize(("supported", "dtype"), [(True, "bfloat16"), (False, "float32")])
def test_on_a_gpu_the_hardware_decides(monkeypatch, supported, dtype):
    monkeypatch.setattr(probe.torch.cuda, "is_bf16_supported", lambda including_emulation: supported)
    assert probe._choose(100.0, 50.0, "cuda")[0] == dtype


def test_measured_once_and_again_after_a_change(tmp_path, monkeypatch, facts):
    path = tmp_path / "machine.json"
    calls = []
    monkeypatch.setattr(probe, "measure", lambda: calls.append(1) or facts)
    assert known_or_measured(path) == known_or_measured(path) == facts
    assert calls == [1]
    write_facts(path, dataclasses.replace(facts, key="another machine"))
    known_or_measured(path)
    assert calls == [1, 1]


def test_the_worker_keeps_and_prints(home, capsys, monkeypatch, facts):
    monkeypatch.setattr(probe, "measure", lambda: facts)
    assert worker.main([str(home)]) == 0
    assert json.loads(capsys.readouterr().out)["dtype"] == read_facts(paths.machine_facts(home)).dtype
