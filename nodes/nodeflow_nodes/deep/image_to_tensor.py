"""Image to Tensor."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, family, parameter
from nodeflow_nodes.deep._making import chosen_numbers, number_faults, schema_of
from nodeflow_nodes.deep._targets import (
    classes_before_running,
    is_classification,
    like_faults,
    made,
    target_spec,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import ImagesPreparation
    from nodeflow.values.scaling import Method
    from nodeflow.values.specs import Spec

_SCALES: dict[str, Method] = {"0 to 1": "min-max", "standard": "standard", "none": "none"}


class ImageToTensor(Node):
    """Make images of the pixels in a table: tensors of height, width and channels, for convolutional networks.

    Pixels are in number columns, one a pixel, or in one column of lists. They stand row by row from the top left, the
    channels of a pixel beside each other. All pixels share one scale, learned from
    this table; for images to validate or test with connect the tensors to learn from to the input `like`, and their
    scale and classes are taken over.

    The target `y` is the place of the class in the sorted classes, or one number a class. Of pictures of a text (the
    network template ctc reads them) it is the characters of the text, numbered from 1 on and filled up by 0.
    Without a target the images are to be given back, as an autoencoder does. Images with a missing pixel are left out,
    which a warning counts.

    Inputs:
        table: A row for each image.
        like: Tensors to learn from, whose columns, scale and classes are taken over.
    Outputs:
        tensors: The images `x`, the target `y` and the `row` of the table.
    """

    id = "image_to_tensor"
    name = "Image to Tensor"
    category = "Deep Learning / Data"
    keywords = ("pixels", "mnist", "digits", "reshape", "convolution input", "cnn", "picture")

    pixels: Columns = parameter(
        default=Columns.typed("number"),
        help="The columns of the pixels, or one column of lists; all numbers but the target unless chosen.",
    )
    target: Column | None = parameter(
        default=None, help="The column with the class of each image; empty for an autoencoder."
    )
    height: int | None = parameter(
        default=None, minimum=1, maximum=10_000, unit="pixels", help="Empty for square images."
    )
    width: int | None = parameter(
        default=None, minimum=1, maximum=10_000, unit="pixels", help="Empty for square images."
    )
    channels: int = parameter(
        default=1, minimum=1, maximum=64, help="Numbers a pixel has: 1 for grey, 3 for red, green and blue."
    )
    scale: Literal["0 to 1", "standard", "none"] = parameter(
        default="0 to 1",
        help="From the smallest pixel of all to the largest; mean 0 and standard deviation 1; or as they are.",
    )
    labels: Literal["integers", "one-hot", "characters"] = parameter(
        default="integers",
        label="Classes as",
        help="One whole number; a number for each class that is 1 at the right one; or, for pictures of a text, the "
        "number of each of its characters.",
    )
    task: Literal["classification", "regression"] = parameter(
        default="classification", help="Whether the target is a class or a number.", advanced=True
    )

    def check_parameters(self) -> list[Fault]:
        if (self.height is None) != (self.width is None):
            return [Fault("height", "give both height and width, or neither for square images")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = schema_of(inputs)
        if schema is None:
            return ()
        if "like" in inputs:
            return like_faults(inputs["like"], schema, "images")
        names = self._pixels(schema)
        if not self._is_listed(names, schema):
            faults = number_faults("pixels", names, schema)
            if faults:
                return faults
        try:
            self._size(names, schema)
        except NodeFailed as error:
            return [Fault("pixels", str(error))]
        if self.target is not None and self.target in schema:
            kind = family(schema[self.target])
            if self.task == "classification" and kind not in ("text", "category", "boolean", "integer"):
                return [
                    Fault(
                        "target",
                        f'"{self.target[:80]}" (type {schema[self.target]}) has no classes; choose another',
                    )
                ]
        return ()

    def _pixels(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        return chosen_numbers(self.pixels, schema, [] if self.target is None else [str(self.target)])

    def _is_listed(self, names: list[str], schema: Mapping[str, pl.DataType]) -> bool:
        return len(names) == 1 and family(schema[names[0]]) == "list"

    def _size(self, names: list[str], schema: Mapping[str, pl.DataType], count: int | None = None) -> Any:
        """Height, width and channels; None where only the data tell."""
        if self.height is not None and self.width is not None:
            size = (self.height, self.width, self.channels)
            wanted = math.prod(size)
            if not self._is_listed(names, schema) and wanted != len(names):
                raise NodeFailed(
                    f"an image of {self.height} x {self.width} with {self.channels} channels has {wanted:,} pixels, but "
                    f"there are {len(names):,} columns"
                )
            return size
        count = count if self._is_listed(names, schema) else len(names)
        if count is None:
            return None
        side = math.isqrt(count // self.channels)
        if side < 1 or side * side * self.channels != count:
            raise NodeFailed(
                f"{count:,} numbers make no square image of {self.channels} channel{'s' if self.channels > 1 else ''}; "
                "give height and width, or leave out columns that are no pixels"
            )
        return (side, side, self.channels)

    def _preparation(
        self, schema: Mapping[str, pl.DataType], size: tuple[int, int, int]
    ) -> ImagesPreparation:
        from nodeflow.values.preparation import ImagesPreparation

        target = None if self.target is None else str(self.target)
        task: Any = "reconstruction"
        if target is not None:
            is_class = is_classification(self.task, family(schema[target]))
            task = "classification" if is_class else "regression"
        return ImagesPreparation(tuple(self._pixels(schema)), target, task, self.labels, size=size)

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        from dataclasses import replace

        from nodeflow.values.tensor_specs import ArraySpec

        schema = inputs["table"].columns
        if "like" in inputs:
            return inputs["like"].without_samples() if inputs["like"].preparation else None
        size = self._size(self._pixels(schema), schema)
        preparation = self._preparation(schema, size or (1, 1, self.channels))
        x = ArraySpec(size or (None, None, self.channels), "float32", ("height", "width", "channel"))
        told = target_spec(preparation, x, classes_before_running(preparation, schema))
        if size is None and told.preparation is not None:
            told = replace(told, preparation={n: v for n, v in told.preparation.items() if n != "size"})
        return told

    def run(self, table: pl.LazyFrame, context: Context, like: Tensors | None = None) -> Tensors:
        def preparation() -> ImagesPreparation:
            schema = table.collect_schema()
            names = self._pixels(schema)
            size = self._size(names, schema, self._listed_count(table, names, schema))
            if size is None:
                raise NodeFailed(
                    f'"{names[0][:80]}" has no list of pixels at all; there is nothing to make images of'
                )
            return self._preparation(schema, size)

        return made(table, like, preparation, _SCALES[self.scale], context)

    def _listed_count(
        self, table: pl.LazyFrame, names: list[str], schema: Mapping[str, pl.DataType]
    ) -> int | None:
        """The numbers in the first list of pixels."""
        import polars.selectors as cs

        if not self._is_listed(names, schema):
            return None
        first = table.select(cs.by_name(names[0]).list.len()).drop_nulls().head(1).collect()
        return int(first.item()) if first.height else None

    def summary(self) -> str:
        size = "square" if self.height is None else f"{self.height} x {self.width}"
        return f"{size}, {self.channels} channel{'s' if self.channels > 1 else ''}"
