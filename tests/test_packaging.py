"""What is shipped is complete, clean and quick to import; what is installed is pinned."""

from __future__ import annotations

import ast
import csv
import importlib.util
import io
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

# `import nodeflow` may pull in these and the standard library; all else waits until it is used
QUICK_IMPORTS = {"nodeflow", "msgspec"}
SLOW_IMPORTS = {
    "pandas",
    "sklearn",
    "keras",
    "polars",
    "networkx",
    "PySide6",
    "rich",
    "click",
    "pyarrow",
    "numpy",
}


def python(*arguments: str | Path, **environment: str) -> str:
    """The output of a Python of its own, started outside the checkout."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT.anchor,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.strip()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=120,
    )
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", target, wheel)
    return target


def version() -> str:
    for node in ast.parse((ROOT / "nodeflow/__init__.py").read_text(encoding="utf-8")).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__version__")], value=ast.Constant(value=str(text))):
                return text
    raise AssertionError("nodeflow/__init__.py sets no __version__")


def test_wheel_adds_nothing_else_to_site_packages(wheel: Path) -> None:
    top = {name.partition("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    assert top == {"nodeflow", "nodeflow_nodes", "nodeflow_gui", f"nodeflow-{version()}.dist-info"}


def test_wheel_holds_the_code_and_the_type_marker_of_the_checkout(wheel: Path) -> None:
    shipped = {
        name for name in zipfile.ZipFile(wheel).namelist() if not name.startswith("nodeflow/_workflows/")
    }
    for room, folder in (
        ("nodeflow", ROOT),
        ("nodeflow_nodes", ROOT / "nodes"),
        ("nodeflow_gui", ROOT / "gui"),
    ):
        written = {path.relative_to(folder).as_posix() for path in (folder / room).rglob("*.py")}
        assert written == {name for name in shipped if name.startswith(f"{room}/") and name.endswith(".py")}
    assert "nodeflow/py.typed" in shipped


def test_wheel_holds_every_example_and_its_data(wheel: Path) -> None:
    examples = ROOT / "workflows"
    written = {
        path.relative_to(examples).as_posix()
        for path in [*examples.glob("*.json"), *(examples / "data").glob("*.*")]
        if path.suffix != ".py"
    }
    shipped = {name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("nodeflow/_workflows/")}
    assert {f"nodeflow/_workflows/{name}" for name in written} <= shipped
    assert "nodeflow/_workflows/data/applicants.csv" in shipped
    assert not [name for name in shipped if name.endswith(".py")]


def test_installed_wheel_imports_and_says_its_version(installed: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(installed)!r})
import nodeflow
print(nodeflow.__file__, nodeflow.__version__)
"""
    assert python("-I", "-c", script).split() == [str(installed / "nodeflow/__init__.py"), version()]


def test_installed_command_says_its_version(installed: Path) -> None:
    script = f"""
import sys
sys.path.insert(0, {str(installed)!r})
from importlib.metadata import distribution
commands = distribution("nodeflow").entry_points.select(group="console_scripts")
command = commands["nodeflow"].load()
assert sys.modules[command.__module__].__file__.startswith({str(installed)!r})
sys.argv = ["nodeflow", "--version"]
sys.exit(command())
"""
    assert version() in python("-I", "-c", script)


def test_import_nodeflow_pulls_in_nothing_slow() -> None:
    script = """
import sys
before = set(sys.modules)
import nodeflow
print(*sorted({name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names))
"""
    imported = set(python("-c", script, PYTHONPATH=os.pathsep.join([str(ROOT), str(ROOT / "nodes")])).split())
    assert not imported & SLOW_IMPORTS
    assert imported <= QUICK_IMPORTS


def pins() -> dict[str, str]:
    """Package name to exact version, as constraints.txt has them."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    parsed = [Requirement(line) for line in lines if line and not line.startswith("#")]
    found = {}
    for requirement in parsed:
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", requirement
        found[canonicalize_name(requirement.name)] = specifier.version
    return found


def declared() -> list[Requirement]:
    """All that pyproject.toml asks for, wherever it says so."""
    project = PROJECT["project"]
    texts = [*PROJECT["build-system"]["requires"], *project["dependencies"]]
    for group in [*project["optional-dependencies"].values(), *PROJECT["dependency-groups"].values()]:
        texts += [each for each in group if isinstance(each, str)]
    requirements = [Requirement(text) for text in texts]
    return [each for each in requirements if each.name != "nodeflow"]


@pytest.mark.parametrize("requirement", declared(), ids=str)
def test_each_dependency_is_pinned_within_its_bounds(requirement: Requirement) -> None:
    pinned = pins()
    name = canonicalize_name(requirement.name)
    assert name in pinned, "run `make constraints`"
    assert requirement.specifier.contains(pinned[name]), f"pinned to {pinned[name]}: run `make constraints`"


def test_pins_name_versions_and_no_places() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    assert not re.findall(r"https?:|@|file:|--\S+|/", text)
    assert text.startswith("#")
    assert "make constraints" in text


def test_pip_is_pinned_new_enough_for_dependency_groups() -> None:
    assert tuple(int(part) for part in pins()["pip"].split(".")[:2]) >= (25, 3)


def test_applicants_are_what_their_generator_writes() -> None:
    folder = ROOT / "workflows/data"
    specification = importlib.util.spec_from_file_location(
        "generate_applicants", folder / "generate_applicants.py"
    )
    assert specification is not None
    assert specification.loader is not None
    generator = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(generator)
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([generator.HEADER, *generator.rows()])
    assert (folder / "applicants.csv").read_bytes().decode("utf-8") == text.getvalue()
