"""How ChatForge looks: one dark and one light theme; Textual's own can be chosen, too."""

from textual.theme import Theme

DARK = Theme(
    name="chatforge-dark",
    primary="#e8894a",
    secondary="#8fb3c9",
    accent="#f0b35f",
    warning="#e5c453",
    error="#e0605e",
    success="#86b875",
    foreground="#dcd7cc",
    background="#16181b",
    surface="#1d2024",
    panel="#25292e",
    dark=True,
    # Textual's own are shares of what stands behind them, which text put together as Content does not know.
    variables={"text-muted": "#a09b91", "text-disabled": "#6f6b64", "block-cursor-foreground": "#16181b"},
)

LIGHT = Theme(
    name="chatforge-light",
    primary="#b3541e",
    secondary="#2f6783",
    accent="#a8650f",
    warning="#8a6a00",
    error="#b3261e",
    success="#3b7a2a",
    foreground="#22252a",
    background="#fbfaf7",
    surface="#f2efe9",
    panel="#e6e2d9",
    dark=False,
    variables={"text-muted": "#5f6268", "text-disabled": "#8f9194", "block-cursor-foreground": "#fbfaf7"},
)
