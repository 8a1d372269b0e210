"""The first nodes on every engine."""

from __future__ import annotations

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.column_filter import ColumnFilter
from nodeflow_nodes.manipulation.concatenate import Concatenate
from nodeflow_nodes.manipulation.formula import Formula
from nodeflow_nodes.manipulation.group_by import GroupBy
from nodeflow_nodes.manipulation.joiner import Joiner
from nodeflow_nodes.manipulation.row_filter import RowFilter
from nodeflow_nodes.manipulation.sorter import Sorter

ORDERS = pl.DataFrame(
    {
        "no": [1, 2, 3, 4, 5, 6, 7, 8],
        "city": ["Ulm", None, "Bonn", "Ulm", None, "Köln", "Bonn", "Ulm"],
        "amount": [10.0, 1.0, None, 20.0, 2.0, None, 8.0, 40.0],
        "count": [1, 2, 3, 4, 5, 6, 7, 8],
    }
)
CITIES = pl.DataFrame({"city": ["Bonn", "Ulm", None, "Bonn", "Rom"], "km": [1, 2, 3, 4, 5]})
FEW, PAIR = ORDERS.head(3), ORDERS.head(2).select("no", "city")


def keys(*names: str) -> list[dict[str, str]]:
    return [{"left": name, "right": name} for name in names]


PORTABLE = {
    "column filter": Portable(
        ColumnFilter(columns={"types": ["number"], "exclude": ["count"]}),
        [ORDERS],
        [(1, 10.0), (2, 1.0), (3, None), (4, 20.0), (5, 2.0), (6, None), (7, 8.0), (8, 40.0)],
    ),
    "row filter": Portable(
        RowFilter(condition="amount > 5 and no < 8"),
        [ORDERS],
        [(1, "Ulm", 10.0, 1), (4, "Ulm", 20.0, 4), (7, "Bonn", 8.0, 7)],
    ),
    "formula": Portable(
        Formula(
            formulas=[
                {"name": "twice", "expression": "amount * 2"},
                {"name": "amount", "expression": "twice + no"},
            ]
        ),
        [FEW],
        [(1, "Ulm", 21.0, 1, 20.0), (2, None, 4.0, 2, 2.0), (3, "Bonn", None, 3, None)],
    ),
    "sorter": Portable(
        Sorter(by=[{"column": "city"}, {"column": "amount", "descending": True}]),
        [ORDERS],
        [
            (7, "Bonn", 8.0, 7),
            (3, "Bonn", None, 3),
            (6, "Köln", None, 6),
            (8, "Ulm", 40.0, 8),
            (4, "Ulm", 20.0, 4),
            (1, "Ulm", 10.0, 1),
            (5, None, 2.0, 5),
            (2, None, 1.0, 2),
        ],
    ),
    "sorter, missing first, ties in order": Portable(
        Sorter(by=[{"column": "city", "descending": True}], missing="first"),
        [ORDERS],
        [ORDERS.row(i) for i in (1, 4, 0, 3, 7, 5, 2, 6)],
    ),
    "group by": Portable(
        GroupBy(
            keys=["city"],
            aggregations=[
                {"column": "amount", "function": function}
                for function in ("sum", "mean", "min", "max", "count", "missing", "n_distinct", "std")
            ],
            row_count="rows",
        ),
        [ORDERS],
        [
            ("Ulm", 70.0, 70 / 3, 10.0, 40.0, 3, 0, 3, 15.275252316519467, 3),
            (None, 3.0, 1.5, 1.0, 2.0, 2, 0, 2, 0.5**0.5, 2),
            ("Bonn", 8.0, 8.0, 8.0, 8.0, 1, 1, 1, None, 2),
            ("Köln", 0.0, None, None, None, 0, 1, 0, None, 1),
        ],
    ),
    "group by, whole table, missing keys dropped": Portable(
        GroupBy(keys=["city"], missing_keys="drop", row_count="n"),
        [ORDERS],
        [("Ulm", 3), ("Bonn", 2), ("Köln", 1)],
    ),
    "one group": Portable(
        GroupBy(aggregations=[{"column": "count", "function": "sum"}], row_count="n"),
        [ORDERS],
        [(36, 8)],
    ),
    "inner join": Portable(
        Joiner(keys=keys("city")),
        [FEW, CITIES],
        [(1, "Ulm", 10.0, 1, 2), (3, "Bonn", None, 3, 1), (3, "Bonn", None, 3, 4)],
    ),
    "left join": Portable(
        Joiner(keys=keys("city"), kind="left"),
        [FEW, CITIES],
        [(1, "Ulm", 10.0, 1, 2), (2, None, 1.0, 2, None), (3, "Bonn", None, 3, 1), (3, "Bonn", None, 3, 4)],
    ),
    "right join": Portable(
        Joiner(keys=keys("city"), kind="right"),
        [FEW, CITIES],
        [
            (3, "Bonn", None, 3, 1),
            (1, "Ulm", 10.0, 1, 2),
            (None, None, None, None, 3),
            (3, "Bonn", None, 3, 4),
            (None, "Rom", None, None, 5),
        ],
    ),
    "full join": Portable(
        Joiner(keys=keys("city"), kind="full"),
        [FEW, CITIES],
        [
            (1, "Ulm", 10.0, 1, 2),
            (2, None, 1.0, 2, None),
            (3, "Bonn", None, 3, 1),
            (3, "Bonn", None, 3, 4),
            (None, None, None, None, 3),
            (None, "Rom", None, None, 5),
        ],
    ),
    "semi join": Portable(
        Joiner(keys=keys("city"), kind="semi"),
        [FEW, CITIES],
        [(1, "Ulm", 10.0, 1), (3, "Bonn", None, 3)],
    ),
    "anti join": Portable(Joiner(keys=keys("city"), kind="anti"), [FEW, CITIES], [(2, None, 1.0, 2)]),
    "cross join": Portable(
        Joiner(kind="cross"),
        [PAIR, PAIR],
        [(1, "Ulm", 1, "Ulm"), (1, "Ulm", 2, None), (2, None, 1, "Ulm"), (2, None, 2, None)],
    ),
    "concatenate": Portable(
        Concatenate(source="from"),
        [PAIR, CITIES],
        [
            (1, "Ulm", None, 1),
            (2, None, None, 1),
            (None, "Bonn", 1, 2),
            (None, "Ulm", 2, 2),
            (None, None, 3, 2),
            (None, "Bonn", 4, 2),
            (None, "Rom", 5, 2),
        ],
    ),
    "concatenate, common columns": Portable(
        Concatenate(columns="intersection"),
        [PAIR, CITIES],
        [(one,) for one in ("Ulm", None, "Bonn", "Ulm", None, "Bonn", "Rom")],
    ),
}
