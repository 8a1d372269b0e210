"""Feature Importance View."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import (
    Drawing,
    Picture,
    caption,
    captions,
    categories,
    complete,
    number_text,
    numbers,
    pick,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model

_NAMES = ("column", "term", "feature", "name")
_VALUES = ("importance", "coefficient", "weight")
_ENDS = {"importance": ("low", "high"), "coefficient": ("lower 95 %", "upper 95 %")}
_MEAN = "mean size of the weights"


class FeatureImportanceView(Drawing):
    """Draw how much a model relies on each column, the most important on top.

    The importances come from a table, such as that of Permutation Importance or the details of a learner, or from the
    model itself: the importances of trees and forests, or the weights of a linear model, by size and with their sign in
    the colour. With intervals in the columns `low` and `high` these are drawn. Weights depend on the unit of their
    column unless the learner brings columns to one scale. Rows without a name or a value are not shown.

    Inputs:
        table: A table with a row for each column and its importance.
        model: A model that knows its importances, if there is no such table.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "variable importance",
        "coefficients",
        "weights",
        "explain",
        "permutation importance",
        "bar chart",
    )

    column: Column | None = parameter(
        default=None,
        types=("text", "category"),
        label="Names",
        help='The column with the names; empty for "column" or "term", as learners call it.',
    )
    importance: Column | None = parameter(
        default=None,
        types=("number",),
        help='The column with the importances; empty for "importance", "coefficient" or "weight", as learners call it.',
    )
    most: int = parameter(
        default=20, minimum=1, maximum=200, label="Most bars", help="How many are shown at most."
    )
    intercept: bool = parameter(
        default=False, help="Whether the intercept of a linear model is shown.", advanced=True
    )
    show_values: bool = parameter(default=True, help="Write its value beside each bar.")

    def run(self, table: pl.LazyFrame | None, model: Model | None, context: Context) -> Chart:
        if table is None:
            if model is None:
                raise NodeFailed("connect a table with importances, or a model")
            drawn = self.picture(importances_of(model).lazy())
            drawn.columns = {}  # no table has these
            return self.chart(drawn, context)
        return self.chart(self.picture(table), context)

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table, model = inputs.get("table"), inputs.get("model")
        if table is not None:
            try:
                self._columns(table.columns)
            except NodeFailed as error:
                return [Fault("column" if self.column is None else "importance", str(error))]
        elif model is not None and model.task == "transformation":
            return [Fault("", "the model changes columns and predicts nothing; it has no importances")]
        return ()

    def _columns(self, schema: Mapping[str, pl.DataType]) -> tuple[str, list[str]]:
        """The column with names, and those with importances: several if there are weights for several classes."""
        name = self.column or next((one for one in _NAMES if one in schema), None)
        if name is None:
            raise NodeFailed('choose the column with the names: none is called "column" or "term"')
        if self.importance is not None:
            return name, [self.importance]
        found = [one for one in _VALUES if one in schema and schema[one].is_numeric()][:1]
        found = found or [
            one for one, dtype in schema.items() if one.startswith("weight ") and dtype.is_numeric()
        ]
        if not found:
            raise NodeFailed(
                'choose the column with the importances: none is called "importance", "coefficient" or "weight"'
            )
        return name, found

    def default_title(self) -> str:
        name = (self.importance or "").strip()
        return f"{name[:1].upper()}{name[1:]} of columns" if name else "Feature importance"

    def fields(self) -> list[str | None]:
        return [self.column, self.importance]

    def picture(self, table: pl.LazyFrame) -> Picture:
        import polars as pl

        notes: list[str] = []
        schema = table.collect_schema()
        name, values = self._columns(schema)
        value = values[0] if len(values) == 1 else _MEAN
        found = _ENDS.get(value, ())
        ends = dict(zip(("low", "high"), found, strict=False)) if set(found) <= set(schema) else {}
        frame = pick(table, name=name, **{f"v{index}": one for index, one in enumerate(values)}, **ends)
        # of several classes the mean size of the weights
        numbers_in = [pl.col(f"v{index}").cast(pl.Float64) for index in range(len(values))]
        mean = numbers_in[0] if len(values) == 1 else pl.mean_horizontal(one.abs() for one in numbers_in)
        frame = frame.select(
            pl.col("name").cast(pl.String),
            mean.alias("value"),
            pl.col(*ends).cast(pl.Float64) if ends else [],
        )
        if not self.intercept:
            frame = frame.filter(pl.col("name").ne_missing("(intercept)"))
        frame, rows = complete(frame, {"name": name, "value": value}, notes)
        shown = (
            frame.with_row_index("row")
            .sort(pl.col("value").abs(), "row", descending=[True, False])
            .head(self.most)
            .collect(engine="streaming")
        )
        facts = [f"the {self.most} most important of {rows:,} are shown"] if rows > self.most else []
        signed = bool((shown["value"] < 0).any())
        labels = captions(shown["name"].to_list())
        data = [
            {
                **row,
                "name": label,
                "sign": "below 0" if row["value"] < 0 else "above 0",
                "text": number_text(row["value"]),
            }
            for label, row in zip(labels, shown.drop("row").iter_rows(named=True), strict=True)
        ]
        columns = {"value": value} if len(values) == 1 else {}
        columns |= {"name": name} if labels == shown["name"].to_list() else {}
        return Picture(data, self._body(data, labels, value, signed=signed), notes, facts, columns)

    def _body(
        self, data: list[dict[str, Any]], labels: list[str], value: str, *, signed: bool
    ) -> dict[str, Any]:
        both = [row[role] for row in data for role in ("value", "low", "high") if row.get(role) is not None]
        high = max(map(abs, both))
        low, top = min(0.0, *both), max(0.0, *both)
        pad = (top - low) * 0.12 or 1.0
        scale = {"domain": [low - (pad if low < 0 else 0), top + (pad if top > 0 else 0)], "nice": False}
        across = numbers("value", value[:1].upper() + value[1:], zero=True, high=high, scale=scale)
        across["axis"] = {"tickCount": 6, **across["axis"]}
        up = categories(
            "name",
            "",
            labels,
            axis={"title": None, "grid": False, "labelLimit": 240, "domain": False, "ticks": False},
        )
        tooltip = [
            {"field": "name", "title": "column"},
            {"field": "value", "title": caption(value), "format": ",.4~g"},
            *(
                {"field": role, "title": title, "format": ",.4~g"}
                for role, title in (("low", "at least"), ("high", "at most"))
                if role in data[0]
            ),
        ]
        colour: dict[str, Any] = {"value": self.main_colour()}
        if signed and value != "importance":
            accent = self.accent()
            colour = {
                "field": "sign", "type": "nominal", "title": "Sign",
                "scale": {"domain": ["above 0", "below 0"], "range": [self.main_colour(), accent]},
                "legend": {"orient": "bottom", "direction": "horizontal", "symbolType": "square"},
            }  # fmt: skip
        bar = {"type": "bar", "cornerRadiusEnd": 2, "height": {"band": 0.72}}
        layers: list[dict[str, Any]] = [
            {"mark": bar, "encoding": {"x": across, "y": up, "color": colour, "tooltip": tooltip}}
        ]
        is_ended = any(row.get("low") is not None for row in data)
        if is_ended:
            rule = {"type": "rule", "color": self.ink(), "strokeWidth": 1.5, "opacity": 0.8}
            layers.append(
                {
                    "mark": rule,
                    "encoding": {"x": {**across, "field": "low"}, "x2": {"field": "high"}, "y": up},
                }
            )
        if self.show_values and len(labels) <= 40:
            mark = {"type": "text", "color": self.quiet(), "fontSize": 10}
            edge = {"right": "high" if is_ended else "value", "left": "low" if is_ended else "value"}
            for side, test in (("right", "datum.value >= 0"), ("left", "datum.value < 0")):
                look = {"align": "left", "dx": 5} if side == "right" else {"align": "right", "dx": -5}
                place = {"x": {**across, "field": edge[side]}, "y": up, "text": {"field": "text"}}
                if any((row["value"] >= 0) == (side == "right") for row in data):
                    layers.append(
                        {"transform": [{"filter": test}], "mark": {**mark, **look}, "encoding": place}
                    )
        height = {} if len(labels) * 16 < self.height else {"height": {"step": 16}}
        if len(labels) * 34 < self.height:
            height = {"height": {"step": 34}}
        return {**height, "layer": layers}


def importances_of(model: Model) -> pl.DataFrame:
    """The importances or weights that a fitted model knows of; raises `NodeFailed`."""
    from nodeflow_nodes.mining._learned import importance_table, weight_table
    from nodeflow_nodes.mining._training import terms_of

    steps = getattr(model.estimator, "named_steps", {})
    learner = steps.get("learn")
    if learner is None:
        raise NodeFailed("the model predicts nothing; it has no importances")
    terms = terms_of(model.estimator, model.spec)
    shares = getattr(learner, "feature_importances_", None)
    if shares is not None and len(shares) == len(terms):
        return importance_table(terms, shares)
    weights = getattr(learner, "coef_", None)
    found = None
    if weights is not None and not callable(weights):
        found = weight_table(learner, weights, [term for _, term in terms])
    if found is None:
        name = shorten(model.spec.learner or "this learner")
        raise NodeFailed(
            f"a model of {name} knows no importances; measure them by a Permutation Importance node"
        )
    return found
