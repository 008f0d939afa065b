"""From a base model to a correction that is trained on, by keys alone, with real worker processes and a tiny model."""

import json
from pathlib import Path

import pytest

from chatforge.project.stages import Stage
from chatforge.recipe.files import load_recipe
from chatforge.runs import folder, state
from chatforge.tui.forge import ForgeScreen
from chatforge.tui.stages.chat import ChatPane
from chatforge.tui.widgets.prompt import Prompt


@pytest.mark.long
@pytest.mark.usefixtures("real_worker")
def test_all_seven_stages_by_keys(ui, project: Path, runs_dir: Path) -> None:
    async def test() -> None:
        async with ui.forge(project, runs_dir, stage=Stage.MODEL, size=(120, 40)) as pilot:
            forge = pilot.app.screen
            assert isinstance(forge, ForgeScreen)

            async def at(stage: Stage) -> None:
                await ui.wait_until(pilot, lambda: forge.stage == stage and forge.pane is not None)

            def shown(*words: str) -> bool:
                return all(word in ui.text(pilot.app) for word in words)

            # Model, data: all is there, so ctrl+n leads on.
            await pilot.press("ctrl+n")
            await at(Stage.DATA)
            await ui.wait_until(pilot, lambda: shown("22 conversations", "train 12"))
            await ui.wait_until(pilot, lambda: shown("✓ assistant"))
            await pilot.press("ctrl+n")
            await at(Stage.ADAPT)
            await pilot.press("ctrl+n")

            # Train, and the evaluation that follows by itself.
            await at(Stage.TRAIN)
            await pilot.press("ctrl+n")
            await ui.wait_until(pilot, lambda: folder.list_runs(runs_dir))
            run = folder.list_runs(runs_dir)[0]
            await ui.wait_until(pilot, lambda: state.status(run) == "evaluated", patience=120)
            await ui.wait_until(pilot, lambda: shown("✓ trained", "step 6/6", "100%", "@0", "@3", "^n Next: Evaluate"))
            assert run.adapter.is_dir()
            assert list(run.checkpoints.iterdir())
            await pilot.press("ctrl+n")
            await at(Stage.EVALUATE)
            await ui.wait_until(pilot, lambda: shown("Verdict", "parrot", "chance"))
            await pilot.press("ctrl+n")

            # Chat, a correction, export.
            await at(Stage.CHAT)
            talker = forge.query_one(ChatPane).talker
            await ui.wait_until(pilot, lambda: talker.state == "ready", patience=60)
            forge.query_one(Prompt).focus()
            await pilot.press(*"hello", "enter")
            await ui.wait_until(pilot, lambda: talker.talk.exchanges and talker.state == "ready", patience=60)
            await pilot.press("ctrl+f")
            await pilot.pause()
            await pilot.press("ctrl+a", "ctrl+k", *"We open at nine", "ctrl+s")
            corrections = project.parent / "corrections.jsonl"
            await ui.wait_until(pilot, corrections.exists)
            line = json.loads(corrections.read_text())
            assert line["messages"][-1] == {"role": "assistant", "content": "We open at nine"}
            assert line["messages"][-2] == {"role": "user", "content": "hello"}

            # ctrl+n leads to where the correction becomes training data; what was trained is out of date then.
            await ui.wait_until(pilot, lambda: forge.snapshot.corrections.waiting == 1)
            await pilot.press("ctrl+n")
            await at(Stage.DATA)
            await ui.wait_until(pilot, lambda: forge.focused and forge.pane in forge.focused.ancestors_with_self)
            await pilot.press("c")
            await ui.wait_until(pilot, lambda: corrections in load_recipe(project).recipe.data.train)
            assert project.read_text().startswith("# A small shop.")
            await pilot.press("4")
            await at(Stage.TRAIN)
            await ui.wait_until(pilot, lambda: shown("trained with another recipe"))

            # The adapter that is there can be handed on all the same.
            await pilot.press("7")
            await at(Stage.EXPORT)
            await pilot.press("ctrl+n")
            await pilot.pause()
            await pilot.press("enter")
            await ui.wait_until(pilot, lambda: (run.exports / "adapter" / "README.md").is_file())
            await ui.wait_until(pilot, lambda: shown("Exported: "))

    ui.run(test)
