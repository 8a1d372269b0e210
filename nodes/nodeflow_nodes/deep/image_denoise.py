"""Image Denoise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._images import as_lists, images_of, size_faults

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context


class ImageDenoise(Node):
    """Take specks off grey images: each pixel becomes the median of the pixels around it.

    Edges stay sharper than by a mean; lines thinner than half the size are lost. At the border pixels are mirrored. The
    columns height and width tell the size of each image; without them images are square. Pixels are rounded to whole numbers
    from 0 to 255.

    Inputs:
        table: A row for each image.
    Outputs:
        table: The table with the images cleaned.
    """

    category = "Deep Learning / Images"
    keywords = ("median filter", "noise", "salt and pepper", "smooth", "ocr")

    image: Column = parameter(types=("list",), help="The column with the lists of pixels.")
    size: int = parameter(
        default=3, minimum=1, maximum=99, unit="pixels", help="The side of the square around a pixel."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        from scipy import ndimage

        frame = table.collect(engine="streaming")
        found = []
        for number, one in enumerate(images_of(frame, str(self.image))):
            if number % 50 == 0:
                context.progress(number / frame.height)
            found.append(None if one is None else ndimage.median_filter(one, size=self.size, mode="reflect"))
        return frame.with_columns(as_lists(found, str(self.image)))

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return size_faults("image", str(self.image), inputs["table"].columns) if "table" in inputs else ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        import polars as pl

        return TableSpec({**inputs["table"].columns, str(self.image): pl.List(pl.UInt8)})

    def summary(self) -> str:
        return f"median of {self.size} x {self.size}"
