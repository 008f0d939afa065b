"""What tests of the blind comparison do and look at."""

from chatforge.tui.widgets.blind_pair import Sheet

HOSTILE = "\x1b[2J[bold]no[/bold] \x1b]0;title\x07\u202egnol"
LONG = "A word about boots, said once more. " * 60


def settled(app):
    """Nothing is read or written, and what has the focus shows it."""
    focused = app.screen.focused
    return (
        not app.screen._busy
        and focused
        and (app.signs.here in f"{focused.border_title}" or not isinstance(focused, Sheet))
    )


def flat(ui, app):
    """The screen without the places where lines were broken."""
    return " ".join(ui.text(app).split())


async def press(ui, pilot, keys, *words):
    """Press keys, each once the one before has come to something; then these words stand on the screen."""
    for key in keys:
        await ui.wait_until(pilot, lambda: settled(pilot.app))
        await pilot.press(key)
    await ui.wait_until(pilot, lambda: settled(pilot.app) and ui.shows(pilot, *words)())


def saying(report, adapted, base, history=(("user", "hello"),)):
    """The same report with other texts."""
    said = {"adapted": adapted, "base": base}
    rivals = [
        one.model_copy(
            update={
                "replies": tuple(
                    reply.model_copy(update={"reply": said.get(one.name, "else").format(i)})
                    for i, reply in enumerate(one.replies)
                )
            }
        )
        for one in report.rivals
    ]
    items = [item.model_copy(update={"history": history}) for item in report.items]
    return report.model_copy(update={"rivals": tuple(rivals), "items": tuple(items)})
