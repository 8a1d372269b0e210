"""Image Threshold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._images import as_lists, images_of, otsu, size_faults

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context


class ImageThreshold(Node):
    """Make grey images black and white: pixels above a threshold become 255, the others 0.

    By Otsu's method each image has a threshold of its own, which parts dark from bright pixels best. Dark writing on bright
    paper is inverted, so that the writing is what is white. The columns height and width tell the size of each image;
    without them images are square.

    Inputs:
        table: A row for each image.
    Outputs:
        table: The table with black and white images, and the threshold of each.
    """

    category = "Deep Learning / Images"
    keywords = ("binarise", "otsu", "black and white", "segmentation", "ocr")

    image: Column = parameter(types=("list",), help="The column with the lists of pixels.")
    method: Literal["otsu", "value"] = parameter(
        default="otsu", help="One of its own for each image, or a value."
    )
    value: float = parameter(
        default=127.5, help="The threshold, in the unit of the pixels.", when={"method": "value"}
    )
    invert: bool = parameter(default=False, help="Whether dark pixels become white.")

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        import polars as pl

        frame = table.collect(engine="streaming")
        if "threshold" in frame.columns:
            raise NodeFailed('the table has "threshold" already; rename it before')
        found: list[Any] = []
        limits: list[float | None] = []
        for number, one in enumerate(images_of(frame, str(self.image))):
            if number % 50 == 0:
                context.progress(number / frame.height)
            limit = None if one is None else self.value if self.method == "value" else otsu(one)
            limits.append(limit)
            found.append(None if one is None or limit is None else ((one > limit) != self.invert) * 255)
        return frame.with_columns(
            as_lists(found, str(self.image)), pl.Series("threshold", limits, dtype=pl.Float64)
        )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return size_faults("image", str(self.image), inputs["table"].columns) if "table" in inputs else ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        import polars as pl

        changed = {str(self.image): pl.List(pl.UInt8), "threshold": pl.Float64()}
        return TableSpec({**inputs["table"].columns, **changed})

    def summary(self) -> str:
        return "Otsu" if self.method == "otsu" else f"above {self.value:g}"
