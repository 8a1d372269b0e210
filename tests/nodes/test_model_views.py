"""Views of models and scores: the numbers in what is drawn, behind the nodes they are made for, on odd tables."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from cases_model_views import CLUSTERED, CONTRACT, CURVE, IMPORTANCES, NUMBERS, PREDICTED, SCORED

import nodeflow as nf
from nodeflow.execution.calling import arguments, from_form, give_seed, named_outputs
from nodeflow.registry import Registry
from nodeflow.validation import parameter_faults
from nodeflow.values.table import Table

REGISTRY = Registry.installed()

VIEWS = list(CONTRACT)


def inputs_of(view: str) -> dict[str, Any]:
    """The inputs a view is tried with."""
    given = CONTRACT[view]
    found: dict[str, Any] = (given(None) if callable(given) else given)["inputs"]
    return found


def settings_of(view: str) -> dict[str, Any]:
    """The parameters a view is tried with."""
    given = CONTRACT[view]
    found: dict[str, Any] = {} if callable(given) else given.get("parameters", {})
    return found


class Told:
    """A context that keeps what it is told."""

    seed = 0

    def __init__(self) -> None:
        self.messages: list[str] = []

    def warn(self, message: str) -> None:
        self.messages.append(message)

    def progress(self, fraction: float, message: str = "") -> None: ...

    def check_cancelled(self) -> None: ...

    def kept(self, what: str) -> None: ...

    def keep(self, what: str, data: bytes, seconds: float = 0.0) -> None: ...


def made(node: str, **parameters: Any) -> nf.Node:
    found = REGISTRY.get(node)
    assert found is not None
    return found.load().from_json(parameters)


def ran(node: nf.Node, told: Told | None = None, **inputs: Any) -> dict[str, Any]:
    """The outputs of a node that has first been checked against its inputs; tables as Polars frames."""
    given = {name: _wrapped(value) for name, value in inputs.items()}
    signature = node.signature()
    specs: dict[str, Any] = {}
    for port in signature.inputs:
        if port.name in given:
            codec, value = port.type.stored_by, given[port.name]
            specs[port.name] = [codec.spec_of(v) for v in value] if port.variadic else codec.spec_of(value)
    faults = parameter_faults(node, specs) or list(node.check(specs))
    if faults:
        raise nf.NodeFailed("; ".join(fault.sentence for fault in faults))
    give_seed(node, 0, "node")
    extra = {"context": told or Told()} if signature.takes_context else {}
    found = named_outputs(signature, node.run(**arguments(node, given), **extra), node.name)
    values = {port.name: from_form(found[port.name], port, node.name) for port in signature.outputs}
    return {name: v.to_polars() if hasattr(v, "to_polars") else v for name, v in values.items()}


def _wrapped(value: Any) -> Any:
    if isinstance(value, list):
        return [_wrapped(one) for one in value]
    return Table.wrap(value) if isinstance(value, pl.DataFrame) else value


def drawn(view: str, inputs: Any, **parameters: Any) -> tuple[dict[str, Any], list[str]]:
    """The specification of a view and what it told."""
    told = Told()
    given = {"table": inputs} if isinstance(inputs, pl.DataFrame) else inputs
    return ran(made(view, **parameters), told, **given)["chart"].specification, told.messages


def points(view: str, inputs: Any, **parameters: Any) -> pl.DataFrame:
    """The main data of the chart."""
    return pl.DataFrame(drawn(view, inputs, **parameters)[0]["data"]["values"], infer_schema_length=None)


def layers(view: str, inputs: Any, **parameters: Any) -> list[list[dict[str, Any]]]:
    """The data of each layer that has its own."""
    found: list[list[dict[str, Any]]] = []
    waiting: list[Any] = [drawn(view, inputs, **parameters)[0]]
    while waiting:
        part = waiting.pop(0)
        if part.get("data", {}).get("values"):
            found.append(part["data"]["values"])
        waiting = [
            *(one for name in ("layer", "hconcat", "vconcat", "concat") for one in part.get(name, [])),
            *waiting,
        ]
    return found


def labels_of(view: str, inputs: Any, **parameters: Any) -> list[str]:
    """The curves in the legend."""
    return list(dict.fromkeys(points(view, inputs, **parameters)["curve"]))


def survives(view: str, inputs: dict[str, Any], parameters: dict[str, Any]) -> str:
    """Draws it if it can; the sentence it is refused with, else an empty text."""
    try:
        specification, _ = drawn(view, inputs, **parameters)
    except nf.NodeflowError as error:
        return str(error)
    svg = nf.Chart(specification).to_bytes("svg").decode()
    assert "<script" not in svg
    assert svg.count("<path") > 2
    assert len(json.dumps(specification)) < 3_000_000
    return ""


def changed(view: str, change: Any) -> dict[str, Any]:
    """The inputs of a view with its tables changed."""
    inputs = inputs_of(view)
    return {name: change(v) if isinstance(v, pl.DataFrame) else v for name, v in inputs.items()}


OF_MODELS = ["partial_dependence", "decision_tree_view", "decision_surface"]
WITH_TABLE = [view for view in VIEWS if view != "decision_tree_view"]
OF_TABLES = [view for view in VIEWS if view not in OF_MODELS]


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_makes_a_picture_in_both_themes(view: str) -> None:
    pictures = []
    for theme in ("light", "dark"):
        specification, _ = drawn(view, inputs_of(view), **settings_of(view), theme=theme)
        pictures.append(nf.Chart(specification).to_bytes("svg"))
        assert pictures[-1].count(b"<path") > 4
    assert pictures[0] != pictures[1]


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_is_a_picture_in_size(view: str) -> None:
    import io

    from PIL import Image

    specification, _ = drawn(view, inputs_of(view), **settings_of(view))
    picture = Image.open(io.BytesIO(nf.Chart(specification).to_bytes("png", scale=1)))
    assert 200 < picture.width < 2_500
    assert 100 < picture.height < 3_000
    assert len(picture.convert("RGB").getcolors(1_000_000)) > 20


@pytest.mark.parametrize("view", WITH_TABLE)
@pytest.mark.parametrize("rows", [0, 1])
def test_hardly_any_row_is_drawn_or_refused_with_a_sentence(view: str, rows: int) -> None:
    sentence = survives(view, changed(view, lambda table: table.head(rows)), settings_of(view))
    assert sentence or rows


@pytest.mark.parametrize("view", WITH_TABLE)
def test_nothing_but_missing_values_is_refused_with_a_sentence(view: str) -> None:
    def emptied(table: pl.DataFrame) -> pl.DataFrame:
        return table.select(
            pl.lit(None).cast(dtype).alias(name) for name, dtype in table.schema.items()
        ).head(1)

    inputs = changed(view, lambda table: pl.concat([emptied(table)] * table.height))
    assert survives(view, inputs, settings_of(view))


@pytest.mark.parametrize("view", WITH_TABLE)
def test_a_missing_column_is_told_before_running(view: str) -> None:
    inputs = changed(view, lambda table: pl.DataFrame({"something else": [[1]] * table.height}))
    assert survives(view, inputs, settings_of(view))


def _one_value(table: pl.DataFrame) -> pl.DataFrame:
    return table.with_columns(pl.first(name).first() for name in table.columns)


def _many_texts(table: pl.DataFrame) -> pl.DataFrame:
    many = pl.concat([table] * (1 + 5_000 // table.height)).head(5_000).with_row_index("__row")
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    return many.with_columns(pl.format("{} {}", name, "__row").alias(name) for name in texts).drop("__row")


def _infinite(table: pl.DataFrame) -> pl.DataFrame:
    numbers = [name for name, dtype in table.schema.items() if dtype.is_float()]
    odd = pl.Series([float("inf"), float("-inf"), float("nan")] + [0.0] * table.height).head(table.height)
    return table.with_columns(
        pl.when(odd == 0.0).then(pl.col(name)).otherwise(odd).alias(name) for name in numbers
    )


def _right_to_left(table: pl.DataFrame) -> pl.DataFrame:
    texts = [name for name, dtype in table.schema.items() if dtype == pl.String]
    return table.with_columns(pl.format("שלום \u202e<b>{}</b>\\ עולם", name).alias(name) for name in texts)


@pytest.mark.parametrize("view", WITH_TABLE)
@pytest.mark.parametrize("change", [_one_value, _many_texts, _infinite, _right_to_left])
def test_odd_values_are_drawn_or_refused_with_a_sentence(view: str, change: Any) -> None:
    survives(view, changed(view, change), settings_of(view))


ODD_NAMES = ["a.b", "[x]", "it's", "\\", '"', "<script>", "x" * 300, "שלום", "datum", "*", "^a$", "", "\n"]


@pytest.mark.parametrize("view", OF_TABLES)
def test_odd_names_are_only_names(view: str) -> None:
    from nodeflow.testing import _with_names

    kinds = REGISTRY.get(view).load().parameters()  # type: ignore[union-attr]
    case = settings_of(view)
    usual = points(view, inputs_of(view), **case).height
    for start in (0, 4, 8):
        names: dict[str, str] = {}
        for value in inputs_of(view).values():
            if isinstance(value, pl.DataFrame):
                names |= dict(zip(value.columns, [*ODD_NAMES[start:], *ODD_NAMES[:start]], strict=False))
        inputs = changed(view, lambda table, names=names: table.rename(names, strict=False))
        said = {name: _with_names(kinds[name].kind, value, names) for name, value in case.items()}
        specification, _ = drawn(view, inputs, **said)
        assert len(specification["data"]["values"]) == usual
        assert "<script" not in nf.Chart(specification).to_bytes("svg").decode()


# -- curves of scores ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cancer() -> pl.DataFrame:
    """Predictions of a small tree for every second patient, with their diagnosis."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    table = pl.DataFrame(data.data[:, :4], schema=["radius", "texture", "perimeter", "area"]).with_columns(
        pl.Series("diagnosis", ["malignant", "benign"]).gather(data.target)
    )
    model = ran(made("decision_tree_learner", target="diagnosis", depth=3), table=table[::2])["model"]
    return ran(made("predictor", probabilities=True), model=model, table=table[1::2])["table"]


@pytest.fixture(scope="module")
def iris() -> pl.DataFrame:
    from sklearn.datasets import load_iris

    data = load_iris()
    species = pl.Series("species", data.target_names.tolist()).gather(data.target)
    return pl.DataFrame(
        data.data, schema=["sepal length", "sepal width", "petal length", "petal width"]
    ).with_columns(species)


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


# -- actual and predicted ------------------------------------------------------------------------------


def test_confusion_counts_are_those_of_sklearn(iris: pl.DataFrame) -> None:
    from sklearn.metrics import confusion_matrix

    model = ran(
        made("decision_tree_learner", target="species", depth=2, features=["sepal width"]), table=iris
    )["model"]
    table = ran(made("predictor"), model=model, table=iris)["table"]
    found = points("confusion_matrix_view", table).filter(pl.col("kind") != "margin")
    wanted = confusion_matrix(table["species"], table["Prediction (species)"])
    assert found["rows"].to_list() == wanted.ravel().tolist()
    assert found["share"].to_list() == pytest.approx(
        (wanted / wanted.sum(axis=1)[:, None]).ravel().tolist(), abs=1e-5
    )
    right = wanted.trace() / wanted.sum()
    title = drawn("confusion_matrix_view", table)[0]["title"]
    assert title["subtitle"] == [f"{right:.1%} of 150 rows are predicted right"]


def test_the_confusion_table_of_a_scorer_is_drawn_as_its_rows_would_be() -> None:
    named = {"actual": "kind", "prediction": "Prediction (kind)"}
    scored = ran(made("scorer", rounds=0, **named), table=PREDICTED)["confusion"]
    own, again = points("confusion_matrix_view", PREDICTED, **named), points("confusion_matrix_view", scored)
    assert own.rows() == again.rows()


def test_margins_are_recall_and_precision() -> None:
    named = {"actual": "kind", "prediction": "Prediction (kind)"}
    found = points("confusion_matrix_view", PREDICTED, **named).filter(pl.col("kind") == "margin")
    recall = dict(found.filter(pl.col("predicted") == "recall").select("actual", "share").iter_rows())
    precision = dict(found.filter(pl.col("actual") == "precision").select("predicted", "share").iter_rows())
    assert recall == pytest.approx({"a": 2 / 3, "b": 2 / 3, "c": 3 / 4}, abs=1e-5)
    assert precision == pytest.approx({"a": 1.0, "b": 2 / 4, "c": 3 / 4}, abs=1e-5)


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
    found = pl.DataFrame(specification["data"]["values"]).filter(pl.col("kind") != "margin")
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


# -- clusters ------------------------------------------------------------------------------------------


def test_the_elbow_and_the_best_silhouette_are_marked() -> None:
    specification, messages = drawn("elbow_plot", NUMBERS)
    assert specification["title"]["subtitle"] == [
        "the curve bends most at 3 clusters",
        "the silhouette is highest at 3 clusters",
    ]
    assert messages == []
    straight = pl.DataFrame({"clusters": [1, 2, 3, 4], "within": [4.0, 3.0, 2.0, 1.0]})
    specification, _ = drawn("elbow_plot", straight, silhouette=None)
    assert len(specification["vconcat"]) == 1
    assert "subtitle" not in specification["title"]


def test_cluster_numbers_need_no_settings(iris: pl.DataFrame) -> None:
    table = ran(made("cluster_numbers", most=5), table=iris.drop("species"))["table"]
    assert points("elbow_plot", table)["within"].to_list() == table["within"].to_list()


def test_silhouettes_are_those_of_sklearn(iris: pl.DataFrame) -> None:
    from sklearn.metrics import silhouette_samples

    table = ran(made("hierarchical_clustering"), table=iris.drop("species"))["table"]
    values = silhouette_samples(iris.drop("species").to_numpy(), table["cluster"].to_numpy())
    found = points("silhouette_plot", table, standardise=False)
    for cluster in (1, 2, 3):
        own = sorted(values[table["cluster"].to_numpy() == cluster], reverse=True)
        assert found.filter(pl.col("cluster") == str(cluster))["value"].to_list() == pytest.approx(
            own, abs=1e-4
        )
    title = drawn("silhouette_plot", table, standardise=False)[0]["title"]
    assert title["subtitle"] == [f"mean {values.mean():.3f} on 150 rows"]


def test_silhouettes_that_are_there_are_drawn_and_many_rows_thinned() -> None:
    table = pl.DataFrame({"cluster": [1, 2] * 5_000, "silhouette": [i / 10_000 for i in range(10_000)]})
    found = points("silhouette_plot", table)
    assert found.height <= 602
    assert found["value"].max() == 0.9999
    assert drawn("silhouette_plot", table)[0]["title"]["subtitle"] == ["mean 0.500 on 10,000 rows"]


def test_one_cluster_has_no_silhouettes() -> None:
    with pytest.raises(nf.NodeFailed, match="one cluster only"):
        drawn("silhouette_plot", CLUSTERED.with_columns(pl.lit("one").alias("cluster")))


# -- importances ---------------------------------------------------------------------------------------


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


# -- models --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def forest(iris: pl.DataFrame) -> Any:
    return ran(made("random_forest_learner", target="species", trees=5), table=iris)["model"]


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
    specification, messages = drawn("partial_dependence", {"model": forest, "table": iris}, most=2)
    titles = [panel["layer"][0]["encoding"]["x"]["title"] for panel in specification["concat"]]
    assert set(titles) == {"petal length", "petal width"}
    assert messages == ["the 2 columns with the largest effect of 4 are shown"]
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


def test_rows_beyond_the_most_are_sampled_and_told(iris: pl.DataFrame, forest: Any) -> None:
    many = pl.concat([iris] * 4)
    _, messages = drawn("partial_dependence", {"model": forest, "table": many}, most_rows=100)
    assert messages[0] == "the model is applied to 100 of 600 rows, spread evenly"


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
    cells = points("decision_surface", given, resolution=40)
    middles = cells.select(
        ((pl.col("x") + pl.col("x2")) / 2).alias("petal length"),
        ((pl.col("y") + pl.col("y2")) / 2).alias("petal width"),
    )
    assert cells["class"].to_list() == model.predict(middles).tolist()
    area = ((cells["x2"] - cells["x"]) * (cells["y2"] - cells["y"])).sum()
    wide, tall = cells["x2"].max() - cells["x"].min(), cells["y2"].max() - cells["y"].min()
    assert area == pytest.approx(wide * tall, rel=0.02)
    wrong = int((two["species"] != model.predict(two)).sum())
    specification, _ = drawn("decision_surface", given)
    assert specification["title"]["subtitle"] == [f"{wrong} of 150 points are predicted wrong"]


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
    assert len(specification["data"]["values"]) < 10_000


def test_odd_names_of_models_are_only_names() -> None:
    table = pl.DataFrame(
        {name: [float((i * (k + 3)) % 11) for i in range(33)] for k, name in enumerate(ODD_NAMES)}
    )
    table = table.with_columns(pl.Series("]\"'", ["<b>", "\\", "it's"] * 11))
    learned = ran(made("decision_tree_learner", target="]\"'", depth=3), table=table)["model"]
    for view in (*OF_MODELS, "feature_importance_view"):
        needs_rows = view in ("partial_dependence", "decision_surface")
        given = {"model": learned, "table": table} if needs_rows else {"model": learned}
        svg = nf.Chart(drawn(view, given)[0]).to_bytes("svg").decode()
        assert "<script" not in svg
        assert "<b>" not in svg
