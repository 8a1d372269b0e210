"""A column name is data: every table node over a table whose names look like something else."""

from __future__ import annotations

import polars as pl
import polars.selectors as cs
import pytest
from nodeflow_nodes.manipulation.column_filter import ColumnFilter
from nodeflow_nodes.manipulation.concatenate import Concatenate
from nodeflow_nodes.manipulation.formula import Formula
from nodeflow_nodes.manipulation.group_by import GroupBy
from nodeflow_nodes.manipulation.joiner import Joiner
from nodeflow_nodes.manipulation.missing_value import MissingValue
from nodeflow_nodes.manipulation.partition import Partition
from nodeflow_nodes.manipulation.row_filter import RowFilter
from nodeflow_nodes.manipulation.sorter import Sorter
from nodeflow_nodes.statistics.statistics import Statistics


@pytest.fixture
def table(hostile_names) -> pl.DataFrame:
    return pl.DataFrame({name: [3, None, 1, 3, i] for i, name in enumerate(hostile_names)})


def test_column_filter(apply, table) -> None:
    for name in table.columns:
        assert apply(ColumnFilter(columns=[name]), table=table).columns == [name]
        rest = apply(ColumnFilter(columns=[name], mode="remove"), table=table)
        assert rest.columns == [one for one in table.columns if one != name]


def test_sorter(apply, table) -> None:
    for name in table.columns:
        result = apply(Sorter(by=[{"column": name, "descending": True}]), table=table)
        assert result[name].to_list() == table[name].sort(descending=True, nulls_last=True).to_list()
        assert result.columns == table.columns


def test_group_by(apply, table) -> None:
    for name in table.columns:
        node = GroupBy(keys=[name], aggregations=[{"column": "^.*$", "function": "sum", "name": "^s.*$"}])
        result = apply(node, table=table) if name != "^.*$" else apply(GroupBy(keys=[name]), table=table)
        assert result.columns[0] == name
        assert result[name].to_list() == list(dict.fromkeys(table[name].to_list()))
    everything = GroupBy(
        keys=["*"], column_aggregations=[{"columns": {}, "function": "max"}], row_count="^n$"
    )
    assert apply(everything, table=table).width == table.width + 1


def test_joiner(apply, table) -> None:
    right = table.select(cs.by_name(*table.columns[:3])).head(1)
    for name in table.columns:
        keys = [{"left": name, "right": "*"}]
        result = apply(Joiner(keys=keys, kind="semi"), left=table, right=right)
        assert result[name].to_list() == [one for one in table[name].to_list() if one == 3]
    joined = apply(Joiner(keys=[{"left": "*", "right": "^.*$"}], kind="full"), left=table, right=right)
    assert joined.columns == [*table.columns, "*_right", "^a_right"]


def test_missing_value(apply, table) -> None:
    assert apply(MissingValue(numbers="max"), table=table).null_count().sum_horizontal().item() == 0
    for name in table.columns:
        rules = [{"columns": [name], "treatment": "drop"}]
        assert apply(MissingValue(rules=rules), table=table).height == 4


def test_partition(apply, table) -> None:
    for name in table.columns:
        first, second = apply(Partition(method="stratified", by=name, fraction=0.5, seed=1), table=table)
        assert first.columns == second.columns == table.columns
        assert first.height == 3
    apply(Partition(method="group", by="^.*$", seed=1), table=table)
    apply(Partition(method="time", by="*", seed=1), table=table)


def test_concatenate(apply, table) -> None:
    reversed_columns = table.select(cs.by_name(*reversed(table.columns)))
    result = apply(Concatenate(source="^.*$$"), tables=[table, reversed_columns])
    assert result.columns == [*table.columns, "^.*$$"]
    assert result.height == 10
    common = apply(
        Concatenate(columns="intersection"), tables=[table, table.select(cs.by_name(*table.columns[:2]))]
    )
    assert common.columns == table.columns[:2]


def test_statistics(apply, table) -> None:
    result = apply(Statistics(), table=table)
    assert result["column"].to_list() == table.columns
    assert result["missing"].to_list() == [1] * table.width


def test_formula_names(apply, table, hostile_names) -> None:
    source = table.with_columns(plain=pl.lit(2))
    steps = [{"name": name, "expression": "plain * 2"} for name in hostile_names if name]
    result = apply(Formula(formulas=steps), table=source)
    assert result.columns == source.columns
    assert result.select(name for name in hostile_names if name not in ("", "*", "^.*$")).row(0) == (4,) * 24


def test_row_filter(apply, table, hostile_names) -> None:
    for name in hostile_names:
        if len(name) < 9_000 and "`" not in name:  # what a formula cannot spell
            result = apply(RowFilter(condition=f"`{name}` == 1"), table=table)
            assert result[name].to_list() == [one for one in table[name].to_list() if one == 1]
