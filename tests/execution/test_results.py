"""Results: what a run gives back, its targets, messages, failures and record."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.execution.result import RunFailed

sys.path.append(str(Path(__file__).parent))
from nodes_for_tests import Fail, Numbers, Plus, new_workflow


class Warn(nf.Node):
    """Warn, and give the same numbers."""

    category = "Test"

    def run(self, table: pl.DataFrame, context: nf.Context) -> pl.DataFrame:
        context.warn("take care")
        return table


class Remark(nf.Node):
    """Give the same numbers, with a remark."""

    category = "Test"

    def run(self, table: pl.LazyFrame) -> pl.LazyFrame:
        return table

    def remarks(self) -> list[str]:
        return ["take care", "and rest"]


class Bug(nf.Node):
    """Fail by a fault of its own."""

    category = "Test"

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        return table.head(1 // 0)


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def workflow(tmp_path: Path) -> nf.Workflow:
    Fail.is_mended = False
    return new_workflow(tmp_path)


def test_a_failed_run_raises_with_every_failure_and_carries_its_result(workflow: nf.Workflow) -> None:
    workflow.add(Fail, workflow.add(Numbers, id="start"))
    with pytest.raises(RunFailed, match='Fail "fail": the cup is empty') as caught:
        workflow.run(cache=False)
    assert caught.value.result["start"].table.rows == 5


def test_a_bug_of_a_node_is_told_with_its_place(workflow: nf.Workflow) -> None:
    workflow.add(Bug, workflow.add(Numbers))
    result = workflow.run(cache=False, check=False)
    assert "ZeroDivisionError" in result.reports["bug"].reason
    assert "test_results.py" in result.reports["bug"].reason
    assert "fault of the node" in result.reports["bug"].reason


def test_messages_come_back_with_a_cached_result(workflow: nf.Workflow, cache: Path) -> None:
    workflow.add(Warn, workflow.add(Numbers))
    for state in ("done", "cached"):
        report = workflow.run(cache_folder=cache).reports["warn"]
        assert (report.state, report.messages) == (state, ["take care"])


def test_only_what_a_target_needs_runs(workflow: nf.Workflow, cache: Path) -> None:
    start = workflow.add(Numbers, id="start")
    workflow.add(Plus, start, id="wanted")
    workflow.add(Fail, start)
    result = workflow.run(cache_folder=cache, targets="wanted")
    assert set(result) == {"start", "wanted"}
    with pytest.raises(nf.NodeflowError, match="not part of this run"):
        _ = result["fail"]


def test_a_long_chain_is_cut_into_several_queries(workflow: nf.Workflow, cache: Path) -> None:
    last = workflow.add(Numbers, count=2)
    for number in range(300):
        last = workflow.add(Plus, last, id=f"n{number}")
    assert workflow.run(cache_folder=cache)["n299"].table.to_polars()["x"].to_list() == [300, 301]


def test_reading_a_result_in_the_middle_of_a_query_reads_only_what_it_needs(tmp_path: Path) -> None:
    (tmp_path / "wide.csv").write_text("a,b,c,unused\n1,2,3,x\n4,5,6,y\n")
    workflow = nf.Workflow("wide", folder=tmp_path)
    read = workflow.add("csv_reader", path="wide.csv")
    first = workflow.add("formula", read, formulas=[{"name": "d", "expression": "a + b"}])
    renamed = workflow.add("column_filter", first, columns=["a", "c", "d"])
    kept = workflow.add("row_filter", renamed, id="kept", condition="a > 2")
    workflow.add(
        "csv_writer", workflow.add("column_filter", kept, id="last", columns=["a", "d"]), path="out.csv"
    )
    result = workflow.run(cache=False)
    plan = result["last"].table.lazy().explain()
    scan = plan[plan.index("Csv SCAN") :]
    assert "PROJECT 2/4 COLUMNS" in scan
    assert "SELECTION" in scan
    assert "FILTER" not in plan[: plan.index("Csv SCAN")]


def test_the_run_record_tells_versions_seeds_and_digests(tmp_path: Path, cache: Path) -> None:
    (tmp_path / "d.csv").write_text("x\n1\n2\n")
    workflow = nf.Workflow("record", folder=tmp_path)
    workflow.add("partition", workflow.add("csv_reader", path="d.csv"))
    result = workflow.run(cache_folder=cache, output=tmp_path / "results", seed=4)
    record = json.loads(Path(result.record["saved"]).read_text())
    assert record["seed"] == 4
    assert record["environment"]["libraries"]["polars"] == pl.__version__
    assert record["nodes"]["csv_reader"]["read"]["path"]
    assert record["nodes"]["partition"]["seed"] == result.record["nodes"]["partition"]["seed"]
    assert set(record["nodes"]["partition"]["outputs"]) == {"first", "second"}


def test_remarks_of_a_folded_node_go_with_the_result_also_from_the_cache(
    workflow: nf.Workflow, cache: Path
) -> None:
    remark = workflow.add(Remark, workflow.add(Numbers))
    workflow.add(Plus, remark, id="last")
    for state in ("done", "cached"):
        result = workflow.run(cache_folder=cache)
        assert result.reports["last"].state == state
        told = [message for report in result.reports.values() for message in report.messages]
        assert told == ["take care", "and rest"]
