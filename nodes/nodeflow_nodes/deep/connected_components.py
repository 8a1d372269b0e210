"""Connected Components."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._images import boxes_of, images_of, size_faults

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context


class ConnectedComponents(Node):
    """Find the parts of black and white images that hang together, such as the letters of a text.

    White pixels (all above 0) that touch each other are one part; with 8 neighbours corners touch, too. Small parts are
    specks and left out. A part much wider than parts usually are high is cut into equal ones: letters that touch.
    The columns height and width tell the size of each image; without them images are square.

    Inputs:
        table: A row for each image, made black and white by Image Threshold.
    Outputs:
        boxes: For each part the row of its image (from 0), its number there from 1, left, top, width, height, and its area
            in pixels.
    """

    category = "Deep Learning / Images"
    keywords = ("label", "segmentation", "blobs", "bounding box", "letters", "ocr", "regions")

    image: Column = parameter(types=("list",), help="The column with the lists of pixels.")
    min_area: int = parameter(
        default=20, minimum=1, label="Least area", unit="pixels", help="Smaller parts are left out."
    )
    neighbours: Literal["8", "4"] = parameter(default="8", help="Whether corners touch, or sides only.")
    split_wide: float = parameter(
        default=1.6, minimum=0.0, help="A part wider than so many usual heights is cut; 0 never cuts."
    )
    order: Literal["left to right", "top to bottom", "largest first"] = parameter(
        default="left to right", help="How parts are numbered."
    )

    def run(self, table: pl.LazyFrame, context: Context) -> pl.DataFrame:
        import polars as pl
        import polars.selectors as cs

        names = [str(self.image), "height", "width"]
        frame = table.select(cs.by_name(*names, require_all=False)).collect(engine="streaming")
        rows = []
        for number, one in enumerate(images_of(frame, str(self.image))):
            if number % 50 == 0:
                context.progress(number / frame.height)
            if one is None:
                continue
            boxes = boxes_of(
                one,
                least_area=self.min_area,
                neighbours=int(self.neighbours),
                split=self.split_wide,
                order=self.order,
            )
            rows += [(number, place, *box) for place, box in enumerate(boxes, 1)]
        return pl.DataFrame(rows, schema=_schema(), orient="row")

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return size_faults("image", str(self.image), inputs["table"].columns) if "table" in inputs else ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_schema())

    def summary(self) -> str:
        return f"{self.min_area} pixels or more, {self.order}"


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    return dict.fromkeys(("row", "part", "left", "top", "width", "height", "area"), pl.Int64())
