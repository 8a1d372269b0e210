"""Nodes that learn a transformation, and those that apply one: their contract cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nodeflow_nodes.manipulation.normalizer import Normalizer

from nodeflow.testing import example_table
from nodeflow.values.model import Model


def a_model() -> Model:
    from fitting import fake_context

    model: Model = Normalizer(columns=["number"]).run(example_table().lazy(), fake_context()).model
    return model


def _with_model(folder: Path) -> dict[str, Any]:
    return {"inputs": {"model": a_model(), "table": example_table()}}


CONTRACT = {
    "normalizer": {},
    "transform": _with_model,
    "inverse_transform": _with_model,
    "binner": {"parameters": {"bins": 3}},
    "label_encoder": {"parameters": {"columns": {"exclude": ["number"]}, "mode": "append"}},
    "missing_value_learner": {"parameters": {"numbers": "mean", "texts": "mode", "dates": "min"}},
}
