"""The colours of charts on light and on dark: a view draws with them, a report changes from one to the other."""

from __future__ import annotations

# Okabe and Ito 2008: distinguishable with any colour vision
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#000000"]

LIGHT = {"background": "#ffffff", "text": "#1f2933", "quiet": "#52606d", "grid": "#e4e7eb"}
DARK = {"background": "#1b1f24", "text": "#e4e7eb", "quiet": "#9aa5b1", "grid": "#323f4b"}

LINES = {"light": PALETTE[0], "dark": PALETTE[4]}
"""The colour of marks that no column colours."""

LAST = {"light": PALETTE[7], "dark": "#ffffff"}
"""The last colour of the palette, which must stand out against the background."""


def swaps(theme: str) -> dict[str, str]:
    """Each colour of the other theme with the one that takes its place in `theme`."""
    old, new = (LIGHT, DARK) if theme == "dark" else (DARK, LIGHT)
    other = "light" if theme == "dark" else "dark"
    found = {old[role].lower(): new[role] for role in old}
    # on dark, white is the last colour; on light, black is
    return {LAST[other].lower(): LAST[theme]} | found
