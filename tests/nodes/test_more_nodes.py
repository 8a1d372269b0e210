"""Further nodes that split, pair and merge."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nodeflow_nodes.manipulation.bootstrap_sampling import BootstrapSampling
from nodeflow_nodes.manipulation.column_appender import ColumnAppender
from nodeflow_nodes.manipulation.column_merger import ColumnMerger
from nodeflow_nodes.manipulation.cross_joiner import CrossJoiner
from nodeflow_nodes.manipulation.nominal_value_row_filter import NominalValueRowFilter
from nodeflow_nodes.manipulation.reference_row_splitter import ReferenceRowSplitter
from nodeflow_nodes.manipulation.row_difference import RowDifference
from nodeflow_nodes.manipulation.rule_based_row_splitter import RuleBasedRowSplitter

from nodeflow.errors import ParameterError

TABLE = pl.DataFrame({"*": ["a", "b", None, "a"], "^x$": [1, 4, 0, 8]})
OTHER = pl.DataFrame({"*": ["b", "a"], "y": [0.5, None]})


@pytest.mark.parametrize(("rows", "height"), [("longer", 4), ("shorter", 2), ("left", 4)])
def test_tables_stand_side_by_side(apply, rows, height) -> None:
    found = apply(ColumnAppender(rows=rows), left=TABLE, right=OTHER)
    assert found.columns == ["*", "^x$", "*_right", "y"]
    assert found.height == height
    assert found["*_right"].to_list()[:2] == ["b", "a"]
    assert apply(ColumnAppender(rows="left"), left=OTHER, right=TABLE).height == 2


def test_all_rows_are_paired(apply) -> None:
    found = apply(CrossJoiner(suffix="2"), left=OTHER, right=TABLE)
    assert found.height == 8
    assert found.columns == ["*", "y", "*2", "^x$"]


def test_rows_are_divided_by_another_table(apply, faults) -> None:
    found, others = apply(
        ReferenceRowSplitter(keys=[{"column": "*", "reference": "*"}]), table=TABLE, reference=OTHER
    )
    assert found["^x$"].to_list() == [1, 4, 8]
    assert others["^x$"].to_list() == [0]
    told = faults(
        ReferenceRowSplitter(keys=[{"column": "^x$", "reference": "*"}]), table=TABLE, reference=OTHER
    )
    assert "keys do not fit" in told[0]


def test_rows_are_divided_by_rules(apply, faults) -> None:
    matching, others = apply(RuleBasedRowSplitter(rules="`^x$` > 3 => true"), table=TABLE)
    assert matching["^x$"].to_list() == [4, 8]
    assert others["^x$"].to_list() == [1, 0]
    with pytest.raises(ParameterError, match="has no =>"):
        RuleBasedRowSplitter(rules="x > 3")
    assert "no column" in faults(RuleBasedRowSplitter(rules="q > 3 => true"), table=TABLE)[0]


def test_changes_are_told(apply, faults) -> None:
    assert apply(RowDifference(), table=TABLE)["^x$ (change)"].to_list() == [None, 3, -4, 8]
    assert apply(RowDifference(told_as="share"), table=TABLE)["^x$ (change)"].to_list() == [
        None,
        3.0,
        -1.0,
        None,
    ]
    assert apply(RowDifference(back=2), table=TABLE)["^x$ (change)"].to_list() == [None, None, -1, 4]
    assert apply(RowDifference(groups=["*"]), table=TABLE)["^x$ (change)"].to_list() == [None, None, None, 7]
    assert "no number column" in faults(RowDifference(columns=["*"]), table=TABLE)[0]
    unsigned = pl.DataFrame({"n": pl.Series([3, 1], dtype=pl.UInt8)})
    assert "no negative numbers" in faults(RowDifference(), table=unsigned)[0]


def test_gaps_are_filled_from_another_column(apply, faults) -> None:
    table = pl.DataFrame({"*": [1, None, None], "b": [5.5, 6.5, None], "t": ["x", "y", "z"]})
    assert apply(ColumnMerger(first="*", second="b"), table=table)["*"].to_list() == [1.0, 6.5, None]
    found = apply(ColumnMerger(first="*", second="b", column="both"), table=table)
    assert found.columns == ["*", "b", "t", "both"]
    assert "convert" in faults(ColumnMerger(first="*", second="t"), table=table)[0]
    assert "already" in faults(ColumnMerger(first="*", second="b", column="t"), table=table)[0]


@given(st.integers(0, 200), st.integers(0, 2**32 - 1))
def test_a_bootstrap_draws_as_many_rows_as_there_are(count: int, seed: int) -> None:
    import narwhals as nw

    table = nw.from_native(pl.LazyFrame({"n": range(count)}, schema={"n": pl.Int64}))
    sample, left_out = (
        one.to_native().collect()["n"].to_list() for one in BootstrapSampling(seed=seed).run(table)
    )
    assert len(sample) == count
    assert sample == sorted(sample)
    assert sorted({*sample, *left_out}) == list(range(count))
    assert not set(sample) & set(left_out)


def test_a_bootstrap_leaves_out_about_a_third() -> None:
    import narwhals as nw

    table = nw.from_native(pl.LazyFrame({"n": range(100_000)}))
    _, left_out = BootstrapSampling(seed=1).run(table)
    assert left_out.to_native().collect().height / 100_000 == pytest.approx(0.3679, abs=0.01)


@pytest.mark.parametrize(
    ("column", "listed", "options", "rows"),
    [
        ("*", ["a"], {}, [1, 8]),
        ("*", ["a"], {"missing": True}, [1, 0, 8]),
        ("*", ["a"], {"keep": "others"}, [4]),
        ("*", ["a"], {"keep": "others", "missing": True}, [4, 0]),
        ("^x$", ["4", "8"], {}, [4, 8]),
        ("*", ["z"], {}, []),
    ],
)
def test_rows_with_listed_values_are_kept(apply, column, listed, options, rows) -> None:
    node = NominalValueRowFilter(column=column, listed=listed, **options)
    assert apply(node, table=TABLE)["^x$"].to_list() == rows


def test_categories_are_listed_as_texts(apply, faults) -> None:
    table = TABLE.with_columns(pl.nth(0).cast(pl.Categorical))
    assert apply(NominalValueRowFilter(column="*", listed=["b"]), table=table)["^x$"].to_list() == [4]
    assert "is no integer" in faults(NominalValueRowFilter(column="^x$", listed=["a"]), table=TABLE)[0]
