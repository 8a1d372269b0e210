"""The curves of a training: loss and metrics by epoch, on training and validation data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow_nodes.views._theme import config, line_colour, palette

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.chart import Chart

TRAINING, VALIDATION = "training", "validation"

_APART = (
    "epoch",
    "learning_rate",
    "gradient_norm",
    "clipped_norm",
    "largest_gradient_norm",
    "largest_clipped_norm",
)
_ACRONYMS = {name: name.upper() for name in ("mae", "mse", "rmse", "mape")}
_WIDTH, _HEIGHT = 460, 190


def learning_curves(history: pl.DataFrame, title: str, best_epoch: int) -> Chart:
    """One panel for the loss and one for each metric; a mark stands at the best epoch."""
    from nodeflow.values.chart import Chart

    measures = [name for name in history.columns if name not in _APART and not name.startswith("val_")]
    panels = [_panel(history, name, best_epoch) for name in measures]
    told = f"best at epoch {best_epoch} of {history.height}" if best_epoch else f"{history.height} epochs"
    return Chart(
        {
            "title": {"text": title, "subtitle": told},
            "config": config("light"),
            "concat": panels,
            "columns": 2,
            "spacing": 28,
            "resolve": {"scale": {"color": "shared"}},
        }
    )


_FEW_EPOCHS = 10


def _panel(history: pl.DataFrame, measure: str, best_epoch: int) -> dict[str, Any]:
    rows = []
    for row in history.iter_rows(named=True):
        for data, name in ((TRAINING, measure), (VALIDATION, f"val_{measure}")):
            if row.get(name) is not None:
                rows.append({"epoch": row["epoch"], "data": data, "value": row[name]})
    colours = palette("light")
    across: dict[str, Any] = {
        "field": "epoch", "type": "quantitative", "title": "Epoch",
        "axis": {"tickMinStep": 1, "format": "d"}, "scale": {"nice": False, "zero": False},
    }  # fmt: skip
    if history.height <= _FEW_EPOCHS:  # else marks stand between two epochs, rounded to the same number
        across["axis"]["values"] = history["epoch"].to_list()
    words = _ACRONYMS.get(measure, measure.replace("_", " "))
    up = {
        "field": "value", "type": "quantitative", "title": words[:1].upper() + words[1:], "scale": {"zero": False},
    }  # fmt: skip
    colour = {
        "field": "data", "type": "nominal", "title": None, "sort": [TRAINING, VALIDATION],
        "scale": {"domain": [TRAINING, VALIDATION], "range": [colours[0], colours[1]]},
        "legend": {"orient": "top", "direction": "horizontal"},
    }  # fmt: skip
    tooltip = [
        {"field": "epoch", "type": "quantitative", "title": "Epoch"},
        {"field": "data", "type": "nominal", "title": "Data"},
        {"field": "value", "type": "quantitative", "title": words, "format": ".4g"},
    ]
    layers: list[dict[str, Any]] = [
        {
            "data": {"values": rows},
            "mark": {"type": "line", "point": len(rows) <= 80, "strokeWidth": 2},
            "encoding": {"x": across, "y": up, "color": colour, "tooltip": tooltip},
        }
    ]
    if best_epoch:
        layers.append(
            {
                "data": {"values": [{"epoch": best_epoch}]},
                "mark": {"type": "rule", "color": line_colour("light"), "strokeDash": [4, 4]},
                "encoding": {"x": across},
            }
        )
    return {"width": _WIDTH, "height": _HEIGHT, "layer": layers}
