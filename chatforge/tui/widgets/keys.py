"""The last line of a screen: the keys that do something now."""

from textual.screen import Screen
from textual.widgets import Footer


class Keys(Footer):
    """The footer, made anew only when its keys are others: Textual's own is at every change of the focus."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._told: object = None

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Compare the keys with those that are shown."""
        if screen is self.screen and screen.app.app_focus:
            active = screen.active_bindings.values()
            told = [(binding, enabled, tooltip) for _, binding, enabled, tooltip in active if binding.show]
            if told == self._told:
                return
            self._told = told
        super().bindings_changed(screen)
