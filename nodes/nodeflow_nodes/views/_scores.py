"""What the views of scores share: which columns hold the true classes and the scores, and curves with a legend."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.parameters import Column, Columns, Fault, parameter
from nodeflow_nodes.views._base import (
    GROUPS,
    MOST_COLOURS,
    Drawing,
    Picture,
    captions,
    evenly,
    pick,
    tell_left_out,
)

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart
    from nodeflow_nodes.statistics._calculation import Schema


@dataclass
class Curve:
    """A column of scores for one class."""

    column: str
    positive: str
    """The class the scores speak of; empty for the last of two."""
    name: str


class ScoreView(Drawing):
    """Draws a curve for each of several columns that say how sure a row belongs to one class."""

    made_by: ClassVar[tuple[str, ...]] = ()
    """The columns of the table of a scorer, which is drawn as it is."""

    actual: Column | None = parameter(
        default=None,
        types=GROUPS,
        label="Actual class",
        help='The column with the true classes; empty for the one that "P (column=class)" speaks of.',
    )
    positive: str = parameter(
        default="",
        label="Positive class",
        help="The class that the scores speak of; empty with two classes for the last of them in order, and with "
        'more for each class by itself, by its own "P (column=class)".',
    )
    scores: Columns | None = parameter(
        default=None,
        types=("number",),
        help="The columns with scores or probabilities, one curve for each: the higher, the surer of the positive "
        'class; empty for those called "P (column=class)", as a Predictor gives them.',
    )

    names: list[str] = parameter(
        default=[],
        label="Names in the legend",
        help="What the tables are called, in the order of their connection; empty for the names of the scores.",
    )
    most_rows: int = parameter(
        default=1_000_000,
        minimum=1_000,
        maximum=1_000_000_000,
        unit="rows",
        advanced=True,
        help="Of more rows a sample is used, spread evenly over the table.",
    )

    def is_made(self, schema: Schema) -> bool:
        """Whether the table is that of a scorer, with the points of the curves."""
        return self.actual is None and self.scores is None and set(self.made_by) <= set(schema)

    def true_column(self, schema: Schema) -> str:
        """The column with the true classes; raises `NodeFailed`."""
        if self.actual is not None:
            return self.actual
        spoken = [name for name in schema if shares_of(schema, name)]
        if len(spoken) == 1:
            return spoken[0]
        if spoken:
            raise NodeFailed(f"there are probabilities for {listing(spoken)}; choose the actual class")
        raise NodeFailed(
            'choose the actual class: no column is called "P (column=class)" for a column of the table, as '
            "a Predictor that adds probabilities gives it"
        )

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        from nodeflow.validation import parameter_faults

        specs = inputs.get("tables") or []
        faults = [Fault("names", sentence) for sentence in self._misnamed(len(specs))] if specs else []
        for spec in specs:
            if spec is not None:
                faults += parameter_faults(self, {"tables": spec}) or self._faults(spec.columns)
        return list(dict.fromkeys(faults))

    def _misnamed(self, tables: int) -> list[str]:
        if not self.names or len(self.names) == tables:
            return []
        return [f"{len(self.names)} names are given for {tables} tables; give one each, or none"]

    def _faults(self, schema: Schema) -> list[Fault]:
        """What is missing to draw the curves of a table."""
        if self.is_made(schema):
            return []
        try:
            actual = self.true_column(schema)
        except NodeFailed as error:
            return [Fault("actual", str(error))]
        if self.scores is None:
            if not shares_of(schema, actual):
                return [
                    Fault("scores", f'choose the scores: no column is called "P ({shorten(actual)}=class)"')
                ]
        elif not self._chosen(schema, actual):
            return [Fault("scores", f"no column of scores is chosen ({self.scores}); choose at least one")]
        return []

    def _chosen(self, schema: Schema, actual: str) -> list[str]:
        from nodeflow_nodes.statistics._calculation import chosen_numbers

        return chosen_numbers(self.scores, schema, actual)

    def curves(self, table: pl.LazyFrame, notes: list[str]) -> tuple[pl.DataFrame, str, list[Curve]]:
        """The columns in use, the name of that with the true classes, and what curves to draw."""
        import polars as pl

        schema = table.collect_schema()
        actual = self.true_column(schema)
        probabilities = {} if self.scores is not None else shares_of(schema, actual)
        columns = list(probabilities.values()) or self._chosen(schema, actual)
        if not columns:
            raise NodeFailed("no column of scores is chosen; choose at least one")
        roles = {f"s{index}": name for index, name in enumerate(columns)}
        picked = evenly(pick(table, actual=actual, **roles), self.most_rows, notes)
        frame = picked.collect(engine="streaming")
        frame = frame.rename({"actual": actual, **roles})
        classes = frame.get_column(actual).alias("classes").drop_nulls().unique().sort().cast(pl.String)
        told = dict(zip(columns, captions(columns), strict=True))
        if not probabilities:
            return frame, actual, [Curve(name, self.positive, told[name]) for name in columns]
        wanted = [self.positive] if self.positive else classes.to_list()
        wanted = wanted[-1:] if len(wanted) == 2 else wanted
        found = [
            Curve(probabilities[one], one, told[probabilities[one]]) for one in wanted if one in probabilities
        ]
        if not found:
            raise NodeFailed(
                f"there are probabilities of {listing(list(probabilities))}, but none of {listing(wanted) or 'a class'}; "
                "choose the scores and the positive class"
            )
        return frame, actual, found

    def calculated(
        self, table: pl.LazyFrame, notes: list[str], calculate: Callable[[pl.DataFrame, str, Curve], Any]
    ) -> list[tuple[Curve, Any]]:
        """What a scorer's function says of each curve; a curve of which it says nothing is told and left out."""
        frame, actual, curves = self.curves(table, notes)
        found, reasons = [], []
        for curve in curves:
            try:
                found.append((curve, calculate(frame, actual, curve)))
            except ValueError as error:
                reasons.append(str(error))
        if not found:
            raise NodeFailed(reasons[0])
        reasons = list(dict.fromkeys(reasons))
        notes += [shorten(reason, 140) for reason in reasons[:2]]
        whole = frame.select(rows_with(actual, [curve.column for curve, _ in found])).item()
        tell_left_out(frame.height, whole, notes)
        return found

    @abstractmethod
    def lines(self, table: pl.LazyFrame, notes: list[str]) -> list[Line]:
        """The curves of a table of scores."""

    @abstractmethod
    def lines_made(self, points: pl.DataFrame) -> list[Line]:
        """The curves of a scorer's table."""

    @abstractmethod
    def body(self, lines: Sequence[Line]) -> dict[str, Any]:
        """What draws them."""

    def fields(self) -> list[str | None]:
        return [
            self.actual,
            *([] if self.scores is None or not self.scores.only_named else self.scores.names),
        ]

    def run(self, tables: list[pl.LazyFrame], context: Context) -> Chart:
        if not tables:
            raise NodeFailed("no table is connected; connect at least one")
        misnamed = self._misnamed(len(tables))
        if misnamed:
            raise NodeFailed(misnamed[0])
        notes: list[str] = []
        lines: list[Line] = []
        for place, table in enumerate(tables):
            own = self._of_table(table, notes)
            if self.names:
                title = self.names[place].strip() or f"table {place + 1}"
                for line in own:
                    line.name = title if len(own) == 1 else f"{title}: {line.name}"
            lines += own
        return self.chart(self._picture(lines, notes), context)

    def _of_table(self, table: pl.LazyFrame, notes: list[str]) -> list[Line]:
        if not self.is_made(table.collect_schema()):
            return self.lines(table, notes)
        lines = self.lines_made(table.select(self.made_by).collect())
        if not lines:
            raise NodeFailed("the table has no points of curves; there is nothing to draw")
        return lines

    def _picture(self, lines: list[Line], notes: list[str]) -> Picture:
        if len(lines) > MOST_COLOURS:
            notes.append(f"the {MOST_COLOURS} best of {len(lines)} curves are shown")
            best = sorted(lines, key=lambda line: -line.value)[:MOST_COLOURS]
            lines = [line for line in lines if any(line is one for one in best)]
        for line, name in zip(lines, captions([line.name for line in lines]), strict=True):
            line.name = name
        data = [{"curve": line.told, **point} for line in lines for point in line.points]
        return Picture(data, self.body(lines), list(dict.fromkeys(notes)))

    def legend(self, lines: Sequence[Line], title: str) -> dict[str, Any]:
        """The encoding that colours curves, with a legend below the plot."""
        look = {
            "orient": "bottom",
            "direction": "vertical",
            "columns": 1,
            "labelLimit": self.width,
            "symbolType": "stroke",
        }
        labels = [line.told for line in lines]
        return self.coloured(
            "curve", title, labels, legend={**look, "symbolStrokeWidth": 3, "titleLimit": self.width}
        )


@dataclass
class Line:
    """A curve to draw: its name, its points, how good it is, and what the legend says of that."""

    name: str
    points: list[dict[str, Any]]
    value: float
    score: str = ""
    mark: dict[str, Any] | None = None
    """A point to show on it."""

    @property
    def told(self) -> str:
        """What the legend says."""
        return f"{self.name}: {self.score}" if self.score else self.name


def shares_of(schema: Schema, target: str) -> dict[str, str]:
    """The columns of probabilities of a column's classes, as a Predictor calls them, by class."""
    start = f"P ({target}="
    return {
        name[len(start) : -1]: name for name, dtype in schema.items()
        if name.startswith(start) and name.endswith(")") and dtype.is_numeric() and target in schema
    }  # fmt: skip


def rows_with(actual: str, columns: Sequence[str]) -> pl.Expr:
    """How many rows have a class and a score in each column."""
    import polars as pl
    import polars.selectors as cs

    return pl.all_horizontal(cs.by_name(actual, *columns).is_not_null()).sum()


def gathered(points: pl.DataFrame, column: str = "column") -> list[tuple[str, pl.DataFrame]]:
    """The points of a scorer's table by curve, with the names that a legend shows."""
    parts = points.partition_by(column, maintain_order=True)
    names = captions([str(part[column][0]) for part in parts])
    return list(zip(names, parts, strict=True))
