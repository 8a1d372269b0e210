"""Learners, predictor and scorer: the numbers of scikit-learn, honest messages, models that load safely."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import nodeflow as nf
from nodeflow.values.bundle import ModelError, pack_model, unpack_model

RNG = np.random.default_rng(5)
N = 120
TABLE = pl.DataFrame(
    {
        "size": RNG.uniform(20, 200, N),
        "rooms": RNG.integers(1, 7, N),
        "town": RNG.choice(["Rome", "Oslo", "Bonn"], N),
        "garden": RNG.random(N) > 0.5,
    }
).with_columns(
    price=3.0 * pl.col("size") + 10.0 * pl.col("rooms") + pl.when(pl.col("town") == "Rome").then(50.0).otherwise(0.0)
    + pl.Series(RNG.normal(0, 5, N))
)  # fmt: skip


class Given(nf.Node):
    """Give a table of the test."""

    category = "Test"
    reads_outside = True
    which: str = nf.parameter(default="table", help="Which.")

    def run(self) -> pl.LazyFrame:
        return TABLES[self.which].lazy()

    def spec(self, inputs: Any) -> nf.TableSpec:
        return nf.TableSpec(TABLES[self.which].schema)


TABLES: dict[str, pl.DataFrame] = {}


def given(table: pl.DataFrame) -> nf.Workflow:
    TABLES["table"] = table
    workflow = nf.Workflow("mining")
    workflow.add(Given, id="given")
    return workflow


def learned(table: pl.DataFrame, kind: str, **parameters: Any) -> nf.Result:
    workflow = given(table)
    workflow.add(kind, workflow["given"], id="learn", **parameters)
    return workflow.run(cache=False, check=False)


def test_linear_regression_gives_scikit_learns_weights_and_the_textbook_errors() -> None:
    from sklearn.linear_model import LinearRegression

    result = learned(TABLE, "linear_regression_learner", target="price", features=["size", "rooms"])
    features, y = TABLE.select("size", "rooms").to_numpy(), TABLE["price"].to_numpy()
    by_hand = LinearRegression().fit(features, y)
    table = result["learn"]["coefficients"].to_polars()
    assert table["term"].to_list() == ["(intercept)", "size", "rooms"]
    assert table["coefficient"].to_list() == pytest.approx([by_hand.intercept_, *by_hand.coef_], rel=1e-9)
    design = np.column_stack([np.ones(N), features])
    residuals = y - by_hand.predict(features)
    variance = residuals @ residuals / (N - 3)
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * variance)
    assert table["standard error"].to_list() == pytest.approx(errors.tolist(), rel=1e-8)
    assert (table["p"] < 1e-6).sum() >= 2


def test_texts_become_columns_and_their_weights_are_named() -> None:
    table = learned(TABLE, "linear_regression_learner", target="price")["learn"]["coefficients"].to_polars()
    weights = dict(table.select("term", "coefficient").iter_rows())
    assert weights["town = Rome"] - weights["town = Oslo"] == pytest.approx(50, abs=6)
    assert "town = Bonn" not in weights


def test_a_forest_is_scikit_learns_and_the_same_every_time() -> None:
    from sklearn.ensemble import RandomForestRegressor

    features = ["size", "rooms"]
    first = learned(TABLE, "random_forest_learner", target="price", features=features, trees=20, seed=3)
    second = learned(TABLE, "random_forest_learner", target="price", features=features, trees=20, seed=3)
    assert pack_model(first["learn"].model) == pack_model(second["learn"].model)
    by_hand = RandomForestRegressor(20, random_state=3).fit(
        TABLE.select(features).to_numpy(), TABLE["price"].to_numpy()
    )
    assert first["learn"].model.predict(TABLE).tolist() == pytest.approx(
        by_hand.predict(TABLE.select(features).to_numpy()).tolist(), rel=1e-9
    )
    importances = first["learn"]["importances"].to_polars()
    assert importances["column"][0] == "size"
    assert importances["importance"].sum() == pytest.approx(1)


def test_a_forest_learns_classes_and_predicts_them_in_the_targets_type() -> None:
    workflow = given(TABLE)
    learn = workflow.add(
        "random_forest_learner", workflow["given"], target="garden", features=["size", "price"], trees=30
    )
    predict = workflow.add(
        "predictor", model=learn["model"], table=workflow["given"], column="guess", probabilities=True
    )
    table = workflow.run(cache=False)[predict.id].table.to_polars()
    assert table.schema["guess"] == pl.Boolean
    assert (table["guess"] == table["garden"]).mean() > 0.95
    shares = table.select("P (garden=false)", "P (garden=true)")
    assert shares.sum_horizontal().to_list() == pytest.approx([1.0] * N)


def test_the_predictor_keeps_columns_and_order_and_handles_what_it_never_saw() -> None:
    workflow = given(TABLE)
    learn = workflow.add("linear_regression_learner", workflow["given"], target="price")
    TABLES["new"] = TABLE.head(5).with_columns(
        town=pl.Series(["Rome", "Paris", None, "Oslo", "Oslo"]),
        size=pl.Series([50.0, None, 70.0, 80.0, 90.0]),
        extra=pl.lit(1),
    )
    new = workflow.add(Given, id="new", which="new")
    predict = workflow.add("predictor", model=learn["model"], table=new)
    result = workflow.run(cache=False)
    assert result.reports[predict.id].messages == [
        "some texts were not seen while learning; they count as none of the known ones"
    ]
    table = result[predict.id].table.to_polars()
    assert table.columns == [*TABLES["new"].columns, "Prediction (price)"]
    assert table.drop("Prediction (price)").equals(TABLES["new"])
    assert table["Prediction (price)"].null_count() == 0


def test_the_predictor_tells_before_running_what_the_table_lacks() -> None:
    workflow = given(TABLE)
    learn = workflow.add("linear_regression_learner", workflow["given"], target="price")
    TABLES["new"] = TABLE.drop("size").with_columns(rooms=pl.lit("many"))
    workflow.add("predictor", model=learn["model"], table=workflow.add(Given, id="new", which="new"))
    told = " ".join(map(str, nf.validate(workflow)))
    assert 'lacks "size"' in told
    assert 'column "rooms" is text' in told


BAD_TABLES: dict[str, tuple[pl.DataFrame, str]] = {
    "no rows": (TABLE.clear(), "only 0 rows"),
    "one row": (TABLE.head(1), "only 1 row "),
    "no targets": (TABLE.with_columns(price=pl.lit(None, dtype=pl.Float64)), "only 0 rows"),
    "infinite targets": (TABLE.with_columns(price=pl.lit(float("inf"))), "infinite"),
    "infinite features": (TABLE.with_columns(size=pl.lit(float("-inf"))), 'column "size" holds infinite'),
    "empty features": (TABLE.select("price", x=pl.lit(None, dtype=pl.Float64)), "no feature column"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
@pytest.mark.parametrize("kind", ["linear_regression_learner", "random_forest_learner"])
def test_bad_tables_are_told_in_a_sentence(kind: str, name: str) -> None:
    table, words = BAD_TABLES[name]
    report = learned(table, kind, target="price").reports["learn"]
    assert report.state == "failed"
    assert words in report.reason
    assert "fault of the node" not in report.reason


@pytest.mark.parametrize("kind", ["linear_regression_learner", "random_forest_learner"])
def test_a_table_without_features_is_told_before_anything_runs(kind: str) -> None:
    with pytest.raises(nf.WorkflowError, match="no feature column to learn from"):
        learned(TABLE.select("price"), kind, target="price")


def test_one_class_cannot_be_learned() -> None:
    report = learned(TABLE.with_columns(town=pl.lit("Rome")), "random_forest_learner", target="town").reports[
        "learn"
    ]
    assert 'one class only, "Rome"' in report.reason


def test_what_is_left_out_is_said() -> None:
    table = TABLE.with_columns(
        name=pl.Series([f"n{i}" for i in range(N)]), nothing=pl.lit(None, dtype=pl.Float64),
        price=pl.when(pl.int_range(N) > 2).then("price"),
    )  # fmt: skip
    messages = " ".join(learned(table, "linear_regression_learner", target="price").reports["learn"].messages)
    assert '3 rows without a value in "price"' in messages
    assert '"name" has 120 different texts' not in messages  # 117 rows are left
    assert '"name" has 117 different texts' in messages
    assert '"nothing" has no values' in messages


def test_scores_are_scikit_learns() -> None:
    from sklearn import metrics

    actual, predicted = TABLE["price"], TABLE["price"] + pl.Series(RNG.normal(0, 9, N))
    TABLES["table"] = pl.DataFrame({"a": actual, "p": predicted})
    workflow = given(TABLES["table"])
    workflow.add("numeric_scorer", workflow["given"], id="score", actual="a", prediction="p")
    table = workflow.run(cache=False)["score"].table.to_polars()
    found, baseline = (dict(table.select("metric", name).iter_rows()) for name in ("value", "baseline"))
    assert found["R2"] == pytest.approx(metrics.r2_score(actual, predicted), rel=1e-12)
    assert found["MAE"] == pytest.approx(metrics.mean_absolute_error(actual, predicted), rel=1e-12)
    assert found["RMSE"] == pytest.approx(metrics.root_mean_squared_error(actual, predicted), rel=1e-12)
    assert found["MAPE"] == pytest.approx(
        metrics.mean_absolute_percentage_error(actual, predicted), rel=1e-12
    )
    assert baseline["RMSE"] == pytest.approx(float(actual.std(ddof=0)), rel=1e-12)


def test_rows_without_a_value_are_not_scored_and_counted() -> None:
    workflow = given(pl.DataFrame({"a": [1.0, 2.0, None], "p": [1.0, None, 3.0]}))
    workflow.add("numeric_scorer", workflow["given"], id="score", actual="a", prediction="p")
    result = workflow.run(cache=False)
    found = dict(result["score"].table.to_polars().select("metric", "value").iter_rows())
    assert (found["rows"], found["rows left out"]) == (1, 2)
    assert result.reports["score"].messages == ["2 rows with a missing or infinite value are not scored"]


# -- models as files ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bundle() -> bytes:
    return pack_model(learned(TABLE, "random_forest_learner", target="price", trees=3)["learn"].model)


def test_a_model_comes_back_as_it_was(bundle: bytes) -> None:
    model = learned(TABLE, "random_forest_learner", target="price", trees=3)["learn"].model
    back = unpack_model(bundle)
    assert back.spec == model.spec
    assert back.predict(TABLE).tolist() == model.predict(TABLE).tolist()
    assert back.summary == model.summary


def repacked(bundle: bytes, change: Any) -> bytes:
    """The bundle with its members changed, and the digest mended, as an attacker would."""
    import hashlib

    with zipfile.ZipFile(io.BytesIO(bundle)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    if "model.json" in members and "estimator.skops" in members:
        told = json.loads(members["model.json"])
        told["sha256"] = {"estimator.skops": hashlib.sha256(members["estimator.skops"]).hexdigest()}
        members["model.json"] = json.dumps(told).encode()
    return zipped(members)


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def pickled(marker: Path) -> bytes:
    # what a pickle that opens a file looks like, written by hand
    return b"cbuiltins\nopen\n(S'" + str(marker).encode() + b"'\nS'w'\ntR."


def foreign_type(members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(io.BytesIO(members["estimator.skops"])) as archive:
        inner = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(inner["schema.json"])
    schema["__class__"], schema["__module__"] = "Popen", "subprocess"
    inner["schema.json"] = json.dumps(schema).encode()
    members["estimator.skops"] = zipped(inner)


def crafted_tree(members: dict[str, bytes]) -> None:
    """Every array of whole numbers is spoilt, children of tree nodes among them."""
    with zipfile.ZipFile(io.BytesIO(members["estimator.skops"])) as archive:
        inner = {name: archive.read(name) for name in archive.namelist()}
    for name, data in inner.items():
        if name.endswith(".npy"):
            array = np.load(io.BytesIO(data))
            if array.dtype.names and "left_child" in array.dtype.names:
                array = array.copy()
                array["left_child"][0] = 10**9
                buffer = io.BytesIO()
                np.save(buffer, array)
                inner[name] = buffer.getvalue()
    members["estimator.skops"] = zipped(inner)


def test_hostile_model_files_are_refused_and_run_nothing(bundle: bytes, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    told = {}
    hostile = {
        "a renamed pickle": pickled(marker),
        "nothing": b"",
        "not a zip": b"hello" * 100,
        "truncated": bundle[: len(bundle) // 2],
        "a pickle inside": repacked(bundle, lambda m: m.update({"estimator.skops": pickled(marker)})),
        "a foreign type": repacked(bundle, foreign_type),
        "a crafted tree": repacked(bundle, crafted_tree),
        "a path in a name": repacked(bundle, lambda m: m.update({"../evil": b"x"})),
        "another member": repacked(bundle, lambda m: m.update({"more": b"x"})),
        "a member less": repacked(bundle, lambda m: m.pop("estimator.skops")),
        "compressed": zipped({"model.json": b"0" * 10**6, "estimator.skops": b"0" * 10**6}, zipfile.ZIP_DEFLATED),
        "a newer format": repacked(bundle, lambda m: m.update({"model.json": m["model.json"].replace(b'"format": 1', b'"format": 9')})),
        "an unknown task": repacked(bundle, lambda m: m.update({"model.json": m["model.json"].replace(b'"regression"', b'"magic"')})),
        "an unknown type": repacked(bundle, lambda m: m.update({"model.json": m["model.json"].replace(b'"Float64"', b'"Evil"')})),
        "deep JSON": repacked(bundle, lambda m: m.update({"estimator.skops": zipped({"schema.json": b"[" * 10**5})})),
    }  # fmt: skip
    for name, data in hostile.items():
        try:
            unpack_model(data)
        except ModelError as error:
            told[name] = str(error)
    assert set(told) == set(hostile)
    assert all(text.startswith("not a model nodeflow can load") for text in told.values())
    assert not marker.exists()


def test_a_flipped_byte_is_found_or_harmless(bundle: bytes) -> None:
    expected = unpack_model(bundle).predict(TABLE).tolist()
    for place in range(0, len(bundle), max(len(bundle) // 60, 1)):
        spoilt = bytearray(bundle)
        spoilt[place] ^= 0x10
        try:
            found = unpack_model(bytes(spoilt)).predict(TABLE).tolist()
        except ModelError:
            continue
        assert found == expected
