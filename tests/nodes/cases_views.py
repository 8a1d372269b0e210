"""The views: how each is used in the check of its contract, and on tables made for it."""

from __future__ import annotations

from typing import Any

import polars as pl

SHARES = pl.DataFrame(
    {
        "shop": ["a", "b", "a", "c", None, "b", "c", "a"],
        "town": ["x", "x", "y", "y", "x", "y", "x", "y"],
        "amount": [1.0, 4.0, 2.5, 3.0, 2.0, None, 0.5, 6.0],
    }
)
"""Amounts that may be put together into a whole."""

CONTRACT: dict[str, Any] = {
    "bar_chart": {
        "parameters": {"group": "text", "aggregation": "mean", "summarised": "number", "colour": "flag"}
    },
    "box_plot": {"parameters": {"columns": ["number"], "group": "text"}},
    "correlation_matrix_view": {"parameters": {"columns": ["number", "whole"]}},
    "data_explorer": {"parameters": {}},
    "density_plot": {"parameters": {"column": "number", "colour": "flag"}},
    "heatmap": {"parameters": {"x": "text", "y": "flag", "aggregation": "mean", "summarised": "number"}},
    "histogram": {"parameters": {"column": "number", "colour": "flag"}},
    "line_plot": {"parameters": {"x": "day", "y": ["number"]}},
    "parallel_coordinates": {"parameters": {"columns": ["number", "whole"], "colour": "flag"}},
    "pie_chart": {"parameters": {"group": "shop", "summed": "amount"}, "inputs": {"table": SHARES}},
    "scatter_matrix": {"parameters": {"columns": ["number", "whole"], "colour": "flag"}},
    "scatter_plot": {"parameters": {"x": "number", "y": "whole", "colour": "text"}},
    "stacked_area": {"parameters": {"x": "day", "group": "text"}},
    "sunburst": {"parameters": {"levels": ["shop", "town"], "summed": "amount"}, "inputs": {"table": SHARES}},
    "treemap": {"parameters": {"levels": ["shop", "town"]}, "inputs": {"table": SHARES}},
    "violin_plot": {"parameters": {"columns": ["number"], "group": "flag"}},
}

VIEWS = dict(CONTRACT)
"""Those that draw one table."""

CONTRACT["table_view"] = {"parameters": {"sort_by": "number"}}
