"""The README is true: its Python runs, its commands exist, its picture and its figures are there."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "people.csv").write_text("name,age,city\nAda,36,London\nBo,12,Oslo\nCy,21,Oslo\nDi,19,Oslo\n")
    monkeypatch.setenv("NODEFLOW_CACHE_DIR", str(tmp_path / "cache"))
    return tmp_path


def run_blocks(folder: Path, *blocks: str) -> str:
    told = ""
    for number, block in enumerate(blocks):
        script = folder / f"block{number}.py"
        script.write_text(block)
        done = subprocess.run([sys.executable, script.name], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        told += done.stdout
    return told


def test_the_embedding_examples_run_one_after_the_other(folder: Path) -> None:
    told = run_blocks(folder, *BLOCKS[:2])
    assert "20.0" in told  # the mean age in Oslo
    assert "group_by done" in told or "group_by cached" in told
    assert (folder / "adults.json").exists()


def test_the_node_in_ten_lines_runs(folder: Path) -> None:
    assert "ADA" in run_blocks(folder, BLOCKS[2])


def test_the_node_of_the_contributing_guide_keeps_the_contract(folder: Path) -> None:
    (block,) = re.findall(r"```python\n(.*?)```", CONTRIBUTING, re.DOTALL)
    (folder / "shout.py").write_text(block)
    script = "from shout import Shout; from nodeflow.testing import check_node; check_node(Shout)"
    done = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", sorted(set(re.findall(r"`nodeflow (\w+)", README))))
def test_every_command_of_the_readme_exists(command: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nodeflow", command, "--help"], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert "Usage:" in done.stdout


def test_what_the_readme_shows_is_there() -> None:
    for path in re.findall(r"\]\(([^)#:]+)\)|(?:src|srcset)=\"([^\"]+)\"", README):
        assert (ROOT / "".join(path)).exists(), path
    for name in re.findall(r"`(?:workflows/)?(\w+\.json)`", README):
        assert (ROOT / "workflows" / name).exists(), name
    assert "R2" in README.partition("<!-- terminal -->")[2].partition("```\n\n")[0]
