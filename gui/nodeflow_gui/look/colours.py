"""The colours of both themes by what they are for, and the colours of the groups of nodes."""

from __future__ import annotations

LIGHT = {
    "window": "#ffffff",
    "panel": "#ffffff",
    "canvas": "#f5f7fa",
    "grid": "#dfe4ea",
    "card": "#ffffff",
    "shadow": "#1f2a3a",
    "field": "#f7f9fb",
    "button": "#edf0f5",
    "hover": "#eef2f8",
    "pressed": "#e0e6ef",
    "selection": "#dce8fd",
    "text": "#1a2230",
    "muted": "#5d6878",
    "faint": "#98a2b0",
    "border": "#dfe4ea",
    "strong border": "#c2cad6",
    "accent": "#2563d9",
    "on accent": "#ffffff",
    "wire": "#98a2b0",
    "done": "#2a8f52",
    "cached": "#2563d9",
    "running": "#d9862a",
    "queued": "#7a8594",
    "failed": "#cf3f3f",
    "warning": "#b06a00",
    "idle": "#7a8594",
    "run": "#2a8f52",
    "run hover": "#237d47",
    "histogram": "#a9c3f3",
    "formula column": "#1b6fb8",
    "formula function": "#7b4fc4",
    "formula text": "#2a7d46",
    "formula number": "#a8560a",
    "formula word": "#b0326e",
    "tooltip": "#1f2733",
    "on tooltip": "#f4f6f9",
}
"""Texts keep a contrast of at least 4.5 to 1 on the grounds they stand on."""

DARK = {
    "window": "#1c1f26",
    "panel": "#1c1f26",
    "canvas": "#15171c",
    "grid": "#2b303a",
    "card": "#22262f",
    "shadow": "#000000",
    "field": "#14171c",
    "button": "#2a2f39",
    "hover": "#272c36",
    "pressed": "#323844",
    "selection": "#24385f",
    "text": "#e8ebf0",
    "muted": "#a0a9b8",
    "faint": "#6b7483",
    "border": "#2e333d",
    "strong border": "#454c59",
    "accent": "#7aa5ff",
    "on accent": "#10151f",
    "wire": "#68717f",
    "done": "#4cc482",
    "cached": "#7aa5ff",
    "running": "#f0a94f",
    "queued": "#98a2b0",
    "failed": "#f17474",
    "warning": "#e5a84b",
    "idle": "#98a2b0",
    "run": "#4cc482",
    "run hover": "#62d195",
    "histogram": "#3d5687",
    "formula column": "#7db8f0",
    "formula function": "#bb9af2",
    "formula text": "#86d19b",
    "formula number": "#e9ad6c",
    "formula word": "#ee8fc0",
    "tooltip": "#343b48",
    "on tooltip": "#f0f2f6",
}

GROUPS = {
    "Input / Output": ("#2f7dd1", "#4a95e6"),
    "Manipulation": ("#c7861a", "#e0a238"),
    "Statistics": ("#4a8f3c", "#6cb55c"),
    "Views": ("#1d9a8c", "#37b8a9"),
    "Mining": ("#7753c4", "#9a7be3"),
    "Deep Learning": ("#c8447c", "#e46a9c"),
    "Text": ("#a1663d", "#c68a5f"),
    "Networks": ("#3b7f9e", "#5aa3c4"),
    "Flow": ("#5f6f86", "#8393ab"),
    "Scripting": ("#5d6472", "#8a92a1"),
    "Components": ("#5f6f86", "#8393ab"),
}
"""The first words of a category with its colour in the light and in the dark theme."""

OTHER_GROUP = ("#737f8f", "#8d98a8")


def group_colour(category: str, dark: bool) -> str:
    """The colour of the group that a category such as "Mining / Trees" belongs to."""
    for group, colours in GROUPS.items():
        if category.casefold().startswith(group.casefold()):
            return colours[dark]
    return OTHER_GROUP[dark]


def contrast(first: str, second: str) -> float:
    """The contrast of two colours from 1 to 21, as the Web Content Accessibility Guidelines reckon it."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
