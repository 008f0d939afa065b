"""The axes against people, on 400 summaries that experts have scored: MTS-Dialog (Ben Abacha et al. 2023), CC BY 4.0.

CHATFORGE_EXPERT_SCORES names the folder with the publisher's two files; they are not shipped.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

SCORES = os.environ.get("CHATFORGE_EXPERT_SCORES")
TEXTS, JUDGED = "MTS-Dialog-Automatic-Summaries-ValidationSet.csv", "MTS-Dialog-Manual-Scores4CorrelationStudy.csv"


@pytest.mark.slow
@pytest.mark.skipif(not SCORES, reason="CHATFORGE_EXPERT_SCORES names no folder")
def test_what_is_complete_goes_with_the_experts_and_cosine_hardly_does(weights: Path) -> None:
    files = [str(Path(SCORES or "", name)) for name in (TEXTS, JUDGED)]
    command = [sys.executable, "-m", "chatforge", "evaluator", "check", *files, "--score", "FactualF1", "--json"]
    environment = os.environ | {"CHATFORGE_HOME": str(weights)}
    shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    told = json.loads(shown.stdout)
    assert (told["texts"], told["documents"]) == (400, 100)
    found = {one["axis"]: one for one in told["correlations"]}
    for axis, r in {"cosine": 0.23, "token_recall": 0.41, "content_words": 0.52, "length": 0.63}.items():
        assert found[axis]["pearson"]["value"] == pytest.approx(r, abs=0.015)
    for axis in ("token_recall", "content_words"):
        assert found[axis]["minus"]["pearson"]["low"] > 0
        assert found[axis]["given"]["low"] > 0  # not only because both see what was cut off
