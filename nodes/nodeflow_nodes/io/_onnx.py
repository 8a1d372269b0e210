"""Models as ONNX, for other programs."""

from __future__ import annotations

import json
import warnings
from typing import TYPE_CHECKING

from nodeflow.errors import NodeFailed, shorten
from nodeflow.values.model import is_numeric_feature

if TYPE_CHECKING:
    from nodeflow.values import Model


def onnx_of(model: Model) -> bytes:
    """The model as ONNX; raises `NodeFailed` where that cannot be."""
    try:
        from skl2onnx import convert_sklearn
        from skl2onnx.common.data_types import FloatTensorType, StringTensorType
    except ImportError:
        raise NodeFailed("ONNX needs skl2onnx: pip install nodeflow[onnx]") from None
    if model.network is not None:
        raise NodeFailed("a trained network is not written as ONNX; write it for nodeflow, or for Keras")
    if model.estimator is None:
        raise NodeFailed("a transformation of nodeflow cannot be written as ONNX; write it for nodeflow")
    columns = model.spec.features.columns
    kinds = [
        (f"f{place}", (FloatTensorType if is_numeric_feature(dtype) else StringTensorType)([None, 1]))
        for place, dtype in enumerate(columns.values())
    ]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            made = convert_sklearn(
                model.estimator, initial_types=kinds, name="nodeflow", options=_options(model)
            )
    except Exception as error:  # each converter fails in its own way
        reason = shorten(" ".join(str(error).split()), 200)
        raise NodeFailed(
            f"{model.spec.learner} cannot be written as ONNX: {reason}; write it for nodeflow"
        ) from error
    told = {
        "inputs": {
            f"f{place}": {"column": name, "type": str(dtype)}
            for place, (name, dtype) in enumerate(columns.items())
        },
        "missing": "NaN for a number, (missing) for a text; dates as days since 1970",
        "target": model.spec.target,
    }
    entry = made.metadata_props.add()
    entry.key, entry.value = "nodeflow", json.dumps(told)
    data: bytes = made.SerializeToString()
    return data


def _options(model: Model) -> dict[int, dict[str, bool]] | None:
    """Probabilities as plain arrays."""
    return {id(model.estimator): {"zipmap": False}} if model.spec.task == "classification" else None
