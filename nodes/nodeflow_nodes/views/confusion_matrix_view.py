"""Confusion Matrix View."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.parameters import Column, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MISSING,
    OTHERS,
    Picture,
    View,
    caption,
    complete,
    in_order,
    label,
    pick,
)
from nodeflow_nodes.views._predicted import actual_and_predicted

if TYPE_CHECKING:
    import polars as pl

    from nodeflow_nodes.statistics._calculation import Schema

_MOST_COUNTED = 100_000


class ConfusionMatrixView(View):
    """Draw how often each class was predicted as each class: what is right in blue, what is not in orange.

    Each cell shows how many rows there are and their share, of the rows of the actual class unless told otherwise. The
    margins show the share of each class that was found (recall) and of each prediction that was right (precision).
    Behind a Predictor or a Cross-Validation nothing needs to be set; the table `confusion` of a Scorer is drawn as it
    is. Of many classes the most frequent are shown, the rest together as "others". Rows in which either value is missing
    are left out, and told.

    Inputs:
        table: The rows with an actual and a predicted class, or the confusion table of a Scorer.
    Outputs:
        chart: The chart, for a Chart Writer or a report.
    """

    category = "Views / Models"
    keywords = (
        "error matrix",
        "contingency table",
        "classification report",
        "accuracy",
        "precision",
        "recall",
        "heatmap",
    )

    actual: Column | None = parameter(
        default=None,
        types=GROUPS,
        help='The column with the true classes; empty for the one of which there is a "Prediction (column)".',
    )
    prediction: Column | None = parameter(
        default=None,
        types=GROUPS,
        help='The column with the predicted classes; empty for "Prediction (column)".',
    )
    rates: Literal["actual", "predicted", "all"] = parameter(
        default="actual",
        label="Shares of",
        help="Whether shares, and the strength of colour, are those of the actual class, of the prediction, or of all rows.",
    )
    texts: Literal["counts and rates", "counts", "rates"] = parameter(
        default="counts and rates", help="What stands in the cells."
    )
    margins: bool = parameter(default=True, help="Show recall and precision of each class.")
    most_classes: int = parameter(
        default=20, minimum=2, maximum=60, help='Beyond these the least frequent become "others".'
    )
    width: int = parameter(
        default=480, minimum=100, maximum=4_000, unit="pixels", help="Width of the plot itself."
    )
    height: int = parameter(
        default=420, minimum=100, maximum=4_000, unit="pixels", help="Height of the plot itself."
    )

    def check_parameters(self) -> list[Fault]:
        if self.actual is not None and self.actual == self.prediction:
            return [Fault("prediction", "the prediction must be another column than the actual one")]
        return []

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        table = inputs.get("table")
        if table is None or self._is_made(table.columns):
            return ()
        try:
            actual_and_predicted(table.columns, self.actual, self.prediction)
        except NodeFailed as error:
            return [Fault("actual" if self.actual is None else "prediction", str(error))]
        return ()

    def _is_made(self, schema: Schema) -> bool:
        """Whether it is the confusion table of a Scorer: the classes, then a count for each of them."""
        first, *others = [*schema, ""]
        counts = [schema[name] for name in others if name in schema]
        is_named = first.rstrip("_") == "actual" and bool(counts)
        return (
            is_named
            and self.actual is None
            and self.prediction is None
            and all(d.is_integer() for d in counts)
        )

    def default_title(self) -> str:
        if self.actual is None:
            return "Confusion matrix"
        return f"Confusion matrix of {self.actual.strip()}"

    def fields(self) -> list[str | None]:
        return [self.actual, self.prediction]

    def picture(self, table: pl.LazyFrame) -> Picture:
        notes: list[str] = []
        counts, order, titles = self._counts(table, notes)
        labels = self._labels(counts, order, notes)
        cells = self._cells(counts, labels)
        total = sum(cells.values())
        if not total:
            raise NodeFailed("no row is counted in the table; there is nothing to draw")
        right = sum(count for (actual, predicted), count in cells.items() if actual == predicted != OTHERS)
        facts = []
        if OTHERS not in labels:
            facts = [f"{right / total:.1%} of {total:,} row{'' if total == 1 else 's'} predicted right"]
        data = self._data(cells, labels, total)
        margins = self._margins(cells, labels) if self.margins else []
        columns = (
            {}
            if self._is_made(table.collect_schema())
            else dict(zip(("actual", "predicted"), titles, strict=True))
        )
        return Picture(data, self._body(labels, titles, margins), notes, facts, columns)

    def _counts(
        self, table: pl.LazyFrame, notes: list[str]
    ) -> tuple[pl.DataFrame, list[str], tuple[str, str]]:
        """How often each pair of classes comes, the classes in order, and the columns' names."""
        import polars as pl

        schema = table.collect_schema()
        if self._is_made(schema):
            whole = table.collect()
            names = [f"c{index}" for index in range(whole.width)]
            long = whole.rename(dict(zip(whole.columns, names, strict=True))).unpivot(index="c0")
            told = pl.DataFrame({"variable": names[1:], "predicted": whole.columns[1:]})
            long = long.join(told, on="variable", how="left", maintain_order="left")
            long = long.select(
                pl.col("c0").cast(pl.String).alias("actual"), "predicted", pl.col("value").alias("rows")
            )
            return long.drop_nulls(), whole.columns[1:], ("actual", "predicted")
        actual, predicted = actual_and_predicted(schema, self.actual, self.prediction)
        frame = pick(table, actual=actual, predicted=predicted)
        types = frame.collect_schema()
        if types["actual"] != types["predicted"]:
            kind = pl.Float64 if all(dtype.is_numeric() for dtype in types.values()) else pl.String
            frame = frame.cast({"actual": kind, "predicted": kind})
        frame, _ = complete(frame, {"actual": actual, "predicted": predicted}, notes)
        pairs = frame.group_by("actual", "predicted").agg(pl.len().alias("rows"))
        counted = pairs.head(_MOST_COUNTED + 1).collect(engine="streaming")
        if counted.height > _MOST_COUNTED:
            raise NodeFailed(
                f'"{caption(actual)}" and "{caption(predicted)}" have more than {_MOST_COUNTED:,} different pairs of '
                "values; are these numbers to predict? draw them by a Residual Plot"
            )
        dtype = counted.schema["actual"]
        classes = pl.concat([counted["actual"], counted["predicted"].alias("actual")]).unique().sort()
        order = classes.to_frame().select(label("actual", dtype)).to_series().to_list()
        named = counted.with_columns(label("actual", dtype), label("predicted", dtype))
        return named, order, (actual, predicted)

    def _labels(self, counts: pl.DataFrame, order: list[str], notes: list[str]) -> list[str]:
        """The classes to show, in the order of their values."""
        import polars as pl

        if len(order) <= self.most_classes:
            return in_order(order)
        roles = (pl.col(role).alias("class") for role in ("actual", "predicted"))
        each = (
            pl.concat([counts.select(role, "rows") for role in roles])
            .group_by("class")
            .agg(pl.col("rows").sum())
        )
        frequent = each.sort("rows", "class", descending=[True, False]).head(self.most_classes - 1)
        kept = set(frequent["class"])
        notes.append(f"the {len(kept)} most frequent of {len(order):,} classes are shown, the rest as others")
        return in_order([*(one for one in order if one in kept), OTHERS])

    def _cells(self, counts: pl.DataFrame, labels: list[str]) -> dict[tuple[str, str], int]:
        shown = set(labels)
        cells = {(actual, predicted): 0 for actual in labels for predicted in labels}
        for actual, predicted, rows in counts.iter_rows():
            cells[actual if actual in shown else OTHERS, predicted if predicted in shown else OTHERS] += rows
        return cells

    def _data(self, cells: dict[tuple[str, str], int], labels: list[str], total: int) -> list[dict[str, Any]]:
        of_actual = {one: sum(cells[one, other] for other in labels) for one in labels}
        of_predicted = {one: sum(cells[other, one] for other in labels) for one in labels}
        data = []
        for (actual, predicted), count in cells.items():
            whole = {"actual": of_actual[actual], "predicted": of_predicted[predicted], "all": total}[
                self.rates
            ]
            share = count / whole if whole else 0.0
            is_right = actual == predicted and actual not in (OTHERS, MISSING)
            kind = "right" if is_right else ("other" if actual == predicted else "wrong")
            data.append(
                {
                    "actual": actual,
                    "predicted": predicted,
                    "rows": count,
                    "share": round(share, 6),
                    "kind": kind,
                }
            )
        return data

    def _margins(self, cells: dict[tuple[str, str], int], labels: list[str]) -> list[dict[str, Any]]:
        """The recall and the precision of each class that has one."""
        found = []
        for one in labels:
            if one == OTHERS:
                continue
            actual = sum(cells[one, other] for other in labels)
            predicted = sum(cells[other, one] for other in labels)
            if actual:
                found.append({"actual": one, "rows": actual, "recall": round(cells[one, one] / actual, 6)})
            if predicted:
                found.append(
                    {"predicted": one, "rows": predicted, "precision": round(cells[one, one] / predicted, 6)}
                )
        return found

    def _body(
        self, labels: list[str], titles: tuple[str, str], margins: list[dict[str, Any]]
    ) -> dict[str, Any]:
        cell = min(self.width, self.height) / len(labels)
        size = max(min(cell / 4.2, 14), 7)
        long = max(map(len, labels)) * 6.5 > self.width / len(labels)
        actual, predicted = _titles(*titles)
        look = {"grid": False, "domain": False, "ticks": False, "labelOverlap": False, "labelPadding": 8}
        turned = {"labelAngle": -40, "labelAlign": "left"} if long else {"labelAngle": 0}
        scale = {"domain": labels, "paddingInner": 0.04, "paddingOuter": 0}
        places = {
            "x": {
                "field": "predicted", "type": "nominal", "title": predicted, "sort": labels, "scale": scale,
                "axis": {**look, "orient": "top", **turned},
            },
            "y": {"field": "actual", "type": "nominal", "title": actual, "sort": labels, "scale": scale, "axis": look},
        }  # fmt: skip
        colours = [self.main_colour(), self.accent(), self.quiet()]
        tooltip = [
            {"field": "actual", "title": "actual"},
            {"field": "predicted", "title": "predicted"},
            {"field": "rows", "title": "rows", "format": ","},
            {"field": "share", "title": "share", "format": ".1%"},
        ]
        rect = {
            "mark": {"type": "rect", "cornerRadius": 3, "stroke": self.quiet(), "strokeOpacity": 0.25},
            "encoding": {
                **places,
                "color": {
                    "field": "kind", "type": "nominal", "legend": None,
                    "scale": {"domain": ["right", "wrong", "other"], "range": colours},
                },
                "fillOpacity": {
                    "field": "share", "type": "quantitative", "legend": None,
                    "scale": {"domain": [0, 1], "range": [0.02, 0.95]},
                },
                "tooltip": tooltip,
            },
        }  # fmt: skip
        layers: list[dict[str, Any]] = [rect]
        if cell >= 16:
            layers += self._texts(places, size, wide=cell >= 30)
        if margins and cell >= 14:
            layers += self._shares(places, margins, min(max(size * 0.9, 8), 12))
        return {"layer": layers}

    def _shares(
        self, places: dict[str, Any], margins: list[dict[str, Any]], size: float
    ) -> list[dict[str, Any]]:
        """Recall at the right, precision below, with their names at the ends."""
        right, below = {"value": "width"}, {"value": "height"}
        look = {"type": "text", "fontSize": size, "fontWeight": 600, "color": self.quiet()}
        aside, under = {"align": "left", "dx": 10}, {"baseline": "top", "dy": 9}
        found = []
        for role, at, turned in (
            ("recall", {"x": right, "y": places["y"]}, aside),
            ("precision", {"x": places["x"], "y": below}, under),
        ):
            rows = [row for row in margins if role in row]
            text = {"field": role, "type": "quantitative", "format": ".0%"}
            told = [
                {"field": role, "title": role, "format": ".1%"},
                {"field": "rows", "title": "rows", "format": ","},
            ]
            found.append(
                {
                    "data": {"values": rows},
                    "mark": {**look, **turned},
                    "encoding": {**at, "text": text, "tooltip": told},
                }
            )
        name = {"type": "text", "fontSize": 11, "color": self.quiet()}
        ends = [
            (
                "recall",
                {"x": right, "y": {"value": 0}},
                {"align": "left", "dx": 10, "dy": -9, "baseline": "bottom"},
            ),
            (
                "precision",
                {"x": {"value": 0}, "y": below},
                {"align": "right", "dx": -8, "dy": 9, "baseline": "top"},
            ),
        ]
        for told_name, at, turned in ends:
            mark = {**name, **turned}
            found.append(
                {"data": {"values": [{}]}, "mark": mark, "encoding": {**at, "text": {"value": told_name}}}
            )
        return found

    def _texts(self, places: dict[str, Any], size: float, *, wide: bool) -> list[dict[str, Any]]:
        on_strong = "#ffffff" if self.theme == "light" else "#11151a"
        colour = {"condition": {"test": "datum.share > 0.55", "value": on_strong}, "value": self.ink()}
        faint = {"condition": {"test": "datum.rows === 0", "value": 0.35}, "value": 1}
        count = {"field": "rows", "format": ",", "type": "quantitative"}
        rate = {"field": "share", "format": ".1%" if wide else ".0%", "type": "quantitative"}
        both = self.texts == "counts and rates" and wide
        found: list[dict[str, Any]] = []
        if both or self.texts != "rates":
            mark = {"type": "text", "fontSize": size, "fontWeight": 600, "dy": -size * 0.55 if both else 0}
            encoding = {**places, "text": count, "color": colour, "opacity": faint}
            found.append({"mark": mark, "encoding": encoding})
        if both or self.texts == "rates":
            mark = {"type": "text", "fontSize": size * 0.85, "dy": size * 0.7 if both else 0}
            encoding = {**places, "text": rate, "color": colour, "opacity": faint}
            found.append({"mark": mark, "encoding": encoding})
        return found


def _titles(actual: str, predicted: str) -> tuple[str, str]:
    """The titles of the axes."""
    if predicted == f"Prediction ({actual})":
        return f"Actual {caption(actual)}", f"Predicted {caption(actual)}"
    if (actual, predicted) == ("actual", "predicted"):
        return "Actual", "Predicted"
    return f"Actual: {caption(actual)}", f"Predicted: {caption(predicted)}"
