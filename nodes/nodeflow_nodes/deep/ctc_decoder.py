"""CTC Decoder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow.values.tensors import Tensors

ONE_OF_THEM = "connect a table or tensors, one of them"


class CtcDecoder(Node):
    """Read the labels out of what a network with a CTC head says at each step.

    At each step the network tells a probability for each label and for the blank, which is label 0. A path of one label a
    step collapses to what it says: a label that is repeated counts once, then blanks go, so that two of the same are
    told apart by a blank between. `path` and `collapsed` show this for the likeliest path. greedy gives just that; beam
    adds up all paths that say the same, and gives the likeliest labels, which may differ (prefix beam search).

    Inputs:
        model: A model of a Deep Learner whose network ends in a CTC Head.
        table: The rows to read, as the network learned to.
        tensors: The samples to read, instead of a table.
    Outputs:
        table: The table, or the row of each sample and its true labels, with path, what it collapses to, the result and
            its log probability.
    """

    name = "CTC Decoder"
    category = "Deep Learning / Text"
    keywords = (
        "connectionist temporal classification",
        "speech recognition",
        "ocr",
        "beam search",
        "best path",
        "collapse",
    )
    slots = ("gpu",)

    method: Literal["greedy", "beam"] = parameter(default="greedy", help="See above.")
    beams: int = parameter(
        default=100,
        minimum=1,
        maximum=10_000,
        help="How many texts are followed at a time.",
        when={"method": "beam"},
    )
    labels: str = parameter(
        default="",
        help="The characters that labels stand for, from label 1 on; empty for the classes learned, or numbers.",
    )
    column: str = parameter(default="Prediction", help="The name of the column with the result.")

    def run(
        self, model: Model, table: pl.LazyFrame | None, tensors: Tensors | None, context: Context
    ) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        from nodeflow_nodes.deep._beside import beside
        from nodeflow_nodes.deep._search import best_path, collapsed, prefix_beams
        from nodeflow_nodes.deep._training import apply, prepared, trained_network

        if (table is None) == (tensors is None):
            raise NodeFailed(ONE_OF_THEM)
        trained = trained_network(model)
        frame = None if table is None else table.collect(engine="streaming")
        data = tensors
        if frame is not None:
            data = prepared(trained, frame, context, with_targets=False)[0]
        assert data is not None
        output = trained.structure.outputs[0]
        names = self._labels(model)
        values = apply(model, data, context)[output].astype("float64")
        layer = next(one for one in trained.structure.layers if one.id == output)
        if layer.config.get("activation") != "softmax":
            powers = np.exp(values - values.max(axis=-1, keepdims=True))
            values = powers / powers.sum(axis=-1, keepdims=True)
        rows = []
        for number, shares in enumerate(values):
            context.progress(number / len(values))
            path, chance = best_path(shares)
            said = collapsed(path)
            labels = said
            if self.method == "beam":
                labels, chance = prefix_beams(shares, self.beams)[0]
            shown = self._text(path, names)
            rows.append((shown, self._text(said, names), self._text(labels, names), chance))
        columns = list(zip(*rows, strict=True)) if rows else [()] * 4
        kinds = {
            "path": pl.String,
            "collapsed": pl.String,
            self.column: pl.String,
            "log probability": pl.Float64,
        }
        added = [
            pl.Series(name, list(one), dtype=kind)
            for (name, kind), one in zip(kinds.items(), columns, strict=True)
        ]
        target = trained.targets[0]
        if frame is None and target in data.arrays and target != data.inputs()[0]:
            lines = data.arrays[target].to_numpy().astype("int64").reshape(data.samples, -1)
            true = [self._text([int(one) for one in line if one > 0], names) for line in lines]
            added.insert(0, pl.Series(model.spec.target or "target", true, dtype=pl.String))
        return beside(frame, data, added)

    def _labels(self, model: Model) -> list[str]:
        """What each label is called, the blank first."""
        from nodeflow_nodes.deep._training import trained_network

        trained = trained_network(model)
        head = next((one for one in trained.structure.layers if one.id == trained.structure.outputs[0]), None)
        if head is None or head.kind != "ctc_head":
            raise NodeFailed("the network does not end in a CTC Head, so there is no path to read")
        count = int(head.config["labels"])
        names = list(self.labels) or [str(one) for one in trained.classes or ()]
        if self.labels and len(names) != count:
            raise NodeFailed(f"the network tells {count} labels apart, but {len(names)} characters are given")
        if len(names) != count:
            names = [str(one) for one in range(1, count + 1)]
        return [_BLANK, *names]

    def _text(self, labels: Sequence[int], names: Sequence[str]) -> str:
        between = "" if all(len(one) == 1 for one in names) else " "
        return between.join(names[one] if one < len(names) else "?" for one in labels)

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check_parameters(self) -> list[Fault]:
        if not self.column or self.column in ("path", "collapsed", "log probability"):
            return [Fault("column", "give the column of the result another name")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.network is None:
            return [Fault("", "the model is no network; train one with a CTC Head by a Deep Learner")]
        if inputs.get("table") is not None and inputs.get("tensors") is not None:
            return [Fault("", ONE_OF_THEM)]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import polars as pl

        from nodeflow.values.specs import TableSpec

        table = inputs.get("table")
        if table is None:
            return None
        texts = dict.fromkeys(("path", "collapsed", self.column), pl.String())
        return TableSpec({**table.columns, **texts, "log probability": pl.Float64()})

    def summary(self) -> str:
        return "greedy" if self.method == "greedy" else f"{self.beams} beams"


_BLANK = "·"
