"""Nodes that learn a transformation, and those that apply one: their contract cases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
from all_cases import Portable
from nodeflow_nodes.manipulation.many_to_one import ManyToOne
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
    "value_mapping": {
        "parameters": {"columns": ["text"], "pairs": [{"old": "a", "new": "A"}]},
        "inputs": {"table": example_table(), "mapping": pl.DataFrame({"from": ["b"], "to": ["B"]})},
    },
    "many_to_one": {"parameters": {"columns": ["number", "flag"]}},
    "one_to_many": {"parameters": {"columns": ["text"], "missing": "column"}},
    "binner": {"parameters": {"bins": 3}},
    "label_encoder": {"parameters": {"columns": {"exclude": ["number"]}, "mode": "append"}},
    "missing_value_learner": {"parameters": {"numbers": "mean", "texts": "mode", "dates": "min"}},
}

WIDE = pl.DataFrame({"red": [1, 0, 0, None], "blue": [0, 1, 0, 1], "x": [0.5, 0.2, 0.1, 9.0]})

PORTABLE = {
    "many to one": Portable(
        ManyToOne(columns=["red", "blue"]), [WIDE], [(0.5, "red"), (0.2, "blue"), (0.1, None), (9.0, "blue")]
    ),
    "many to one, largest": Portable(
        ManyToOne(columns={}, condition="is largest", keep=True),
        [WIDE],
        [(1, 0, 0.5, "red"), (0, 1, 0.2, "blue"), (0, 0, 0.1, "x"), (None, 1, 9.0, "x")],
        ["red", "blue", "x", "value"],
    ),
}
