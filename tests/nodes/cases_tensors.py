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


def forecast_windows(**more: Any) -> Any:
    """Windows to forecast the temperature by."""
    from nodeflow.values.preparation import WindowsPreparation
    from nodeflow.values.windowing import windows_of_parts

    given = {"columns": ("temp", "wind"), "target": "temp", "lookback": 12, "stride": 1, "horizon": 3, **more}
    return windows_of_parts(WindowsPreparation(**given), SERIES, (0.6, 0.2, 0.2), "standard", [])[0]


SCORED = pl.DataFrame(
    {"row": [0, 1, 2, 3], "temp": [1.0, 2.0, 4.0, None], "p": [1.5, 2.0, 3.0, 1.0], "n": [0.0, 1.0, 2.0, 4.0]}
)

CONTRACT |= {
    "one_hot_generator": {"parameters": {"repeats": 2}},
    "add_noise": {"inputs": {"tensors": tensors()}},
    "split_tensors": {"parameters": {"method": "stratified"}, "inputs": {"tensors": tensors()}},
    "naive_forecast": {"parameters": {"rule": "seasonal", "season": 6}, "inputs": {"tensors": forecast_windows()}},
    "forecast_scorer": {
        "parameters": {"actual": "temp", "prediction": "p"},
        "inputs": {"table": SCORED.drop("n"), "naive": SCORED.select("row", "temp", "n")},
    },
}  # fmt: skip


def write_idx(path: Any) -> None:
    path.write_bytes(b"\0\0\x08\x03" + b"".join(n.to_bytes(4, "big") for n in (2, 3, 3)) + bytes(range(18)))


PIXELS = pl.DataFrame(
    {f"p{place}": [place, 16 - place, 3] for place in range(4)} | {"digit": ["a", "b", "a"]}
)

CONTRACT |= {
    "image_to_tensor": {"parameters": {"target": "digit"}, "inputs": {"table": PIXELS}},
    "tensors_to_table": {"inputs": {"tensors": tensors()}},
    "tensors_reader": lambda folder: (
        write_idx(folder / "a.idx3-ubyte") or {"parameters": {"path": str(folder / "a.idx3-ubyte")}}
    ),
    "tensors_writer": lambda folder: {
        "parameters": {"path": str(folder / "a.npz")}, "inputs": {"tensors": forecast_windows()},
    },
}  # fmt: skip

JENA = """Date Time,p (mbar),wv (m/s)
01.01.2009 00:10:00,996.52,1.03
01.01.2009 00:20:00,996.57,-9999
01.01.2009 00:30:00,996.53,0.19
"""


def write_jena(path: Any) -> None:
    path.write_text(JENA)


CONTRACT |= {
    "time_series_reader": lambda folder: (
        write_jena(folder / "a.csv") or {"parameters": {"path": str(folder / "a.csv")}}
    ),
    "resample": {"parameters": {"time": "time", "every": 2, "group": "place"}, "inputs": {"table": SERIES}},
}
CONTRACT |= {
    "text_tokenizer": {
        "parameters": {"text": "says", "target": "mood", "length": 4},
        "inputs": {
            "table": pl.DataFrame({"says": ["Good day", "not good!", None, ""], "mood": ["a", "b", "a", "b"]})
        },
    },
}
