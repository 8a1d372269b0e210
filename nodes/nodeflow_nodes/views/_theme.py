"""The look of charts: one place for colours, type and spacing, light and dark."""

from __future__ import annotations

from typing import Any

from nodeflow.values.looks import DARK, LIGHT, PALETTE, PALETTES


def config(theme: str) -> dict[str, Any]:
    """Vega-Lite's configuration for "light" or "dark"."""
    look = DARK if theme == "dark" else LIGHT
    font = "Inter, Helvetica Neue, Arial, sans-serif"
    axis = {
        "domainColor": look["quiet"], "gridColor": look["grid"], "labelColor": look["quiet"], "labelFontSize": 11,
        "tickColor": look["quiet"], "titleColor": look["text"], "titleFontSize": 12, "titleFontWeight": 600,
        "titlePadding": 10, "labelLimit": 160, "labelOverlap": "greedy", "tickCount": 8,
    }  # fmt: skip
    return {
        "background": look["background"],
        "font": font,
        "padding": 16,
        "view": {"stroke": None},
        "axis": axis,
        "legend": {
            "labelColor": look["text"], "titleColor": look["text"], "labelFontSize": 11, "titleFontSize": 12,
            "labelLimit": 180, "symbolOpacity": 1,
            "symbolBaseFillColor": look["quiet"], "symbolBaseStrokeColor": look["quiet"],
        },
        "header": {
            "labelColor": look["text"], "titleColor": look["text"], "labelFontSize": 11, "titleFontSize": 12,
            "titleFontWeight": 600,
        },
        "title": {
            "color": look["text"], "subtitleColor": look["quiet"], "anchor": "start", "fontSize": 15,
            "subtitleFontSize": 12, "offset": 14, "frame": "group", "subtitlePadding": 6,
        },
        "range": {"category": palette(theme)},
    }  # fmt: skip


def palette(theme: str) -> list[str]:
    """The colours of groups in order; on dark ground the darkest come last, and white for black."""
    return list(PALETTES[theme])


def line_colour(theme: str) -> str:
    """The colour of reference lines."""
    return (DARK if theme == "dark" else LIGHT)["quiet"]


def ramp(theme: str) -> list[str]:
    """Colours from little, near the ground, to much."""
    dark = ["#22384a", "#1f5f8b", "#2f8fc7", "#7cc4ee", "#d9f0ff"]
    return dark if theme == "dark" else ["#e8f1f8", "#abd0e6", "#5aa2cf", "#1b6aa5", "#073763"]


def diverging(theme: str) -> list[str]:
    """Colours from far below the middle to far above it."""
    dark = ["#f08a4b", "#8a5a3c", "#2b3138", "#2f6690", "#6fc0f0"]
    return dark if theme == "dark" else ["#b8480a", "#eeb38f", "#f3f4f6", "#8fbfe0", "#00609c"]


__all__ = ["PALETTE", "config", "diverging", "line_colour", "palette", "ramp"]
