"""The report as a page, one key away."""

from chatforge.project import browser
from chatforge.project.stages import Stage
from chatforge.tui.app import ChatForge
from chatforge.tui.modals.question import Question
from tests.tui.evaluate.making import judge, whole


def told(pilot, part):
    """Whether something was said in passing."""
    return lambda: any(part in note.message for note in pilot.app._notifications)


def test_h_writes_the_page_and_opens_it_in_the_browser(ui, project, runs_dir, trained, make_report, monkeypatch):
    opened = []
    monkeypatch.setattr(browser, "is_near", lambda: True)
    monkeypatch.setattr(browser, "show", lambda path: opened.append(path) or True)
    judge(trained, whole(make_report()))
    page = (trained.evaluation / "report.html").resolve()

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("h")
            await ui.wait_until(pilot, told(pilot, f"The browser opens {page}"))
            assert opened == [page]
            assert page.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
            await pilot.press("w")
            await ui.wait_until(pilot, ui.shows(pilot, "furthest from the true reply first"))
            await pilot.press("h")
            await ui.wait_until(pilot, lambda: len(opened) == 2)

    ui.run(test)


def test_over_ssh_the_path_is_told_and_how_to_bring_it(ui, project, runs_dir, trained, make_report, monkeypatch):
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.2 5000 10.0.0.9 2222")
    monkeypatch.setattr(browser, "show", lambda path: (_ for _ in ()).throw(AssertionError("no browser over SSH")))
    copied = []
    monkeypatch.setattr(ChatForge, "copy_to_clipboard", lambda self, text: copied.append(text))
    judge(trained, make_report())
    page = (trained.evaluation / "report.html").resolve()

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            for key in "cs":
                await pilot.press("h")
                await ui.wait_until(pilot, ui.shows(pilot, "scp -P 2222", "c  Copy its path", "s  Copy the command"))
                await pilot.press(key)
                await ui.wait_until(pilot, lambda: not isinstance(pilot.app.screen, Question))
            await ui.wait_until(pilot, lambda: len(copied) == 2)
            assert copied[0] == str(page)
            assert copied[1].startswith("scp -P 2222 ") and f"@10.0.0.9:{page}" in copied[1]

    ui.run(test)


def test_without_a_browser_the_path_is_told(ui, project, runs_dir, trained, make_report, monkeypatch):
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    monkeypatch.setattr(browser, "is_near", lambda: True)
    monkeypatch.setattr(browser, "show", lambda path: False)
    copied = []
    monkeypatch.setattr(ChatForge, "copy_to_clipboard", lambda self, text: copied.append(text))
    judge(trained, make_report())

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE, size=(80, 24)) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("h")
            await ui.wait_until(pilot, ui.shows(pilot, "No browser could be opened", "Copy its path"))
            assert "Copy the command" not in ui.text(pilot.app)
            await pilot.press("c")
            await ui.wait_until(pilot, lambda: copied == [str((trained.evaluation / "report.html").resolve())])
            assert not isinstance(pilot.app.screen, Question)

    ui.run(test)


def test_a_page_that_cannot_be_written_is_told(ui, project, runs_dir, trained, make_report):
    judge(trained, make_report())
    (trained.evaluation / "report.html").mkdir()

    async def test():
        async with ui.forge(project, runs_dir, stage=Stage.EVALUATE) as pilot:
            await ui.wait_until(pilot, ui.shows(pilot, "✔ better"))
            await pilot.press("h")
            await ui.wait_until(pilot, told(pilot, "the page cannot be written"))

    ui.run(test)
