"""The report as a page: written beside the screen, opened where there is a browser, else told how to come by it."""

import asyncio
from typing import TYPE_CHECKING

from chatforge.evaluation.report import Report
from chatforge.project import browser
from chatforge.runs.folder import RunFolder
from chatforge.tui.modals.question import Answer, Question
from chatforge.words import plain

if TYPE_CHECKING:  # it knows the stages, not the other way round
    from chatforge.tui.forge import ForgeScreen


async def offer(screen: "ForgeScreen", run: RunFolder, report: Report) -> None:
    """Write a run's report as a page; open it, or say where it is and offer to copy that."""
    try:
        page = await asyncio.to_thread(_written, run, report)
    except OSError as error:
        screen.tell(f"the page cannot be written: {error}", "error")
        return
    if page.opened:
        screen.tell(f"The browser opens {page.path}")
        return
    answers = [Answer("close", "k", "Close"), Answer("path", "c", "Copy its path")]
    answers += [Answer("bring", "s", "Copy the command")] if page.bring else []
    text = plain(f"{page.path}\n\n{page.how}")
    said = await screen.app.push_screen_wait(Question("The report as a page", text, answers))
    if copied := {"path": str(page.path), "bring": page.bring}.get(said):
        screen.app.copy_to_clipboard(copied)
        screen.tell(f"copied: {copied}")


def _written(run: RunFolder, report: Report) -> browser.Shown:
    from chatforge.evaluation import files  # not at the top: the page is long, and no screen waits for it

    return browser.offer(files.write_page(run, report).resolve())
