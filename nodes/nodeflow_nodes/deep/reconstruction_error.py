"""Reconstruction Error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors

    Numbers = np.ndarray[Any, np.dtype[Any]]


class ReconstructionError(Node):
    """Tell how badly an autoencoder gives rows back, and call those beyond a threshold odd.

    The error of a row is the mean of the squared differences of its scaled values. What is unlike the rows learned
    from has a large one. The threshold is that of the learner, a quantile of its own errors, unless another is given:
    move it, and look at the ROC curve of the errors by a ROC Scorer, before trusting it.

    Of windows over a series the error of a row is the median over all windows that hold it, so that an odd stretch does not
    tinge its neighbours, or it is that of the whole window which ends there. Rows in no window, and rows with a missing
    value, have none. Rows come in the order of their time.

    Inputs:
        model: The model of an Autoencoder Learner or a Sequence Autoencoder.
        table: The rows to judge.
        tensors: The samples to judge, instead of a table.
    Outputs:
        table: The rows with `Reconstruction error` and `odd`; of tensors a row a sample.
    """

    category = "Deep Learning / Apply"
    keywords = ("anomaly score", "anomaly detection", "outlier", "novelty", "threshold", "autoencoder")
    slots = ("gpu",)

    threshold: float | None = parameter(
        default=None, minimum=0.0, help="The error beyond which a row is odd; empty for the learner's own."
    )
    windows: Literal["all that hold the row", "the one that ends there"] = parameter(
        default="all that hold the row", help="Of windows over a series, whose error a row gets."
    )

    def run(
        self, model: Model, table: pl.LazyFrame | None, tensors: Tensors | None, context: Context
    ) -> pl.DataFrame:
        from nodeflow_nodes.deep._autoencoding import (
            autoencoder_in,
            error_columns,
            errors_of,
            given_back,
            threshold_in,
            wanted,
        )
        from nodeflow_nodes.deep._beside import beside
        from nodeflow_nodes.deep._training import prepared

        if (table is None) == (tensors is None):
            raise NodeFailed(_ONE_OF_THEM)
        whole = autoencoder_in(model)
        preparation = whole.preparation or {}
        frame = None if table is None else in_order(table, preparation)
        data = tensors
        if frame is not None:
            data = prepared(whole, frame, context, with_targets=False)[0]
        assert data is not None
        made = given_back(model, data, context)
        threshold = threshold_in(model) if self.threshold is None else self.threshold
        by_row = (
            frame is not None
            and preparation.get("kind") == "windows"
            and self.windows == "all that hold the row"
        )
        if frame is None or not by_row:
            return beside(frame, data, error_columns(errors_of(wanted(data), made), threshold))
        errors = errors_by_row(data, made, frame.height)
        return beside_rows(frame, errors, threshold)

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
        import polars as pl

        from nodeflow_nodes.deep._autoencoding import ERROR

        table = inputs.get("table")
        if table is None or self.threshold is None:
            return None
        return TableSpec({**table.columns, ERROR: pl.Float64(), "odd": pl.Boolean()})

    def summary(self) -> str:
        return "the learner's threshold" if self.threshold is None else f"odd beyond {self.threshold:g}"


_ONE_OF_THEM = "connect a table or tensors, one of them"
_CHUNK = 50_000  # rows whose windows are held at once


def in_order(table: pl.LazyFrame, preparation: Mapping[str, Any]) -> pl.DataFrame:
    """The rows, those of a series in the order of groups and times, so that neighbours in time are neighbours."""
    import polars as pl

    frame = table.collect(engine="streaming")
    names = [preparation.get(one) for one in ("group", "time") if preparation.get(one) in frame.columns]
    if not names:
        return frame
    places = [pl.nth(frame.columns.index(str(name))) for name in names]
    return frame.filter(places[-1].is_not_null()).sort(places, maintain_order=True)


def errors_by_row(data: Tensors, made: Numbers, height: int) -> Numbers:
    """For each row of a table the median error over all windows that hold it, NaN for rows in none."""
    import warnings

    import numpy as np

    from nodeflow.values.tensors import Windows

    windows = data.arrays[data.inputs()[0]]
    assert isinstance(windows, Windows)
    lasts = data.arrays["row"].to_numpy().reshape(-1)
    order = np.argsort(lasts, kind="stable")
    lasts, places = lasts[order], np.arange(windows.length)
    back = (places - (windows.length - 1)) * windows.step
    found: Numbers = np.full(height, np.nan)
    for start in range(0, height, _CHUNK):
        end = min(start + _CHUNK, height)
        touching = slice(np.searchsorted(lasts, start), np.searchsorted(lasts, end - back[0]))
        chosen = order[touching]
        truth = windows.take(chosen).astype("float64")
        errors = np.square(truth - made[chosen]).mean(axis=tuple(range(2, truth.ndim)))
        rows = lasts[touching, None] + back - start
        # one column a place in the window: a row stands in a window at most once
        table = np.full((end - start, windows.length), np.nan)
        inside = (rows >= 0) & (rows < end - start)
        table[rows[inside], np.broadcast_to(places, rows.shape)[inside]] = errors[inside]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)  # of rows that no window holds
            found[start:end] = np.nanmedian(table, axis=1)
    return found


def beside_rows(frame: pl.DataFrame, errors: Numbers, threshold: float | None) -> pl.DataFrame:
    """The rows with their errors, missing where they are NaN."""
    import polars as pl

    from nodeflow.errors import listing
    from nodeflow_nodes.deep._autoencoding import error_columns

    columns = error_columns(errors, threshold)
    taken = [one.name for one in columns if one.name in frame.columns]
    if taken:
        raise NodeFailed(f"the table has {listing(taken)} already; rename or leave out such columns before")
    known = columns[0].is_not_nan()
    none = [pl.Series(one.name, [None], dtype=one.dtype) for one in columns]
    return frame.hstack([one.zip_with(known, gap) for one, gap in zip(columns, none, strict=True)])
