import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chatforge.evaluation.report import Report
from chatforge.runs import folder

Make = Callable[..., str]


@pytest.fixture
def make_run(runs_dir: Path, make_voices: Callable[..., Report]) -> Make:
    """Make a run with a report; returns its id."""

    def make(mean: float, count: int = 60, **settings: Any) -> str:
        made = folder.create(runs_dir, "a shop with a long name of its own", "preset: quick\n")
        made.evaluation.mkdir()
        scores = np.clip(np.random.default_rng(int(100 * mean)).normal(mean, 0.1, count), 0, 1).tolist()
        content = make_voices(scores, scores).to_json()
        content["settings"] |= settings
        folder.write_json(made.evaluation / "report.json", content)
        return made.id

    return make


@pytest.fixture
def compare(chatforge: Callable[..., Any], runs_dir: Path) -> Callable[..., Any]:
    return lambda *words: chatforge("compare", *words, "--runs", runs_dir)


def test_the_figures_and_a_sentence_within_80_columns(make_run: Make, compare: Callable[..., Any]) -> None:
    first, second, short = make_run(0.3), make_run(0.5), make_run(0.31, 50)
    shown = compare(first, second, short)
    assert shown.code == 0
    assert "50 conversations in common" in shown.out
    assert f"10 more of {first} are in no figure here" in shown.out
    assert f"✔ {second} is better than {first}." in " ".join(shown.out.split())
    assert f"= {short} is as good as {first}" in " ".join(shown.out.split())
    assert "p is corrected for 2 comparisons (Holm)." in shown.out
    assert "beyond question" in shown.out and "bits per byte" in shown.out and "…" not in shown.out.replace("[…]", "")
    assert max(map(len, shown.out.splitlines())) <= 80


def test_json_has_everything(make_run: Make, compare: Callable[..., Any]) -> None:
    first, second = make_run(0.3), make_run(0.5)
    told = json.loads(compare(first, second, "--json").out)
    assert told["runs"] == [first, second] and told["words"] == ["better"] and len(told["sentences"]) == 2
    assert told["measures"][0]["key"] == "beyond_question"
    assert {"value", "low", "high", "probability", "conversations"} <= told["measures"][0]["differences"][0].keys()


def test_without_the_measure_that_decides_no_run_is_called_better(make_run: Make, compare: Callable[..., Any]) -> None:
    first, second = make_run(0.3), make_run(0.5, encoder="another")
    refused = compare(first, second)
    assert refused.code == 1 and "was judged with the encoder another" in refused.err and "--only" in refused.err
    shown = compare(first, second, "--only", "content_words", "--only", "bits_per_byte")
    assert shown.code == 0 and "Which run is better is not said" in shown.out and "✔" not in shown.out


def test_few_conversations_are_said_to_be_few(make_run: Make, compare: Callable[..., Any]) -> None:
    shown = compare(make_run(0.3, 20), make_run(0.5, 20))
    assert "cannot be told" in shown.out and "Under 30 conversations nothing is called better or worse." in shown.out


def test_wrong_use_is_told(make_run: Make, compare: Callable[..., Any], runs_dir: Path) -> None:
    first, second = make_run(0.3), make_run(0.5)
    assert compare().code == 2
    for words in ((first,), (first, first)):
        alone = compare(*words)
        assert alone.code == 1 and "can only be compared with another one" in alone.err
    assert compare(first, "nothing").code == 1
    assert "there are: beyond_question" in compare(first, second, "--only", "xyz").err
    (runs_dir / second / "evaluation" / "report.json").unlink()
    assert "no report yet" in compare(first, second).err
