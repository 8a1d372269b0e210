"""The example workflows: each runs from its file, offline, and reaches its numbers."""

from __future__ import annotations

import csv
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import polars as pl
import pytest

import nodeflow as nf

ROOT = Path(__file__).parent.parent
EXAMPLES = sorted((ROOT / "workflows").glob("*.json"))
REAL = ROOT.parent / "shared" / "data" / "graduate_admission.csv"


def scores(result: nf.Result) -> dict[str, dict[str, float]]:
    return {
        name: {
            **dict(table.select("metric", "value").iter_rows()),
            "RMSE of the mean": dict(table.select("metric", "baseline").iter_rows())["RMSE"],
        }
        for name in ("linear", "forest")
        for table in [result[f"score_{name}"].table.to_polars()]
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


# -- orders -----------------------------------------------------------------------------------------------


def clean_orders() -> list[dict[str, object]]:
    """The orders as they should be, worked out here line by line."""
    with open(ROOT / "workflows" / "data" / "orders.csv", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file, delimiter=";"))
    known = list({line["Order No"]: line for line in reversed(lines)}.values())[::-1]
    found: list[dict[str, object]] = []
    for line in known:
        day = re.sub(r"^(\d\d)\.(\d\d)\.(\d{4})$", r"\3-\2-\1", line["Day"])
        quantity = int(line["Quantity"]) if line["Quantity"].isdigit() else None
        price = float(line["Unit Price"].strip(" €").replace(",", "."))
        product = " ".join(line["Product"].split()).title()
        found.append(
            {
                "no": int(line["Order No"]),
                "day": day,
                "shop": line["Shop"],
                "product": product,
                "quantity": quantity,
                "price": price,
            }
        )
    usual = median(float(one["quantity"]) for one in found if one["quantity"] is not None)  # type: ignore[arg-type]
    for one in found:
        one["quantity"] = usual if one["quantity"] is None else one["quantity"]
        one["amount"] = round(float(one["quantity"]) * float(one["price"]), 2)  # type: ignore[arg-type]
    return [one for one in found if one["shop"]]


def test_orders_are_cleaned(tmp_path: Path) -> None:
    workflow = nf.load(ROOT / "workflows" / "cleaning_orders.json")
    workflow.run(output=tmp_path, cache_folder=tmp_path / "cache")
    with open(tmp_path / "clean_orders.csv", encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    expected = sorted(clean_orders(), key=lambda one: int(str(one["no"])))
    found.sort(key=lambda one: int(one["order_no"]))
    assert len(found) == len(expected) == 580
    for row, right in zip(found, expected, strict=True):
        assert (int(row["order_no"]), row["day"], row["shop"], row["product"]) == tuple(
            right[name] for name in ("no", "day", "shop", "product")
        )
        assert float(row["amount"]) == pytest.approx(right["amount"], abs=0.011)
    sizes = Counter(row["size"] for row in found)
    assert set(sizes) == {"small", "middle", "large"}
    assert all((float(row["amount"]) >= 40) == (row["size"] == "large") for row in found)


def test_sales_are_added_up_by_town_and_quarter(tmp_path: Path) -> None:
    workflow = nf.load(ROOT / "workflows" / "sales_by_town.json")
    workflow.run(output=tmp_path, cache_folder=tmp_path / "cache")
    with open(ROOT / "workflows" / "data" / "shops.csv", encoding="utf-8", newline="") as file:
        towns = {line["Shop"]: line["Town"] for line in csv.DictReader(file, delimiter=";")}
    quarters: dict[tuple[str, str], float] = defaultdict(float)
    for one in clean_orders():
        if one["shop"] in towns:
            quarter = f"Q{(int(str(one['day'])[5:7]) + 2) // 3}"
            quarters[towns[str(one["shop"])], quarter] += float(str(one["amount"]))
    with open(tmp_path / "sales_by_quarter.csv", encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [row["Town"] for row in found] == ["Bonn", "Bern", "Ulm", "Graz", "Basel"]
    for row in found:
        for name in ("Q1", "Q2", "Q3", "Q4"):
            assert float(row[name]) == pytest.approx(quarters[row["Town"], name], abs=0.75)
    unknown = sum(one["shop"] not in towns for one in clean_orders())
    assert pl.read_csv(tmp_path / "unknown_shops.csv").height == unknown == 93
    best = pl.read_csv(tmp_path / "towns.csv")
    assert best["rank"].to_list() == [1, 2, 3, 4, 5]
    assert best["orders"].sum() == 580 - unknown


def test_the_orders_are_what_their_program_writes(tmp_path: Path) -> None:
    data = ROOT / "workflows" / "data"
    shutil.copy(data / "generate_orders.py", tmp_path)
    subprocess.run([sys.executable, tmp_path / "generate_orders.py"], check=True, cwd=tmp_path)
    for path in tmp_path.glob("*.csv"):
        assert path.read_bytes() == (data / path.name).read_bytes()
    assert list(tmp_path.glob("*.csv"))
