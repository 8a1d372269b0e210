"""Autoencoder Apply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors
    from nodeflow.values.trained_network import TrainedNetwork


class AutoencoderApply(Node):
    """Make the codes of rows by an autoencoder, the rows as it gives them back, or rows of codes.

    | what | gives |
    |---|---|
    | encode | the rows with `code 1`, `code 2` and so on added |
    | reconstruct | the rows with the columns the autoencoder reads replaced by what it gives back, in their own unit |
    | decode | the rows of codes, columns `code 1` and so on, with the columns that the autoencoder makes of them added |

    Rows with a missing value get none. Given back are rows of columns and of images; windows of a series can be
    encoded, and judged by a Reconstruction Error node.

    Inputs:
        model: The model of an Autoencoder Learner.
        table: The rows, or for decode the codes.
        tensors: The samples to encode or reconstruct, instead of a table.
    Outputs:
        table: The result.
    """

    category = "Deep Learning / Apply"
    keywords = ("encode", "decode", "latent", "embedding", "dimension reduction", "denoise", "reconstruct")
    slots = ("gpu",)

    what: Literal["encode", "reconstruct", "decode"] = parameter(
        default="encode", help="What to make; see above."
    )

    def run(
        self, model: Model, table: pl.LazyFrame | None, tensors: Tensors | None, context: Context
    ) -> pl.DataFrame:
        from nodeflow_nodes.deep._autoencoding import autoencoder_in, code_columns, given_back
        from nodeflow_nodes.deep._beside import beside, columns_of, in_rows
        from nodeflow_nodes.deep._training import prepared

        if (table is None) == (tensors is None):
            raise NodeFailed(_ONE_OF_THEM)
        whole = autoencoder_in(model)
        _check_code(whole)
        frame = None if table is None else table.collect(engine="streaming")
        if self.what == "encode":
            data = tensors
            if frame is not None:
                data = prepared(whole, frame, context, with_targets=False)[0]
            assert data is not None
            return beside(frame, data, code_columns(model, data, context))
        if self.what == "decode":
            if frame is None:
                raise NodeFailed("codes are decoded from the columns of a table; connect one")
            return _decoded(model, frame, context)
        data = tensors
        if frame is not None:
            data = prepared(whole, frame, context, with_targets=False)[0]
        assert data is not None
        made = columns_of(whole.preparation, given_back(model, data, context))
        if frame is None:
            return beside(None, data, made)
        return frame.with_columns(in_rows(frame.height, data, made))

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.task != "reconstruction":
            return [Fault("", f"the model of {model.learner or 'this learner'} is no autoencoder")]
        if inputs.get("table") is not None and inputs.get("tensors") is not None:
            return [Fault("", _ONE_OF_THEM)]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return None

    def summary(self) -> str:
        return self.what


_ONE_OF_THEM = "connect a table or tensors, one of them"


def _check_code(whole: TrainedNetwork) -> None:
    from nodeflow_nodes.deep._autoencoding import CODE

    if all(layer.id != CODE for layer in whole.structure.layers):
        raise NodeFailed(
            f'the network has no layer called "{CODE}", between encoder and decoder; give that one the name'
        )


def _decoded(model: Model, frame: pl.DataFrame, context: Context) -> pl.DataFrame:
    import numpy as np

    from nodeflow.values.tensors import Tensors
    from nodeflow.values.windowing import numbers_of
    from nodeflow_nodes.deep._autoencoding import CODE, autoencoder_in, code_names, decoder_of
    from nodeflow_nodes.deep._beside import beside, columns_of
    from nodeflow_nodes.deep._training import apply_network

    whole = autoencoder_in(model)
    count = whole.structure.shapes()[CODE][0] or 1
    try:
        codes = numbers_of(frame, code_names(count))
    except NodeflowError as error:
        raise NodeFailed(str(error)) from None
    rows = np.flatnonzero(np.isfinite(codes).all(axis=1))
    data = Tensors({CODE: codes[rows].astype("float32"), "row": rows.astype("int64")}, inputs=(CODE,))
    decoder = decoder_of(whole.network)
    made = next(iter(apply_network(decoder, (CODE,), data, context).values.values()))
    return beside(frame, data, columns_of(whole.preparation, made))
