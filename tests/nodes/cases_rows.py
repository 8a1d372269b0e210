"""Nodes that choose, order and number rows: their contract cases, and what they give on every engine."""

from __future__ import annotations

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.cumulative_aggregation import CumulativeAggregation
from nodeflow_nodes.manipulation.duplicate_row_filter import DuplicateRowFilter
from nodeflow_nodes.manipulation.lag import Lag
from nodeflow_nodes.manipulation.rank import Rank
from nodeflow_nodes.manipulation.row_filter import RowFilter
from nodeflow_nodes.manipulation.row_number import RowNumber
from nodeflow_nodes.manipulation.row_sampling import RowSampling
from nodeflow_nodes.manipulation.row_splitter import RowSplitter
from nodeflow_nodes.manipulation.shuffle import Shuffle
from nodeflow_nodes.manipulation.top_k import TopK

TABLE = pl.DataFrame({"g": ["a", "b", None, "a", None, "a"], "x": [3, None, 1, 2, 5, 2]})
ROWS = TABLE.rows()

CONTRACT = {
    "cumulative_aggregation": {},
    "lag": {"parameters": {"columns": ["number"]}},
    "rank": {"parameters": {"by": "number"}},
    "row_filter": {
        "parameters": {"conditions": [{"column": "number", "test": "is greater than", "value": "1"}]}
    },
    "row_splitter": {"parameters": {"condition": "number > 1"}},
    "top_k": {"parameters": {"by": "number", "count": 2}},
}


def with_(*values: object) -> list[tuple[object, ...]]:
    return [(*row, value) for row, value in zip(ROWS, values, strict=True)]


PORTABLE = {
    "row filter, picked tests": Portable(
        RowFilter(
            conditions=[
                {"column": "g", "test": "is one of", "listed": ["a", "z"]},
                {"column": "x", "test": "is between", "value": "2", "upper": "3"},
            ]
        ),
        [TABLE],
        [ROWS[0], ROWS[3], ROWS[5]],
    ),
    "duplicates, first kept": Portable(
        DuplicateRowFilter(columns=["g"]), [TABLE], [ROWS[0], ROWS[1], ROWS[2]]
    ),
    "duplicates, last kept": Portable(
        DuplicateRowFilter(columns=["g"], keep="last"), [TABLE], [ROWS[1], ROWS[4], ROWS[5]]
    ),
    "duplicates, none kept": Portable(DuplicateRowFilter(columns=["g"], keep="none"), [TABLE], [ROWS[1]]),
    "row splitter": Portable(
        RowSplitter(condition="x > 1"), [TABLE], [[ROWS[i] for i in (0, 3, 4, 5)], [ROWS[i] for i in (1, 2)]]
    ),
    "random sample": Portable(RowSampling(fraction=0.5, seed=11), [TABLE], [ROWS[i] for i in (1, 2, 3)]),
    "every nth": Portable(
        RowSampling(method="every nth", size="count", count=3), [TABLE], [ROWS[i] for i in (1, 3, 5)]
    ),
    "every nth by a share": Portable(
        RowSampling(method="every nth", fraction=0.34), [TABLE], [ROWS[i] for i in (2, 5)]
    ),
    "shuffle": Portable(Shuffle(seed=3), [TABLE], [ROWS[i] for i in (3, 4, 0, 2, 1, 5)]),
    "largest": Portable(TopK(by="x", count=3), [TABLE], [ROWS[4], ROWS[0], ROWS[3]]),
    "smallest of each": Portable(
        TopK(by="x", count=1, which="smallest", groups=["g"]), [TABLE], [ROWS[2], ROWS[3], ROWS[1]]
    ),
    "row number": Portable(RowNumber(start=10, step=-2), [TABLE], with_(10, 8, 6, 4, 2, 0)),
    "row number in groups": Portable(RowNumber(groups=["g"]), [TABLE], with_(1, 1, 1, 2, 2, 3)),
    "rank": Portable(Rank(by="x"), [TABLE], with_(2, None, 5, 3, 1, 3)),
    "average rank of the smallest": Portable(
        Rank(by="x", best="smallest", ties="average"), [TABLE], with_(4.0, None, 1.0, 2.5, 5.0, 2.5)
    ),
    "dense rank in groups": Portable(
        Rank(by="x", ties="dense", groups=["g"]), [TABLE], with_(1, None, 2, 2, 1, 2)
    ),
    "lag": Portable(
        Lag(columns=["x"], offsets=[1, -2]),
        [TABLE],
        [
            (*row, *more)
            for row, more in zip(
                ROWS, [(None, 1), (3, 2), (None, 5), (1, 2), (2, None), (5, None)], strict=True
            )
        ],
        ["g", "x", "x (-1)", "x (+2)"],
    ),
    "lag in groups": Portable(Lag(columns=["x"], groups=["g"]), [TABLE], with_(None, None, None, 3, 1, 2)),
    "running sum": Portable(CumulativeAggregation(), [TABLE], with_(3, None, 4, 6, 11, 13)),
    "running maximum in groups": Portable(
        CumulativeAggregation(function="maximum", groups=["g"]), [TABLE], with_(3, None, 1, 3, 5, 3)
    ),
}
