"""Image Folder Reader."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter
from nodeflow.values.specs import Spec, TableSpec

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context

    Numbers = np.ndarray[Any, np.dtype[Any]]

MOST_PIXELS = 50_000_000
"""Of one image; a small file can hold many more."""
MOST_NUMBERS = 1 << 30
"""Of all images together, which are held in memory."""

_FORMATS = ("PNG", "JPEG", "BMP", "TIFF", "GIF", "PPM", "WEBP")


class ImageFolderReader(Node):
    """Read images from files: a row each, with a list of its pixels, and the label that its folder or name tells.

    A pattern such as digits/*/*.png reads the images of all folders that fit, sorted by path. The label is the name of the
    folder an image lies in, or the name of its file without its ending, as of pictures of texts; with a mark only the part
    before it. PNG, JPEG, BMP, TIFF, GIF, PNM and WebP are read; of several pages or moments the first.

    Images become grey, or red, green and blue beside each other for each pixel, from 0 to 255. They are turned as their
    camera held them; what is transparent becomes white. With height and width they are brought to that size.

    A file that is no image, is cut short, or would unfold to more than 50 million pixels stops the run with its name.
    Turn the table into tensors by Image To Tensor.

    Outputs:
        table: For each image its file, label, height, width, and image, the list of pixels row by row.
    """

    category = "Input / Output"
    keywords = (
        "image reader",
        "picture",
        "png",
        "jpeg",
        "tiff",
        "image_dataset_from_directory",
        "ImageFolder",
        "photos",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.",
        suffixes=(".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif"),
    )
    label: Literal["folder", "file name", "none"] = parameter(default="folder", help="What tells the label.")
    mark: str = parameter(
        default="",
        help="The label ends before this mark in the file's name, such as _.",
        when={"label": "file name"},
    )
    colours: Literal["grey", "red, green, blue"] = parameter(
        default="grey", help="One number a pixel, or three."
    )
    height: int | None = parameter(
        default=None,
        minimum=1,
        maximum=10_000,
        unit="pixels",
        help="Bring images to this height; empty to leave it.",
    )
    width: int | None = parameter(
        default=None,
        minimum=1,
        maximum=10_000,
        unit="pixels",
        help="Bring images to this width; empty to leave it.",
    )

    def run(self, context: Context) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.io._text_file import files_of

        if importlib.util.find_spec("PIL") is None:
            raise NodeFailed("reading images needs Pillow; install it by: pip install nodeflow[deep]")
        files = files_of(self.path, ".png")
        rows: list[tuple[Any, ...]] = []
        numbers = 0
        for place, file in enumerate(files):
            if place % 50 == 0:
                context.progress(place / len(files), f"{place:,} of {len(files):,} images")
            pixels = self._read(file)
            numbers += pixels.size
            if numbers > MOST_NUMBERS:
                raise NodeFailed(
                    f"the images of {self.path} have more than {MOST_NUMBERS:,} numbers in all, which are held in memory; "
                    "bring them to a smaller size, or read fewer"
                )
            name = os.path.basename(file)
            rows.append((name, self._label(file), *pixels.shape[:2], pl.Series(pixels.reshape(-1))))
        return pl.DataFrame(rows, schema=_schema(), orient="row")

    def _label(self, file: str) -> str | None:
        if self.label == "none":
            return None
        if self.label == "folder":
            return os.path.basename(os.path.dirname(os.path.abspath(file)))
        name = os.path.splitext(os.path.basename(file))[0]
        return name.partition(self.mark)[0] if self.mark else name

    def _read(self, file: str) -> Numbers:
        """The pixels of a file as (height, width) or (height, width, 3)."""
        from PIL import Image, ImageOps, UnidentifiedImageError

        name = os.path.basename(file)
        try:
            with Image.open(file, formats=_FORMATS) as opened:
                if opened.width * opened.height > MOST_PIXELS:
                    raise NodeFailed(_too_large(name, f"{opened.width:,} x {opened.height:,}"))
                image = ImageOps.exif_transpose(opened)
                return self._pixels(image)
        except (Image.DecompressionBombError, Image.DecompressionBombWarning):
            raise NodeFailed(_too_large(name, "far more")) from None
        except UnidentifiedImageError:
            raise NodeFailed(
                f"{name} is no image of a kind that is read ({', '.join(_FORMATS)}); let the pattern leave it out"
            ) from None
        # damaged files make Pillow raise what its decoders raise
        except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError) as error:
            raise NodeFailed(f"{name} cannot be read as an image: {shorten(str(error), 120)}") from None

    def _pixels(self, image: Any) -> Numbers:
        import numpy as np
        from PIL import Image

        if image.mode.startswith(("I", "F")):  # 16 bits and more; conversion would cut them off
            deep = np.asarray(image, dtype=np.float64)
            top = 65_535.0 if image.mode.startswith("I") and deep.size and deep.max() > 255 else 255.0
            image = Image.fromarray(np.clip(np.rint(deep * 255 / top), 0, 255).astype(np.uint8))
        if "A" in image.getbands() or "transparency" in image.info:
            whole = image.convert("RGBA")
            image = Image.new("RGBA", whole.size, "white")
            image.alpha_composite(whole)
        image = image.convert("L" if self.colours == "grey" else "RGB")
        if self.height is not None and self.width is not None and image.size != (self.width, self.height):
            image = image.resize((self.width, self.height), Image.Resampling.BILINEAR)
        return np.array(image, dtype=np.uint8)

    def check_parameters(self) -> list[Fault]:
        if (self.height is None) != (self.width is None):
            return [Fault("height", "give both height and width, or neither to leave images as they are")]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_schema())

    def summary(self) -> str:
        size = "" if self.height is None else f", {self.height} x {self.width}"
        return f"{os.path.basename(self.path)}{size}"[:80]


def _too_large(name: str, size: str) -> str:
    return f"{name} would unfold to {size} pixels; images of more than {MOST_PIXELS:,} are not read"


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    return {
        "file": pl.String(), "label": pl.String(), "height": pl.Int64(), "width": pl.Int64(),
        "image": pl.List(pl.UInt8),
    }  # fmt: skip
