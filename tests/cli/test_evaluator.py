import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from chatforge.project import agreement

HOSTILE = "\x1b[31mred"


@pytest.fixture
def scored(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker says: cosine is noise, content words are right, only some texts have numbers."""

    def score(encoder: Path, pairs: Sequence[tuple[str, str]], told: Callable[[int, int], object]) -> Any:
        told(len(pairs), len(pairs))
        right = [float(reply) for _, reply in pairs]
        noise = [float(7 * i % 11) for i in range(len(pairs))]
        numbers = [value if i < 5 else None for i, value in enumerate(right)]
        return {"cosine": noise, "content_words": right, "numbers": numbers, "length": [1.0] * len(pairs)}, 2

    monkeypatch.setattr(agreement, "score", score)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """40 texts; the reply is the score that people gave it."""
    path = tmp_path / "texts.csv"
    rows = "".join(f"true {i},{i % 13},{i % 13},{13 - i % 13}\n" for i in range(40))
    path.write_text(f"reference,reply,good{HOSTILE},errors\n{rows}", encoding="utf-8")
    return path


@pytest.mark.usefixtures("scored")
def test_every_score_has_a_table_within_80_columns(
    file: Path, chatforge: Callable[..., Any], tiny_encoder: Path
) -> None:
    shown = chatforge("evaluator", "check", file, "--encoder", tiny_encoder)
    assert shown.code == 0
    assert "goodred: 40 texts of 40 documents" in shown.out and "errors: 40 texts" in shown.out
    assert "1.00 [1.00, 1.00]" in shown.out and "-1.00 [-1.00, -1.00]" in shown.out
    assert "of them have any: numbers 5" in shown.out and "\nnumbers  " not in shown.out.split("cosine   ")[1]
    assert "with length held constant" not in shown.out  # it does not vary
    assert "2 texts are longer than the encoder reads" in shown.err
    assert "reference: reference; reply: reply" in shown.err
    assert max(map(len, shown.out.splitlines())) <= 80 and "\x1b" not in shown.out + shown.err


@pytest.mark.usefixtures("scored")
def test_json_has_every_figure(file: Path, chatforge: Callable[..., Any], tiny_encoder: Path) -> None:
    words = ("evaluator", "check", file, "--encoder", tiny_encoder, "--score", "errors", "--seed", 3, "--json")
    told = json.loads(chatforge(*words).out)
    assert (told["texts"], told["documents"], told["against"], told["seed"]) == (40, 40, "cosine", 3)
    rows = {one["axis"]: one for one in told["correlations"]}
    assert rows["content_words"]["pearson"]["value"] == pytest.approx(-1.0)
    assert rows["numbers"]["rows"] == 5 and rows["length"]["pearson"] is None
    assert rows["content_words"]["minus"]["spearman"]["high"] < 0 and rows["cosine"]["minus"] == {}


def test_what_is_wrong_with_the_files_is_told_before_anything_is_loaded(
    file: Path, chatforge: Callable[..., Any]
) -> None:
    shown = chatforge("evaluator", "check", file, "--reply", "repl")
    assert shown.code == 1 and "did you mean `reply`?" in shown.err
    assert "is not on this machine" in chatforge("evaluator", "check", file).err
    assert chatforge("evaluator", "check").code == 2
    assert "cannot be read" in chatforge("evaluator", "check", "nowhere.csv").err
