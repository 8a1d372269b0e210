"""Suggestions: which nodes usually follow a node, by a list of habits and by the types of ports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nodeflow.registry import Registry

FOLLOWERS: Mapping[str, tuple[str, ...]] = {
    "csv_reader": ("missing_value", "row_filter", "column_filter", "statistics", "group_by", "joiner"),
    "sample_data": ("statistics", "partition", "scatter_plot", "column_filter"),
    "table_creator": ("joiner", "value_mapping", "row_filter"),
    "missing_value": ("partition", "formula", "normalizer", "group_by", "statistics"),
    "row_filter": ("group_by", "sorter", "column_filter", "partition"),
    "column_filter": ("partition", "normalizer", "row_filter"),
    "formula": ("row_filter", "group_by", "sorter", "scatter_plot"),
    "joiner": ("group_by", "row_filter", "column_filter", "formula"),
    "concatenate": ("duplicate_row_filter", "sorter", "group_by"),
    "group_by": ("sorter", "bar_chart", "pivot", "joiner"),
    "pivot": ("heatmap", "csv_writer", "bar_chart"),
    "sorter": ("top_k", "row_number", "csv_writer", "line_plot"),
    "normalizer": ("partition", "k_means", "pca", "transform"),
    "partition": ("random_forest_learner", "linear_regression_learner", "decision_tree_learner", "predictor"),
    "predictor": ("scorer", "numeric_scorer", "roc_scorer", "residual_plot", "threshold"),
    "scorer": ("confusion_matrix_view", "report"),
    "numeric_scorer": ("report", "table_view"),
    "roc_scorer": ("roc_curve_view",),
    "precision_recall_scorer": ("precision_recall_view",),
    "calibration_scorer": ("calibration_plot",),
    "lift_table": ("lift_gain_chart",),
    "learning_curve": ("learning_curve_view",),
    "permutation_importance": ("feature_importance_view",),
    "decision_tree_learner": ("predictor", "decision_tree_view", "model_writer"),
    "random_forest_learner": (
        "predictor",
        "feature_importance_view",
        "permutation_importance",
        "model_writer",
    ),
    "k_means": ("scatter_plot", "silhouette_plot", "cluster_scorer", "group_by"),
    "pca": ("scatter_plot", "k_means", "partition"),
    "correlation": ("correlation_matrix_view",),
    "hierarchical_clustering": ("dendrogram", "scatter_plot"),
    "statistics": ("table_view", "csv_writer"),
    "sequence_windows": ("network_template", "naive_forecast", "deep_learner"),
    "table_to_tensors": ("split_tensors", "network_template", "deep_learner"),
    "network_template": ("deep_learner", "network_inspector", "layer_list"),
    "layer_list": ("deep_learner", "network_inspector"),
    "deep_learner": ("deep_predictor", "deep_evaluator", "model_writer"),
    "deep_predictor": ("forecast_scorer", "numeric_scorer", "scorer", "line_plot"),
    "report": ("report_writer",),
    "scatter_plot": ("report", "chart_writer"),
}
"""What people usually add after a node, most usual first."""

BY_TYPE: Mapping[str, tuple[str, ...]] = {
    "table": (
        "row_filter",
        "column_filter",
        "group_by",
        "formula",
        "statistics",
        "scatter_plot",
        "csv_writer",
    ),
    "model": ("predictor", "model_writer", "permutation_importance"),
    "chart": ("report", "chart_writer"),
    "report": ("report", "report_writer"),
    "network": ("layer_list", "deep_learner", "network_inspector"),
    "tensors": ("network_template", "deep_learner", "tensors_to_table"),
}
"""What fits an output of a type when there is no habit."""

STARTS = ("csv_reader", "excel_reader", "parquet_reader", "database_reader", "sample_data", "table_creator")
"""What a workflow begins with."""

USUAL = frozenset(STARTS).union(FOLLOWERS, *FOLLOWERS.values(), *BY_TYPE.values())
"""Node types that people use daily."""


def suggestions(registry: Registry, declaration: Mapping[str, Any] | None, limit: int = 5) -> list[str]:
    """Ids of the node types that may follow a node, or begin a workflow; none that could not be connected."""
    if declaration is None:
        wanted: list[str] = list(STARTS)
        outputs: list[str] = []
    else:
        outputs = [port["type"] for port in declaration["outputs"]]
        wanted = list(FOLLOWERS.get(declaration["id"], ()))
        wanted += [one for kind in outputs for one in _usual(declaration, kind)]
    found: list[str] = []
    for type_id in dict.fromkeys(wanted):
        known = registry.get(type_id)
        if known is None or (declaration is not None and type_id == declaration["id"]):
            continue
        takes = {port["type"] for port in known.declaration["inputs"]}
        if declaration is None or takes & set(outputs):
            found.append(type_id)
    return found[:limit]


def _usual(declaration: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    if kind == "model" and declaration["category"].startswith("Mining"):
        return BY_TYPE["model"]
    return BY_TYPE.get(kind, ())
