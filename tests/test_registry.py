"""Finding node types: our own first, broken packages told and left out, none of them in the way of the others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import nodeflow_nodes
import pytest

import nodeflow as nf
from nodeflow.registry import Registry

NODE = '''
import nodeflow as nf

class {name}(nf.Node):
    """Give a table."""
    category = "Extra"
    {line}

    def run(self) -> nf.Table:
        return nf.Table.wrap({{"made": ["here"]}})
'''


def install(folder: Path, name: str, source: str) -> None:
    """A package with an entry point, as pip would leave it."""
    (folder / f"{name}.py").write_text(source)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[nodeflow.nodes]\n{name} = {name}\n")


def installed_with(folder: Path) -> dict[str, Any]:
    """What the registry says in a new process that has the packages of a folder."""
    script = (
        f"import sys, json; sys.path.insert(0, {str(folder)!r})\n"
        "from nodeflow.registry import Registry\n"
        "r = Registry.installed()\n"
        "print(json.dumps({'types': {one.id: one.module for one in r}, 'faults': r.faults}))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=folder)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_broken_packages_are_told_and_the_sound_ones_stay(tmp_path: Path) -> None:
    broken = {
        "broken_error": "raise RuntimeError('inside')",
        "broken_exit": "raise SystemExit(3)",
        "broken_syntax": "def (",
        "broken_import": "import there_is_no_such_module",
        "broken_node": NODE.format(name="Odd", line="value: object = 1"),
    }
    for name, source in broken.items():
        install(tmp_path, name, source)
    install(tmp_path, "sound_nodes", NODE.format(name="Sound", line=""))
    found = installed_with(tmp_path)
    assert found["types"]["sound"] == "sound_nodes"
    assert found["types"]["csv_reader"].startswith("nodeflow_nodes")
    assert len(found["faults"]) == len(broken)
    for name in broken:
        assert any(name in fault for fault in found["faults"])


def test_no_package_takes_the_place_of_a_node_of_ours(tmp_path: Path) -> None:
    source = NODE.format(name="CsvReader", line="") + NODE.format(name="Another", line="")
    install(tmp_path, "aaa_first_by_name", source)
    found = installed_with(tmp_path)
    assert found["types"]["csv_reader"] == "nodeflow_nodes.io.csv_reader"
    assert found["types"]["another"] == "aaa_first_by_name"
    (fault,) = found["faults"]
    assert 'two node types have the id "csv_reader"' in fault
    assert "aaa_first_by_name.CsvReader is left out" in fault


@pytest.mark.parametrize(
    "catalogue", ["{", "[1]", '[{"module": "x"}]', '[{"module": 1, "class": 2, "declaration": {}}]', "null"]
)
def test_a_damaged_catalogue_is_told(catalogue: str, tmp_path: Path) -> None:
    (tmp_path / "damaged").mkdir()
    install(tmp_path, "damaged_marker", "")
    (tmp_path / "damaged" / "__init__.py").write_text("")
    (tmp_path / "damaged" / "catalogue.json").write_text(catalogue)
    (tmp_path / "damaged_marker-1.0.dist-info" / "entry_points.txt").write_text(
        "[nodeflow.nodes]\nx = damaged\n"
    )
    found = installed_with(tmp_path)
    assert "csv_reader" in found["types"]
    assert len(found["faults"]) == 1


def test_a_type_whose_module_is_gone_is_told_when_used() -> None:
    registry = Registry.installed()
    assert len(registry) > 0
    held = registry.get("csv_reader")
    assert held is not None
    held.module, held._loaded = "there_is_no_such_module", None
    workflow = nf.loads('{"nodeflow": 1, "nodes": {"read": {"type": "csv_reader"}}}')
    (problem,) = nf.validate(workflow, registry=registry)
    assert problem.kind == "broken-type"
    assert "there_is_no_such_module" in problem.message


def test_the_class_of_an_installed_type_may_be_used_itself() -> None:
    from nodeflow_nodes.manipulation.row_filter import RowFilter

    workflow = nf.Workflow("w")
    workflow.add(RowFilter, id="keep", condition="age > 1")
    workflow.add("row_filter", workflow["keep"], condition="age > 2")
    assert len(workflow) == 2


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise SystemExit(3)", "SystemExit: 3"),
        ("def (", "SyntaxError"),
        ("import there_is_no_such_module", "there_is_no_such_module"),
        (NODE.format(name="Odd", line="value: object = 1"), "not a type a parameter can have"),
        (NODE.format(name="Odd", line="paths: list[nf.InputPath] = []"), "a parameter of its own"),
        (NODE.format(name="Odd", line="codes: dict[str, nf.Code] = {}"), "a parameter of its own"),
        (NODE.format(name="Odd", line="").replace("-> nf.Table", ""), "no annotation"),
        (NODE.format(name="Odd", line="").replace("-> nf.Table", "-> int"), "neither a port type nor"),
        (NODE.format(name="CsvReader", line=""), 'two node types have the id "csv_reader"'),
    ],
)
def test_a_wrong_file_of_nodes_is_told_by_its_name(source: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(source)
    registry = Registry.installed()
    assert len(registry) > 0
    with pytest.raises(nf.NodeflowError) as caught:
        registry.add_path(path)
    assert words in str(caught.value)
    assert "mine" in str(caught.value)


def test_a_file_may_import_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "neighbour_of_mine.py").write_text("WORD = 'here'")
    (tmp_path / "mine.py").write_text(
        "from neighbour_of_mine import WORD" + NODE.format(name="Mine", line="word: str = WORD")
    )
    registry = Registry()
    registry.add_path(tmp_path / "mine.py")
    assert registry.names() == ["mine"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("group", "group_by"),
        ("filter", "row_filter"),
        ("join", "joiner"),
        ("network from model", "model_to_network"),
    ],
)
def test_a_search_gives_the_node_that_people_mean_first(text: str, wanted: str) -> None:
    assert Registry.installed().search(text)[0].id == wanted


def test_nodes_that_lead_from_one_port_to_another_are_told_where_they_are_few() -> None:
    registry = Registry.installed()
    assert registry.between("model", "network") == ["Model to Network"]
    assert "Sequence Windows" in registry.between("table", "tensors")
    assert registry.between("table", "model") == []  # any learner would do, and none was meant
    assert registry.between("chart", "tensors") == []


def test_each_node_stands_in_the_catalogue_once() -> None:
    folder = Path(nodeflow_nodes.__file__).parent
    ids = [row["declaration"]["id"] for row in json.loads((folder / "catalogue.json").read_bytes())]
    assert sorted(ids) == sorted(set(ids))
