"""Autoencoder Learner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, NodeflowError
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow.values.specs import ChartSpec, Spec, TableSpec
from nodeflow_nodes.deep._learning import TrainsNetwork
from nodeflow_nodes.deep._making import number_faults, schema_of, tell

if TYPE_CHECKING:
    from nodeflow.networks import Structure
    from nodeflow.networks.rule import Shape
    from nodeflow.node import Context
    from nodeflow.values import Chart, Model
    from nodeflow.values.network import Network
    from nodeflow.values.preparation import ColumnsPreparation
    from nodeflow.values.tensor_specs import TensorsSpec
    from nodeflow.values.tensors import Tensors

LEARNER = "Autoencoder Learner"

Function = Literal["relu", "tanh", "sigmoid", "elu", "linear"]

_SCORES: dict[str, pl.DataType] = {
    "samples of": pl.String(),
    "samples": pl.Int64(),
    "autoencoder": pl.Float64(),
    "pca": pl.Float64(),
    "mean": pl.Float64(),
}


class Autoencoded(NamedTuple):
    """What the node gives."""

    model: Model
    encoder: Model
    decoder: Model
    table: pl.DataFrame
    scores: pl.DataFrame
    history: pl.DataFrame
    curves: Chart
    network: Network


class AutoencoderLearner(TrainsNetwork):
    """Learn to squeeze rows into a few numbers, the code, and to make the rows of it again.

    What an autoencoder cannot give back well is unlike what it learned from; its code is a reduction of dimensions that may
    bend, where principal components are straight. Both are worth something only beside the straight way: `scores` has the
    error of as many principal components, and of giving back the mean. Errors are means of squares of the scaled values.

    With noise the network is given rows with noise added, and asked for the clean ones (Vincent and others, 2008). Tied
    layers share their weights with the encoder's. The threshold is a quantile of the errors of the rows learned from;
    beyond it a Reconstruction Error node calls a row odd. With `hidden` empty one layer is put between input and code.

    Rows with a missing value are left out. Tensors, such as images, may be connected instead of a table; those of an Add
    Noise node are learned to be cleaned.

    **Opening it up.** The node is the same as Table to Tensors without a target, the network at the output `network`, a Deep
    Learner and a Deep Predictor; the network can be connected to a Deep Learner, or looked into and changed.

    Inputs:
        table: The rows to learn from.
        tensors: The samples to learn from, instead of a table.
        test: Further rows that nothing is learned from, to be scored on.
    Outputs:
        model: The autoencoder, for Autoencoder Apply and Reconstruction Error.
        encoder: The part that makes codes, for a Predictor.
        decoder: The part that makes rows of codes.
        table: The rows of `test`, else those learned from, with their codes and errors.
        scores: The mean error, beside that of as many principal components and that of the mean row.
        history: Loss by epoch.
        curves: The history as a chart.
        network: The network before training, to be opened up and changed.
    """

    category = "Deep Learning / Systems"
    keywords = (
        "autoencoder", "dimension reduction", "denoising", "anomaly detection", "reconstruction", "bottleneck", "pca",
        "encoder", "decoder", "latent",
    )  # fmt: skip
    headline = "scores"

    columns: Columns = parameter(
        default=Columns.typed("number"),
        types=("number", "boolean"),
        help="The columns to squeeze, of a table.",
    )
    code: int = parameter(
        default=2, minimum=1, maximum=100_000, label="Size of the code", help="How many numbers."
    )
    hidden: list[int] = parameter(
        default=[],
        minimum=1,
        maximum=100_000,
        help="The sizes of the layers between input and code; the same come again between code and output.",
    )
    activation: Function = parameter(default="relu", help="Of the hidden layers.")
    code_activation: Function = parameter(
        default="linear", help="Of the code; linear leaves it free, sigmoid keeps it between 0 and 1."
    )
    output_activation: Function = parameter(
        default="linear", help="Of the output; sigmoid where all values are between 0 and 1."
    )
    noise: float = parameter(
        default=0.0, minimum=0.0, maximum=1000.0,
        help="The standard deviation of the noise added to scaled values in training; 0 for none.",
    )  # fmt: skip
    tied: bool = parameter(
        default=False, help="Whether the decoder uses the encoder's weights, turned around."
    )
    loss: Literal["mse", "mae", "binary_crossentropy"] = parameter(
        default="mse",
        help="How far output and input are apart; binary_crossentropy needs values from 0 to 1.",
    )
    scale: Literal["standard", "min-max", "one range", "none"] = parameter(
        default="standard",
        help="Bring each column to mean 0 and deviation 1, or from 0 to 1; or all columns together from 0 to 1, as "
        "is right for pixels. Only of a table.",
    )
    validation_share: float = parameter(
        default=0.1, minimum=0.0, below=1.0, help="The share of the rows held back to see when to stop."
    )
    quantile: float = parameter(
        default=0.99, above=0.0, maximum=1.0, label="Threshold quantile",
        help="The share of the errors of the rows learned from that lies below the threshold.",
    )  # fmt: skip

    def check_parameters(self) -> list[Fault]:
        if self.loss == "binary_crossentropy" and self.output_activation != "sigmoid":
            return [
                Fault(
                    "loss", "binary_crossentropy compares shares; set the activation of the output to sigmoid"
                )
            ]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        tensors, schema = inputs.get("tensors"), schema_of(inputs)
        if schema is not None and self.loss == "binary_crossentropy" and self.scale == "standard":
            return [
                Fault(
                    "scale",
                    "binary_crossentropy compares shares; bring values to 0 to 1: min-max or one range",
                )
            ]
        if tensors is not None:
            if schema is not None:
                return [Fault("", "connect a table or tensors, one of them")]
            if len(tensors.inputs) != 1:
                return [Fault("", f"the tensors have {len(tensors.inputs)} inputs; an autoencoder takes one")]
            shape = tensors.arrays[tensors.inputs[0]].shape
            return [] if None in shape else self._faults(shape)
        if schema is None:
            return ()
        names = self.columns.resolve(schema)
        return number_faults("columns", names, schema) or self._faults((len(names),))

    def _faults(self, shape: Shape) -> list[Fault]:
        try:
            self._structure(shape).shapes()
        except NodeflowError as error:
            return [Fault("", str(error))]
        return []

    def _structure(self, shape: Shape, meaning: tuple[str, ...] = ()) -> Structure:
        import math

        from nodeflow_nodes.deep._autoencoding import layers_of, usual_hidden

        return layers_of(
            shape,
            self.code,
            self.hidden or usual_hidden(math.prod(size or 1 for size in shape), self.code),
            activation=self.activation,
            code_activation=self.code_activation,
            output_activation=self.output_activation,
            noise=self.noise,
            tied=self.tied,
            meaning=meaning,
        )

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        from nodeflow.values.network import NetworkSpec
        from nodeflow.values.preparation import plain
        from nodeflow.values.trained_network import network_model_spec

        tensors = inputs.get("tensors")
        told: dict[str, Spec | None] = dict.fromkeys(Autoencoded._fields)
        told |= {"scores": TableSpec(_SCORES), "curves": ChartSpec("Training of the autoencoder")}
        if tensors is not None:
            array, preparation = tensors.arrays[tensors.inputs[0]], tensors.preparation
            if None in array.shape:
                return told
            structure = self._structure(array.shape, array.axes)
        elif "table" in inputs:
            names = tuple(self.columns.resolve(inputs["table"].columns))
            structure = self._structure((len(names),), ("feature",))
            preparation = plain(self._preparation(names))
        else:
            return told
        told["network"] = NetworkSpec(structure)
        told["model"] = network_model_spec(structure, "reconstruction", preparation, None, None, LEARNER)
        return told

    def _preparation(self, names: tuple[str, ...]) -> ColumnsPreparation:
        from nodeflow.values.preparation import ColumnsPreparation

        return ColumnsPreparation(names)

    def run(
        self,
        table: pl.LazyFrame | None,
        tensors: Tensors | None,
        test: pl.LazyFrame | None,
        context: Context,
    ) -> Autoencoded:
        from nodeflow.values.network import Network
        from nodeflow_nodes.deep._autoencoding import errors_of, given_back, half_models, wanted, with_facts
        from nodeflow_nodes.deep._curves import learning_curves
        from nodeflow_nodes.deep._training import train

        if (table is None) == (tensors is None):
            raise NodeFailed("connect a table or tensors, one of them")
        frame = None if table is None else table.collect(engine="streaming")
        data = self._prepared(frame, tensors, context)
        array = data.inputs()[0]
        network = Network(self._structure(data.arrays[array].shape[1:], data.spec.arrays[array].axes))
        settings = self.settings(loss=self.loss, validation_share=self.validation_share, clip="none")
        trained = train(network, data, None, settings, context, learner=LEARNER)
        learned = errors_of(wanted(data), given_back(trained.model, data, context))
        threshold = _quantile(learned, self.quantile)
        facts = {"threshold": threshold, "quantile": self.quantile}
        model = with_facts(trained.model, facts, LEARNER, threshold=threshold)
        encoder, decoder = half_models(model, LEARNER)
        shown, others = frame, data
        if test is not None:
            shown = test.collect(engine="streaming")
            others = self._like(model, shown, context)
        scores = self._scores(model, data, None if test is None else others, context)
        rows = _with_codes(model, shown, others, context)
        best = int(model.summary["best epoch"])
        curves = learning_curves(trained.history, "Training of the autoencoder", best)
        return Autoencoded(model, encoder, decoder, rows, scores, trained.history, curves, network)

    def _prepared(self, frame: pl.DataFrame | None, tensors: Tensors | None, context: Context) -> Tensors:
        """The samples to learn from, to be given back."""
        if tensors is not None:
            return (
                tensors
                if _are_pairs(tensors.spec)
                else tensors.with_(targets=tensors.inputs(), task="reconstruction")
            )
        import msgspec

        from nodeflow.values.row_tensors import fitted_rows, rows_of
        from nodeflow.values.scaling import fit
        from nodeflow.values.windowing import numbers_of

        assert frame is not None
        preparation = self._preparation(tuple(self.columns.resolve(frame.schema)))
        notes: list[str] = []
        if self.scale == "one range":
            values = numbers_of(frame, preparation.columns)
            scaler = fit(values, "min-max", preparation.columns, notes, together=True)
            fitted: Any = msgspec.structs.replace(preparation, scaler=scaler)
        else:
            fitted = fitted_rows(preparation, frame, self.scale, notes)
        found = rows_of(fitted, frame, with_targets=True, notes=notes)
        tell(context, notes)
        return found

    def _like(self, model: Model, frame: pl.DataFrame, context: Context) -> Tensors:
        from nodeflow_nodes.deep._autoencoding import autoencoder_in
        from nodeflow_nodes.deep._training import prepared

        return prepared(autoencoder_in(model), frame, context, with_targets=False)[0]

    def _scores(self, model: Model, data: Tensors, test: Tensors | None, context: Context) -> pl.DataFrame:
        from nodeflow_nodes.deep._autoencoding import errors_of, given_back, pca_errors, wanted

        parts = {"table": data} if test is None else {"table": data, "test": test}
        straight = pca_errors(data, list(parts.values()), self.code)
        middle = pca_errors(data, list(parts.values()), 0)
        rows = [
            (
                name,
                part.samples,
                float(errors_of(wanted(part), given_back(model, part, context)).mean()),
                float(pca.mean()),
                float(mean.mean()),
            )
            for (name, part), pca, mean in zip(parts.items(), straight, middle, strict=True)
        ]
        return pl.DataFrame(rows, schema=_SCORES, orient="row")

    def summary(self) -> str:
        return f"code of {self.code}" + (f", noise {self.noise:g}" if self.noise else "")


def _are_pairs(spec: TensorsSpec) -> bool:
    """Whether tensors hold noisy samples as inputs and the clean ones as targets."""
    if spec.task != "reconstruction" or len(spec.targets) != 1:
        return False
    return spec.arrays[spec.inputs[0]].shape == spec.arrays[spec.targets[0]].shape


def _quantile(errors: Any, share: float) -> float:
    import numpy as np

    return float(np.quantile(errors, share))


def _with_codes(model: Model, frame: pl.DataFrame | None, data: Tensors, context: Context) -> pl.DataFrame:
    """The rows with codes and errors; of tensors the rows they belong to instead."""
    from nodeflow_nodes.deep._autoencoding import (
        code_columns,
        error_columns,
        errors_of,
        given_back,
        threshold_in,
        wanted,
    )
    from nodeflow_nodes.deep._beside import beside

    errors = errors_of(wanted(data), given_back(model, data, context))
    new = [*code_columns(model, data, context), *error_columns(errors, threshold_in(model))]
    return beside(frame, data, new)
