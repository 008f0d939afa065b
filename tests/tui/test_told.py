"""Text that changes, in its place."""

import asyncio

from textual.app import App, ComposeResult

from chatforge.tui.widgets.told import Told


class OneText(App[None]):
    def compose(self) -> ComposeResult:
        yield Told(id="text")


def test_two_texts_at_once_with_a_resize_between_them_leave_the_height_of_the_second() -> None:
    async def test() -> None:
        async with OneText().run_test() as pilot:
            text = pilot.app.query_one(Told)
            text.say("one line")
            pilot.app.screen._refresh_layout()  # as a resize does, which waits for no message
            text.say("two\nlines")
            await pilot.pause()
            assert text.size.height == 2

    asyncio.run(test())
