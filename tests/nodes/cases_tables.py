"""Nodes that put tables together and reshape them: their contract cases, and what they give on every engine."""

from __future__ import annotations

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.lookup import Lookup
from nodeflow_nodes.manipulation.pivot import Pivot
from nodeflow_nodes.manipulation.reference_row_filter import ReferenceRowFilter
from nodeflow_nodes.manipulation.unpivot import Unpivot

SALES = pl.DataFrame(
    {
        "shop": ["A", "B", "A", None, "B", "A"],
        "kind": ["tea", "tea", "nut", "nut", None, "tea"],
        "amount": [1.0, 2.0, 3.0, 4.0, 5.0, None],
    }
)
SHOPS = pl.DataFrame({"shop": ["B", "A", "A", None], "town": ["Ulm", "Bonn", "Rom", "Oslo"]})

CONTRACT = {
    "lookup": {"parameters": {"keys": [{"column": "whole", "entry": "whole"}]}},
    "compare_tables": {"parameters": {"keys": ["whole"]}},
    "row_to_header": {"inputs": {"table": pl.DataFrame({"a": ["n", "1"], "b": ["m", "x"]})}},
    "reference_row_filter": {"parameters": {"keys": [{"column": "whole", "reference": "whole"}]}},
    "pivot": {
        "parameters": {
            "rows": ["whole"],
            "column": "text",
            "cells": [{"column": "number", "function": "sum"}],
        }
    },
    "unpivot": {"parameters": {"columns": ["number", "whole"]}},
    "transpose": {},
    "ungroup": {
        "inputs": {
            "table": pl.DataFrame(
                {"a": [1, 2, 3], "l": [[1, 2], [], None]}, schema_overrides={"l": pl.List(pl.Int64)}
            )
        }
    },
}

PORTABLE = {
    "lookup": Portable(
        Lookup(keys=[{"column": "shop", "entry": "shop"}]),
        [SALES, SHOPS],
        [(*row, {"A": "Bonn", "B": "Ulm"}.get(row[0] or "")) for row in SALES.rows()],
        ["shop", "kind", "amount", "town"],
    ),
    "lookup of the last": Portable(
        Lookup(several="last"), [SALES.head(2), SHOPS], [("A", "tea", 1.0, "Rom"), ("B", "tea", 2.0, "Ulm")]
    ),
    "reference row filter": Portable(
        ReferenceRowFilter(), [SALES, SHOPS.head(1)], [SALES.row(1), SALES.row(4)]
    ),
    "reference row filter, not found": Portable(
        ReferenceRowFilter(keep="not found"), [SALES, SHOPS.head(1)], [SALES.row(i) for i in (0, 2, 3, 5)]
    ),
    "unpivot": Portable(
        Unpivot(columns=["b", "a"], name_column="name"),
        [pl.DataFrame({"a": [1, None], "k": ["x", "y"], "b": [0.5, 1.5]})],
        [("x", "b", 0.5), ("x", "a", 1.0), ("y", "b", 1.5), ("y", "a", None)],
        ["k", "name", "value"],
    ),
    "unpivot without missing": Portable(
        Unpivot(columns=["a"], kept=[], skip_missing=True), [pl.DataFrame({"a": [1, None]})], [("a", 1)]
    ),
    "pivot of sums": Portable(
        Pivot(rows=["shop"], column="kind", cells=[{"column": "amount", "function": "mean"}]),
        [SALES],
        [("A", 3.0, 1.0), ("B", None, 2.0), (None, 4.0, None)],
        ["shop", "nut", "tea"],
    ),
    "pivot of counts": Portable(
        Pivot(rows=["shop"], column="kind", listed=["tea", "nut"], missing="column", totals=True),
        [SALES],
        [("A", 2, 1, 0, 3), ("B", 1, 0, 1, 2), (None, 0, 1, 0, 1)],
        ["shop", "tea", "nut", "(missing)", "total"],
    ),
}
