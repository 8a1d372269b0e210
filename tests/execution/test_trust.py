"""A workflow whose code is not trusted runs restricted: all but its code, and what depends on that."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import nodeflow as nf
from nodeflow.execution.events import Event
from nodeflow.execution.run import Options, execute, prepare
from nodeflow.execution.trust import code_hash
from nodeflow.registry import Registry

_RAN: list[str] = []
HOSTILE = Path(__file__).with_name("hostile_nodes.py")


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


def test_code_that_the_user_lets_run_for_good_runs_by_the_command_line_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NODEFLOW_CONFIG_DIR", str(tmp_path / "config"))
    monkeypatch.setenv("NODEFLOW_CACHE_DIR", str(tmp_path / "cache"))
    file, marker = tmp_path / "w.json", tmp_path / "ran.txt"
    text = json.dumps(
        {
            "nodeflow": 1,
            "nodes": {
                "numbers": {"type": "numbers"},
                "coded": {
                    "type": "coded",
                    "parameters": {"code": "x = 1  # \u202eok", "marker": str(marker)},
                },
            },
            "connections": ["numbers.table -> coded.table"],
        }
    )
    file.write_text(text, encoding="utf-8")

    def nodeflow(*arguments: object, code: int = 0, says: str = "") -> str:
        command = [sys.executable, "-m", "nodeflow", *map(str, arguments), "--nodes-path", str(HOSTILE)]
        done = subprocess.run(command, capture_output=True, text=True, input=says, timeout=120, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    assert "nodeflow trust" in nodeflow("run", file, code=2)
    told = nodeflow("trust", file, code=2, says="n\n")
    assert "x = 1  # ⟨U+202E⟩ok" in told
    nodeflow("run", file, code=2)
    assert "from now on" in nodeflow("trust", file, says="y\n")
    assert not marker.exists()
    nodeflow("run", file)
    assert marker.exists()
    file.write_text(text.replace("x = 1", "x = 2"), encoding="utf-8")
    nodeflow("run", file, code=2)
    file.write_text(text, encoding="utf-8")
    nodeflow("trust", file, "--revoke")
    nodeflow("run", file, "--no-cache", code=2)
