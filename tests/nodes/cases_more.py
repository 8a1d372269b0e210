"""Further nodes that split, pair and merge: their contract cases, and what they give on every engine."""

from __future__ import annotations

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.bootstrap_sampling import BootstrapSampling
from nodeflow_nodes.manipulation.column_appender import ColumnAppender
from nodeflow_nodes.manipulation.column_merger import ColumnMerger
from nodeflow_nodes.manipulation.cross_joiner import CrossJoiner
from nodeflow_nodes.manipulation.nominal_value_row_filter import NominalValueRowFilter
from nodeflow_nodes.manipulation.reference_row_splitter import ReferenceRowSplitter
from nodeflow_nodes.manipulation.row_difference import RowDifference
from nodeflow_nodes.manipulation.rule_based_row_splitter import RuleBasedRowSplitter

TABLE = pl.DataFrame({"k": ["a", "b", None, "a"], "x": [1, 4, 2, 8]})
OTHER = pl.DataFrame({"k": ["b", "a", "a"], "y": [0.5, 1.5, 2.5]})
ROWS = TABLE.rows()
GAPS = pl.DataFrame({"p": ["a", None, None], "q": ["x", "y", None]})

CONTRACT = {
    "nominal_value_row_filter": {"parameters": {"column": "text", "listed": ["a"]}},
    "column_merger": {"parameters": {"first": "number", "second": "whole"}},
    "reference_row_splitter": {"parameters": {"keys": [{"column": "whole", "reference": "whole"}]}},
    "row_difference": {},
    "rule_based_row_splitter": {"parameters": {"rules": "number > 1 => true"}},
}

PORTABLE = {
    "nominal values": Portable(
        NominalValueRowFilter(column="k", listed=["a", "z"]), [TABLE], [ROWS[0], ROWS[3]]
    ),
    "other values and missing ones": Portable(
        NominalValueRowFilter(column="k", listed=["a"], keep="others", missing=True),
        [TABLE],
        [ROWS[1], ROWS[2]],
    ),
    "column appender": Portable(
        ColumnAppender(),
        [TABLE, OTHER],
        [("a", 1, "b", 0.5), ("b", 4, "a", 1.5), (None, 2, "a", 2.5), ("a", 8, None, None)],
        ["k", "x", "k_right", "y"],
    ),
    "column appender, shorter": Portable(
        ColumnAppender(rows="shorter"), [OTHER.select("y"), TABLE.select("x").head(2)], [(0.5, 1), (1.5, 4)]
    ),
    "column merger": Portable(
        ColumnMerger(first="p", second="q"), [GAPS], [("a", "x"), ("y", "y"), (None, None)]
    ),
    "cross joiner": Portable(
        CrossJoiner(), [TABLE.head(2), OTHER.head(1)], [("a", 1, "b", 0.5), ("b", 4, "b", 0.5)]
    ),
    "reference row splitter": Portable(
        ReferenceRowSplitter(), [TABLE, OTHER.head(1)], [[ROWS[1]], [ROWS[0], ROWS[2], ROWS[3]]]
    ),
    "rule-based row splitter": Portable(
        RuleBasedRowSplitter(rules="is_missing(k) => false\nx > 1 => true"),
        [TABLE],
        [[ROWS[1], ROWS[3]], [ROWS[0], ROWS[2]]],
    ),
    "row difference": Portable(
        RowDifference(), [TABLE], [(*row, more) for row, more in zip(ROWS, [None, 3, -2, 6], strict=True)]
    ),
    "row difference in groups, as a share": Portable(
        RowDifference(told_as="share", groups=["k"]),
        [TABLE],
        [(*row, more) for row, more in zip(ROWS, [None, None, None, 7.0], strict=True)],
    ),
    "bootstrap": Portable(
        BootstrapSampling(seed=4), [TABLE], [[ROWS[0], ROWS[0], ROWS[2], ROWS[3]], [ROWS[1]]]
    ),
}
