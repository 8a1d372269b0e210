"""The colours of charts on light and on dark: a view draws with them, a report changes from one to the other."""

from __future__ import annotations

# Okabe and Ito 2008: distinguishable with any colour vision
PALETTE = ["#0072B2", "#E69F00", "#009E73", "#D55E00", "#56B4E9", "#CC79A7", "#F0E442", "#000000"]

PALETTES = {
    "light": PALETTE,
    "dark": [PALETTE[4], *PALETTE[1:4], *PALETTE[5:7], "#ffffff", PALETTE[0]],
}
"""The colours of groups in order; on dark ground the darkest come last, and white for black."""

LIGHT = {
    "background": "#ffffff", "text": "#1f2933", "quiet": "#52606d", "grid": "#e4e7eb",
    "soft": "#f5f7fa", "rest": "#d5dbe1", "faint": "#d6e6f2",
}  # fmt: skip
DARK = {
    "background": "#1b1f24", "text": "#e4e7eb", "quiet": "#9aa5b1", "grid": "#323f4b",
    "soft": "#262c34", "rest": "#3e4954", "faint": "#27445c",
}  # fmt: skip


def swaps(theme: str) -> dict[str, str]:
    """Each colour of the other theme, in small letters, with the one that takes its place in `theme`."""
    old, new = (LIGHT, DARK) if theme == "dark" else (DARK, LIGHT)
    other = "light" if theme == "dark" else "dark"
    found = dict(zip(PALETTES[other], PALETTES[theme], strict=True)) | {old[role]: new[role] for role in old}
    return {before.lower(): after for before, after in found.items()}
