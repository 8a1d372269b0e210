"""Nodes that change columns: their contract cases, and what they give on every engine."""

from __future__ import annotations

from datetime import date

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.column_aggregator import ColumnAggregator
from nodeflow_nodes.manipulation.column_combiner import ColumnCombiner
from nodeflow_nodes.manipulation.column_rename import ColumnRename
from nodeflow_nodes.manipulation.column_resorter import ColumnResorter
from nodeflow_nodes.manipulation.column_splitter import ColumnSplitter
from nodeflow_nodes.manipulation.constant_column import ConstantColumn
from nodeflow_nodes.manipulation.math_formula import MathFormula
from nodeflow_nodes.manipulation.round import Round
from nodeflow_nodes.manipulation.rule_based_row_filter import RuleBasedRowFilter
from nodeflow_nodes.manipulation.rule_engine import RuleEngine
from nodeflow_nodes.manipulation.string_manipulation import StringManipulation
from nodeflow_nodes.manipulation.string_replacer import StringReplacer

TABLE = pl.DataFrame({"name": [" Ann ", "bob", None], "n": [1, 2, None], "x": [1.26, -2.5, None]})

CONTRACT = {
    "column_rename": {"parameters": {"renames": [{"column": "text", "name": "words"}]}},
    "column_resorter": {"parameters": {"first": ["whole"]}},
    "constant_column": {"parameters": {"value": "1", "type": "integer"}},
    "math_formula": {"parameters": {"expression": "value * 2"}},
    "round": {},
    "rule_based_row_filter": {"parameters": {"rules": "number > 1 => true"}},
    "rule_engine": {"parameters": {"rules": 'number > 1 => "much"\ntrue => "little"'}},
    "string_manipulation": {"parameters": {"steps": ["trim", "upper case"]}},
    "string_replacer": {"parameters": {"find": "a", "replacement": "b"}},
}

PORTABLE = {
    "column rename": Portable(
        ColumnRename(renames=[{"column": "n", "name": "x"}, {"column": "x", "name": "n"}]),
        [TABLE],
        TABLE.rows(),
        ["name", "x", "n"],
    ),
    "column resorter": Portable(
        ColumnResorter(first=["x"], others="z to a"),
        [TABLE],
        [(1.26, " Ann ", 1), (-2.5, "bob", 2), (None, None, None)],
        ["x", "name", "n"],
    ),
    "column splitter": Portable(
        ColumnSplitter(columns=["n"]),
        [TABLE],
        [[(1,), (2,), (None,)], [(" Ann ", 1.26), ("bob", -2.5), (None, None)]],
    ),
    "constant column": Portable(
        ConstantColumn(column="x", value="7", type="integer", existing="replace"),
        [TABLE],
        [(" Ann ", 1, 7), ("bob", 2, 7), (None, None, 7)],
    ),
    "constant date": Portable(
        ConstantColumn(value="2024-02-29", type="date"),
        [TABLE.select("n")],
        [(1, date(2024, 2, 29)), (2, date(2024, 2, 29)), (None, date(2024, 2, 29))],
    ),
    "round to nearest": Portable(Round(digits=1), [TABLE.select("x")], [(1.3,), (-2.5,), (None,)]),
    "round towards zero": Portable(
        Round(columns=["x"], method="towards zero"), [TABLE.select("x")], [(1.0,), (-2.0,), (None,)]
    ),
    "round up to halves of ten": Portable(
        Round(columns=["n"], digits=-1, method="up"), [TABLE.select("n")], [(10.0,), (10.0,), (None,)]
    ),
    "math formula": Portable(
        MathFormula(columns=["x"], expression="value + column_max(value) * n", mode="append", suffix="!"),
        [TABLE],
        [(" Ann ", 1, 1.26, 2.52), ("bob", 2, -2.5, 0.02), (None, None, None, None)],
    ),
    "string manipulation": Portable(
        StringManipulation(
            steps=["trim", "title case"], expression='concat(left(value, 2), "-", to_text(n))'
        ),
        [TABLE.head(2)],
        [("An-1", 1, 1.26), ("Bo-2", 2, -2.5)],
    ),
    "string replacer": Portable(
        StringReplacer(find="B*", reads="wildcards", match_case=False, whole=True, replacement="!"),
        [TABLE.select("name")],
        [(" Ann ",), ("!",), (None,)],
    ),
    "rule engine": Portable(
        RuleEngine(rules='// two kinds\nx > 0 => "up"\nx < 0 => "down"', column="way"),
        [TABLE],
        [(" Ann ", 1, 1.26, "up"), ("bob", 2, -2.5, "down"), (None, None, None, None)],
    ),
    "rule-based row filter": Portable(
        RuleBasedRowFilter(rules="is_missing(x) => true\nx > 0 => true"),
        [TABLE],
        [(" Ann ", 1, 1.26), (None, None, None)],
    ),
    "rule-based row filter, the others": Portable(
        RuleBasedRowFilter(rules="x > 0 => true", keep="others"),
        [TABLE],
        [("bob", 2, -2.5), (None, None, None)],
    ),
}

MIXED = pl.DataFrame({"t": ["a", None, "c"], "n": [1, 2, None], "x": [0.5, None, None]})
CONTRACT |= {
    "date_time_parse": {"parameters": {"columns": ["text"], "unfit": "missing"}},
    "json_path": {"parameters": {"column": "text", "extract": [{"name": "n", "path": "$.a"}]}},
    "xpath": {"parameters": {"column": "text", "extract": [{"name": "n", "path": "//a"}]}},
    "cast_types": {"parameters": {"casts": [{"columns": ["whole"], "type": "text"}]}},
    "cell_splitter": {"parameters": {"column": "text"}},
    "column_aggregator": {"parameters": {"columns": ["number", "whole"]}},
    "column_combiner": {"parameters": {"columns": ["text", "whole"]}},
}
PORTABLE |= {
    "column combiner": Portable(
        ColumnCombiner(columns=["t", "n"], separator="-", keep=False),
        [MIXED.select("t", "n")],
        [("a-1",), ("2",), ("c",)],
    ),
    "column aggregator": Portable(
        ColumnAggregator(columns=["n", "x"]),
        [MIXED.select("n", "x")],
        [(1, 0.5, 1.5), (2, None, 2.0), (None, None, None)],
    ),
    "column aggregator, count": Portable(
        ColumnAggregator(columns={}, function="count"),
        [MIXED.select("t", "x")],
        [("a", 0.5, 2), (None, None, 0), ("c", None, 1)],
    ),
    "column aggregator, mean": Portable(
        ColumnAggregator(function="mean"),
        [MIXED.select("n", "x")],
        [(1, 0.5, 0.75), (2, None, 2.0), (None, None, None)],
    ),
}
