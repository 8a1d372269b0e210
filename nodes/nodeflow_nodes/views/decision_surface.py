"""Decision Surface."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._applied import class_labels, feature_rows, said, steady, unfit
from nodeflow_nodes.views._base import MOST_COLOURS, Drawing, Picture, caption, captions, number_text, numbers
from nodeflow_nodes.views._cells import merged

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model
    from nodeflow.values.specs import ModelSpec

_LEVELS = 6


class DecisionSurface(Drawing):
    """Draw what a model predicts over two of its columns: regions of the classes, and the rows as points.

    It shows what kind of borders a learner can draw: a perceptron one straight line, a tree steps, a network of several
    layers curves. The colour is the stronger the surer the model is; points have the colour of their true class, and
    those predicted wrong a ring. Of a model that predicts numbers the colour is the prediction. If the model was learned
    from more columns, the others are held at their median or most frequent value, which is told. Rows without a value in
    both columns are not shown as points.

    Inputs:
        model: A model that predicts classes or numbers, learned from two number columns or more.
        table: Rows with the columns the model was learned from, and the target if there is one.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "decision boundary",
        "decision region",
        "contour",
        "perceptron",
        "neural network",
        "svm",
        "teaching",
    )

    x: Column | None = parameter(
        default=None,
        types=("number",),
        label="Across",
        help="The column across; empty for the model's first number column.",
    )
    y: Column | None = parameter(
        default=None,
        types=("number",),
        label="Up",
        help="The column up; empty for the model's second number column.",
    )
    show_points: bool = parameter(default=True, help="Draw the rows as points.")
    mark_wrong: bool = parameter(
        default=True, help="Draw a ring around rows predicted wrong.", when={"show_points": [True]}
    )
    resolution: int = parameter(
        default=100,
        minimum=10,
        maximum=250,
        unit="cells",
        help="How finely the plane is cut, each way.",
        advanced=True,
    )
    most_points: int = parameter(
        default=1_000,
        minimum=10,
        maximum=10_000,
        unit="points",
        help="Of more rows a sample is drawn.",
        advanced=True,
    )
    width: int = parameter(
        default=500, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=420, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )

    def run(self, model: Model, table: pl.LazyFrame, context: Context) -> Chart:
        return self.chart(self._picture(model, table), context)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        faults = unfit(model, None if table is None else table.columns)
        if faults or model is None:
            return faults
        try:
            self._axes(model)
        except NodeFailed as error:
            return [Fault("x" if self.x is not None else "", str(error))]
        return ()

    def check_parameters(self) -> list[Fault]:
        if self.x is not None and self.x == self.y:
            return [Fault("y", "choose two different columns")]
        return []

    def _axes(self, spec: ModelSpec) -> tuple[str, str]:
        """The two columns; raises `NodeFailed`."""
        named = [name for name, dtype in spec.features.columns.items() if dtype.is_numeric()]
        for name in (self.x, self.y):
            if name is not None and name not in named:
                raise NodeFailed(
                    f'"{shorten(name)}" is no number column that the model was learned from; it was from {listing(named)}'
                )
        left = iter(name for name in named if name not in (self.x, self.y))
        x, y = self.x or next(left, None), self.y or next(left, None)
        if x is None or y is None:
            told = listing(named) or "no number column"
            raise NodeFailed(f"the model must be learned from two number columns, but was from {told}")
        return x, y

    def default_title(self) -> str:
        return "Decision surface"

    def fields(self) -> list[str | None]:
        return [self.x, self.y]

    def _picture(self, model: Model, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        spec = model.spec
        x, y = self._axes(spec)
        has_target = spec.target is not None and spec.target in table.collect_schema()
        rows = feature_rows(model, table, self.most_points, notes, [str(spec.target)] if has_target else [])
        # a series is called by a name of ours, as its own may be a pattern to Polars
        places = [rows.get_column(name).alias("place").cast(pl.Float64).fill_nan(None) for name in (x, y)]
        usable = places[0].is_not_null() & places[1].is_not_null()
        known, places = rows.filter(usable), [one.filter(usable) for one in places]
        if not known.height:
            raise NodeFailed(
                f"no row has a usable value in each of {listing([x, y])}; there is nothing to draw"
            )
        if known.height < rows.height:
            notes.append(
                f"{rows.height - known.height:,} of {rows.height:,} rows without a usable value are not shown"
            )
        ends = [_ends(one) for one in places]
        plane, facts = self._plane(model, rows, (x, y), ends)
        found = said(model, plane).reshape(self.resolution, self.resolution, -1)
        is_class = spec.task == "classification"
        if is_class:
            labels = captions(class_labels(model))
            if len(labels) > MOST_COLOURS:
                raise NodeFailed(
                    f"the model tells {len(labels):,} classes apart, too many to colour; at most {MOST_COLOURS}"
                )
            data = _cells(found.argmax(axis=2), _strength(found), ends)
            for row in data:
                row["class"] = labels[row.pop("key")]
        else:
            labels = []
            data, level = _levels(found[:, :, 0], ends)
            facts.append(f"predictions from {number_text(level[0])} to {number_text(level[1])}")
        points = self._points(model, known, (x, y), labels, has_target=has_target) if self.show_points else []
        wrong = sum(one.get("wrong", False) for one in points)
        if is_class and has_target and points:
            facts.insert(0, f"{wrong:,} of {len(points):,} points are predicted wrong")
        columns = {"px": x, "py": y}
        if is_class and has_target and labels == class_labels(model):
            columns["class"] = str(spec.target)
        return Picture(points, self._body(spec, (x, y), ends, points, labels, data), notes, facts, columns)

    def _plane(
        self, model: Model, rows: pl.DataFrame, axes: tuple[str, str], ends: list[tuple[float, float]]
    ) -> tuple[pl.DataFrame, list[str]]:
        """The rows to predict, the middles of the cells row by row from below; what the other columns are held at."""
        import numpy as np
        import polars as pl

        n = self.resolution
        middles = [low + (np.arange(n) + 0.5) * (high - low) / n for low, high in ends]
        across, up = np.tile(middles[0], n), np.repeat(middles[1], n)
        columns: dict[str, Any] = {}
        held = []
        for name, dtype in model.spec.features.columns.items():
            if name in axes:
                columns[name] = across if name == axes[0] else up
                continue
            value = steady(rows.get_column(name).alias("value"))
            kind = pl.Float64() if dtype.is_numeric() else rows.schema[name]
            columns[name] = pl.Series("value", [value], dtype=kind, strict=False).new_from_index(0, n * n)
            told = (
                number_text(value) if isinstance(value, float) else str("missing" if value is None else value)
            )
            held.append(f"{caption(name)} = {shorten(told, 30)}")
        more = f" and {len(held) - 4} more" if len(held) > 4 else ""
        return pl.DataFrame(columns), [f"with {', '.join(held[:4])}{more}"] if held else []

    def _points(
        self, model: Model, rows: pl.DataFrame, axes: tuple[str, str], labels: list[str], *, has_target: bool
    ) -> list[dict[str, Any]]:
        import polars as pl

        x, y = (rows.get_column(name).alias("place").cast(pl.Float64) for name in axes)
        data: list[dict[str, Any]] = [{"px": a, "py": b} for a, b in zip(x, y, strict=True)]
        if not has_target:
            return data
        target = rows.get_column(str(model.spec.target)).alias("target")
        if not labels:
            values = target.cast(pl.Float64, strict=False)
            return [{**row, "value": v} for row, v in zip(data, values, strict=True) if v is not None]
        predicted = said(model, rows).argmax(axis=1)
        place = {name: index for index, name in enumerate(class_labels(model))}
        found = []
        for row, actual, said_class in zip(data, target.cast(pl.String), predicted, strict=True):
            if actual in place:
                found.append(
                    {**row, "class": labels[place[actual]], "wrong": place[actual] != int(said_class)}
                )
        return found

    def _body(
        self,
        spec: ModelSpec,
        axes: tuple[str, str],
        ends: list[tuple[float, float]],
        points: list[dict[str, Any]],
        labels: list[str],
        data: list[dict[str, Any]],
    ) -> dict[str, Any]:
        def axis(role: str, index: int) -> dict[str, Any]:
            scale = {"domain": list(ends[index]), "nice": False}
            return numbers(
                role, axes[index], high=max(map(abs, ends[index])), scale=scale, axis={"grid": False}
            )

        target = caption(str(spec.target))
        ranged = {"x": axis("x", 0), "x2": {"field": "x2"}, "y": axis("y", 1), "y2": {"field": "y2"}}
        look = {
            "orient": "bottom",
            "direction": "horizontal",
            "columns": 4,
            "symbolType": "circle",
            "symbolOpacity": 1,
        }
        regions = {"data": {"values": data}}
        rect: dict[str, Any] = {"type": "rect", "stroke": None, "clip": True}
        if labels:
            colour = self.coloured("class", target, labels, legend=look)
            own = dict(zip(labels, self.colours(), strict=False))
            for row in data:
                row["fill"] = mixed(own[row["class"]], self.paper(), 0.08 + 0.42 * row["sure"])
            fill = {"field": "fill", "type": "nominal", "scale": None}
            tooltip = [{"field": "class", "title": "prediction"}]
            named = {
                "data": {"values": [{"class": one} for one in labels]},
                "mark": {"type": "point", "filled": True, "opacity": 0},
            }
            layers: list[dict[str, Any]] = [
                {**named, "encoding": {"color": colour}},  # for the legend alone
                {**regions, "mark": rect, "encoding": {**ranged, "color": fill, "tooltip": tooltip}},
            ]
        else:
            form = "~s" if any(abs(row["value"]) >= 10_000 for row in data) else ",.6~g"
            legend = {"orient": "bottom", "direction": "horizontal", "gradientLength": 220, "format": form}
            colour = {
                "field": "value", "type": "quantitative", "title": f"Predicted {target}", "scale": {"scheme": "viridis"},
                "legend": legend,
            }  # fmt: skip
            tooltip = [{"field": "value", "title": "prediction", "format": ",.4~g"}]
            layers = [{**regions, "mark": rect, "encoding": {**ranged, "color": colour, "tooltip": tooltip}}]
        if not points:
            return {"layer": layers}
        told = [
            {"field": "px", "title": caption(axes[0]), "format": ",.4~g"},
            {"field": "py", "title": caption(axes[1]), "format": ",.4~g"},
        ]
        mark: dict[str, Any] = {
            "type": "point", "filled": True, "size": 42, "opacity": 1, "stroke": self.paper(),
            "strokeWidth": 0.8, "clip": True,
        }  # fmt: skip
        places = {"x": axis("px", 0), "y": axis("py", 1)}
        shade: dict[str, Any] = {"value": self.ink()}
        if "class" in points[0]:
            shade, told = colour, [{"field": "class", "title": target}, *told]
        elif "value" in points[0]:
            shade, told = colour, [{"field": "value", "title": target}, *told]
        layers.append({"mark": mark, "encoding": {**places, "color": shade, "tooltip": told}})
        wrong = [one for one in points if one.get("wrong")]
        if wrong and self.mark_wrong:
            ring = {
                "type": "point",
                "filled": False,
                "size": 110,
                "color": self.ink(),
                "strokeWidth": 1.6,
                "opacity": 1,
            }
            layers.append({"data": {"values": wrong}, "mark": {**ring, "clip": True}, "encoding": places})
        return {"layer": layers}


def mixed(colour: str, ground: str, share: float) -> str:
    """A share of a colour on a ground, as an opaque colour."""
    pairs = [(int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(one * share + other * (1 - share)):02x}" for one, other in pairs)


def _ends(values: pl.Series) -> tuple[float, float]:
    """The ends of an axis, a little beyond the values."""
    low, high = float(values.min()), float(values.max())  # type: ignore[arg-type]
    pad = (high - low) * 0.06 or max(abs(low) * 0.1, 1.0)
    return low - pad, high + pad


def _strength(found: np.ndarray) -> np.ndarray:
    """How sure the model is of the class, from 0 as by chance to 1, in a few steps."""
    import numpy as np

    count = found.shape[2]
    best: np.ndarray = found.max(axis=2)
    share = (best - 1 / count) / (1 - 1 / count) if count > 1 else best
    rounded: np.ndarray = np.ceil(np.clip(share, 0, 1) * _LEVELS) / _LEVELS
    return rounded


def _cells(keys: np.ndarray, strength: np.ndarray, ends: list[tuple[float, float]]) -> list[dict[str, Any]]:
    """Rectangles of the classes or steps, and of how sure they are."""
    import numpy as np

    (x0, x1), (y0, y1) = ends
    rows, columns = keys.shape
    wide, tall = (x1 - x0) / columns, (y1 - y0) / rows
    keys = keys * (_LEVELS + 1) + np.round(strength * _LEVELS).astype(int)
    # each reaches a little into the next, so that no seam shines through
    over = 0.35
    return [
        {
            "x": x0 + start * wide, "x2": min(x0 + (end + over) * wide, x1),
            "y": y0 + first * tall, "y2": min(y0 + (last + over) * tall, y1),
            "key": key // (_LEVELS + 1), "sure": round(key % (_LEVELS + 1) / _LEVELS, 4),
        }
        for start, end, first, last, key in sorted(merged(keys), key=lambda cell: (cell[2], cell[0]))
    ]  # fmt: skip


def _levels(
    values: np.ndarray, ends: list[tuple[float, float]]
) -> tuple[list[dict[str, Any]], tuple[float, float]]:
    """Rectangles of predicted numbers in forty steps; and the smallest and largest number."""
    import numpy as np

    low, high = float(values.min()), float(values.max())
    step = (high - low) / 40 or 1.0
    keys = np.clip(np.floor((values - low) / step), 0, 39).astype(int)
    data = _cells(keys, np.ones_like(values), ends)
    for row in data:
        row["value"] = float(f"{low + (row.pop('key') + 0.5) * step:.6g}")
        del row["sure"]
    return data, (low, high)
