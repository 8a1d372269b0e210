"""Nodes that put tables together and reshape them."""

from __future__ import annotations

import datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.lookup import Lookup
from nodeflow_nodes.manipulation.pivot import MOST_COLUMNS, Pivot
from nodeflow_nodes.manipulation.reference_row_filter import ReferenceRowFilter
from nodeflow_nodes.manipulation.transpose import Transpose
from nodeflow_nodes.manipulation.ungroup import Ungroup
from nodeflow_nodes.manipulation.unpivot import Unpivot

import nodeflow as nf
from nodeflow.errors import NodeFailed
from nodeflow.parameters import Columns

TABLE = pl.DataFrame({"^k$": [1, 2, None, 2], "n": [10, 20, 30, 40]})
NAMES = pl.DataFrame({"id": [2, 2, 3], "n": ["two", "zwei", "three"], "*": [True, False, True]})


def test_rows_are_looked_up_once_and_in_place(apply) -> None:
    keys = [{"column": "^k$", "entry": "id"}]
    found = apply(Lookup(keys=keys), table=TABLE, dictionary=NAMES)
    assert found.columns == ["^k$", "n", "n_found", "*"]
    assert found["n_found"].to_list() == [None, "two", None, "two"]
    last = apply(Lookup(keys=keys, several="last", columns=["n"]), table=TABLE, dictionary=NAMES)
    assert last.columns == ["^k$", "n", "n_found"]
    assert last["n_found"].to_list() == [None, "zwei", None, "zwei"]


def test_a_lookup_that_cannot_be_is_told(faults) -> None:
    assert (
        "keys do not fit"
        in faults(Lookup(keys=[{"column": "^k$", "entry": "n"}]), table=TABLE, dictionary=NAMES)[0]
    )
    assert "no column of the same name" in faults(Lookup(), table=TABLE, dictionary=NAMES.select("id"))[0]
    only = faults(
        Lookup(keys=[{"column": "^k$", "entry": "id"}], columns=["id"]), table=TABLE, dictionary=NAMES
    )
    assert "no column to add" in only[0]


def test_rows_are_kept_by_what_another_table_has(apply) -> None:
    keys = [{"column": "^k$", "reference": "id"}]
    assert apply(ReferenceRowFilter(keys=keys), table=TABLE, reference=NAMES)["n"].to_list() == [20, 40]
    others = apply(ReferenceRowFilter(keys=keys, keep="not found"), table=TABLE, reference=NAMES)
    assert others["n"].to_list() == [10, 30]


def test_columns_become_rows(apply, faults) -> None:
    table = pl.DataFrame({"id": ["x", "y"], "*": [1, None], "^b$": [2.5, 3.5]})
    long = apply(Unpivot(columns=Columns.typed("number")), table=table)
    assert long.rows() == [("x", "*", 1.0), ("x", "^b$", 2.5), ("y", "*", None), ("y", "^b$", 3.5)]
    assert apply(Unpivot(columns=["*"], kept=[], skip_missing=True), table=table).rows() == [("*", 1)]
    assert apply(Unpivot(columns=["*"]), table=table.clear()).height == 0
    assert "choose columns of one type" in faults(Unpivot(columns=["id", "*"]), table=table)[0]
    assert "already" in faults(Unpivot(columns=["*"], value_column="id"), table=table)[0]
    assert "same name" in faults(Unpivot(columns=["*"], value_column="column"), table=table)[0]


@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.sampled_from("abc"), st.integers(-5, 5)),
        max_size=20,
        unique_by=lambda r: r[:2],
    )
)
def test_pivoting_and_unpivoting_give_back_what_there_was(rows: list[tuple[int, str, int]]) -> None:
    import narwhals as nw

    table = pl.DataFrame(rows, schema={"k": pl.Int64, "c": pl.String, "v": pl.Int64}, orient="row")
    pivot = Pivot(rows=["k"], column="c", cells=[{"column": "v", "function": "min"}])
    wide = pivot.run(nw.from_native(table.lazy())).to_native().collect()
    if wide.width == 1:
        assert table.is_empty()
        return
    unpivot = Unpivot(columns={"exclude": ["k"]}, name_column="c", value_column="v", skip_missing=True)
    long = unpivot.run(nw.from_native(wide.lazy())).to_native().collect()
    assert sorted(long.rows()) == sorted(table.rows())


SALES = pl.DataFrame(
    {
        "^s$": ["A", "B", "A", "B"],
        "kind": ["tea", "nut", "tea", None],
        "year": [2024, 2023, 2023, 2024],
        "day": [datetime.date(2024, 1, 1), datetime.date(2024, 1, 2), None, datetime.date(2024, 1, 1)],
        "new": [True, False, True, None],
        "*": [1.0, 2.0, 4.0, 8.0],
    }
)


def wide(node: Pivot, table: pl.DataFrame = SALES) -> pl.DataFrame:
    import narwhals as nw

    found: pl.DataFrame = node.run(nw.from_native(table.lazy())).to_native().collect()
    return found


@pytest.mark.parametrize(
    ("column", "listed", "columns"),
    [
        ("kind", [], ["nut", "tea"]),
        ("kind", ["tea", "cake"], ["tea", "cake"]),
        ("year", [], ["2023", "2024"]),
        ("year", ["2024"], ["2024"]),
        ("new", [], ["false", "true"]),
        ("day", ["2024-01-01"], ["2024-01-01"]),
        ("day", [], ["2024-01-01", "2024-01-02"]),
    ],
)
def test_values_become_columns(column, listed, columns) -> None:
    found = wide(Pivot(rows=["^s$"], column=column, listed=listed))
    assert found.columns == ["^s$", *columns]
    assert found["^s$"].to_list() == ["A", "B"]


def test_cells_are_summarised(apply) -> None:
    cells = [{"column": "*", "function": "sum"}, {"column": "*", "function": "count"}]
    node = Pivot(rows=["^s$"], column="kind", cells=cells, listed=["tea", "nut"], totals=True)
    found = apply(node, table=SALES)
    assert found.columns == [
        "^s$", "tea sum(*)", "tea count(*)", "nut sum(*)", "nut count(*)", "total sum(*)", "total count(*)",
    ]  # fmt: skip
    assert found.rows() == [("A", 5.0, 2, 0.0, 0, 5.0, 2), ("B", 0.0, 0, 2.0, 1, 2.0, 1)]
    assert wide(Pivot(column="kind")).rows() == [(1, 2)]
    assert wide(Pivot(column="kind", order="appearance")).columns == ["tea", "nut"]


def test_a_pivot_that_cannot_be_is_told(faults) -> None:
    assert "makes the rows already" in faults(Pivot(rows=["kind"], column="kind"), table=SALES)[0]
    assert '"x" is no integer' in faults(Pivot(column="year", listed=["x"]), table=SALES)[0]
    assert "two columns" in faults(Pivot(column="kind", listed=["a", "a"]), table=SALES)[0]
    told = faults(Pivot(column="kind", cells=[{"column": "kind", "function": "sum"}]), table=SALES)
    assert '"sum" of "kind" is not possible' in told[0]


def test_too_many_columns_are_refused() -> None:
    table = pl.DataFrame({"k": range(MOST_COLUMNS + 1)})
    with pytest.raises(NodeFailed, match="too many for columns"):
        wide(Pivot(column="k"), table)


def test_a_pivot_runs_in_a_workflow_and_is_known_when_listed(tmp_path) -> None:
    SALES.write_csv(tmp_path / "sales.csv")
    workflow = nf.Workflow("pivot", folder=tmp_path)
    read = workflow.add("csv_reader", path="sales.csv")
    table = workflow.add("pivot", read, rows=["year"], column="kind", cells=[{"column": "*"}])
    assert nf.validate(workflow) == []
    result = workflow.run(cache_folder=tmp_path / "cache")[table.id].table.to_polars()
    assert result.rows() == [(2024, 0.0, 1.0), (2023, 2.0, 4.0)]
    workflow[table.id].set(listed=["tea"])
    workflow.add("column_filter", table, columns=["teaa"])
    assert 'did you mean "tea"' in str(nf.validate(workflow)[0])


def turned(table: pl.DataFrame, **options: object) -> pl.DataFrame:
    return Transpose(**options).run(table)


def test_rows_become_columns() -> None:
    table = pl.DataFrame({"id": ["x", None], "a": [1, 2], "b": [0.5, None]})
    assert turned(table, header="id").to_dict(as_series=False) == {
        "column": ["a", "b"], "x": [1.0, 0.5], "(missing)": [2.0, None],
    }  # fmt: skip
    found = turned(table)
    assert found.columns == ["column", "row 1", "row 2"]
    assert found.rows() == [("id", "x", None), ("a", "1", "2"), ("b", "0.5", None)]
    assert turned(turned(table.select("a", "b")), header="column").drop("column").rows() == [
        (1.0, 0.5),
        (2.0, None),
    ]
    assert turned(table.clear()).to_dict(as_series=False) == {"column": ["id", "a", "b"]}


def test_a_transposition_that_cannot_be_is_told() -> None:
    with pytest.raises(NodeFailed, match="two columns would be called"):
        turned(pl.DataFrame({"id": ["x", "x"], "a": [1, 2]}), header="id")
    with pytest.raises(NodeFailed, match="at most 20,000"):
        turned(pl.DataFrame({"a": range(20_001)}))


def test_lists_become_rows(apply, faults) -> None:
    table = pl.DataFrame({"k": ["a", "b", "c"], "^l$": [[1, 2], [], None], "m": [["x", "y"], [], None]})
    assert apply(Ungroup(), table=table).rows() == [
        ("a", 1, "x"),
        ("a", 2, "y"),
        ("b", None, None),
        ("c", None, None),
    ]
    assert apply(Ungroup(columns=["^l$"], keep_empty=False), table=table)["^l$"].to_list() == [1, 2]
    assert "no list column" in faults(Ungroup(columns=["k"]), table=table)[0]


def test_lists_of_different_lengths_are_told(tmp_path) -> None:
    class Lists(nf.Node):
        """Give lists."""

        category = "Test"

        def run(self) -> pl.DataFrame:
            return pl.DataFrame({"a": [[1, 2]], "b": [[1]]})

    workflow = nf.Workflow("lists", folder=tmp_path)
    workflow.add("ungroup", workflow.add(Lists))
    assert "not equally long" in workflow.run(cache=False, check=False).reports["ungroup"].reason
