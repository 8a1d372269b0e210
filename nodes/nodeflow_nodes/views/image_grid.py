"""Image Grid."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import GROUPS, Picture, View, caption, label, nothing, tell_left_out
from nodeflow_nodes.views._cells import merged

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

_SHADES = 16
_MOST_PIXELS = 60_000
_MOST_CELLS = 25_000
_GAP = 0.14
"""The room between two images, as a share of an image's width."""


class ImageGrid(View):
    """Draw rows whose columns are pixels as small images, such as scanned digits, with a caption below each.

    The pixels stand row by row from the top left; images are square unless their width is given. All images share one
    scale from the smallest to the largest value. With a second column, such as the prediction, images on which the two
    differ are marked, so that one sees what a model takes for what. Missing pixels are empty; rows without any pixel are
    left out, and told.

    Inputs:
        table: The rows to draw, a column for each pixel.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Images"
    keywords = (
        "digits",
        "mnist",
        "pixels",
        "imshow",
        "thumbnails",
        "contact sheet",
        "misclassified",
        "heatmap",
    )
    sized = False
    without = ("height",)

    pixels: Columns = parameter(
        default=Columns.typed("number"),
        types=("number",),
        help="The columns of the pixels, row by row from the top left.",
    )
    names: Column | None = parameter(
        default=None,
        types=GROUPS,
        label="Caption",
        help="The column written below the images, such as the true class.",
    )
    compared: Column | None = parameter(
        default=None,
        types=GROUPS,
        label="Second caption",
        help="A column to compare it with, such as the prediction.",
    )
    only_different: bool = parameter(
        default=False,
        help="Whether only images are drawn on which the two captions differ.",
        advanced=True,
    )
    most: int = parameter(
        default=40, minimum=1, maximum=400, unit="images", label="Most images", help="How many are drawn."
    )
    choice: Literal["first", "spread"] = parameter(
        default="first", help="Whether the first images are drawn, or some spread evenly over the table."
    )
    image_width: int | None = parameter(
        default=None,
        minimum=1,
        maximum=2_000,
        unit="pixels of the image",
        help="The width of an image; empty if square.",
    )
    shades: Literal["dark on light", "light on dark"] = parameter(
        default="dark on light",
        label="Large values",
        help="Whether large values are dark on light ground, or the reverse.",
    )
    across: int | None = parameter(
        default=None,
        minimum=1,
        maximum=100,
        unit="images",
        label="Images in a line",
        help="Empty for as many as fit.",
    )
    width: int = parameter(
        default=720, minimum=100, maximum=4_000, unit="pixels", help="Width of all images together."
    )

    def check_parameters(self) -> list[Fault]:
        if self.only_different and (self.names is None or self.compared is None):
            return [Fault("only_different", "choose both captions to draw those that differ")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        if table is None:
            return ()
        try:
            self._shape(self._names_of(table.columns))
        except NodeFailed as error:
            return [Fault("pixels", str(error))]
        return ()

    def _names_of(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        from nodeflow_nodes.statistics._calculation import chosen_numbers

        captions = [str(one) for one in (self.names, self.compared) if one is not None]
        return chosen_numbers(self.pixels, schema, *captions)

    def _shape(self, names: Sequence[str]) -> tuple[int, int]:
        """Width and height of an image; raises `NodeFailed`."""
        count = len(names)
        if not count:
            raise NodeFailed(f"no number column is chosen as a pixel ({self.pixels}); choose some")
        if count > _MOST_PIXELS:
            raise NodeFailed(f"{count:,} pixels are too many for an image; at most {_MOST_PIXELS:,}")
        wide = self.image_width or math.isqrt(count)
        if count % wide or (self.image_width is None and wide * wide != count):
            advice = "give the width of an image" if self.image_width is None else "give another width"
            raise NodeFailed(
                f"{count:,} number columns make no image {wide:,} pixels wide; choose the pixels, or {advice}"
            )
        return wide, count // wide

    def default_title(self) -> str:
        if self.names and self.compared:
            return f"Images with {self.names.strip()} and {self.compared.strip()}"
        return f"Images with {self.names.strip()}" if self.names else "Images"

    def fields(self) -> list[str | None]:
        return [self.names, self.compared]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        names = self._names_of(table.collect_schema())
        wide, tall = self._shape(names)
        frame, total = self._chosen(table, names, notes)
        most = min(self.most, max(_MOST_PIXELS // (wide * tall), 1))
        step = max(total // most, 1) if self.choice == "spread" else 1
        images = frame.gather_every(step).head(most).collect(engine="streaming")
        differ = " on which the captions differ" if self.only_different else ""
        facts = [f"{images.height:,} of {total:,} images{differ}"] if total > images.height or differ else []
        values = images.select(pl.col("^p[0-9]+$")).to_numpy().astype(float).reshape(-1, tall, wide)
        across = min(self.across or self._fitting(images.height, wide, tall), images.height)
        data = _drawn(values, across)
        if len(data) > _MOST_CELLS:
            kept = max(images.height * _MOST_CELLS // len(data), 1)
            notes.append(f"the images are too detailed to draw more than {kept:,} of them")
            values, images = values[:kept], images.head(kept)
            across = min(across, kept)
            data = _drawn(values, across)
        told = self._captions(images, across, wide, tall)
        return Picture(data, self._body(told, images.height, across, wide, tall), notes, facts)

    def _chosen(
        self, table: pl.LazyFrame, names: Sequence[str], notes: list[str]
    ) -> tuple[pl.LazyFrame, int]:
        """The rows with a pixel, that differ if asked for, and their number."""
        import polars as pl

        from nodeflow_nodes.views._base import pick

        roles = {f"p{index}": name for index, name in enumerate(names)}
        frame = pick(table, **roles, name=self.names, compared=self.compared)
        schema = frame.collect_schema()
        captions = [role for role in ("name", "compared") if role in schema]
        frame = frame.with_columns([label(role, schema[role]) for role in captions])
        has_pixel = pl.any_horizontal(pl.col(list(roles)).is_not_null())
        counts = [pl.len().alias("all"), has_pixel.sum().alias("kept")]
        differs = pl.col("name") != pl.col("compared") if self.only_different else pl.lit(value=True)
        counts.append((has_pixel & differs).sum().alias("shown"))
        total, kept, shown = frame.select(counts).collect(engine="streaming").row(0)
        if not kept:
            raise nothing(list(names))
        tell_left_out(total, kept, notes)
        if not shown:
            raise NodeFailed(
                f'"{caption(str(self.names))}" and "{caption(str(self.compared))}" are the same for every image'
            )
        return frame.filter(has_pixel & differs), shown

    def _fitting(self, count: int, wide: int, tall: int) -> int:
        """How many images fit side by side so that the whole is broader than high."""
        captions = 1.25 if self.names or self.compared else 1.0
        return max(1, min(count, round(math.sqrt(count * 1.8 * tall * captions / wide))))

    def _captions(self, images: pl.DataFrame, across: int, wide: int, tall: int) -> list[dict[str, Any]]:
        found = []
        for index in range(images.height):
            row: dict[str, Any] = {
                "x": (index % across) * (1 + _GAP), "y": index // across, "middle": (index % across) * (1 + _GAP) + 0.5,
            }  # fmt: skip
            parts = [caption(images[role][index]) for role in ("name", "compared") if role in images.columns]
            row["differs"] = len(parts) == 2 and parts[0] != parts[1]
            row["text"] = parts[0] if len(set(parts)) == 1 else " → ".join(parts)
            found.append(row)
        return found

    def _body(
        self, told: list[dict[str, Any]], count: int, across: int, wide: int, tall: int
    ) -> dict[str, Any]:
        lines = -(-count // across)
        size = self.width / (across * (1 + _GAP) - _GAP)
        text = any(row["text"] for row in told)
        below = max(16.0, min(size * 0.16, 22.0)) if text else 0.0
        image, gap = size * tall / wide, max(size * _GAP, 4.0)
        step = image + below + gap
        for row in told:
            row["top"] = row["y"] * step
            row["foot"] = row["top"] + image
            row["right"] = row["x"] + 1
        height = lines * step - gap
        bare = {"type": "quantitative", "axis": None}
        x = {"scale": {"domain": [0, across * (1 + _GAP) - _GAP], "nice": False, "zero": False}, **bare}
        y = {"scale": {"domain": [0, height], "nice": False, "zero": False, "reverse": True}, **bare}
        dark, light = ("#11151a", "#f5f7fa")
        ground, full = (light, dark) if self.shades == "dark on light" else (dark, light)
        shade = {
            "field": "shade", "type": "quantitative", "legend": None,
            "scale": {"domain": [0, _SHADES - 1], "range": [ground, full]},
        }  # fmt: skip
        cells = {
            "transform": [
                {"calculate": f"datum.line * {step!r} + datum.y * {image / tall!r}", "as": "top"},
                {"calculate": f"datum.line * {step!r} + datum.y2 * {image / tall!r}", "as": "foot"},
                {"calculate": f"datum.place * {1 + _GAP!r} + datum.x / {wide}", "as": "left"},
                {"calculate": f"datum.place * {1 + _GAP!r} + datum.x2 / {wide}", "as": "right"},
            ],
            "mark": {"type": "rect", "stroke": None},
            "encoding": {
                "x": {"field": "left", **x}, "x2": {"field": "right"}, "y": {"field": "top", **y}, "y2": {"field": "foot"},
                "color": shade,
            },
        }  # fmt: skip
        edge = {
            "x": {"field": "x", **x},
            "x2": {"field": "right"},
            "y": {"field": "top", **y},
            "y2": {"field": "foot"},
        }
        tooltip = {"field": "text", "title": "image"}
        frame = {"type": "rect", "fill": ground, "stroke": self.quiet(), "strokeOpacity": 0.5}
        layers: list[dict[str, Any]] = [
            {"data": {"values": told}, "mark": frame, "encoding": {**edge, "tooltip": tooltip}},
            cells,
        ]
        wrong = [row for row in told if row["differs"]]
        if wrong and not self.only_different:
            mark = {"type": "rect", "filled": False, "stroke": self.accent(), "strokeWidth": 2.5}
            layers.append({"data": {"values": wrong}, "mark": mark, "encoding": edge})
        if text:
            at = {"x": {"field": "middle", **x}, "y": {"field": "foot", **y}, "text": {"field": "text"}}
            look = {
                "type": "text",
                "baseline": "top",
                "dy": 4,
                "fontSize": min(12.0, below * 0.72),
                "limit": size + gap - 4,
            }
            colour = {"condition": {"test": "datum.differs", "value": self.accent()}, "value": self.ink()}
            layers.append({"data": {"values": told}, "mark": look, "encoding": {**at, "color": colour}})
        return {"width": self.width, "height": round(height), "layer": layers}


def _drawn(values: np.ndarray, across: int) -> list[dict[str, Any]]:
    """The rectangles of the images that are not of the ground's shade; what is missing is left empty."""
    import numpy as np

    low, high = float(np.nanmin(values)), float(np.nanmax(values))
    scaled = (values - low) / (high - low) if high > low else np.zeros_like(values)
    shades = np.where(np.isnan(scaled), 0, np.nan_to_num(scaled) * (_SHADES - 1)).round().astype(int)
    shades[shades == 0] = -1
    return [
        {
            "place": index % across, "line": index // across, "x": left, "x2": right, "y": top, "y2": foot, "shade": shade,
        }
        for index, image in enumerate(shades)
        for left, right, top, foot, shade in merged(image)
    ]  # fmt: skip
