"""Opens the app as a user does, without a terminal: keys go in, the screen's text comes out."""

import asyncio
import gc
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from chatforge.chat.client import ChatClient
from chatforge.project import data_client, doctor_client
from chatforge.project.stages import Stage
from chatforge.tui.app import ChatForge
from chatforge.tui.forge import ForgeScreen
from chatforge.tui.modals.question import Question
from chatforge.tui.signs import UNICODE, Signs
from chatforge.tui.stages.chat import ChatPane

REAL_DATA, REAL_DOCTOR, REAL_CHAT = data_client.PROGRAM, doctor_client.PROGRAM, ChatPane.client
DEAD = ("-c", "raise SystemExit('nobody works here today')")

PATIENCE = 30.0
"""Seconds after which a test that waits gives up; never waited for when all is well."""


class Driver:
    """What tests of the app need: `forge` opens a project, `wait_until` waits, `text` reads the screen."""

    sizes = ((80, 24), (120, 40))

    def run(self, test: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run an async test."""
        asyncio.run(test())

    async def wait_until(self, pilot: Pilot[Any], holds: Callable[[], object], patience: float = PATIENCE) -> None:
        """Let the app work until something holds.

        Raises:
            AssertionError: it does not come to hold; shows the screen.
        """
        end = asyncio.get_running_loop().time() + patience
        while not holds():
            if asyncio.get_running_loop().time() > end:
                raise AssertionError(f"did not come to hold; the screen:\n{self.text(pilot.app)}")
            await asyncio.sleep(0.02)
        await pilot.pause(0)

    async def at_sizes(
        self, pilot: Pilot[Any], holds: Callable[[], object], *sizes: tuple[int, int]
    ) -> AsyncIterator[tuple[int, int]]:
        """Yield each size (default: `sizes`) once the screen has it and something holds there."""
        for size in sizes or self.sizes:
            await pilot.resize_terminal(*size)
            await self.wait_until(pilot, lambda size=size: pilot.app.screen._compositor.size == size and holds())
            yield size

    async def answer(self, pilot: Pilot[Any], asking: str, key: str) -> None:
        """Press a key that leads to a question, and once that is asked, the key of the answer."""
        await pilot.press(asking)
        await self.wait_until(pilot, lambda: isinstance(pilot.app.screen, Question))
        await pilot.press(key)

    def shows(self, pilot: Pilot[Any], *words: str) -> Callable[[], bool]:
        """A predicate: all these words stand on the screen; where a line ends hangs on how long a path is."""

        def holds() -> bool:
            text = self.text(pilot.app)
            flowing = " ".join(text.replace("│", " ").split())
            return all(word in text or word in flowing for word in words)

        return holds

    def text(self, app: App[Any]) -> str:
        """What the screen shows, line by line."""
        strips = app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)

    @asynccontextmanager
    async def forge(
        self,
        recipe: Path,
        runs_dir: Path,
        *,
        stage: Stage | None = None,
        size: tuple[int, int] = (120, 40),
        signs: Signs = UNICODE,
    ) -> AsyncIterator[Pilot[None]]:
        """Open a project at a stage; yields the pilot once the stage is drawn. The screen is `pilot.app.screen`."""
        app = ChatForge(runs_dir=runs_dir, signs=signs)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            app.open_project(recipe, stage)

            def shown() -> bool:
                return isinstance(app.screen, ForgeScreen) and app.screen.pane is not None

            await self.wait_until(pilot, shown)
            yield pilot


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers die at once, with a word: opening a stage must not cost every test the import of torch."""
    monkeypatch.setattr(data_client, "PROGRAM", DEAD)
    monkeypatch.setattr(doctor_client, "PROGRAM", DEAD)
    monkeypatch.setattr(ChatPane, "client", partial(ChatClient, program=DEAD))


@pytest.fixture
def real_worker(no_worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Data and chat workers are the real ones."""
    monkeypatch.setattr(data_client, "PROGRAM", REAL_DATA)
    monkeypatch.setattr(ChatPane, "client", REAL_CHAT)


@pytest.fixture
def real_doctor(no_worker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that checks data is the real one."""
    monkeypatch.setattr(doctor_client, "PROGRAM", REAL_DOCTOR)


@pytest.fixture
def ui() -> Driver:
    return Driver()


@pytest.fixture(scope="session")
def light_collector(tiny_model: Path, tiny_encoder: Path) -> None:
    """Textual has garbage collected again and again, which goes through all that torch has loaded; it need not."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def project(
    tmp_path: Path,
    tiny_model: Path,
    tiny_encoder: Path,
    light_collector: None,
    write_conversations: Callable[..., Path],
) -> Path:
    """The recipe.yaml of a small project with comments, tiny weights and 12 + 4 + 6 conversations."""
    folder = tmp_path / "project"
    folder.mkdir()
    for name, count, start in (("train", 12, 0), ("valid", 4, 12), ("test", 6, 16)):
        write_conversations(folder / f"{name}.jsonl", count, start)
    recipe = folder / "recipe.yaml"
    recipe.write_text(
        f"""# A small shop.
model:
  base: {json.dumps(str(tiny_model))}  # tiny
data:
  train: train.jsonl
  valid: valid.jsonl
  test: test.jsonl
  system: You help in a small shop.
adaptation:
  method: lora
  lora_r: 4  # small
training:
  max_steps: 6
  eval_steps: 3
  learning_rate: 0.01
evaluation:
  encoder: {json.dumps(str(tiny_encoder))}
  max_new_tokens: 8
chat:
  max_new_tokens: 12
  temperature: 1.0
"""
    )
    return recipe
