"""Tag Predictor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import ModelSpec, Spec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Model


class TagPredictor(Node):
    """Tag the words of sentences by a trained tagger.

    The table is one such as the Tag Encoder read: a word a row, which gets its tag and the probability of it, or a
    sentence a row, which gets its tags: a list if the words are a list, else a text with blanks between.

    Inputs:
        model: A model of a Deep Learner, trained on tensors of a Tag Encoder.
        table: The words to tag; tags need not be there.
    Outputs:
        table: The table with the tags.
    """

    category = "Deep Learning / Text"
    keywords = ("named entity recognition", "ner", "part of speech", "sequence labelling", "decode tags")
    slots = ("gpu",)

    column: str = parameter(default="", help='The name of the new column; empty for "Prediction (tags)".')
    probability: bool = parameter(
        default=False, help="Whether to add the probability of each word's tag, where a row is a word."
    )

    def run(self, model: Model, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        from nodeflow.errors import NodeflowError
        from nodeflow.parameters import family
        from nodeflow.values.preparation import TagsPreparation, read
        from nodeflow.values.sequence_tensors import words_of
        from nodeflow_nodes.deep._label_chains import best_labels, is_chain
        from nodeflow_nodes.deep._training import apply, prepared, probabilities, trained_network

        trained = trained_network(model)
        known = None if trained.preparation is None else read(trained.preparation)
        if not isinstance(known, TagsPreparation):
            raise NodeFailed("the network is no tagger; train it on tensors of a Tag Encoder")
        frame = table.collect(engine="streaming")
        if self._name(model.spec) in frame.columns:
            raise NodeFailed(
                f'the table has "{self._name(model.spec)}" already; give the new column another name'
            )
        try:
            words = words_of(known, frame)
        except NodeflowError as error:
            raise NodeFailed(str(error)) from None
        classes = [str(one) for one in trained.classes or ()]
        tags, shares = np.zeros(0, np.int64), np.zeros(0)
        if len(words.rows):
            data, _ = prepared(trained, frame, context, with_targets=False)
            output = trained.structure.outputs[0]
            values = apply(model, data, context)[output]
            chain = is_chain(trained.structure, output)
            if values.ndim != 3 + chain:
                raise NodeFailed(
                    "the network gives one answer a sentence, not one a word; let its layers return sequences"
                )
            found = probabilities(trained, output, values)
            if found.shape[-1] != len(classes):
                raise NodeFailed(
                    f"the network gives {found.shape[-1]:,} numbers a word, but it knows {len(classes):,} tags; end it with "
                    "a number for each tag"
                )
            tags = (best_labels(values) if chain else found.argmax(axis=2))[words.samples, words.steps]
            shares = found[words.samples, words.steps, tags]
        column = pl.Series("tag", [classes[one] for one in tags], dtype=pl.String)
        if known.sentence is not None:
            added = [column.alias(self._name(model.spec))]
            if self.probability:
                added.append(pl.Series(f"P ({self._name(model.spec)})", shares, dtype=pl.Float64))
            return frame.hstack(added)
        lists = pl.DataFrame({"row": pl.Series(words.rows, dtype=pl.UInt32), "tag": column})
        lists = lists.group_by("row", maintain_order=True).agg("tag")
        every = pl.DataFrame({"row": range(frame.height)}, schema={"row": pl.UInt32})
        joined = every.join(lists, on="row", how="left", maintain_order="left").get_column("tag")
        is_text = family(frame.schema[known.columns[0]]) != "list"
        return frame.hstack([(joined.list.join(" ") if is_text else joined).alias(self._name(model.spec))])

    def _name(self, spec: ModelSpec) -> str:
        return self.column or f"Prediction ({spec.target or 'tags'})"

    def surroundings(self, device: str) -> Mapping[str, Any]:
        from nodeflow_nodes.deep.deep_predictor import backend_and_device

        return backend_and_device(device)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model = inputs.get("model")
        if model is not None and model.network is None:
            return [Fault("", "the model is no network; apply it by a Predictor")]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return None  # whether a row is a word or a sentence stands in the trained model

    def summary(self) -> str:
        return "tags words"
