"""A report to judge, and the screen opened on it."""

from contextlib import asynccontextmanager

import pytest

from chatforge.tui import blind
from chatforge.tui.app import ChatForge
from chatforge.tui.blind import BlindScreen
from chatforge.tui.signs import UNICODE
from tests.tui.blind.making import settled


@pytest.fixture
def report(make_voices):
    """Eight conversations; both say the same in two of them."""
    return make_voices([0.9] * 8, [0.1] * 8, same=2)


@pytest.fixture
def judging(ui, run, monkeypatch):
    """Open the screen on a report; tests read more quickly than people."""
    monkeypatch.setattr(blind, "SEEN_SECONDS", 0.01)

    @asynccontextmanager
    async def judging(report, size=(120, 40), signs=UNICODE):
        app = ChatForge(runs_dir=run.path.parent, signs=signs)
        app.animation_level = "none"
        async with app.run_test(size=size) as pilot:
            app.push_screen(BlindScreen(run, report, signs))
            await ui.wait_until(
                pilot, lambda: isinstance(app.screen, BlindScreen) and app.screen._view != "opening" and settled(app)
            )
            yield pilot

    return judging
