"""The example workflows: each runs from its file, offline, and reaches its numbers."""

from __future__ import annotations

import contextlib
import csv
import re
import shutil
import sqlite3
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import polars as pl
import pytest
from nodeflow_nodes.io.excel_reader import ExcelReader

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


SHOP = ROOT / "workflows" / "data" / "shop.sqlite"


def asked(path: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(path)) as database:
        return database.execute(query).fetchall()


def test_totals_go_from_one_database_to_another(tmp_path: Path) -> None:
    workflow = nf.load(ROOT / "workflows" / "database_round_trip.json")
    expected = asked(
        SHOP,
        "SELECT substr(day, 1, 7), town, round(sum(round(quantity * price, 2)), 2), count(*) FROM orders "
        "JOIN shops USING (shop) WHERE day <= '2024-06-30' GROUP BY 1, 2 ORDER BY 1, 2",
    )
    stored = "SELECT month, town, round(sales, 2), orders FROM monthly ORDER BY month, town"
    for _ in range(2):  # a second run changes nothing
        workflow.run(output=tmp_path, cache_folder=tmp_path / "cache")
        assert asked(tmp_path / "totals.sqlite", stored) == expected
    assert len(expected) == 30
    longer = {"read.query_values": {"first": "2024-06-01", "last": "2024-07-31"}}
    workflow.run(output=tmp_path, cache_folder=tmp_path / "cache", parameters=longer)
    found = asked(tmp_path / "totals.sqlite", stored)
    assert found[:30] == expected
    assert {month for month, *_ in found[30:]} == {"2024-07"}


def test_the_pivot_report_has_the_sums_of_the_database(tmp_path: Path) -> None:
    workflow = nf.load(ROOT / "workflows" / "pivot_report.json")
    workflow.run(output=tmp_path, cache_folder=tmp_path / "cache")
    sheets = {
        name: ExcelReader(path=str(tmp_path / "sales_report.xlsx"), sheet=name).run().collect()
        for name in ("Products", "Months")
    }
    sums = "SELECT {}, sum(quantity * price), count(*) FROM orders JOIN shops USING (shop) GROUP BY {} ORDER BY 2 DESC"
    towns = asked(SHOP, sums.format("town", "town"))
    products = sheets["Products"]
    assert products["town"].to_list() == [town for town, *_ in towns]
    assert products["total sum(amount)"].to_list() == pytest.approx([total for _, total, _ in towns])
    assert products["total count(amount)"].to_list() == [count for *_, count in towns]
    for product, total, count in asked(SHOP, sums.format("product", "product")):
        assert products[f"{product} sum(amount)"].sum() == pytest.approx(total)
        assert products[f"{product} count(amount)"].sum() == count
    months = sheets["Months"]
    assert months["month"].to_list() == [f"{month:02}" for month in range(1, 13)]
    assert months["total"].sum() == pytest.approx(sum(total for _, total, _ in towns))


def test_the_orders_are_what_their_program_writes(tmp_path: Path) -> None:
    data = ROOT / "workflows" / "data"
    shutil.copy(data / "generate_orders.py", tmp_path)
    subprocess.run([sys.executable, tmp_path / "generate_orders.py"], check=True, cwd=tmp_path)
    for path in tmp_path.glob("*.csv"):
        assert path.read_bytes() == (data / path.name).read_bytes()
    assert list(tmp_path.glob("*.csv"))
    for table in ("orders", "shops"):
        assert asked(tmp_path / "shop.sqlite", f"SELECT * FROM {table}") == asked(
            SHOP, f"SELECT * FROM {table}"
        )


# -- statistics -------------------------------------------------------------------------------------------


def test_hypothesis_tests_on_iris_reach_the_numbers_of_the_books(tmp_path: Path) -> None:
    from scipy import stats
    from sklearn.datasets import load_iris

    iris = load_iris()
    kinds = [iris.data[iris.target == kind] for kind in range(3)]
    result = nf.load(ROOT / "workflows" / "hypothesis_tests.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    anova = result["species"]["tests"].to_polars()
    assert anova["F"].to_list() == pytest.approx([119.2645, 49.1600, 1180.1612, 960.0071], rel=1e-6)
    assert anova["eta_squared"][2] == pytest.approx(0.9414, abs=5e-5)
    assert (result["species"]["comparisons"].to_polars()["p"] < 0.01).all()
    ranks = result["ranks"]["tests"].to_polars()
    assert ranks["statistic"].to_list() == pytest.approx(
        [stats.kruskal(*(kind[:, at] for kind in kinds)).statistic for at in range(4)], rel=1e-12
    )
    pair = result["pair"]["tests"].to_polars()
    right = stats.ttest_ind(kinds[1], kinds[2], equal_var=False)
    assert pair["t"].to_list() == pytest.approx(right.statistic.tolist(), rel=1e-12)
    corrected = result["corrected"].table.to_polars()
    assert corrected["significant"].all()
    assert (corrected["corrected_p"] >= corrected["p"]).all()
    relations = result["measures"]["pairs"].to_polars()
    assert relations["r"].to_list()[-1] == pytest.approx(0.9628654, abs=1e-7)
    sizes = result["sizes"]["tests"].to_polars()
    assert (sizes["statistic"][0], sizes["df"][0]) == pytest.approx((86.034513, 2), abs=1e-5)


def test_odd_wines_are_found_and_moved_to_the_fences(tmp_path: Path) -> None:
    import numpy as np
    from sklearn.datasets import load_wine

    wine = load_wine()
    result = nf.load(ROOT / "workflows" / "outliers.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    low, high = np.quantile(wine.data, [0.25, 0.75], axis=0)
    outside = (wine.data < low - 1.5 * (high - low)) | (wine.data > high + 1.5 * (high - low))
    limits = result["clip"]["limits"].to_polars()
    assert limits["outliers"].to_list() == outside.sum(axis=0).tolist()
    odd = np.zeros(len(wine.data), bool)
    for kind in range(3):
        rows = wine.target == kind
        low, high = np.quantile(wine.data[rows], [0.25, 0.75], axis=0)
        own = (wine.data[rows] < low - 1.5 * (high - low)) | (wine.data[rows] > high + 1.5 * (high - low))
        odd[rows] = own.any(axis=1)
    assert result["odd"]["table"].to_polars()["outlier"].to_list() == odd.tolist()
    assert result["forest"]["table"].rows == 9
    before, after = (result[name].table.to_polars()["maximum"] for name in ("before", "after"))
    assert (after <= before).all()
    assert (after < before).sum() == (limits["above"] > 0).sum()


def test_a_forest_is_tuned_on_one_part_and_judged_by_the_other(tmp_path: Path) -> None:
    from sklearn import metrics

    result = nf.load(ROOT / "workflows" / "parameter_optimisation.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    trials = result["tune"]["trials"].to_polars()
    assert trials.height == 8
    assert trials.filter("best")["value"][0] == trials["value"].max() > 0.985
    honest = dict(result["honest"]["scores"].to_polars().select("metric", "value").iter_rows())
    assert trials["value"][0] == pytest.approx(
        honest["AUC"], rel=1e-12
    )  # the first trial is the forest as it stands
    rows = result["predict"].table.to_polars()
    share = rows["P (diagnosis=malignant)"]
    areas = result["roc"]["areas"].to_polars()
    assert areas["value"][0] == pytest.approx(metrics.roc_auc_score(rows["diagnosis"] == "malignant", share))
    assert areas["value"][0] > 0.97
    assert areas["low"][0] > areas["baseline"][0]
    scores = result["score"]["scores"].to_polars()
    accuracy = scores.row(0, named=True)
    assert accuracy["value"] == pytest.approx((rows["diagnosis"] == rows["predicted"]).mean())
    assert accuracy["baseline"] + 0.2 < accuracy["low"] < accuracy["value"]
    chosen, half = result["threshold"]["chosen"].to_polars().rows(named=True)
    assert chosen["cost"] < half["cost"]
    assert chosen["false_negatives"] < half["false_negatives"]
    curve = result["curve"].table.to_polars()
    assert curve["value"][-1] > curve["value"][0] > curve["baseline"][0]
    assert result["needs"].table.rows == 30


def test_five_learners_are_compared_as_by_hand(tmp_path: Path) -> None:
    import numpy as np
    from sklearn.datasets import load_breast_cancer
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import StratifiedKFold, cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    cells = load_breast_cancer()
    hit = cells.target == 0
    result = nf.load(ROOT / "workflows" / "classification_comparison.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    scores = result["compare"]["scores"].to_polars()
    by_name = dict(scores.select("learner", "value").iter_rows())
    by_hand = [
        cross_val_score(
            make_pipeline(StandardScaler(), LogisticRegression()), cells.data, hit, scoring="roc_auc",
            cv=StratifiedKFold(5, shuffle=True, random_state=seed),
        )
        for seed in (1, 2)
    ]  # fmt: skip
    assert by_name["logistic regression"] == pytest.approx(np.mean(by_hand), abs=0.005)
    assert (scores["value"] > 0.97).all()
    assert (scores["baseline"] == 0.5).all()
    assert result["compare"]["comparisons"].rows == 10
    areas = result["roc"]["areas"].to_polars()
    assert areas["positive"].unique().to_list() == ["malignant"]
    for name, value in areas.select("column", "value").iter_rows():
        assert value == pytest.approx(by_name[name], abs=0.01)
    assert (
        not result["corrected"].table.to_polars()["significant"].any()
    )  # chance alone explains all differences


# -- mining -----------------------------------------------------------------------------------------------


def test_customers_who_leave_are_predicted_better_than_by_the_baseline(tmp_path: Path) -> None:
    workflow = nf.load(ROOT / "workflows" / "customers_who_leave.json")
    result = workflow.run(output=tmp_path, cache_folder=tmp_path / "cache")
    ranking = result["compare"]["scores"].to_polars()
    assert ranking["learner"].to_list() == ["logistic regression", "gradient boosting", "tree"]
    assert ranking["value"].to_list() == pytest.approx([0.859, 0.830, 0.800], abs=0.02)
    assert (ranking["low"] > ranking["baseline"]).all()
    scores = {row["metric"]: row for row in result["score"]["scores"].to_polars().iter_rows(named=True)}
    assert scores["accuracy"]["value"] == pytest.approx(0.817, abs=0.01)
    assert scores["accuracy"]["low"] > scores["accuracy"]["baseline"]
    # the data were made so: contract, time and calls decide, age says nothing
    assert set(result["matters"].table.to_polars()["column"][:3]) == {
        "Months",
        "Contract",
        "Calls to Help Line",
    }
    weights = dict(result["logistic"]["details"].to_polars().select("term", "weight (yes)").iter_rows())
    assert weights["Contract = monthly"] > weights["Contract = one year"] > weights["Contract = two years"]
    assert weights["Months"] < 0 < weights["Calls to Help Line"]


def test_the_stored_model_is_applied_to_new_customers_by_another_workflow(tmp_path: Path) -> None:
    nf.load(ROOT / "workflows" / "customers_who_leave.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    second = nf.Workflow("new customers")
    model = second.add("model_reader", path=str(tmp_path / "churn.nodeflow-model"))
    new = second.add("csv_reader", path=str(ROOT / "workflows" / "data" / "new_customers.csv"))
    second.add("predictor", model, new, id="apply", probabilities=True)
    assert nf.validate(second) == []
    table = second.run(cache=False)["apply"].table.to_polars()
    assert table.height == 40
    assert set(table["Prediction (Left)"]) == {"yes", "no"}
    assert table["P (Left=yes)"].is_between(0, 1).all()
    lacking = nf.Workflow("lacking")
    model = lacking.add("model_reader", path=str(tmp_path / "churn.nodeflow-model"))
    new = lacking.add("csv_reader", path=str(ROOT / "workflows" / "data" / "new_customers.csv"))
    less = lacking.add("column_filter", new, columns={"exclude": ["Months"]})
    lacking.add("predictor", model, less, id="apply")
    assert any('lacks "Months"' in str(problem) for problem in nf.validate(lacking))


def test_flowers_are_put_into_groups(tmp_path: Path) -> None:
    result = nf.load(ROOT / "workflows" / "clustering.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    elbow = result["elbow"].table.to_polars()
    assert elbow["within"].to_list()[:3] == pytest.approx([222.362, 139.820, 114.1], abs=1.0)
    assert elbow["within"].is_sorted(descending=True)
    assert elbow.filter("best")["clusters"].to_list() == [2]
    scores = dict(result["score"]["scores"].to_polars().select("metric", "value").iter_rows())
    assert scores["silhouette"] == pytest.approx(0.460, abs=0.005)
    assert scores["adjusted Rand index"] == pytest.approx(0.620, abs=0.01)
    joins = result["tree"]["details"].to_polars()
    assert joins["rows"].to_list()[-1] == 150


def test_ten_columns_do_nearly_as_well_as_thirty(tmp_path: Path) -> None:
    result = nf.load(ROOT / "workflows" / "feature_selection.json").run(
        output=tmp_path, cache_folder=tmp_path / "cache"
    )
    ranking = dict(result["compare"]["scores"].to_polars().select("learner", "value").iter_rows())
    assert ranking["all columns"] == pytest.approx(0.995, abs=0.003)
    assert ranking["ten best"] == pytest.approx(0.988, abs=0.004)
    assert result["best"]["details"].to_polars()["kept"].sum() == 10
    assert result["lasso"]["details"].to_polars().filter(pl.nth(1) == 0).height > 5


def test_the_customers_are_what_their_program_writes(tmp_path: Path) -> None:
    data = ROOT / "workflows" / "data"
    shutil.copy(data / "generate_customers.py", tmp_path)
    subprocess.run([sys.executable, tmp_path / "generate_customers.py"], check=True, cwd=tmp_path)
    for path in tmp_path.glob("*.csv"):
        assert path.read_bytes() == (data / path.name).read_bytes()
    assert len(list(tmp_path.glob("*.csv"))) == 2
