"""A workflow whose code is not trusted runs restricted: all but its code, and what depends on that."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.execution.events import Event
from nodeflow.execution.run import Options, code_hash, execute, prepare
from nodeflow.registry import Registry

_RAN: list[str] = []


class Numbers(nf.Node):
    """Give three numbers."""

    def run(self) -> pl.DataFrame:
        return pl.DataFrame({"x": [1, 2, 3]})

    def spec(self, inputs: object) -> nf.TableSpec:
        return nf.TableSpec({"x": pl.Int64()})


class Script(nf.Node):
    """Run code."""

    code: nf.Code = nf.parameter(help="Code.")

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        _RAN.append(self.code)
        return table

    def spec(self, inputs: dict[str, nf.TableSpec]) -> nf.TableSpec:
        return inputs["table"]


@pytest.fixture
def registry() -> Registry:
    _RAN.clear()
    known = Registry.installed()
    known.add(Numbers)
    known.add(Script)
    return known


def scripted(folder: Path, registry: Registry) -> nf.Workflow:
    """numbers -> above (Row Filter) -> script -> sorted; numbers -> below (Row Filter)."""
    workflow = nf.Workflow("scripted")
    workflow.registry = registry
    numbers = workflow.add("numbers", id="numbers")
    above = workflow.add("row_filter", numbers, id="above", condition="x > 1")
    script = workflow.add("script", above, id="script", code="print(1)")
    workflow.add("sorter", script, id="sorted", by=[{"column": "x"}])
    workflow.add("row_filter", numbers, id="below", condition="x < 3")
    workflow.save(folder / "w.json")
    loaded = nf.load(folder / "w.json")
    loaded.registry = registry
    return loaded


def run(workflow: nf.Workflow, folder: Path, **options: object) -> dict[str, Event]:
    prepared = prepare(workflow, Options(cache_folder=folder / "cache", restricted=True, **options))  # type: ignore[arg-type]
    events: list[Event] = []
    assert execute(prepared, Options(restricted=True), [events.append]).state == "done"
    return {event.node: event for event in events}


def test_without_trust_all_that_runs_no_code_runs(tmp_path: Path, registry: Registry) -> None:
    workflow = scripted(tmp_path, registry)
    with pytest.raises(nf.TrustError, match="--restricted"):
        workflow.run(cache=False)
    last = run(workflow, tmp_path)
    assert {name: last[name].state for name in ("numbers", "above", "below", "script", "sorted")} == {
        "numbers": "done",
        "above": "done",
        "below": "done",
        "script": "skipped",
        "sorted": "skipped",
    }
    assert last["script"].reason == "not trusted"
    assert last["sorted"].reason == 'not trusted: Script "script"'
    assert _RAN == []


def test_a_target_behind_code_still_runs_what_comes_before_the_code(
    tmp_path: Path, registry: Registry
) -> None:
    last = run(scripted(tmp_path, registry), tmp_path, targets=("sorted",))
    assert last["above"].state == "done"
    assert "below" not in last
    assert last["sorted"].state == "skipped"


def test_a_trusted_workflow_is_not_restricted_and_one_changed_byte_revokes_it(
    tmp_path: Path, registry: Registry
) -> None:
    workflow = scripted(tmp_path, registry)
    from nodeflow.resolution import resolve

    digest = code_hash(resolve(workflow, registry))
    assert run(workflow, tmp_path, trust_hash=digest)["script"].state == "done"
    workflow.nodes["script"].parameters["code"] = "print(2)"
    assert run(workflow, tmp_path, trust_hash=digest)["script"].state == "skipped"
    assert _RAN == ["print(1)"]


def test_the_value_of_a_node_that_was_left_out_says_why(tmp_path: Path, registry: Registry) -> None:
    result = scripted(tmp_path, registry).run(cache=False, restricted=True)
    assert result["below"].table.rows == 2
    with pytest.raises(nf.NodeFailed, match="did not run: not trusted"):
        result.value("script", "table")


def test_a_restricted_workflow_without_code_runs_whole(tmp_path: Path, registry: Registry) -> None:
    workflow = nf.Workflow("plain")
    workflow.registry = registry
    workflow.add("numbers", id="numbers")
    workflow.save(tmp_path / "w.json")
    assert run(workflow, tmp_path)["numbers"].state == "done"
