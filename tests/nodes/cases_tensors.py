"""How the contract of the nodes that make and use tensors is checked."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import polars as pl

HOURS = 60
SERIES = pl.DataFrame(
    {
        "time": [dt.datetime(2024, 1, 1) + dt.timedelta(hours=hour) for hour in range(HOURS)],
        "temp": [10 + 5 * np.sin(hour / 4) for hour in range(HOURS)],
        "wind": [float(hour % 7) for hour in range(HOURS)],
        "place": ["EWR"] * HOURS,
    }
)
FLOWERS = pl.DataFrame(
    {
        "length": [1.0, 2.0, None, 4.0, 5.5, 3.0],
        "width": [1, 0, 2, 2, 1, 5],
        "open": [True, False, True, None, True, False],
        "kind": ["a", "b", "a", "b", None, "a"],
    }
)


def tensors() -> Any:
    """A few samples of two features with a class each."""
    from nodeflow.values.tensors import Tensors

    x = np.arange(20, dtype=np.float32).reshape(10, 2)
    y = (np.arange(10) % 2).astype(np.int32)
    return Tensors(
        {"x": x, "y": y},
        axes={"x": ("feature",)},
        targets=("y",),
        task="classification",
        classes=("no", "yes"),
    )


CONTRACT: dict[str, Any] = {
    "sequence_windows": {
        "parameters": {
            "target": "temp", "time": "time", "group": "place", "lookback": 6, "stride": 2, "horizon": 3, "unit": "hours",
        },
        "inputs": {"table": SERIES},
    },
    "table_to_tensors": {"parameters": {"target": "kind", "missing": "mean"}, "inputs": {"table": FLOWERS}},
}  # fmt: skip
