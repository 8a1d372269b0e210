"""Nodes that run at the same time may import the same package for the first time, each another part of it."""

from __future__ import annotations

import builtins
import subprocess
import sys
from pathlib import Path

NODES = """
from __future__ import annotations

import polars as pl

from nodeflow import Node


class Whole(Node):
    \"\"\"Import the package.\"\"\"

    def run(self) -> pl.DataFrame:
        import slow_package

        return pl.DataFrame({"n": [slow_package.clone(1)]})


class Part(Node):
    \"\"\"Import a part of it.\"\"\"

    def run(self) -> pl.DataFrame:
        from slow_package.base import clone

        return pl.DataFrame({"n": [clone(2)]})
"""

RUN = """
from pathlib import Path

import nodeflow as nf
from nodeflow.registry import Registry

workflow = nf.Workflow("both")
workflow.registry = Registry.installed()
workflow.registry.add_path(Path("two_nodes.py"))
for number in range(4):
    workflow.add("whole", id=f"whole_{number}")
    workflow.add("part", id=f"part_{number}")
result = workflow.run(cache=False, jobs=8, executor="threads")
print(result.state, [value.table.rows for value in map(result.__getitem__, workflow.nodes)])
"""


def test_threads_never_see_half_a_package(tmp_path: Path) -> None:
    package = tmp_path / "slow_package"
    package.mkdir()
    whole = "version = 1\nimport time\ntime.sleep(0.5)\nfrom slow_package.base import clone\n"
    part = "from slow_package import version\ndef clone(value):\n    return value\n"
    (package / "__init__.py").write_text(whole)
    (package / "base.py").write_text(part)
    (tmp_path / "two_nodes.py").write_text(NODES)
    done = subprocess.run(
        [sys.executable, "-c", RUN], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "done [1, 1, 1, 1, 1, 1, 1, 1]\n"


def test_import_is_what_it_was_after_a_run(tmp_path: Path) -> None:
    import nodeflow as nf

    before = builtins.__import__
    workflow = nf.Workflow("one")
    workflow.add("sample_data")
    workflow.run(cache=False)
    assert builtins.__import__ is before
