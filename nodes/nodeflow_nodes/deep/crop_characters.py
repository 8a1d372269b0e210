"""Crop Characters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.deep._images import as_lists, cropped, images_of, size_faults

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context

_BOX = ("row", "part", "left", "top", "width", "height")


class CropCharacters(Node):
    """Cut parts out of images by their boxes, such as letters, each brought to a small square of the same size.

    A part keeps its shape: its longer side fills the square but for some free pixels around. If a column holds the text of
    each image, the n-th part of an image gets the n-th character as its label; images with another number of parts than
    characters get none, which a warning counts.

    Inputs:
        table: A row for each image, grey or black and white.
        boxes: The boxes of Connected Components.
    Outputs:
        table: For each part the row of its image, its number, its label, and its image, to be turned into tensors.
    """

    category = "Deep Learning / Images"
    keywords = ("letters", "digits", "segmentation", "ocr", "cut out", "resize", "bounding box")

    image: Column = parameter(types=("list",), port="table", help="The column with the lists of pixels.")
    text: Column | None = parameter(
        default=None,
        types=("text", "category"),
        port="table",
        help="The column with the text in each image, if it is known.",
    )
    size: int = parameter(default=16, minimum=3, maximum=1_000, unit="pixels", help="The side of the square.")
    pad: int = parameter(
        default=2, minimum=0, maximum=499, unit="pixels", help="The free pixels on each side."
    )

    def run(self, table: pl.LazyFrame, boxes: pl.LazyFrame, context: Context) -> pl.DataFrame:
        import polars as pl
        import polars.selectors as cs

        names = [str(self.image), "height", "width", *([str(self.text)] if self.text is not None else [])]
        frame = table.select(cs.by_name(*names, require_all=False)).collect(engine="streaming")
        places = boxes.select(cs.by_name(*_BOX)).collect(engine="streaming").drop_nulls()
        images = list(images_of(frame, str(self.image)))
        texts = None if self.text is None else frame.get_column(str(self.text)).cast(pl.String).to_list()
        found: list[Any] = []
        for number, (row, part, *box) in enumerate(places.iter_rows()):
            if number % 100 == 0:
                context.progress(number / places.height)
            image = images[row] if 0 <= row < len(images) else None
            if image is None:
                raise NodeFailed(
                    f"a box is in row {row:,}, where there is no image; take the boxes of these images"
                )
            left, top, width, height = box
            if (
                left < 0
                or top < 0
                or width < 1
                or height < 1
                or left + width > image.shape[1]
                or top + height > image.shape[0]
            ):
                raise NodeFailed(
                    f"part {part:,} of row {row:,} lies outside its image of {image.shape[0]:,} x {image.shape[1]:,} "
                    "pixels; take the boxes of these images"
                )
            found.append(cropped(image, (left, top, width, height), self.size, self.pad))
        labels = [None] * places.height if texts is None else self._labels(places, texts, context)
        return places.select("row", "part").with_columns(
            pl.Series("label", labels, dtype=pl.String), as_lists(found, "image")
        )

    def _labels(self, places: pl.DataFrame, texts: list[str | None], context: Context) -> list[str | None]:
        """The character of each part."""
        counts = dict(places.group_by("row").len().iter_rows())
        wrong = sum(text is not None and len(text) != counts.get(row, 0) for row, text in enumerate(texts))
        if wrong:
            context.warn(
                f"{wrong:,} of {len(texts):,} images have another number of parts than their text has characters"
            )
        found: list[str | None] = []
        for row, part in places.select("row", "part").iter_rows():
            text = texts[row]
            fits = text is not None and len(text) == counts[row] and 1 <= part <= len(text)
            found.append(text[part - 1] if fits and text is not None else None)
        return found

    def check_parameters(self) -> list[Fault]:
        if self.size - 2 * self.pad < 1:
            return [
                Fault("pad", f"{self.pad} free pixels on each side leave nothing of a square of {self.size}")
            ]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        if "boxes" in inputs:
            lacking = [name for name in _BOX if name not in inputs["boxes"].columns]
            if lacking:
                return [Fault("", f"the boxes lack {listing(lacking)}; take those of Connected Components")]
            wrong = [name for name in _BOX if not inputs["boxes"].columns[name].is_integer()]
            if wrong:
                return [Fault("", f"{listing(wrong)} of the boxes must hold whole numbers")]
        return size_faults("image", str(self.image), inputs["table"].columns) if "table" in inputs else ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        import polars as pl

        whole = dict.fromkeys(("row", "part"), pl.Int64())
        if "boxes" in inputs:
            whole = {name: inputs["boxes"].columns[name] for name in whole}
        return TableSpec({**whole, "label": pl.String(), "image": pl.List(pl.UInt8)})

    def summary(self) -> str:
        return f"{self.size} x {self.size}"
