"""The app in a real terminal with the real SmolLM2: from the sample to a correction, screens kept beside the test."""

import json
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
def test_from_the_sample_to_a_correction(
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
        app.wait_until(lambda _: bool(folder.list_runs(place / "runs")), "a run", MINUTES)
        run = folder.list_runs(place / "runs")[0]
        app.wait_for("tokens/s", "train loss", patience=10 * MINUTES)
        keep("train")
        app.wait_until(lambda _: state.status(run) == "evaluated", "the end of the evaluation", 10 * MINUTES)
        app.wait_for("Next: Evaluate")
        app.press("\x0e")
        app.wait_for("Verdict", "parrot")
        keep("evaluate")
        app.press("\x0e")
        app.wait_for("[both]", "Both models answer", patience=2 * MINUTES)
        app.press("Where is my parcel?\r")  # typed while the model loads, it is sent then
        app.wait_until(lambda text: text.count("tok/s") == 2, "both replies", 3 * MINUTES)
        keep("chat")
        app.press("\x06")  # ctrl+f: fix the reply
        app.wait_for("Correct the adapted reply")
        app.press("\x01\x0b")  # ctrl+a, ctrl+k: the line is empty
        app.press("Ask 555-0134 for it.")
        app.wait_for("Ask 555-0134 for it.")
        app.press("\x13")  # ctrl+s
        corrections = recipe.with_name("corrections.jsonl")
        app.wait_until(lambda _: corrections.is_file(), "the correction")
        app.wait_for("Train on 1 correction")
        keep("correction")
        *_, asked, said = json.loads(corrections.read_text(encoding="utf-8"))["messages"]
        assert asked == {"role": "user", "content": "Where is my parcel?"}
        assert said["content"].startswith("Ask 555-0134 for it.")
        app.press("\x11")
        app.wait_until(lambda _: not app.child.isalive(), "the end")
