"""Sequence Windows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Column, Columns, Fault, family, parameter
from nodeflow_nodes.deep._making import NUMBERS, chosen_numbers, number_faults, schema_of, tell
from nodeflow_nodes.deep._targets import CLASSES

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import WindowsPreparation
    from nodeflow.values.specs import Spec

_SECONDS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}


class WindowParts(NamedTuple):
    """The parts of the time."""

    train: Tensors
    validation: Tensors
    test: Tensors


class SequenceWindows(Node):
    """Cut a series into windows to forecast a column: what was known up to a row, and the value some rows later.

    Each window holds the rows of the look-back, one in every `stride`, the last being the row the forecast is made
    at; the target lies `horizon` rows after it. 96 hours of 10-minute data are 576 rows; with a stride of 6 a window
    has 96 of them. Windows are not copied: overlapping ones share their rows in memory and on disk.

    **Parts.** The time is cut into three consecutive parts, to learn from, to watch the training by, and to test with.
    A window belongs to the part its target lies in, so that no target is in two parts; what it looks back on may reach
    into the part before, as it would be known by then. Scales are learned from the rows of the first part alone.

    **Order.** Rows are taken in the order of the time column if there is one, else as they come. Windows never cross
    from one group (such as a station) to another, nor a gap in the times; a time that comes twice in a group is
    refused. With groups and a time column, all groups are cut into parts at the same times.

    **Missing values.** Windows with a missing or infinite value are left out, which a warning counts; or inputs keep
    their last known value. Targets are never made up.

    **Difference.** "target" forecasts the change from now to the horizon, "all" gives the inputs as changes as well:
    for series that drift away from where they were when learning. Predictions are turned back into values.

    **Classes.** With the target a class, such as what a person wearing a sensor does, a window tells the class of the row at
    the horizon, which may be 0: that of its last row. The classes are those of the whole table.

    Without a target the windows themselves are to be given back, as a sequence autoencoder does.

    Inputs:
        table: The series, a row for each moment.
    Outputs:
        train: Windows of the first part, to learn from: `x`, the target `y`, its last known value `base`, and `row`.
        validation: Windows of the second part, to watch the training by.
        test: Windows of the last part.
    """

    category = "Deep Learning / Data"
    keywords = (
        "time series",
        "timeseries_dataset_from_array",
        "sliding window",
        "lag",
        "forecast",
        "look-back",
        "lstm input",
        "supervised",
    )

    target: Column | None = parameter(
        default=None,
        types=("number", "boolean", "text", "category"),
        help="The column to forecast; empty for windows that are to be given back.",
    )
    task: Literal["forecast", "classification"] = parameter(
        default="forecast", help="Whether the target is a value to forecast, or a class to tell."
    )
    features: Columns = parameter(
        default=Columns.typed("number"),
        help="The columns to look back on; all numbers unless chosen, the target among them.",
    )
    time: Column | None = parameter(
        default=None,
        types=("date", "datetime", "number", "duration"),
        label="Time column",
        help="The moment of each row. Rows are brought in its order, and gaps in it are found.",
    )
    group: Column | None = parameter(
        default=None, help="Several series in one table, such as stations: the column that tells them apart."
    )
    lookback: int = parameter(default=576, minimum=1, maximum=10_000_000, help="How far a window looks back.")
    horizon: int = parameter(
        default=144,
        minimum=0,
        maximum=10_000_000,
        help="How far ahead the target lies; 0, the last row of the window, for classes only.",
    )
    unit: Literal["rows", "seconds", "minutes", "hours", "days", "weeks"] = parameter(
        default="rows",
        label="Unit of look-back and horizon",
        help="Rows, or a length of time, which needs a time column.",
    )
    stride: int = parameter(
        default=6,
        minimum=1,
        maximum=10_000_000,
        unit="rows",
        help="Of the look-back, every so many-th row is taken.",
    )
    hop: int = parameter(
        default=1, minimum=1, maximum=10_000_000, unit="rows", help="The rows from one window to the next."
    )
    path: bool = parameter(
        default=False,
        label="Every step to the horizon",
        help="Forecast each row up to the horizon, instead of the one at the horizon.",
    )
    train_share: float = parameter(
        default=0.5,
        above=0.0,
        maximum=1.0,
        label="Share to train",
        help="The share of the time to learn from.",
    )
    validation_share: float = parameter(
        default=0.25,
        minimum=0.0,
        below=1.0,
        label="Share to validate",
        help="The share of the time after it; what is left is to test with.",
    )
    scale: Literal["standard", "min-max", "robust", "none"] = parameter(
        default="standard",
        help="Take off the mean and divide by the standard deviation; the minimum and the range; the median and the "
        "spread of the middle half; or nothing. All of the part to train.",
    )
    difference: Literal["off", "target", "all"] = parameter(
        default="off", help="Forecast the change instead of the value; look back on changes as well."
    )
    missing: Literal["leave out", "last value"] = parameter(
        default="leave out",
        label="Missing values",
        help="Leave out windows that hold one, or give inputs their last known value.",
    )

    def check_parameters(self) -> list[Fault]:
        faults = []
        if self.train_share + self.validation_share > 1 + 1e-9:
            faults.append(
                Fault("validation_share", "the shares to train and to validate are more than all together")
            )
        if self.unit == "rows" and self.stride > self.lookback:
            faults.append(
                Fault(
                    "stride",
                    f"the stride of {self.stride:,} is longer than the look-back of {self.lookback:,} rows",
                )
            )
        if self.unit != "rows" and self.time is None:
            faults.append(
                Fault(
                    "unit", f"a look-back in {self.unit} needs a time column; choose one, or give it in rows"
                )
            )
        if self.target is None and self.difference == "target":
            faults.append(
                Fault("difference", "without a target there is no change of it; choose a target, or off")
            )
        is_class = self.task == "classification"
        if self.horizon < 1 and not is_class:
            faults.append(Fault("horizon", "a forecast lies at least 1 ahead"))
        if is_class and self.target is None:
            faults.append(Fault("target", "choose the column with the classes"))
        if is_class and (self.path or self.difference == "target"):
            faults.append(
                Fault(
                    "path" if self.path else "difference",
                    "a class is told for one row and has no change; switch this off",
                )
            )
        if self.time is not None and self.time in (self.target, self.group):
            faults.append(Fault("time", f'"{self.time[:80]}" cannot be the time and something else as well'))
        return faults

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = schema_of(inputs)
        if schema is None:
            return ()
        if self.target is not None and self.target in schema:
            kind = family(schema[self.target])
            if kind not in (CLASSES if self.task == "classification" else NUMBERS):
                what = "classes" if self.task == "classification" else "numbers to forecast"
                return [
                    Fault(
                        "target",
                        f'"{self.target[:80]}" (type {schema[self.target]}) has no {what}; choose another',
                    )
                ]
        return number_faults("features", self._features(schema), schema)

    def _features(self, schema: Mapping[str, pl.DataType]) -> list[str]:
        classes = self.target if self.task == "classification" else None
        others = [str(name) for name in (self.time, self.group, classes) if name is not None]
        return chosen_numbers(self.features, schema, others)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        from nodeflow.values.tensor_specs import ArraySpec, TensorsSpec

        features = tuple(self._features(inputs["table"].columns))
        in_rows = self.unit == "rows"
        steps = self.lookback // self.stride if in_rows else None
        arrays = {"x": ArraySpec((steps, len(features)), "float32", ("time", "feature"))}
        if self.target is not None and self.task == "classification":
            arrays["y"] = ArraySpec((), "int32")
        elif self.target is not None:
            ahead = (self.horizon if in_rows else None) if self.path else 1
            arrays["y"] = ArraySpec((ahead,), "float32", ("time" if self.path else "feature",))
            arrays["base"] = ArraySpec((1,), "float64", ("feature",))
        arrays["row"] = ArraySpec((), "int64")
        from nodeflow.values.preparation import plain

        preparation = plain(self._preparation(features, self.lookback, self.horizon))
        if not in_rows:
            del preparation["lookback"], preparation["horizon"]
        told = TensorsSpec(
            arrays,
            targets=("x",) if self.target is None else ("y",),
            task="reconstruction" if self.target is None else self.task,
            preparation=preparation,
        )
        return {"train": told, "validation": told, "test": told}

    def _preparation(self, features: tuple[str, ...], lookback: int, horizon: int) -> WindowsPreparation:
        from nodeflow.values.preparation import WindowsPreparation

        def text(name: str | None) -> str | None:
            return None if name is None else str(name)

        return WindowsPreparation(
            columns=features,
            lookback=lookback,
            target=text(self.target),
            time=text(self.time),
            group=text(self.group),
            stride=min(self.stride, lookback),
            horizon=horizon,
            hop=self.hop,
            path=self.path,
            difference=self.difference,
            missing=self.missing,
            task=self.task,
        )

    def run(self, table: pl.LazyFrame, context: Context) -> WindowParts:
        from nodeflow.values.windowing import windows_of_parts

        features = tuple(self._features(table.collect_schema()))
        names = list(
            dict.fromkeys(str(n) for n in (*features, self.target, self.time, self.group) if n is not None)
        )
        frame = table.select(_exactly(names)).collect(engine="streaming")
        context.check_cancelled()
        lookback, horizon = self._in_rows(frame)
        preparation = self._preparation(features, lookback, horizon)
        shares = (
            self.train_share,
            self.validation_share,
            max(0.0, 1 - self.train_share - self.validation_share),
        )
        notes: list[str] = []
        parts = windows_of_parts(preparation, frame, shares, self.scale, notes)
        for name, part, share in zip(WindowParts._fields, parts, shares, strict=True):
            if share > 1e-9 and not part.samples:
                notes.append(
                    f'the part "{name}" has no window, as it is shorter than a target needs; give it a larger share'
                )
        tell(context, notes)
        return WindowParts(*parts)

    def _in_rows(self, frame: pl.DataFrame) -> tuple[int, int]:
        """Look-back and horizon in rows."""
        if self.unit == "rows" or self.time is None:
            return self.lookback, self.horizon
        from nodeflow.values.windowing import seconds_of_a_step

        step = seconds_of_a_step(frame, str(self.time), None if self.group is None else str(self.group))
        found = []
        for what, length in (("look-back", self.lookback), ("horizon", self.horizon)):
            rows = length * _SECONDS[self.unit] / step
            if not length:
                found.append(0)
                continue
            if rows < 1 - 1e-6 or abs(rows - round(rows)) > 1e-6 * rows:
                raise NodeFailed(
                    f"a {what} of {length:,} {self.unit} is {rows:,.4g} rows of {step:,.6g} seconds, not a whole number; "
                    "choose a multiple of the step, or give it in rows"
                )
            found.append(round(rows))
        return found[0], found[1]

    def summary(self) -> str:
        what = f"{self.target}, " if self.target is not None else ""
        return f"{what}{self.lookback} {self.unit} back, {self.horizon} ahead"[:80]


def _exactly(names: list[str]) -> Any:
    import polars.selectors as cs

    return cs.by_name(*names)
