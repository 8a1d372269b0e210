"""The example workflows: each runs from its file, offline, and reaches its numbers."""

from __future__ import annotations

import shutil
from pathlib import Path

import polars as pl
import pytest

import nodeflow as nf

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "workflows").glob("*.json"))
REAL = ROOT.parent / "shared" / "data" / "graduate_admission.csv"


def scores(result: nf.Result) -> dict[str, dict[str, float]]:
    return {
        name: dict(result[f"score_{name}"].table.to_polars().iter_rows()) for name in ("linear", "forest")
    }


def admission(tmp_path: Path, **options: object) -> nf.Result:
    workflow = nf.load(ROOT / "workflows" / "graduate_admission.json")
    return workflow.run(output=tmp_path / "output", cache_folder=tmp_path / "cache", **options)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_sound_described_and_saved_as_the_engine_saves(path: Path) -> None:
    from nodeflow.document import dumps

    workflow = nf.load(path)
    assert nf.validate(workflow) == []
    assert len(workflow.description) > 40
    assert dumps(workflow) == path.read_text()


def test_admission_beats_the_mean_on_the_generated_table(tmp_path: Path) -> None:
    result = admission(tmp_path)
    for found in scores(result).values():
        assert 0.70 <= found["R2"] <= 0.95  # above this something would have leaked
        assert found["RMSE"] < 0.6 * found["RMSE of the mean"]
        assert found["rows"] == 100
    predictions = pl.read_csv(tmp_path / "output" / "predictions.csv")
    assert predictions.height == 100
    assert "predicted chance" in predictions.columns
    assert (tmp_path / "output" / "predicted_against_actual.png").read_bytes().startswith(b"\x89PNG")


def test_impossible_scores_are_gone_before_learning(tmp_path: Path) -> None:
    result = admission(tmp_path, targets=["fill", "look"])
    assert (result["fill"].table.to_polars()["GRE Score"] > 0).all()
    assert result["fill"].table.to_polars().null_count().sum_horizontal().item() == 0


@pytest.mark.skipif(not REAL.exists(), reason="the real table is not here")
def test_admission_works_unchanged_on_the_real_table(tmp_path: Path) -> None:
    for found in scores(admission(tmp_path, parameters={"read.path": str(REAL)})).values():
        assert found["R2"] >= 0.70


def test_the_picture_of_the_example_is_up_to_date() -> None:
    from nodeflow.export.svg import to_svg

    shown = ROOT / "workflows" / "graduate_admission.svg"
    workflow = nf.load(ROOT / "workflows" / "graduate_admission.json")
    assert shown.read_text() == to_svg(workflow), (
        "run: nodeflow export … --to svg -o workflows/graduate_admission.svg"
    )


def test_a_copy_of_the_examples_runs_anywhere(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "workflows", tmp_path / "w", ignore=shutil.ignore_patterns("output"))
    workflow = nf.load(tmp_path / "w" / "graduate_admission.json")
    assert workflow.run(cache=False, targets=["look"])["look"].table.rows == 9
    assert not (tmp_path / "w" / "output" / "predictions.csv").exists()
