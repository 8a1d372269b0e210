"""Operations that need care across engines, over narwhals lazy frames.

Row order is part of a table: joins keep the order of the left table, groups come in the order
of their first row, sorting is stable. Polars keeps an order by itself; on other engines each
operation carries a row index. Within `nodeflow.memory.limited` sorting, grouping and joining keep to a memory
limit. Column names are data: none is ever read as a pattern.
"""

from nodeflow.ops.frames import column, fresh_names, is_polars, names_of, number_rows, select
from nodeflow.ops.group import FUNCTIONS, Aggregation, group
from nodeflow.ops.join import join, joined_names
from nodeflow.ops.order import sort
from nodeflow.ops.sample import add_order_key, partition
from nodeflow.ops.window import Window, distinct, window

__all__ = [
    "FUNCTIONS",
    "Aggregation",
    "Window",
    "add_order_key",
    "column",
    "distinct",
    "fresh_names",
    "group",
    "is_polars",
    "join",
    "joined_names",
    "names_of",
    "number_rows",
    "partition",
    "select",
    "sort",
    "window",
]
