"""Views of fitted models: importances, partial dependence, trees and decision surfaces."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from cases_model_views import (
    IMPORTANCES,
)
from drawing import ODD_NAMES, drawn, flowers, layers, made, points, ran

import nodeflow as nf


@pytest.fixture
def iris() -> pl.DataFrame:
    return flowers()


@pytest.fixture(scope="module")
def forest() -> Any:
    return ran(made("random_forest_learner", target="species", trees=5), table=flowers())["model"]


def test_importances_are_sorted_by_size_and_rows_without_a_name_told() -> None:
    specification, messages = drawn("feature_importance_view", IMPORTANCES)
    found = pl.DataFrame(specification["data"]["values"])
    assert found.select("name", "value").rows() == [("age", 0.5), ("height", 0.2), ("income", -0.1)]
    assert messages == ["1 of 4 rows without a usable value is not shown"]
    assert points("feature_importance_view", IMPORTANCES, most=1)["name"].to_list() == ["age"]


def test_importances_come_from_a_model_too(iris: pl.DataFrame) -> None:
    forest = ran(made("random_forest_learner", target="species", trees=5), table=iris)
    own = points("feature_importance_view", {"model": forest["model"]})
    assert own["value"].to_list() == pytest.approx(forest["importances"]["importance"].to_list())
    linear = ran(made("linear_regression_learner", target="petal width"), table=iris.drop("species"))
    found = points("feature_importance_view", linear["coefficients"])
    weights = points("feature_importance_view", {"model": linear["model"]})
    assert found["value"].to_list() == pytest.approx(weights["value"].to_list())
    assert set(found["sign"]) == {"above 0", "below 0"}
    several = ran(made("logistic_regression_learner", target="species"), table=iris)
    size = points("feature_importance_view", several["details"])
    assert size.rows() == points("feature_importance_view", {"model": several["model"]}).rows()
    assert size.height == 4


def test_what_has_no_importances_is_told(iris: pl.DataFrame) -> None:
    near = ran(made("nearest_neighbours_learner", target="species"), table=iris)["model"]
    with pytest.raises(nf.NodeFailed, match="Permutation Importance"):
        drawn("feature_importance_view", {"model": near})
    with pytest.raises(nf.NodeFailed, match="connect a table"):
        drawn("feature_importance_view", {})
    with pytest.raises(nf.NodeFailed, match="choose the column with the importances"):
        drawn("feature_importance_view", pl.DataFrame({"column": ["a"]}))


def test_partial_dependence_is_that_of_sklearn(iris: pl.DataFrame, forest: Any) -> None:
    from sklearn.inspection import partial_dependence

    found = points(
        "partial_dependence",
        {"model": forest, "table": iris},
        columns=["petal length"],
        positive="versicolor",
    )
    wanted = partial_dependence(
        forest.estimator,
        forest.features(iris),
        ["f2"],
        grid_resolution=20,
        method="brute",
        response_method="predict_proba",
    )
    grid, mean = wanted["grid_values"][0], wanted["average"][1]
    curve = found.filter(pl.col("line") == -1)
    assert curve["number"].to_list() == pytest.approx(grid.tolist())
    assert curve["y"].to_list() == pytest.approx(mean.tolist(), abs=1e-5)
    assert set(curve["class"]) == {"versicolor"}


def test_lines_of_single_rows_have_the_curve_as_their_mean(iris: pl.DataFrame) -> None:
    table = iris.drop("species")
    model = ran(made("decision_tree_learner", target="petal width"), table=table)["model"]
    given = {"model": model, "table": table}
    found = points("partial_dependence", given, columns=["petal length"], single_rows=150)
    single = found.filter(pl.col("line") >= 0).group_by("number").agg(pl.col("y").mean()).sort("number")
    curve = found.filter(pl.col("line") == -1)
    assert single.height == 20
    assert single["y"].to_list() == pytest.approx(curve["y"].to_list(), abs=1e-4)


def test_columns_of_the_largest_effect_are_chosen(iris: pl.DataFrame, forest: Any) -> None:
    specification, _ = drawn("partial_dependence", {"model": forest, "table": iris}, most=2)
    titles = [panel["layer"][0]["encoding"]["x"]["title"] for panel in specification["concat"]]
    assert set(titles) == {"petal length", "petal width"}
    assert specification["title"]["subtitle"][1] == "the 2 columns with the largest effect of 4 are shown"
    classes = specification["concat"][0]["layer"][0]["encoding"]["color"]["scale"]["domain"]
    assert classes == ["setosa", "versicolor", "virginica"]


def test_dependence_on_texts_truths_and_dates_has_its_own_axis() -> None:
    import datetime

    days = [datetime.date(1965, 1, 1) + datetime.timedelta(days=17 * i) for i in range(40)]
    table = pl.DataFrame(
        {"town": ["b", "a", None, "b"] * 10, "is new": [True, False] * 20, "day": days}
    ).with_columns(price=pl.when(pl.col("town") == "a").then(9.0).otherwise(1.0) + pl.col("is new"))
    model = ran(made("decision_tree_learner", target="price"), table=table)["model"]
    found = points("partial_dependence", {"model": model, "table": table})
    texts = found.filter(pl.col("text").is_not_null())
    assert texts.select("panel", "text").rows() == [(0, "a"), (0, "b"), (1, "false"), (1, "true")]
    assert (
        texts.filter(pl.col("text") == "a")["y"].item() > texts.filter(pl.col("text") == "b")["y"].item() + 7
    )
    assert found["moment"].drop_nulls().min() > "1965-01"


def test_decimal_numbers_and_moments_are_tried_as_they_are() -> None:
    import datetime
    from decimal import Decimal

    first = datetime.datetime(1960, 1, 1, tzinfo=datetime.UTC)
    table = pl.DataFrame(
        {
            "price": [Decimal(f"{i}.25") for i in range(40)],
            "seen": [first + datetime.timedelta(hours=31 * i) for i in range(40)],
            "sold": [float(i % 7 + i) for i in range(40)],
        }
    )
    model = ran(made("decision_tree_learner", target="sold"), table=table)["model"]
    found = points("partial_dependence", {"model": model, "table": table}, trimmed=0.0, steps=3)
    assert found["number"].drop_nulls().to_list() == pytest.approx([0.25, 19.75, 39.25])
    assert found["moment"].drop_nulls().to_list()[::2] == [
        "1960-01-01T00:00:00.000Z",
        "1960-02-20T09:00:00.000Z",
    ]


def test_rows_beyond_the_most_are_sampled_and_told(iris: pl.DataFrame, forest: Any) -> None:
    many = pl.concat([iris] * 4)
    _, messages = drawn("partial_dependence", {"model": forest, "table": many}, most_rows=100)
    assert messages[0] == "a sample of 100 of 600 rows is used, spread evenly"


@pytest.mark.parametrize("view", ["partial_dependence", "decision_surface"])
def test_a_table_that_does_not_fit_the_model_is_told(view: str, forest: Any, iris: pl.DataFrame) -> None:
    with pytest.raises(nf.NodeFailed, match='lacks "petal width"'):
        drawn(view, {"model": forest, "table": iris.drop("petal width")})
    with pytest.raises(nf.NodeFailed, match="infinite"):
        drawn(view, {"model": forest, "table": iris.with_columns(pl.lit(float("inf")).alias("petal width"))})
    scaler = ran(made("normalizer"), table=iris)["model"]
    with pytest.raises(nf.NodeFailed, match="transformation"):
        drawn(view, {"model": scaler, "table": iris})


def test_what_cannot_be_drawn_of_a_model_is_told(forest: Any, iris: pl.DataFrame) -> None:
    given = {"model": forest, "table": iris}
    for view, settings, sentence in (
        ("partial_dependence", {"columns": ["nose"]}, 'no column "nose"'),
        ("partial_dependence", {"columns": ["species"]}, 'not learned from "species"'),
        ("partial_dependence", {"positive": "rose"}, 'no class "rose"; it knows "setosa"'),
        ("decision_surface", {"x": "nose"}, 'no column "nose"'),
        ("decision_tree_view", {"tree": 99}, "no tree 99"),
    ):
        inputs = {"model": forest} if view == "decision_tree_view" else given
        with pytest.raises(nf.NodeFailed) as caught:
            drawn(view, inputs, **settings)
        assert sentence in str(caught.value)
    near = ran(made("nearest_neighbours_learner", target="species"), table=iris)["model"]
    with pytest.raises(nf.NodeFailed, match="no decision tree"):
        drawn("decision_tree_view", {"model": near})
    with pytest.raises(nf.ParameterError, match="two different columns"):
        made("decision_surface", x="a", y="a")


def test_the_tree_is_that_of_the_learner(iris: pl.DataFrame) -> None:
    learned = ran(made("decision_tree_learner", target="species", depth=3), table=iris)
    found = points("decision_tree_view", {"model": learned["model"]}, depth=9)
    details = learned["details"]
    assert found.height == details.height
    assert [row.split(" rows")[0] for row in found["told"]] == [str(n) for n in details["rows"]]
    assert found["title"].to_list() == details["prediction"].to_list()
    assert found["question"][0].startswith("petal ")
    specification, _ = drawn("decision_tree_view", {"model": learned["model"]}, depth=9)
    assert "learned from 150 rows" in specification["title"]["subtitle"][0]
    bars = next(
        layer for layer in layers("decision_tree_view", {"model": learned["model"]}) if "class" in layer[0]
    )
    assert [row["told"] for row in bars[:3]] == ["setosa: 33.3%", "versicolor: 33.3%", "virginica: 33.3%"]


def test_questions_are_in_the_unit_of_the_column_even_if_the_model_scales_it(iris: pl.DataFrame) -> None:
    settings = {"target": "species", "n_estimators": 3}
    questions = []
    for scaled in (False, True):
        node = made("sklearn_gradient_boosting_classifier", **settings, one_scale=scaled, seed=1)
        model = ran(node, table=iris.select("petal length", "species"))["model"]
        questions.append(points("decision_tree_view", {"model": model}, depth=1)["question"][0])
    assert questions[0] == questions[1] == "petal length ≤ 2.45"


def test_a_tree_is_cut_at_the_depth_and_says_what_follows(iris: pl.DataFrame) -> None:
    learned = ran(made("decision_tree_learner", target="species"), table=iris)
    inner = learned["model"].estimator.named_steps["learn"].tree_
    found = points("decision_tree_view", {"model": learned["model"]}, depth=1)
    hidden = [int(text.split()[1]) for text in found["more"].drop_nulls()]
    assert found.height + sum(hidden) == inner.node_count
    root = points("decision_tree_view", {"model": learned["model"]}, depth=0)
    assert root.height == 1


@pytest.mark.parametrize("direction", ["down", "right"])
def test_boxes_of_a_tree_do_not_overlap(direction: str, iris: pl.DataFrame) -> None:
    model = ran(made("decision_tree_learner", target="species"), table=iris)["model"]
    found = points("decision_tree_view", {"model": model}, depth=9, direction=direction).to_dicts()
    for index, one in enumerate(found):
        for other in found[index + 1 :]:
            apart = (
                one["x2"] <= other["x"]
                or other["x2"] <= one["x"]
                or one["y2"] <= other["y"]
                or other["y2"] <= one["y"]
            )
            assert apart


def test_questions_of_a_tree_are_in_words() -> None:
    from nodeflow_nodes.views.decision_tree_view import fitted, question

    assert question("town", "town = Basel", 0.5, pl.String()) == "town is not Basel"
    assert question("is new", "is new", 0.5, pl.Boolean()) == "is new is false"
    assert question("day", "day", 366.5, pl.Date()) == "day until 1971-01-02"
    assert question("day", "day", 1e12, pl.Date()).endswith("days since 1970")
    assert question("rooms", "rooms", 3.5, pl.Int64()) == "rooms ≤ 3"
    assert question("size", "size", 12_345.678, pl.Float64()) == "size ≤ 12,346"
    assert question("size", "size", 0.123456, pl.Float64()) == "size ≤ 0.1235"
    assert fitted("a very long name of a column ≤ 12,346", 20) == "a very…lumn ≤ 12,346"


def test_a_tree_of_a_forest_and_of_numbers_is_drawn(forest: Any, iris: pl.DataFrame) -> None:
    assert (
        points("decision_tree_view", {"model": forest}, tree=3)["title"]
        .is_in(["setosa", "versicolor", "virginica"])
        .all()
    )
    numbers = ran(made("decision_tree_learner", target="petal width", depth=2), table=iris.drop("species"))
    found = points("decision_tree_view", {"model": numbers["model"]})
    assert found["title"][0] == "1.2"


def test_the_surface_is_what_the_model_says(iris: pl.DataFrame) -> None:
    two = iris.select("petal length", "petal width", "species")
    model = ran(made("decision_tree_learner", target="species", depth=3), table=two)["model"]
    given = {"model": model, "table": two}
    cells = pl.DataFrame(layers("decision_surface", given, resolution=40)[2])
    middles = cells.select(
        ((pl.col("x") + pl.col("x2")) / 2).alias("petal length"),
        ((pl.col("y") + pl.col("y2")) / 2).alias("petal width"),
    )
    assert cells["class"].to_list() == model.predict(middles).tolist()
    area = ((cells["x2"] - cells["x"]) * (cells["y2"] - cells["y"])).sum()
    wide, tall = cells["x2"].max() - cells["x"].min(), cells["y2"].max() - cells["y"].min()
    assert area == pytest.approx(wide * tall, rel=0.05)
    wrong = int((two["species"] != model.predict(two)).sum())
    specification, _ = drawn("decision_surface", given)
    assert specification["title"]["subtitle"] == [f"{wrong} of 150 points are predicted wrong"]


def test_points_of_a_surface_can_be_looked_up_in_the_table(iris: pl.DataFrame) -> None:
    model = ran(made("decision_tree_learner", target="species", depth=3), table=iris)["model"]
    given = {"model": model, "table": iris}
    specification, _ = drawn("decision_surface", given, x="petal length", y="petal width")
    assert nf.Chart(specification).columns == {"px": "petal length", "py": "petal width", "class": "species"}
    found = pl.DataFrame(specification["data"]["values"])
    assert (
        found.select("px", "py", "class").rows()
        == iris.select("petal length", "petal width", "species").rows()
    )


def test_a_surface_of_more_columns_tells_what_the_others_are_held_at(forest: Any, iris: pl.DataFrame) -> None:
    specification, _ = drawn(
        "decision_surface", {"model": forest, "table": iris}, x="petal length", y="petal width"
    )
    assert specification["title"]["subtitle"][1] == "with sepal length = 5.8, sepal width = 3"
    numbers = ran(made("linear_regression_learner", target="petal width"), table=iris.drop("species"))[
        "model"
    ]
    specification, _ = drawn("decision_surface", {"model": numbers, "table": iris.drop("petal width")})
    assert specification["title"]["subtitle"][1].startswith("predictions from ")
    assert len(specification["layer"][0]["data"]["values"]) < 10_000


def test_odd_names_of_models_are_only_names() -> None:
    table = pl.DataFrame(
        {name: [float((i * (k + 3)) % 11) for i in range(33)] for k, name in enumerate(ODD_NAMES)}
    )
    table = table.with_columns(pl.Series("]\"'", ["<b>", "\\", "it's"] * 11))
    learned = ran(made("decision_tree_learner", target="]\"'", depth=3), table=table)["model"]
    for view in ("partial_dependence", "decision_tree_view", "decision_surface", "feature_importance_view"):
        needs_rows = view in ("partial_dependence", "decision_surface")
        given = {"model": learned, "table": table} if needs_rows else {"model": learned}
        svg = nf.Chart(drawn(view, given)[0]).to_bytes("svg").decode()
        assert "<script" not in svg
        assert "<b>" not in svg
