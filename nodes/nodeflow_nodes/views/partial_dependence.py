"""Partial Dependence."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.parameters import Columns, Fault, parameter
from nodeflow_nodes.views._applied import class_labels, feature_rows, gives_shares, said, unfit
from nodeflow_nodes.views._base import (
    MISSING,
    MOST_COLOURS,
    Drawing,
    Picture,
    caption,
    captions,
    label,
    moments,
    numbers,
    places,
)

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model

_MOST_TEXTS = 12


class Dependence(NamedTuple):
    """What a model says on the average when one column has each of some values."""

    column: str
    values: pl.Series
    lines: np.ndarray
    """Shape (values, rows, classes)."""

    @property
    def mean(self) -> np.ndarray:
        """The mean over the rows, shape (values, classes)."""
        found: np.ndarray = self.lines.mean(axis=1)
        return found


class PartialDependence(Drawing):
    """Draw how the prediction of a model depends on each column, all else left as it is.

    For each value on the axis all rows are given that value, and the mean of what the model then says is drawn (partial
    dependence, Friedman 2001). Thin lines, if asked for, show single rows (individual conditional expectation): where
    they are not parallel, the column works together with others. Of a model of two classes the probability of the
    positive one is drawn, of more a line for each class. Without a choice of columns those with the largest effect are
    shown. The marks below the curve are the tenths of the values: where there are few rows, little is known. Values
    that come together in the data are torn apart, so that columns that depend on each other may mislead.

    Inputs:
        model: A model that predicts classes or numbers.
        table: Rows with the columns the model was learned from; the target is not needed.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "pdp",
        "ice",
        "individual conditional expectation",
        "explain",
        "effect",
        "interpretation",
        "what if",
    )
    sized = False

    columns: Columns | None = parameter(
        default=None, help="The columns to draw; empty for those with the largest effect on the prediction."
    )
    most: int = parameter(
        default=6, minimum=1, maximum=40, label="Most columns", help="How many are drawn at most."
    )
    positive: str = parameter(
        default="",
        label="Class",
        help="The class whose probability is drawn; empty with two classes for the last, with more for each.",
    )
    single_rows: int = parameter(
        default=0,
        minimum=0,
        maximum=200,
        unit="rows",
        label="Lines of single rows",
        help="How many; 0 for none.",
    )
    steps: int = parameter(
        default=20, minimum=2, maximum=100, help="How many values of a number column are tried."
    )
    trimmed: float = parameter(
        default=0.05,
        minimum=0.0,
        maximum=0.4,
        label="Left out at the ends",
        help="The share of the smallest and of the largest values that the curve does not reach to.",
    )
    most_rows: int = parameter(
        default=500,
        minimum=10,
        maximum=20_000,
        unit="rows",
        help="Of more rows a sample is used.",
        advanced=True,
    )
    width: int = parameter(
        default=760, minimum=100, maximum=4_000, unit="pixels", help="Width of all plots together."
    )
    height: int = parameter(
        default=200, minimum=60, maximum=4_000, unit="pixels", help="Height of each plot."
    )

    def run(self, model: Model, table: pl.LazyFrame, context: Context) -> Chart:
        notes: list[str] = []
        facts: list[str] = []
        rows = feature_rows(model, table, self.most_rows, notes)
        kept = self._classes(model)
        found = [
            self._dependence(model, rows, name, context) for name in self._chosen(model, rows, context, facts)
        ]
        if not found:
            raise NodeFailed("no chosen column has two values or more; there is nothing to draw")
        drawn = self._picture(model, rows, found, kept, notes)
        drawn.facts += facts
        return self.chart(drawn, context)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        model, table = inputs.get("model"), inputs.get("table")
        faults = unfit(model, None if table is None else table.columns)
        if faults or model is None or self.columns is None:
            return faults
        features = model.features.columns
        strange = [name for name in self.columns.names if name not in features]
        if strange:
            return [
                Fault(
                    "columns",
                    f"the model was not learned from {listing(strange)}; it was from {listing(list(features))}",
                )
            ]
        return (
            []
            if self.columns.resolve(features)
            else [Fault("columns", f"no column of the model is chosen ({self.columns})")]
        )

    def default_title(self) -> str:
        return "Partial dependence"

    def _classes(self, model: Model) -> list[int]:
        """The places of the classes to draw; [0] for a regression."""
        if model.spec.task == "regression":
            return [0]
        labels = class_labels(model)
        if self.positive:
            if self.positive not in labels:
                raise NodeFailed(
                    f'the model knows no class "{shorten(self.positive)}"; it knows {listing(labels)}'
                )
            return [labels.index(self.positive)]
        return [len(labels) - 1] if len(labels) == 2 else list(range(len(labels)))

    def _chosen(self, model: Model, rows: pl.DataFrame, context: Context, facts: list[str]) -> list[str]:
        """The columns to draw that have two values or more."""
        features = model.spec.features.columns
        varied = [
            name for name in features if rows.get_column(name).alias("value").drop_nulls().n_unique() > 1
        ]
        if self.columns is not None:
            chosen = [name for name in self.columns.resolve(features) if name in varied]
            if len(chosen) > self.most:
                facts.append(f"the first {self.most} of {len(chosen):,} columns are shown")
            return chosen[: self.most]
        if len(varied) <= self.most:
            return varied
        # a coarse look at every column is enough to see which have an effect
        some = rows.gather_every(max(rows.height // 60, 1))
        effect = {}
        for done, name in enumerate(varied):
            context.progress(done / len(varied) / 2, "effects")
            mean = self._dependence(model, some, name, context, steps=6).mean
            effect[name] = float((mean.max(axis=0) - mean.min(axis=0)).max())
        best = sorted(varied, key=lambda name: -effect[name])[: self.most]
        facts.append(f"the {self.most} columns with the largest effect of {len(varied):,} are shown")
        return best

    def _dependence(
        self, model: Model, rows: pl.DataFrame, name: str, context: Context, steps: int | None = None
    ) -> Dependence:
        import polars as pl

        context.check_cancelled()
        values = self._grid(rows.get_column(name).alias("value"), steps or self.steps)
        tried = pl.concat(
            [rows.with_columns(pl.lit(value, dtype=rows.schema[name]).alias(name)) for value in values]
        )
        found = said(model, tried).reshape(len(values), rows.height, -1)
        return Dependence(name, values, found)

    def _grid(self, values: pl.Series, steps: int) -> pl.Series:
        """The values to try: of numbers evenly between the ends, of others the most frequent."""
        import polars as pl

        known = values.drop_nulls()
        if not (known.dtype.is_numeric() or known.dtype in (pl.Date, pl.Datetime)):
            counts = known.value_counts().sort("count", "value", descending=[True, False])
            return counts.head(_MOST_TEXTS)["value"].sort()
        distinct = known.unique().sort()
        if len(distinct) <= steps:
            return distinct
        whole = known.to_physical().cast(pl.Float64)
        low = whole.quantile(self.trimmed, "linear")
        high = whole.quantile(1 - self.trimmed, "linear")
        if low is None or high is None or low >= high:
            low, high = float(whole.min()), float(whole.max())  # type: ignore[arg-type]
        grid = pl.Series("value", [low + (high - low) * i / (steps - 1) for i in range(steps)])
        return (
            grid
            if known.dtype.is_float()
            else grid.round().cast(known.to_physical().dtype).cast(known.dtype).unique().sort()
        )

    def _picture(
        self, model: Model, rows: pl.DataFrame, found: list[Dependence], kept: list[int], notes: list[str]
    ) -> Picture:

        labels = captions(class_labels(model)) if model.spec.task == "classification" else [""]
        if len(kept) > MOST_COLOURS:
            spread = {
                k: max(float(one.mean[:, k].max() - one.mean[:, k].min()) for one in found) for k in kept
            }
            kept = sorted(sorted(kept, key=lambda k: -spread[k])[:MOST_COLOURS])
            notes.append(f"the {MOST_COLOURS} classes that change most of {len(labels):,} are shown")
        single = min(self.single_rows, rows.height) if len(kept) == 1 else 0
        lines = [rows.height * place // single for place in range(single)] if single else []
        if self.single_rows and not single:
            notes.append("lines of single rows are drawn for one class only; choose one")
        data: list[dict[str, Any]] = []
        low, high = math.inf, -math.inf
        for panel, one in enumerate(found):
            told, place = self._told(one.values), _place(one.values)
            mean = one.mean
            shown = [(labels[k], -1, mean[:, k]) for k in kept]
            shown += [(labels[kept[0]], line, one.lines[:, line, kept[0]]) for line in lines]
            for name, line, heights in shown:
                low, high = min(low, float(heights.min())), max(high, float(heights.max()))
                data += [
                    {"panel": panel, "class": name, "line": line, place: x, "y": float(f"{y:.6g}")}
                    for x, y in zip(told, heights, strict=True)
                ]
            ticks = rows.get_column(one.column).alias("value").drop_nulls()
            if ticks.dtype.is_numeric() and len(ticks) > 10:
                tenths = [ticks.quantile(i / 10, "nearest") for i in range(1, 10)]
                low_end, high_end = float(one.values[0]), float(one.values[-1])
                inside = [float(t) for t in tenths if t is not None and low_end <= t <= high_end]
                data += [{"panel": panel, "tenth": t} for t in dict.fromkeys(inside)]
        used = [labels[k] for k in kept]
        body = self._body(model, found, used, (low, high), lines=bool(lines))
        facts = [self._meaning(model, used)]
        return Picture(data, body, notes, facts)

    def _told(self, values: pl.Series) -> list[Any]:

        if values.dtype.is_temporal():
            return moments(values.to_frame()).to_series().to_list()
        if values.dtype.is_numeric():
            return [round(float(one), 10) for one in values]
        return values.alias("value").to_frame().select(label("value", values.dtype)).to_series().to_list()

    def _meaning(self, model: Model, used: list[str]) -> str:
        target = caption(str(model.spec.target))
        if model.spec.task == "regression":
            return f"mean prediction of {target} if all rows had the value"
        what = "mean probability" if gives_shares(model) else "share of rows predicted to be"
        return f"{what} of {target} = {used[0]}" if len(used) == 1 else f"{what} of each {target}"

    def _body(
        self,
        model: Model,
        found: list[Dependence],
        used: list[str],
        ends: tuple[float, float],
        *,
        lines: bool,
    ) -> dict[str, Any]:
        across = 2 if len(found) == 4 else min(3, len(found))
        width = max((self.width - 60 * (across - 1)) // across, 60)
        is_share = model.spec.task == "classification"
        pad = (ends[1] - ends[0]) * 0.06 or 0.5
        domain = [ends[0] - pad, ends[1] + pad]
        if is_share:
            domain = [max(domain[0], 0.0), min(domain[1], 1.0)]
        high = max(map(abs, domain))
        up = numbers("y", "", high=high, scale={"domain": domain, "nice": False})
        up["axis"] = {"tickCount": 5, "title": None, **up["axis"], **({"format": ".0%"} if is_share else {})}
        colour: dict[str, Any] = {"value": self.main_colour()}
        if len(used) > 1:
            look = {
                "orient": "bottom",
                "direction": "horizontal",
                "symbolType": "stroke",
                "symbolStrokeWidth": 3,
                "columns": 4,
            }
            colour = self.coloured("class", str(model.spec.target), used, legend=look)
        panels = [
            {
                "width": width,
                "height": self.height,
                "transform": [{"filter": f"datum.panel === {index}"}],
                "layer": self._panel(one, up, colour, lines=lines),
            }
            for index, one in enumerate(found)
        ]
        return {"concat": panels, "columns": across, "spacing": {"row": 24, "column": 36}}

    def _panel(
        self, one: Dependence, up: dict[str, Any], colour: dict[str, Any], *, lines: bool
    ) -> list[dict[str, Any]]:
        dtype, place = one.values.dtype, _place(one.values)
        is_place = dtype.is_numeric() or dtype.is_temporal()
        across: dict[str, Any]
        if is_place:
            high = max((abs(float(v)) for v in one.values), default=0.0) if dtype.is_numeric() else 0.0
            across = places(place, one.column, dtype, high=high)
            across["axis"] = {"tickCount": 5, "grid": False, **across.get("axis", {})}
        else:
            order = self._told(one.values)
            axis = {"labelAngle": -40 if sum(map(len, order)) > 28 else 0, "labelLimit": 100, "grid": False}
            across = {
                "field": place,
                "type": "nominal",
                "title": caption(one.column),
                "sort": order,
                "axis": axis,
            }
        told = [
            {
                "field": place,
                "title": caption(one.column) or MISSING,
                **({"type": "temporal"} if dtype.is_temporal() else {}),
            },
            {"field": "y", "title": "prediction", "format": up["axis"].get("format", ",.4~g")},
        ]
        if "field" in colour:
            told.insert(0, {"field": "class", "title": "class"})
        places_of = {"x": across, "y": up}
        layers: list[dict[str, Any]] = []
        if lines:
            thin = {"type": "line", "strokeWidth": 0.8, "opacity": 0.4, "color": self.quiet()}
            layers.append(
                {
                    "transform": [{"filter": "datum.line >= 0"}],
                    "mark": thin,
                    "encoding": {**places_of, "detail": {"field": "line"}},
                }
            )
        mark: dict[str, Any] = {"type": "line", "strokeWidth": 2.5, "strokeJoin": "round"}
        if not is_place or len(one.values) <= 8:
            mark |= {"point": {"filled": True, "size": 50, "opacity": 1}}
        if not is_place:
            mark |= {"strokeWidth": 1.2, "strokeDash": [2, 3]}
        layers.append(
            {
                "transform": [{"filter": "datum.line === -1"}],
                "mark": mark,
                "encoding": {**places_of, "color": colour, "tooltip": told},
            }
        )
        if dtype.is_numeric():
            tick = {"type": "tick", "thickness": 1.2, "size": 7, "color": self.quiet(), "yOffset": -4}
            layers.append(
                {
                    "transform": [{"filter": "isValid(datum.tenth)"}],
                    "mark": tick,
                    "encoding": {"x": {**across, "field": "tenth"}, "y": {"value": self.height}},
                }
            )
        return layers


def _place(values: pl.Series) -> str:
    """The field of the values in the data: one for each kind, as a field is read as one kind."""
    if values.dtype.is_temporal():
        return "moment"
    return "number" if values.dtype.is_numeric() else "text"
