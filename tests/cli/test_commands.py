"""The command line as a stranger uses it: answers, exit codes, sentences, JSON."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parent.parent.parent
EXAMPLE = ROOT / "workflows" / "graduate_admission.json"
CSV = "name,age,city\nAda,36,London\nBo,12,Oslo\nCy,21,Oslo\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "people.csv").write_text(CSV)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NODEFLOW_CACHE_DIR", str(tmp_path / "cache"))
    write(tmp_path / "w.json")
    return tmp_path


def write(path: Path, condition: str = "age >= 18", **more: Any) -> Path:
    data = {
        "nodeflow": 1,
        "name": "adults",
        "variables": {"least": 18},
        "nodes": {
            "read": {"type": "csv_reader", "parameters": {"path": "people.csv"}},
            "adults": {"type": "row_filter", "parameters": {"condition": condition}},
            "write": {"type": "csv_writer", "parameters": {"path": "adults.csv"}},
            **more,
        },
        "connections": ["read.table -> adults.table", "adults.table -> write.table"],
    }
    path.write_text(json.dumps(data))
    return path


def nodeflow(*arguments: object, code: int = 0, **options: Any) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nodeflow", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, **options)
    assert done.returncode == code, f"exit code {done.returncode}\n{done.stdout}\n{done.stderr}"
    assert "Traceback" not in done.stdout + done.stderr
    return done


# -- run ----------------------------------------------------------------------------------------


def test_run_runs_and_tells_nodes_files_and_record(folder: Path) -> None:
    told = nodeflow("run", "w.json").stdout
    assert (folder / "output" / "adults.csv").read_text() == "name,age,city\nAda,36,London\nCy,21,Oslo\n"
    assert re.search(r'CSV Writer "write"\s+● done', told)
    assert "wrote " in told
    assert "3 done" in told
    record = json.loads(next((folder / "output" / "runs").glob("*.json")).read_text())
    assert record["state"] == "done"
    assert "3 from cache" in nodeflow("run", "w.json").stdout


def test_run_takes_values_from_the_command_line(folder: Path) -> None:
    (folder / "elsewhere").mkdir()
    (folder / "elsewhere" / "more.csv").write_text(CSV + "Di,80,Bonn\n")
    nodeflow(
        "run",
        "w.json",
        "--set",
        "read.path=elsewhere/more.csv",
        "--set",
        "adults.condition=age > 30",
        "--output",
        "out",
    )
    assert (folder / "out" / "adults.csv").read_text().splitlines()[1:] == ["Ada,36,London", "Di,80,Bonn"]


def test_a_path_typed_by_the_user_starts_where_the_user_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "here").mkdir()
    (folder / "here" / "mine.csv").write_text(CSV)
    monkeypatch.chdir(folder / "here")
    nodeflow("run", "../w.json", "--set", "read.path=mine.csv")


def test_run_writes_events_as_json_lines(folder: Path) -> None:
    schema = json.loads(nodeflow("schema", "--events").stdout)
    lines = nodeflow("run", "w.json", "--log", "json").stdout.splitlines()
    events = [json.loads(line) for line in lines]
    for event in events:
        jsonschema.validate(event, schema)
    assert [event["number"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["state"] == "done"
    assert "node" not in events[-1]


def test_run_for_a_target_runs_only_what_it_needs(folder: Path) -> None:
    told = nodeflow("run", "w.json", "--target", "adults").stdout
    assert "CSV Writer" not in told
    assert not (folder / "output" / "adults.csv").exists()


def test_a_wrong_workflow_ends_with_2_and_tells_every_problem(folder: Path) -> None:
    write(folder / "w.json", "aeg > 1", lost={"type": "nonsense"})
    for command in ("run", "validate", "plan"):
        told = nodeflow(command, "w.json", code=2).stderr
        assert 'did you mean "age"' in told
        assert "nonsense" in told
        assert "2 problems" in told


def test_a_failing_node_ends_with_1_and_names_it(folder: Path) -> None:
    write(folder / "w.json", "to_integer(name) > 1 or parse_date(name) > date('2024-01-01')")
    told = nodeflow("run", "w.json", code=1).stdout
    assert re.search(r'✖ Row Filter "adults"|✖ CSV Writer', told)
    assert "Failed in" in told


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("run", "nothing.json"), "no file"),
        (("run", "."), "is a folder"),
        (("run", "w.json", "--set", "adults"), "NODE.PARAMETER=VALUE"),
        (("run", "w.json", "--set", "adlts.condition=x"), 'did you mean "adults"'),
        (("run", "w.json", "--set", "adults.conditon=x"), 'did you mean "condition"'),
        (("run", "w.json", "--var", "lest=3"), 'did you mean "least"'),
        (("run", "w.json", "--var", "least=many"), "of the type of its default"),
        (("run", "w.json", "--target", "adlts"), 'did you mean "adults"'),
        (("run", "w.json", "--jobs", "0"), "1<=x<=1024"),
        (("run", "w.json", "--executor", "magic"), "inline"),
        (("run", "w.json", "--output", "people.csv"), "--output"),
        (("run", "w.json", "--cache-dir", "people.csv"), "people.csv"),
        (("run", "w.json", "--nodes-path", "nothing.py"), "nothing.py"),
        (("frobnicate",), 'there is no command "frobnicate"'),
        (("nodes", "zzzzqqqq"), "No node type"),
        (("new", "w.json"), "is there already"),
        (("new", "fresh.json", "--from-csv", "nothing.csv"), "no file"),
        (("diff", "w.json", "nothing.json"), "no file"),
        (("cache", "prune", "--limit", "lots"), "no size"),
        (("export", "w.json", "--to", "word"), "mermaid"),
    ],
)
def test_a_wrong_call_ends_with_2_and_a_sentence(
    arguments: tuple[str, ...], words: str, folder: Path
) -> None:
    assert words in nodeflow(*arguments, code=2).stderr


SLOW = '''
from __future__ import annotations
import time
import polars as pl
import nodeflow as nf

class Slow(nf.Node):
    """Wait."""
    category = "Test"

    def run(self, table: pl.DataFrame) -> pl.DataFrame:
        time.sleep(60)
        return table

    def spec(self, inputs):
        return inputs["table"]
'''


@pytest.fixture
def slow(folder: Path) -> Path:
    (folder / "slow.py").write_text(SLOW)
    data = json.loads((folder / "w.json").read_text())
    data["nodes"]["slow"] = {"type": "slow"}
    data["connections"].append("adults.table -> slow.table")
    (folder / "w.json").write_text(json.dumps(data))
    return folder


def test_a_time_limit_ends_with_130(slow: Path) -> None:
    told = nodeflow("run", "w.json", "--nodes-path", "slow.py", "--timeout", "0.5", code=130).stdout
    assert "Cancelled" in told
    assert (
        "2 from cache" in nodeflow("plan", "w.json", "--nodes-path", "slow.py").stdout
        or (slow / "cache").exists()
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_with_130_and_a_usable_cache(slow: Path, number: int) -> None:
    command = [sys.executable, "-m", "nodeflow", "run", "w.json", "--nodes-path", "slow.py", "--log", "json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        event = json.loads(line)
        if event.get("node") == "slow" and event["state"] == "running":
            break
    started = time.monotonic()
    process.send_signal(number)
    rest, problems = process.communicate(timeout=30)
    assert process.returncode == 130, problems
    assert time.monotonic() - started < 10
    assert json.loads(rest.splitlines()[-1])["state"] == "cancelled"
    assert "Every result is sound" in nodeflow("cache", "verify").stdout


def test_code_of_a_workflow_needs_trust(folder: Path) -> None:
    (folder / "script.py").write_text(
        SLOW.replace("class Slow", "class Script").replace('"Test"\n', '"Test"\n    code: nf.Code = nf.parameter(help="Code.")\n')
        .replace("time.sleep(60)", "pass")
    )  # fmt: skip
    data = json.loads((folder / "w.json").read_text())
    data["nodes"]["script"] = {"type": "script", "parameters": {"code": "anything"}}
    data["connections"].append("adults.table -> script.table")
    (folder / "w.json").write_text(json.dumps(data))
    told = nodeflow("run", "w.json", "--nodes-path", "script.py", code=2).stderr
    digest = re.search(r"--trust-hash ([0-9a-f]{64})", told)
    assert digest is not None
    told = nodeflow("run", "w.json", "--nodes-path", "script.py", "--restricted").stdout
    assert "not trusted" in told
    nodeflow("run", "w.json", "--nodes-path", "script.py", "--trust-hash", digest[1])
    nodeflow("run", "w.json", "--nodes-path", "script.py", "--trust")
    data["nodes"]["script"]["parameters"]["code"] = "anything else"
    (folder / "w.json").write_text(json.dumps(data))
    nodeflow("run", "w.json", "--nodes-path", "script.py", "--trust-hash", digest[1], code=2)


# -- the others -----------------------------------------------------------------------------------


def test_validate_answers_in_words_and_json(folder: Path) -> None:
    assert "w.json is sound: 3 nodes, 2 connections" in nodeflow("validate", "w.json").stdout
    assert json.loads(nodeflow("validate", "w.json", "--json").stdout)["sound"] is True
    write(folder / "w.json", "aeg > 1")
    (problem,) = json.loads(nodeflow("validate", "w.json", "--json", code=2).stdout)["problems"]
    assert (problem["kind"], problem["node"], problem["parameter"]) == ("bad-formula", "adults", "condition")


def test_plan_tells_what_and_why(folder: Path) -> None:
    assert "it has not run here before" in nodeflow("plan", "w.json").stdout
    nodeflow("run", "w.json")
    assert "0 to run, 3 from the cache" in nodeflow("plan", "w.json").stdout
    told = nodeflow("plan", "w.json", "--set", "adults.condition=age > 1").stdout
    assert "parameter condition changed" in told
    rows = json.loads(nodeflow("plan", "w.json", "--json").stdout)
    assert {row["action"] for row in rows["nodes"]} == {"cached"}
    assert rows["run"] == []


def test_nodes_are_found_and_explained(folder: Path) -> None:
    assert "group_by" in nodeflow("nodes", "group").stdout
    page = nodeflow("nodes", "row_filter").stdout
    for words in ("Row Filter", "condition", "Inputs", "Outputs", "backticks", "days_between"):
        assert words in page
    assert json.loads(nodeflow("nodes", "--json").stdout)[0]["parameters"] is not None
    assert json.loads(nodeflow("nodes", "csv_reader", "--json").stdout)["id"] == "csv_reader"


def test_new_starts_a_workflow_that_runs(folder: Path) -> None:
    nodeflow("new", "empty.json")
    nodeflow("run", "empty.json")
    nodeflow("new", "mine.json", "--from-csv", "people.csv")
    assert "people.csv" in (folder / "mine.json").read_text()
    nodeflow("run", "mine.json")


def test_diff_tells_what_changed(folder: Path) -> None:
    write(folder / "other.json", "age >= 21", look={"type": "statistics"})
    told = nodeflow("diff", "w.json", "other.json", code=1).stdout
    assert '  adults.condition: "age >= 18" -> "age >= 21"' in told
    assert "+ node look" in told
    data = json.loads(nodeflow("diff", "w.json", "other.json", "--json", code=1).stdout)
    assert data["added"] == ["look"]
    assert "No difference" in nodeflow("diff", "w.json", "w.json").stdout


def test_a_renamed_node_is_no_new_one(folder: Path) -> None:
    text = (
        (folder / "w.json")
        .read_text()
        .replace("adults.table", "grown.table")
        .replace('"adults": {', '"grown": {')
    )
    (folder / "other.json").write_text(text)
    told = nodeflow("diff", "w.json", "other.json", code=1).stdout
    assert told.strip() == "node adults is now called grown"


def test_the_cache_is_looked_after(folder: Path) -> None:
    nodeflow("run", "w.json")
    assert json.loads(nodeflow("cache", "info", "--json").stdout)["entries"] >= 1
    assert "csv_writer" in nodeflow("cache", "info").stdout
    assert "Every result is sound" in nodeflow("cache", "verify").stdout
    assert "Freed" in nodeflow("cache", "prune", "--limit", "0B").stdout
    nodeflow("run", "w.json")
    nodeflow("cache", "clear", input="n\n", code=130)
    assert "empty" in nodeflow("cache", "clear", "--yes").stdout
    assert json.loads(nodeflow("cache", "info", "--json").stdout)["entries"] == 0


def test_the_schema_takes_good_files_and_refuses_bad_ones(folder: Path) -> None:
    schema = json.loads(nodeflow("schema").stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    good = json.loads((folder / "w.json").read_text())
    assert validator.is_valid(good)
    assert validator.is_valid(json.loads(EXAMPLE.read_text()))
    for spoil in (
        lambda d: d["nodes"]["adults"]["parameters"].update(conditon="x"),
        lambda d: d["nodes"]["adults"]["parameters"].update(keep="some"),
        lambda d: d["nodes"]["read"]["parameters"].pop("path"),
        lambda d: d["connections"].append("a b"),
        lambda d: d.pop("nodeflow"),
    ):
        bad = json.loads(json.dumps(good))
        spoil(bad)
        assert not validator.is_valid(bad)
    variable = json.loads(json.dumps(good))
    variable["nodes"]["adults"]["parameters"]["keep"] = {"variable": "which"}
    assert validator.is_valid(variable)


def test_doctor_tells_versions_and_places(folder: Path) -> None:
    found = json.loads(nodeflow("doctor", "--json").stdout)
    assert found["packages"]["core"]["polars"]
    assert found["cache"]["folder"] == str(folder / "cache")
    assert "polars" in nodeflow("doctor").stdout


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed(shell: str) -> None:
    assert "_NODEFLOW_COMPLETE" in nodeflow("completion", shell).stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("va", "validate"),
        ("nodes row_f", "row_filter"),
        ("run w.json --target ad", "adults"),
        ("run w.json --set adults.k", "adults.keep="),
        ("plan w.json --var l", "least="),
    ],
)
def test_completion_completes(folder: Path, words: str, offered: str) -> None:
    environment = {
        **os.environ,
        "_NODEFLOW_COMPLETE": "bash_complete",
        "COMP_WORDS": f"nodeflow {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    assert nodeflow(env=environment).stdout == f"plain,{offered}\n"


def test_completion_of_a_faulty_file_offers_nothing(folder: Path) -> None:
    (folder / "w.json").write_text("{")
    environment = {
        **os.environ,
        "_NODEFLOW_COMPLETE": "bash_complete",
        "COMP_WORDS": "nodeflow run w.json --target a",
        "COMP_CWORD": "4",
    }
    assert nodeflow(env=environment).stdout.strip() == ""


def test_mermaid_and_svg_escape_what_they_show(folder: Path) -> None:
    write(folder / "w.json", lost={"type": "statistics", "label": '<script>alert("x")</script>"]-->'})
    svg = nodeflow("export", "w.json", "--to", "svg").stdout
    assert "<script" not in svg
    import xml.etree.ElementTree as ElementTree

    assert len(list(ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g"))) == 4
    mermaid = nodeflow("export", "w.json", "--to", "mermaid").stdout
    assert mermaid.startswith("flowchart LR")
    assert "<script" not in mermaid
    assert "adults" in mermaid


def test_the_python_script_gives_the_same_without_nodeflow(folder: Path) -> None:
    nodeflow("run", "w.json")
    nodeflow("export", "w.json", "--to", "python", "-o", "plain.py")
    text = (folder / "plain.py").read_text()
    assert "nodeflow" not in text.partition('"""\n')[2]
    (folder / "output" / "adults.csv").rename(folder / "expected.csv")
    shutil.rmtree(folder / "output")  # the script makes the folders it writes to
    subprocess.run([sys.executable, "plain.py"], check=True, cwd=folder)
    assert (folder / "output" / "adults.csv").read_text() == (folder / "expected.csv").read_text()


def test_nodes_without_a_plain_form_are_named_in_the_refusal(folder: Path) -> None:
    told = nodeflow("export", EXAMPLE, "--to", "python", code=2).stderr
    assert 'Scatter Plot "predicted against actual"' in told
    assert "Take them out" in told


def test_a_partial_script_runs_without_them_and_names_them(folder: Path) -> None:
    data = json.loads((folder / "w.json").read_text())
    source = next(wire.partition(" -> ")[0] for wire in data["connections"] if wire.startswith("adults"))
    data["nodes"]["picture"] = {"type": "scatter_plot", "parameters": {"x": "age", "y": "age"}}
    data["nodes"]["page"] = {"type": "report"}
    data["connections"] += [f"{source} -> picture.table", "picture.chart -> page.charts"]
    (folder / "w.json").write_text(json.dumps(data))
    nodeflow("export", "w.json", "--to", "python", "-o", "plain.py", code=2)
    told = nodeflow("export", "w.json", "--to", "python", "--partial", "-o", "plain.py").stderr
    assert told.startswith("2 nodes have no plain Python form:\n")
    text = (folder / "plain.py").read_text()
    assert "#   Scatter Plot" in text
    assert "it needs" in text
    subprocess.run([sys.executable, "plain.py"], check=True, cwd=folder)
    assert (folder / "output" / "adults.csv").exists()


def test_the_version_is_told_and_imports_nothing_heavy() -> None:
    assert nodeflow("--version").stdout.startswith("nodeflow, version ")
    script = (
        "import sys, nodeflow.cli; print([m for m in ('polars', 'narwhals', 'networkx', 'rich', 'msgspec', 'pandas') "
        "if m in sys.modules])"
    )
    assert (
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "[]"
    )


def test_colours_are_left_out_where_nobody_sees_them(folder: Path) -> None:
    assert "\x1b[" not in nodeflow("run", "w.json").stdout


@pytest.mark.parametrize("arguments", [("run", "w.json"), ("nodes", "row_filter"), ("plan", "w.json")])
def test_an_output_that_lacks_signs_is_no_error(folder: Path, arguments: tuple[str, ...]) -> None:
    """As a pipe has under Windows."""
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    assert nodeflow(*arguments, env=environment, encoding="cp1252").stdout


def test_an_answer_for_programs_is_utf_8_everywhere(folder: Path) -> None:
    write(folder / "w.json", "name = '世界'")
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    write(folder / "other.json")
    told = nodeflow("diff", "w.json", "other.json", "--json", code=1, env=environment, encoding="utf-8")
    assert "世界" in json.loads(told.stdout)["changed"]["adults"]["condition"]["before"]


def test_of_very_many_nodes_the_table_shows_the_telling_ones(folder: Path) -> None:
    nodes: dict[str, Any] = {
        f"n{number}": {"type": "row_filter", "parameters": {"condition": f"age > {number}"}}
        for number in range(300)
    }
    nodes["bad"] = {"type": "linear_regression_learner", "parameters": {"target": "age"}}
    wires = [f"n{number - 1}.table -> n{number}.table" for number in range(1, 300)]
    data = json.loads(write(folder / "w.json", **nodes).read_text())
    data["connections"] += [*wires, "read.table -> n0.table", "n299.table -> bad.table"]
    (folder / "w.json").write_text(json.dumps(data))
    nodeflow("run", "w.json", code=1)
    told = nodeflow("run", "w.json", code=1).stdout
    table = told[told.index(" Node ") :]
    assert "and 204 further nodes" in table
    assert "bad" in table
    assert table.count("Row Filter") < 110
    assert "1 failed" in told


def test_the_page_of_a_node_with_formulas_ends_with_their_language() -> None:
    for node in ("formula", "row_filter"):
        told = nodeflow("nodes", node).stdout
        assert "Formulas" in told
        assert "null_if" in told[told.index("Formulas") :]
