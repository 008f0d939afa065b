"""The app in a real terminal with the real SmolLM2: from the sample to a chat, screens kept beside the test."""

from pathlib import Path

import pytest

from chatforge.project.editing import set_fields
from chatforge.runs import folder, state

pytestmark = pytest.mark.slow

QUICK = {
    "preset": "quick", "training.max_steps": 4, "training.eval_steps": 4, "training.max_length": 512,
    "evaluation.conversations": 32, "evaluation.max_new_tokens": 16,
}  # fmt: skip
MINUTES = 60.0


@pytest.mark.parametrize("size", [(100, 30)])
def test_from_the_sample_to_a_chat(
    terminal, tmp_path: Path, weights: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("CHATFORGE_HOME", str(weights))
    monkeypatch.delenv("OMP_NUM_THREADS")
    place = tmp_path / "shop"
    place.mkdir()
    with terminal(cwd=place, size=size) as app:

        def keep(name: str) -> None:
            (tmp_path / f"{name}.txt").write_text(app.text(), encoding="utf-8")

        app.wait_for("Sample: customer service")
        app.press("G")  # the last line; two above it is the first sample
        app.press("kk\r")
        app.wait_for("3 Adapt", "balanced")
        recipe = place / "customer_service" / "recipe.yaml"
        set_fields(recipe, QUICK)  # by another program, beside the app
        app.wait_for("(•) quick")
        keep("adapt")
        app.press("\x0e")  # ctrl+n: to Train
        app.wait_for("Start training")
        app.press("\x0e")
        app.wait_for("training", "step", patience=3 * MINUTES)
        keep("train")
        run = folder.list_runs(place / "runs")[0]
        app.wait_until(lambda _: state.status(run) == "evaluated", "the end of the evaluation", 10 * MINUTES)
        app.wait_for("Next: Evaluate")
        app.press("\x0e")
        app.wait_for("Verdict", "parrot")
        keep("evaluate")
        app.press("\x0e")
        app.wait_for("[both]", "Both models answer", patience=2 * MINUTES)
        keep("chat")
        app.press("\x11")
        app.wait_until(lambda _: not app.child.isalive(), "the end")
