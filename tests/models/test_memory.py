from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatforge.models.catalog import find
from chatforge.models.machine import Gpu, Machine
from chatforge.models.memory import adapter_parameters, estimate, fit, gigabytes

SMALL, LARGE = find("smollm2-135m-instruct"), find("llama-3.1-8b-instruct")
LAPTOP = Machine("Linux", 4, 16 << 30, 8 << 30)


def with_gpu(gigabyte: int) -> Machine:
    return replace(LAPTOP, gpus=(Gpu("Card", gigabyte << 30, gigabyte << 30),))


@pytest.mark.parametrize(
    ("batch", "length", "checkpointing", "dtype", "measured"),
    [
        (4, 256, False, "bfloat16", 3.97e9),
        (4, 256, True, "bfloat16", 1.89e9),
        (2, 512, False, "float32", 4.80e9),
    ],
)
def test_prediction_is_near_what_was_measured_on_a_cpu(batch, length, checkpointing, dtype, measured):
    """SmolLM2-135M, LoRA r=16 fp32 on all linear layers, head on half of the positions, peak resident size."""
    predicted = estimate(SMALL.shape, "lora", dtype, batch, length, 0.5, checkpointing).total
    assert predicted == pytest.approx(measured, rel=0.2)


def test_adapter_size_is_pefts_own():
    assert adapter_parameters(SMALL.shape, 16) == 4_884_480


def test_total_is_the_sum_of_parts():
    memory = estimate(SMALL.shape)
    parts = [getattr(memory, name) for name in memory.__dataclass_fields__]
    assert memory.total == sum(parts)


@given(st.integers(1, 32), st.integers(16, 4096), st.sampled_from(["lora", "qlora", "full"]))
def test_more_work_never_needs_less(batch, length, method):
    def total(**other):
        return estimate(**({"shape": SMALL.shape, "method": method, "batch": batch, "length": length} | other)).total

    assert total(batch=batch + 1) > total()
    assert total(length=length + 1) > total()
    assert total(checkpointing=True) <= total() or batch * length < 100
    assert total(dtype="float32") > total()


def test_methods_differ_as_they_should():
    lora, qlora, full = (estimate(LARGE.shape, m, batch=1, length=256) for m in ("lora", "qlora", "full"))
    assert qlora.weights < 0.45 * lora.weights
    assert full.optimizer > 50 * lora.optimizer
    assert full.adapter == 0


@pytest.mark.parametrize(
    ("entry", "machine", "method", "verdict"),
    [
        (SMALL, LAPTOP, "lora", "fits"),
        (LARGE, LAPTOP, "lora", "won't fit"),
        (LARGE, with_gpu(8), "lora", "won't fit"),
        (LARGE, with_gpu(12), "qlora", "tight"),
        (LARGE, with_gpu(16), "qlora", "fits"),
        (LARGE, with_gpu(32), "lora", "fits"),
        (LARGE, with_gpu(20), "lora", "tight"),
        (find("all-minilm-l6-v2"), LAPTOP, "lora", "fits"),
        (find("all-minilm-l6-v2"), replace(LAPTOP, ram_bytes=1 << 28), "lora", "won't fit"),
    ],
)
def test_what_fits(entry, machine, method, verdict):
    result = fit(entry, machine, method)
    assert result.verdict == verdict
    assert "GB" in result.why


@pytest.mark.parametrize(("count", "text"), [(93e6, "93 MB"), (1.24e9, "1.2 GB"), (16.2e9, "16 GB")])
def test_sizes_for_people(count, text):
    assert gigabytes(count) == text
