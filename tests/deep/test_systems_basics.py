"""The example workflows on perceptrons, many dimensions and their reduction reach their numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import nodeflow as nf

pytestmark = pytest.mark.gate

WORKFLOWS = Path(__file__).parents[2] / "workflows"


def ran(name: str, tmp_path: Path, **options: Any) -> nf.Result:
    return nf.load(WORKFLOWS / f"{name}.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache", **options
    )


def accuracy(result: nf.Result, node: str) -> tuple[float, float]:
    """The accuracy and its baseline."""
    table = result[node]["scores"].to_polars()
    row = next(row for row in table.iter_rows(named=True) if row["metric"] == "accuracy")
    return row["value"], row["baseline"]


def test_a_line_learns_and_but_not_xor_which_four_neurons_learn(tmp_path: Path) -> None:
    result = ran("perceptron_and_mlp", tmp_path)
    assert accuracy(result, "score_perceptron_and") == (1.0, 0.75)
    assert accuracy(result, "score_perceptron_xor") == (0.5, 0.5)
    assert accuracy(result, "score_mlp_xor") == (1.0, 0.5)
    scores = result["compare"]["scores"].to_polars()
    value = dict(scores.select("learner", "value").iter_rows())
    assert value["perceptron"] == pytest.approx(0.941, abs=0.015)
    assert value["logistic regression"] == pytest.approx(0.965, abs=0.01)
    assert value["MLP, 64 neurons"] == pytest.approx(0.976, abs=0.01)
    assert value["MLP, 64 neurons"] > value["logistic regression"] > value["perceptron"]
    assert (scores["baseline"] < 0.11).all()


def test_the_page_on_many_dimensions_shows_what_mathematics_says(tmp_path: Path) -> None:
    result = ran("curse_of_dimensionality", tmp_path)
    angles = result["angles"]["table"].to_polars()
    assert angles["sd"].to_list() == pytest.approx([51.9, 39.2, 8.2, 5.8], rel=0.02)
    shell = dict(result["shell"]["table"].to_polars().select("dimension", "shell").iter_rows())
    assert {one: round(share, 4) for one, share in shell.items()} == {
        2: 0.0199, 3: 0.0297, 50: 0.395, 100: 0.634, 230: 0.9009, 400: 0.982,
    }  # fmt: skip
    cubes = dict(result["cubes"]["table"].to_polars().select("dimension", "middle_radius").iter_rows())
    assert [round(cubes[one], 3) for one in (2, 3, 4, 9, 16, 100)] == [0.414, 0.732, 1, 2, 3, 9]
    contrast = result["distances"]["table"].to_polars()["contrast"]
    assert contrast[0] > 100 > 0.2 > contrast[-1]
    neighbours = result["neighbours"]["table"].to_polars()
    assert neighbours["neighbours"][0] - neighbours["neighbours"][-1] > 0.15
    assert (neighbours["neighbours"] < neighbours["best_possible"] + 0.03).all()
    assert len(result["page"]["report"].parts) > 1


def test_sixteen_components_tell_digits_apart_as_well_as_all_pixels(tmp_path: Path) -> None:
    result = ran("dimension_reduction", tmp_path)
    scores = result["compare"]["scores"].to_polars()
    value = dict(scores.select("learner", "value").iter_rows())
    expected = {2: 0.592, 5: 0.918, 8: 0.962, 16: 0.986, 32: 0.987}
    for count, right in expected.items():
        assert value[f"{count} components"] == pytest.approx(right, abs=0.02)
    assert value["64 pixels"] == pytest.approx(0.988, abs=0.01)
    assert value["16 components"] > value["64 pixels"] - 0.01
    assert (scores["baseline"] < 0.11).all()
    planes = {name: accuracy(result, f"score_{name}")[0] for name in ("pca", "mds", "isomap", "t_sne")}
    assert planes["t_sne"] > 0.92
    assert planes["t_sne"] > planes["isomap"] > planes["pca"]
    assert planes["mds"] > planes["pca"]
    tables = [accuracy(result, f"score_{name}") for name in ("iris", "wine", "breast_cancer")]
    assert [right for right, _ in tables] == pytest.approx([0.953, 0.967, 0.970], abs=0.02)
    assert all(right > baseline + 0.2 for right, baseline in tables)
