"""Views of scores and predictions: curves, confusion, residuals, learning curves; their numbers are scikit-learn's."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from cases_model_views import (
    CURVE,
    PREDICTED,
    SCORED,
)
from drawing import drawn, flowers, labels_of, layers, made, points, ran, tumours

import nodeflow as nf


@pytest.fixture
def cancer() -> pl.DataFrame:
    return tumours()


@pytest.fixture
def iris() -> pl.DataFrame:
    return flowers()


def test_roc_has_the_area_of_sklearn_and_needs_no_settings_behind_a_predictor(cancer: pl.DataFrame) -> None:
    from sklearn import metrics

    hits, score = cancer["diagnosis"] == "malignant", cancer["P (diagnosis=malignant)"]
    area = metrics.roc_auc_score(hits, score)
    assert labels_of("roc_curve_view", cancer) == [f"P (diagnosis=malignant): {area:.3f}"]
    found = points("roc_curve_view", cancer)
    false, true, _ = metrics.roc_curve(hits, score, drop_intermediate=False)
    assert found["x"].to_list() == pytest.approx(false.tolist(), abs=1e-5)
    assert found["y"].to_list() == pytest.approx(true.tolist(), abs=1e-5)


def test_roc_of_several_classes_has_a_curve_for_each() -> None:
    table = pl.DataFrame({"t": ["a", "b", "c", "a", "b", "c"]}).with_columns(
        (pl.col("t") == one).cast(pl.Float64).alias(f"P (t={one})") for one in "abc"
    )
    assert labels_of("roc_curve_view", table) == [f"P (t={one}): 1.000" for one in "abc"]
    assert labels_of("roc_curve_view", table, positive="b") == ["P (t=b): 1.000"]


@pytest.mark.parametrize(
    ("scorer", "port", "view"),
    [
        ("roc_scorer", "curve", "roc_curve_view"),
        ("precision_recall_scorer", "curve", "precision_recall_view"),
        ("lift_table", "table", "lift_gain_chart"),
        ("calibration_scorer", "curve", "calibration_plot"),
    ],
)
def test_the_table_of_a_scorer_is_drawn_as_its_scores(scorer: str, port: str, view: str) -> None:
    settings = {"actual": "class", "scores": ["first", "second"]}
    table = ran(made(scorer, **settings), table=SCORED)[port]
    same, _ = drawn(view, SCORED, **settings)
    found, _ = drawn(view, table)
    wanted = {
        "roc_curve_view": ("x", "y"),
        "precision_recall_view": ("x", "y"),
        "calibration_plot": ("mean", "observed"),
    }
    for role in wanted.get(view, ()):
        values = [[row[role] for row in one["data"]["values"]] for one in (found, same)]
        assert values[0] == pytest.approx(values[1], abs=1e-5)
    assert len(found["data"]["values"]) > 10


def test_a_scorers_curve_has_its_area_in_the_legend() -> None:
    from sklearn import metrics

    settings = {"actual": "class", "scores": ["first", "second"]}
    hits = SCORED["class"] == "yes"
    areas = [metrics.roc_auc_score(hits, SCORED[name]) for name in ("first", "second")]
    table = ran(made("roc_scorer", **settings), table=SCORED)["curve"]
    assert labels_of("roc_curve_view", table) == [f"first: {areas[0]:.3f}", f"second: {areas[1]:.3f}"]


def test_precision_and_recall_are_those_of_sklearn(cancer: pl.DataFrame) -> None:
    from sklearn import metrics

    hits, score = cancer["diagnosis"] == "malignant", cancer["P (diagnosis=malignant)"]
    average = metrics.average_precision_score(hits, score)
    found = points("precision_recall_view", cancer)
    assert labels_of("precision_recall_view", cancer) == [f"P (diagnosis=malignant): {average:.3f}"]
    precision, recall, _ = metrics.precision_recall_curve(hits, score)
    assert found["x"].to_list() == pytest.approx(recall[::-1].tolist(), abs=1e-5)
    assert found["y"].to_list()[1:] == pytest.approx(precision[::-1].tolist()[1:], abs=1e-5)


def test_gain_of_a_perfect_score_rises_to_all_at_the_share_of_the_class() -> None:
    table = pl.DataFrame({"t": ["y"] * 2 + ["n"] * 8, "s": [float(10 - i) for i in range(10)]})
    found = points("lift_gain_chart", table, actual="t", scores=["s"])
    assert found.filter(pl.col("rows") == 0.2)["gain"].to_list() == [1.0]
    assert found.filter(pl.col("rows") == 0.1)["gain"].to_list() == [0.5]
    lift = points("lift_gain_chart", table, actual="t", scores=["s"], shows="lift", parts=5)
    assert lift["lift"].to_list() == [5, 0, 0, 0, 0]


def test_calibration_is_that_of_sklearn(cancer: pl.DataFrame) -> None:
    from sklearn import metrics
    from sklearn.calibration import calibration_curve

    hits, score = cancer["diagnosis"] == "malignant", cancer["P (diagnosis=malignant)"]
    observed, mean = calibration_curve(hits, score, n_bins=7)
    found = points("calibration_plot", cancer, classes=7)
    assert found["observed"].to_list() == pytest.approx(observed.tolist(), abs=1e-5)
    assert found["mean"].to_list() == pytest.approx(mean.tolist(), abs=1e-5)
    brier = metrics.brier_score_loss(hits, score)
    assert labels_of("calibration_plot", cancer) == [f"P (diagnosis=malignant): {brier:.3f}"]


def test_rows_without_a_score_are_told_and_a_curve_that_cannot_be_is_left_out() -> None:
    table = SCORED.with_columns(
        pl.when(pl.int_range(pl.len()) > 4).then("first").alias("first"),
        pl.lit(None, pl.Float64).alias("second"),
    )
    specification, messages = drawn("roc_curve_view", table, actual="class", scores=["first", "second"])
    assert messages[-1] == "5 of 24 rows without a usable value are not shown"
    assert 'the rows with a score in "second" are all of one kind' in messages[0]
    assert specification["title"]["subtitle"] == messages


def test_only_the_best_of_many_curves_are_shown() -> None:
    table = SCORED.with_columns(
        (pl.when(pl.col("class") == "yes").then(1.0).otherwise(i / 10) + pl.col("first")).alias(f"m{i}")
        for i in range(12)
    )
    names = [f"m{i}" for i in range(12)]
    found = labels_of("roc_curve_view", table, actual="class", scores=names)
    assert [one.split(":")[0] for one in found] == names[:8]
    messages = drawn("roc_curve_view", table, actual="class", scores=names)[1]
    assert messages == ["the 8 best of 12 curves are shown"]


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({}, 'choose the actual class: no column is called "P (column=class)"'),
        ({"actual": "class"}, 'no column is called "P (class=class)"'),
        ({"actual": "class", "scores": []}, "no column of scores is chosen"),
        ({"actual": "class", "scores": ["first"], "positive": "maybe"}, 'no class "maybe"'),
    ],
)
def test_what_is_missing_for_a_curve_is_told(parameters: dict[str, Any], sentence: str) -> None:
    with pytest.raises(nf.NodeFailed) as caught:
        drawn("roc_curve_view", SCORED, **parameters)
    assert sentence in str(caught.value)


def test_several_tables_are_several_models_in_one_picture(cancer: pl.DataFrame) -> None:
    worse = cancer.with_columns((1 - pl.col("radius") / 100).alias("P (diagnosis=malignant)"))
    name = "P (diagnosis=malignant)"
    plain = labels_of("roc_curve_view", [cancer, worse])
    assert [one.split(":")[0] for one in plain] == [name, f"{name} (2)"]
    named = labels_of("roc_curve_view", [cancer, worse], names=["tree", "radius"])
    assert [one.split(":")[0] for one in named] == ["tree", "radius"]
    assert [one.split(":")[1] for one in named] == [one.split(":")[1] for one in plain]
    with pytest.raises(nf.NodeFailed, match="1 names are given for 2 tables"):
        drawn("roc_curve_view", [cancer, worse], names=["tree"])
    with pytest.raises(nf.NodeFailed, match='no column "diagnosis"'):
        drawn("roc_curve_view", [cancer, SCORED], actual="diagnosis")


# -- actual and predicted ------------------------------------------------------------------------------


def test_confusion_counts_are_those_of_sklearn(iris: pl.DataFrame) -> None:
    from sklearn.metrics import confusion_matrix

    model = ran(
        made("decision_tree_learner", target="species", depth=2, features=["sepal width"]), table=iris
    )["model"]
    table = ran(made("predictor"), model=model, table=iris)["table"]
    found = points("confusion_matrix_view", table)
    wanted = confusion_matrix(table["species"], table["Prediction (species)"])
    assert found["rows"].to_list() == wanted.ravel().tolist()
    assert found["share"].to_list() == pytest.approx(
        (wanted / wanted.sum(axis=1)[:, None]).ravel().tolist(), abs=1e-5
    )
    right = wanted.trace() / wanted.sum()
    title = drawn("confusion_matrix_view", table)[0]["title"]
    assert title["subtitle"] == [f"{right:.1%} of 150 rows predicted right"]


def test_the_confusion_table_of_a_scorer_is_drawn_as_its_rows_would_be() -> None:
    named = {"actual": "kind", "prediction": "Prediction (kind)"}
    scored = ran(made("scorer", rounds=0, **named), table=PREDICTED)["confusion"]
    own, again = points("confusion_matrix_view", PREDICTED, **named), points("confusion_matrix_view", scored)
    assert own.rows() == again.rows()


@pytest.mark.parametrize(
    ("view", "settings", "columns"),
    [
        (
            "confusion_matrix_view",
            {"actual": "kind", "prediction": "Prediction (kind)"},
            {"actual": "kind", "predicted": "Prediction (kind)"},
        ),
        ("residual_plot", {"actual": "size"}, {"p": "Prediction (size)"}),
        (
            "residual_plot",
            {"actual": "size", "shows": "actual by predicted"},
            {"p": "Prediction (size)", "v": "size"},
        ),
    ],
)
def test_what_is_selected_can_be_looked_up_in_the_table(
    view: str, settings: dict[str, Any], columns: dict[str, str]
) -> None:
    specification, _ = drawn(view, PREDICTED, **settings)
    assert nf.Chart(specification).columns == columns
    fields = specification["data"]["values"][0].keys()
    assert columns.keys() <= fields


def test_margins_are_recall_and_precision() -> None:
    named = {"actual": "kind", "prediction": "Prediction (kind)"}
    _, recall, precision, *_ = layers("confusion_matrix_view", PREDICTED, **named)
    found = {row["actual"]: row["recall"] for row in recall}
    assert found == pytest.approx({"a": 2 / 3, "b": 2 / 3, "c": 3 / 4}, abs=1e-5)
    found = {row["predicted"]: row["precision"] for row in precision}
    assert found == pytest.approx({"a": 1.0, "b": 2 / 4, "c": 3 / 4}, abs=1e-5)
    assert len(layers("confusion_matrix_view", PREDICTED, **named, margins=False)) == 1


@pytest.mark.parametrize(("rates", "share"), [("actual", 2 / 3), ("predicted", 2 / 4), ("all", 2 / 10)])
def test_rates_are_shares_of_what_is_asked(rates: str, share: float) -> None:
    found = points(
        "confusion_matrix_view", PREDICTED, actual="kind", prediction="Prediction (kind)", rates=rates
    )
    cell = found.filter((pl.col("actual") == "b") & (pl.col("predicted") == "b"))
    assert cell["share"].to_list() == pytest.approx([share], abs=1e-5)


def test_rare_classes_are_others_and_numbers_stand_in_order() -> None:
    table = pl.DataFrame({"a": [10, 9, 9, 2, 2, 2, 30], "b": [10, 9, 2, 2, 2, 9, 10]})
    specification, messages = drawn(
        "confusion_matrix_view", table, actual="a", prediction="b", most_classes=3
    )
    assert messages == ["the 2 most frequent of 4 classes are shown, the rest as others"]
    found = pl.DataFrame(specification["data"]["values"])
    assert found["actual"].unique(maintain_order=True).to_list() == ["2", "9", "others"]
    assert found.filter((pl.col("actual") == "others") & (pl.col("predicted") == "others"))[
        "rows"
    ].to_list() == [2]


def test_numbers_to_predict_are_no_classes() -> None:
    many = pl.DataFrame({"a": range(100_002)}).with_columns(pl.col("a").alias("b"))
    with pytest.raises(nf.NodeFailed, match="Residual Plot"):
        drawn("confusion_matrix_view", many, actual="a", prediction="b")
    with pytest.raises(nf.NodeFailed, match="Confusion Matrix View"):
        drawn("residual_plot", PREDICTED.select("kind", "Prediction (kind)"))


@pytest.mark.parametrize("view", ["confusion_matrix_view", "residual_plot"])
def test_predictions_that_are_not_found_are_asked_for(view: str) -> None:
    with pytest.raises(nf.NodeFailed, match="choose the actual column"):
        drawn(view, PREDICTED)
    with pytest.raises(nf.NodeFailed, match="choose the actual column"):
        drawn(view, PREDICTED.rename({"Prediction (kind)": "p", "Prediction (size)": "q"}))
    with pytest.raises(nf.ParameterError, match="another column"):
        made(view, actual="kind", prediction="kind")


def test_residuals_are_actual_minus_predicted_with_the_scores_of_sklearn() -> None:
    from sklearn import metrics

    known = PREDICTED.drop_nulls(["size", "Prediction (size)"])
    actual, predicted = known["size"], known["Prediction (size)"]
    dots, zero, normal, dotted = layers("residual_plot", PREDICTED, actual="size")
    assert [(row["p"], row["v"]) for row in dots] == list(zip(predicted, actual - predicted, strict=True))
    assert [row["v"] for row in zero] == [0, 0]
    assert [row["r"] for row in dotted] == (actual - predicted).sort().to_list()
    assert dotted[5]["n"] == pytest.approx(0)
    assert len(normal) == 2
    specification, messages = drawn("residual_plot", PREDICTED, actual="size")
    r2, mae = metrics.r2_score(actual, predicted), metrics.mean_absolute_error(actual, predicted)
    rmse = metrics.root_mean_squared_error(actual, predicted)
    assert specification["title"]["subtitle"][0] == f"RMSE {rmse:.3g}, MAE {mae:.3g}, R² {r2:.3f} on 11 rows"
    assert messages == ["1 of 12 rows without a usable value is not shown"]


def test_residuals_of_many_rows_are_counted_in_squares() -> None:
    table = pl.DataFrame({"p": [float(i % 977) for i in range(20_000)]}).with_columns(
        (pl.col("p") * 1.1 + 3).alias("a")
    )
    squares = layers("residual_plot", table, actual="a", prediction="p", shows="residuals")[0]
    assert sum(row["rows"] for row in squares) == 20_000
    assert len(squares) <= 3_600
    quantiles = layers("residual_plot", table, actual="a", prediction="p", shows="Q-Q")[1]
    assert len(quantiles) <= 400


def test_a_learning_curve_is_drawn_as_its_node_gives_it(iris: pl.DataFrame) -> None:
    learner = ran(made("naive_bayes_learner", target="species"), table=iris)["model"]
    table = ran(made("learning_curve", steps=3, folds=3), learner=learner, table=iris)["table"]
    found = points("learning_curve_view", table)
    new = found.filter(pl.col("kind") == "on new rows")
    assert (
        new.select("rows", "score", "low", "high").rows()
        == table.select("rows", "value", "low", "high").rows()
    )
    assert found.filter(pl.col("kind") == "baseline")["score"].to_list() == table["baseline"].to_list()
    specification, _ = drawn("learning_curve_view", table)
    assert specification["layer"][1]["encoding"]["y"]["title"] == "Accuracy"


def test_learning_curves_of_several_learners_are_coloured() -> None:
    both = pl.concat([CURVE.with_columns(pl.lit(name).alias("learner")) for name in ("tree", "forest")])
    specification, _ = drawn("learning_curve_view", both, learner="learner")
    assert specification["layer"][1]["encoding"]["color"]["scale"]["domain"] == ["forest", "tree"]
    assert "dashed: on the rows learned from" in specification["title"]["subtitle"][0]
