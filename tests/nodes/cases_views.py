"""The views: how each is used in the check of its contract, and on tables made for it."""

from __future__ import annotations

from typing import Any

CONTRACT: dict[str, Any] = {
    "bar_chart": {
        "parameters": {"group": "text", "aggregation": "mean", "summarised": "number", "colour": "flag"}
    },
}
