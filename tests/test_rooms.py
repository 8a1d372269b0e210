"""The borders between the rooms hold, and heavy libraries are imported only where they are used."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PACKAGES = ("nodeflow", "nodes/nodeflow_nodes", "gui/nodeflow_gui")
# what runs in the Keras process has Keras at hand already
KERAS_PROCESS = ROOT / "nodes/nodeflow_nodes/deep/_keras"
QT = {"PySide6", "pyqtgraph"}


def heavy_libraries() -> set[str]:
    """The libraries that cost too much to import for nothing, as ruff's configuration lists them."""
    configuration = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return set(configuration["tool"]["ruff"]["lint"]["flake8-tidy-imports"]["banned-module-level-imports"])


def imported_at_import(body: list[ast.stmt]) -> Iterator[tuple[int, str]]:
    """Line and root of each import that runs when the module is imported, so not those for type checkers."""
    for node in body:
        if isinstance(node, ast.Import):
            yield from ((node.lineno, each.name.partition(".")[0]) for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.lineno, node.module.partition(".")[0]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            yield from imported_at_import(node.orelse)
        elif isinstance(node, ast.If | ast.Try | ast.TryStar | ast.With | ast.ClassDef | ast.For | ast.While):
            for field in ("body", "orelse", "finalbody"):
                yield from imported_at_import(getattr(node, field, []))
            for handler in getattr(node, "handlers", []):
                yield from imported_at_import(handler.body)


def heavy_imports(source: str) -> list[tuple[int, str]]:
    heavy = heavy_libraries()
    return [(line, name) for line, name in imported_at_import(ast.parse(source).body) if name in heavy]


def test_no_room_imports_what_stands_above_it() -> None:
    search_path = os.pathsep.join([str(ROOT), str(ROOT / "nodes"), str(ROOT / "gui")])
    checked = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as main; main()",
            "--no-cache",
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": search_path, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_heavy_libraries_are_not_imported_with_a_module(package: str) -> None:
    files = [one for one in sorted((ROOT / package).rglob("*.py")) if KERAS_PROCESS not in one.parents]
    assert files
    allowed = QT if package == "gui/nodeflow_gui" else set()
    found = [
        f"{file.relative_to(ROOT).as_posix()}:{line}: import {name} inside the function that needs it"
        for file in files
        for line, name in heavy_imports(file.read_text(encoding="utf-8"))
        if name not in allowed
    ]
    assert not found, "\n" + "\n".join(found)


@pytest.mark.parametrize(
    "planted",
    [
        "import pandas as pd",
        "import os, sklearn.linear_model",
        "from sklearn.tree import DecisionTreeClassifier",
        "try:\n    import keras\nexcept ImportError:\n    keras = None",
        "try:\n    import polars\nexcept ImportError:\n    import pandas",
        "if fast:\n    import torch",
        "class Learner:\n    import scipy",
        "if TYPE_CHECKING:\n    import os\nelse:\n    import jax",
        "from PySide6.QtWidgets import QWidget",
    ],
)
def test_a_planted_heavy_import_is_found(planted: str) -> None:
    assert heavy_imports(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        "def run():\n    import pandas as pd",
        "class Learner:\n    def run(self):\n        from sklearn import tree",
        "if TYPE_CHECKING:\n    import pandas as pd",
        "if typing.TYPE_CHECKING:\n    from sklearn.base import BaseEstimator",
        "from nodeflow.pandas import frame",
        "import pandas_like",
    ],
)
def test_a_late_import_passes(harmless: str) -> None:
    assert not heavy_imports(harmless)
