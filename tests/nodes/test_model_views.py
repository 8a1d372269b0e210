"""Every view of models, scores and rows: in both themes, with every option, on odd tables, under odd names."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from cases_model_views import (
    CONTRACT,
)
from drawing import ODD_NAMES, REGISTRY, check_picture, check_specification, drawn, points

import nodeflow as nf

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
    check_picture(drawn(view, inputs_of(view), **settings_of(view))[0])


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


OPTIONS: dict[str, list[dict[str, Any]]] = {
    "roc_curve_view": [{"show_best": True}, {"positive": "no"}],
    "precision_recall_view": [{"show_best": True}],
    "lift_gain_chart": [{"shows": "lift"}, {"shows": "cumulated lift"}, {"shows": "lift", "parts": 4}],
    "calibration_plot": [
        {"show_rows": False}, {"show_intervals": False}, {"cut": "equal size"}, {"classes": 3}, {"confidence": 0.8},
    ],
    "confusion_matrix_view": [{"margins": False}, {"texts": "counts"}, {"texts": "rates"}, {"rates": "all"}],
    "residual_plot": [{"shows": "Q-Q"}, {"shows": "residuals"}, {"shows": "actual by predicted"}, {"most_points": 10}],
    "learning_curve_view": [{"logarithmic": True}, {"learned": None}, {"baseline": None}, {"low": None}],
    "elbow_plot": [{"silhouette": None}, {"mark_best": False}],
    "silhouette_plot": [{"standardise": False}, {"most_clusters": 2}],
    "feature_importance_view": [{"most": 1}, {"show_values": False}],
    "partial_dependence": [
        {"columns": ["size"]}, {"positive": "no"}, {"single_rows": 5}, {"steps": 3}, {"trimmed": 0.2}, {"most_rows": 10},
    ],
    "decision_tree_view": [{"depth": 1}, {"direction": "right"}, {"show_impurity": True}],
    "decision_surface": [{"x": "size"}, {"show_points": False}, {"mark_wrong": False}, {"resolution": 10}],
    "dendrogram": [{"direction": "right"}, {"names": None}, {"most_leaves": 2}, {"cut": "nowhere"}],
    "image_grid": [{"shades": "light on dark"}, {"across": 1}, {"most": 1}, {"image_width": 4}, {"choice": "spread", "most": 2}],
    "network_view": [{"directed": True}, {"named": 0}, {"layout": "circle"}, {"size": "alike"}, {"colour": "alike"}],
    "text_view": [{"most": 1}, {"most_lines": 1, "width": 200}, {"choice": "longest", "most": 1}, {"colour": None}],
    "text_concordance": [{"most": 1}, {"context_letters": 5}, {"titles": None}, {"order": "before"}],
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_every_option_changes_the_picture_and_gives_a_valid_specification(view: str) -> None:
    usual = drawn(view, inputs_of(view), **settings_of(view))[0]
    check_specification(usual)
    for options in [*OPTIONS[view], {"title": "My \\ <title>"}, _size(view)]:
        specification, _ = drawn(view, inputs_of(view), **{**settings_of(view), **options})
        assert specification != usual or not options
        check_specification(specification)


def _size(view: str) -> dict[str, Any]:
    """Another size, where the size does not follow from what is drawn."""
    kinds = REGISTRY.get(view).load().parameters()  # type: ignore[union-attr]
    return {name: value for name, value in (("width", 301), ("height", 299)) if name in kinds}


ROWS = 60_000
LARGE = pl.DataFrame(
    {
        "i": range(ROWS),
        "kind": ["a", "b", "c"] * (ROWS // 3),
        "said": ["a", "b", "a"] * (ROWS // 3),
        "size": [float(i % 997) for i in range(ROWS)],
        "guess": [float(i % 991) for i in range(ROWS)],
        "silhouette": [(i % 1_000) / 1_000 for i in range(ROWS)],
        "text": ["one word", "two words", "three"] * (ROWS // 3),
    }
)


@pytest.mark.parametrize(
    ("view", "parameters"),
    [
        ("confusion_matrix_view", {"actual": "kind", "prediction": "said"}),
        ("residual_plot", {"actual": "size", "prediction": "guess", "shows": "residuals"}),
        ("silhouette_plot", {"cluster": "kind"}),
        ("feature_importance_view", {"column": "text", "importance": "size"}),
        ("image_grid", {"pixels": ["size", "guess", "silhouette", "i"], "names": "kind"}),
        ("network_view", {"source": "kind", "target": "text"}),
        ("text_view", {"text": "text"}),
        ("text_concordance", {"text": "text", "word": "word"}),
    ],
)
def test_a_large_table_is_summarised_before_it_is_taken_into_memory(
    view: str, parameters: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    heights: list[int] = []
    collect = pl.LazyFrame.collect

    def counted(self: pl.LazyFrame, **options: Any) -> Any:
        found = collect(self, **options)
        heights.append(found.height)
        return found

    monkeypatch.setattr(pl.LazyFrame, "collect", counted)
    told = drawn(view, LARGE, **parameters)[0]
    assert 0 < max(heights) <= 5_000
    assert len(json.dumps(told)) < 1_000_000
