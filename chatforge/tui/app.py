"""The full-screen app: which screen is shown, what holds on all of them. `chatforge` without arguments opens it."""

import gc
import os
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from platformdirs import user_downloads_path
from textual import events, work
from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from chatforge import paths
from chatforge.project import recent
from chatforge.project.stages import ORDER, Stage
from chatforge.tui import settings, themes
from chatforge.tui.signs import AsciiBars, Signs, choose
from chatforge.words import plain

if TYPE_CHECKING:  # the forge brings pydantic; the first paint does not wait for it
    from chatforge.tui.forge import ForgeScreen

TIDY_SECONDS = 60.0
"""Time between two looks for garbage."""

AGAIN_SECONDS = 2.0
"""How soon a second ctrl+c must come to quit."""

READ_SECONDS, LETTERS_A_SECOND, MOST_SECONDS = 2.0, 30, 6.0
"""How long something is said in passing: a moment, and more for a longer text."""


class ChatForge(App[None]):
    """The app.

    Args:
        runs_dir: where runs are. recipe: a project to open at once; else the start screen is shown.
        home: ChatForge's folder. signs: what can be drawn here.
    """

    TITLE = "ChatForge"
    COMMAND_PALETTE_BINDING = "ctrl+p"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012 (Textual types it as no class variable)
    VERTICAL_BREAKPOINTS = [(0, "-short"), (30, "-tall")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+q", "leave", "Quit", id="quit", priority=True, show=False, tooltip="A training goes on"),
        Binding("question_mark,f1", "help", "Help", id="help", key_display="?", tooltip="Help for what has the focus"),
        Binding("ctrl+p", "command_palette", "Menu", id="menu", priority=True, tooltip="Everything one can do"),
    ]
    CSS = """
    .dim { color: $text-muted; }
    .warn { color: $text-warning; }
    .bad { color: $text-error; }
    .good { color: $text-success; }
    .box { border: round $foreground 30%; border-title-color: $text-muted; padding: 0 1; }
    .box:focus-within { border: round $accent; }
    App.-ascii * { text-overflow: clip; }
    App.-ascii .box, App.-ascii Rail { border: ascii $foreground 30%; }
    App.-ascii ModalScreen > Vertical { border: ascii $accent; }
    ModalScreen.-short OptionList { max-height: 10; }
    App.-ascii Rail:focus, App.-ascii .box:focus-within { border: ascii $accent; }
    ToastRack { margin-bottom: 7; }
    Screen.-short ToastHolder { display: none; }
    Screen.-short ToastHolder:last-child { display: block; }
    """

    def __init__(
        self, *, runs_dir: Path, recipe: Path | None = None, home: Path | None = None, signs: Signs | None = None
    ) -> None:
        super().__init__()
        self.runs_dir = runs_dir
        self.home = home or paths.home()
        self.signs = signs or choose()
        self._recipe = recipe
        self._settings = settings.read(self.home)
        self._pressed = self._typed = 0.0
        if os.environ.get("SSH_CONNECTION"):
            self.animation_level = "none"

    def on_mount(self) -> None:
        """Set theme and keys, show the first screen."""
        self.set_class(self.signs.ascii_only, "-ascii")
        ScrollBar.renderer = AsciiBars if self.signs.ascii_only else ScrollBarRender
        for theme in (themes.DARK, themes.LIGHT):
            self.register_theme(theme)
        problems = list(self._settings.problems)
        if self._settings.theme in self.available_themes:
            self.theme = self._settings.theme
        else:
            self.theme = settings.THEME
            problems.append(f"there is no theme {self._settings.theme!r}: ctrl+p, then Theme, shows which there are")
        self._kept_theme = self.theme
        self.theme_changed_signal.subscribe(self, lambda theme: self._keep_theme(theme.name))
        self.set_keymap(dict(self._settings.keys))
        for problem in problems:
            self.notify(plain(problem), severity="warning", markup=False)
        if self._settings.keys:
            self._check_keys()
        self.set_interval(TIDY_SECONDS, self._tidy)
        self._show_start()
        if self._recipe:
            self.call_after_refresh(self.open_project, self._recipe)

    @work(thread=True, exit_on_error=False)
    def _check_keys(self) -> None:
        """Say which of the keys that were set are none of ours."""
        from chatforge.tui import keys

        for problem in keys.problems(self._settings.keys):
            text = plain(f"{self.home / settings.FILE}: {problem} (ctrl+p, then Change keys, shows all)")
            self.call_from_thread(self.notify, text, severity="warning", markup=False)

    def _keep_theme(self, name: str) -> None:
        """Keep a theme that a person chose; a file that could not be read is left as it is."""
        if name == self._kept_theme:
            return
        self._kept_theme = name
        if not self._settings.problems:
            settings.write_theme(self.home, name)

    async def on_event(self, event: events.Event) -> None:
        """See keys here, where Textual hands out all events: fields keep theirs to themselves."""
        if isinstance(event, events.Key):
            self._typed = time.monotonic()
        await super().on_event(event)

    def _tidy(self) -> None:
        """Take garbage away while nobody waits for a key: it may take a few tenths of a second."""
        if time.monotonic() - self._typed > TIDY_SECONDS / 2:
            gc.collect()

    def _show_start(self) -> None:
        from chatforge.tui.start import StartScreen

        self.push_screen(StartScreen(self.runs_dir, self.signs))

    def open_project(
        self, recipe: Path, stage: Stage | None = None, runs_dir: Path | None = None, *, resume: bool = False
    ) -> None:
        """Show a project's forge, and remember that it was opened.

        Args:
            runs_dir: where its runs are; default: where this app's are. resume: go on with what was broken off.
        """
        from chatforge.tui.forge import ForgeScreen

        runs_dir = runs_dir or self.runs_dir
        try:
            recent.remember(self.home, recipe, runs_dir)
        except OSError as error:
            self.notify(plain(f"not remembered for the next start: {error}"), severity="warning", markup=False)
        self.push_screen(ForgeScreen(recipe, runs_dir, self.signs, stage=stage, resume=resume))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers beside Textual's own: stages and projects."""
        yield from super().get_system_commands(screen)
        yield SystemCommand("Change keys", "Every key, and the line that changes it", self.action_keys)
        for forge in _forges([screen]):
            for number, stage in enumerate(ORDER, 1):
                yield SystemCommand(
                    f"Stage {number}: {stage.title()}",
                    f"Show the stage {stage.value}",
                    lambda stage=stage, forge=forge: forge.run_worker(forge.action_go(stage)),
                )
            for title, words, does in forge.pane.commands() if forge.pane else ():
                yield SystemCommand(title, words, does)
            yield SystemCommand("Projects", "Go back to the list of projects", forge.action_start)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """Say something in passing; by default for as long as it takes to read."""
        seconds = min(MOST_SECONDS, READ_SECONDS + len(message) / LETTERS_A_SECOND) if timeout is None else timeout
        super().notify(message, title=title, severity=severity, timeout=seconds, markup=markup)

    def deliver_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str | None:
        """Save a screenshot where downloads are kept; where there is no such folder, in the one that one works in."""
        downloads = user_downloads_path()
        return super().deliver_screenshot(
            filename, path or str(downloads if downloads.is_dir() else Path.cwd()), time_format
        )

    def action_help(self) -> None:
        """Show or hide help for what has the focus, with its keys."""
        if self.screen.query("HelpPanel"):
            self.action_hide_help_panel()
        else:
            self.action_show_help_panel()

    def action_show_help_panel(self) -> None:
        """Show it."""
        from chatforge.tui.widgets.help import Help

        if not self.screen.query("HelpPanel"):
            self.screen.mount(Help(self.signs if _forges([self.screen]) else None))

    def action_keys(self) -> None:
        """Show every key as config.toml could hold it."""
        from chatforge.tui import keys
        from chatforge.tui.modals.log import Lines

        lines = keys.file(self.home / settings.FILE, self._settings.keys)
        self.push_screen(Lines("Change keys", lambda: lines, once=True))

    def action_help_quit(self) -> None:
        """ctrl+c with nothing selected: quit when pressed twice."""
        now = time.monotonic()
        if now - self._pressed < AGAIN_SECONDS:
            self.action_leave()
            return
        self._pressed = now
        self.notify("Press ctrl+c again to quit; a training goes on", markup=False, timeout=AGAIN_SECONDS)

    @work(exclusive=True, group="leave", exit_on_error=False)
    async def action_leave(self) -> None:
        """Quit; asks only if something would be lost. Trainings are not touched."""
        lost = next((word for forge in _forges(self.screen_stack) if (word := forge.unsaved())), None)
        if lost:
            from chatforge.tui.modals.question import really

            if not await really(self, "Quit?", lost, "q", "Quit all the same"):
                return
        self.exit()


def _forges(screens: Iterable[Screen[object]]) -> "list[ForgeScreen]":
    """The projects among screens, found without importing their module: if it is not there, no project is open."""
    module = sys.modules.get("chatforge.tui.forge")
    return [screen for screen in screens if isinstance(screen, module.ForgeScreen)] if module else []
