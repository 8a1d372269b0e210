"""Naive Forecast."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.deep._series import column_names, levels, windows_of

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Tensors
    from nodeflow.values.preparation import WindowsPreparation
    from nodeflow.values.specs import Spec
    from nodeflow.values.tensor_specs import TensorsSpec

_BATCH = 4_096


class NaiveForecast(Node):
    """Forecast the windows of a series by a simple rule: what a network has to beat to be worth its training.

    | rule | forecast |
    |---|---|
    | same as now | the last known value |
    | seasonal | the last known value that lies a whole number of seasons before: yesterday at this hour |
    | drift | the last value, going on as from the first row of the window to the last |
    | moving mean | the mean of the last rows of the window |

    Predictions are in the unit of the table, and in the same rows and columns as those of the Deep Predictor, so that
    the two can be scored against each other. All rules but the first look at the target within the window: it must be
    among its features, and a season no longer than the look-back.

    Inputs:
        tensors: Windows with a value to forecast, of Sequence Windows.
    Outputs:
        table: The row of each sample, the true value where it is known, and the forecast.
    """

    category = "Deep Learning / Forecast"
    keywords = (
        "baseline",
        "persistence",
        "seasonal naive",
        "same as yesterday",
        "drift",
        "moving average",
        "benchmark",
    )

    rule: Literal["same as now", "seasonal", "drift", "moving mean"] = parameter(
        default="same as now", help="What the forecast is made of; see above."
    )
    season: int = parameter(
        default=24,
        minimum=1,
        maximum=10_000_000,
        unit="rows",
        help="The rows of a season.",
        when={"rule": "seasonal"},
    )
    length: int = parameter(
        default=24,
        minimum=1,
        maximum=10_000_000,
        unit="rows",
        help="The rows the mean is of, at most those of the look-back.",
        when={"rule": "moving mean"},
    )
    column: str = parameter(default="", help='The name of the new column; empty for "Naive (target)".')

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        spec: TensorsSpec | None = inputs.get("tensors")
        if spec is None:
            return ()
        if spec.preparation is not None and "lookback" not in spec.preparation:
            return ()  # lengths of time, which are rows only when the step is known
        try:
            preparation = windows_of(spec.preparation)
            self._check_season(preparation)
        except NodeFailed as error:
            return [Fault("season" if "season" in str(error) else "", str(error))]
        if self.rule != "same as now" and preparation.target not in preparation.columns:
            return [
                Fault(
                    "rule", f'"{self.rule}" looks at the target within the window, which it is no feature of'
                )
            ]
        return ()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        import polars as pl

        from nodeflow.values.specs import TableSpec

        spec: TensorsSpec = inputs["tensors"]
        told = spec.preparation or {}
        if "horizon" not in told or "target" not in told:
            return None
        count = told["horizon"] if told.get("path") else 1
        names = [
            *(column_names(told["target"], count) if "y" in spec.arrays else ()),
            *self._names(told["target"], count),
        ]
        return TableSpec({"row": pl.Int64(), **dict.fromkeys(names, pl.Float64())})

    def _names(self, target: str, count: int) -> list[str]:
        return column_names(self.column or f"Naive ({target})", count)

    def run(self, tensors: Tensors, context: Context) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        from nodeflow.values.preparation import restore

        preparation = windows_of(tensors.preparation)
        self._check_season(preparation)
        if "base" not in tensors.arrays:
            raise NodeFailed("these tensors do not hold the last known values; make them by Sequence Windows")
        ahead = np.arange(1, preparation.horizon + 1) if preparation.path else np.array([preparation.horizon])
        found = np.empty((tensors.samples, len(ahead)))
        for start in range(0, tensors.samples, _BATCH):
            places = np.arange(start, min(start + _BATCH, tensors.samples))
            found[places] = self._forecast(tensors, preparation, places, ahead)
            context.progress((start + len(places)) / tensors.samples)
        columns = [pl.Series("row", tensors.arrays["row"].to_numpy(), dtype=pl.Int64)]
        if "y" in tensors.arrays:
            base = tensors.arrays["base"].to_numpy()
            true = restore(tensors.preparation or {}, tensors.arrays["y"].to_numpy(), base).reshape(
                len(base), -1
            )
            columns += _columns(column_names(str(preparation.target), len(ahead)), true)
        names = self._names(str(preparation.target), len(ahead))
        if len({one.name for one in columns} | set(names)) < len(columns) + len(names):
            raise NodeFailed("the new column would have a name that is taken; give it another name")
        return pl.DataFrame([*columns, *_columns(names, found)])

    def _check_season(self, preparation: WindowsPreparation) -> None:
        if self.rule != "seasonal":
            return
        if self.season - 1 > preparation.reach or self.season % preparation.stride:
            raise NodeFailed(
                f"a season of {self.season:,} rows cannot be seen in a window that holds every "
                f"{preparation.stride:,}. of {preparation.lookback:,} rows; make the look-back longer, or the stride a "
                "part of the season"
            )

    def _forecast(
        self, tensors: Tensors, preparation: WindowsPreparation, places: np.ndarray, ahead: np.ndarray
    ) -> np.ndarray:
        """The forecasts of some windows: (windows, steps ahead)."""
        import numpy as np

        now = tensors.arrays["base"].take(places).reshape(-1, 1)
        if self.rule == "same as now":
            return np.repeat(now, len(ahead), axis=1)
        known = levels(tensors, preparation, places)
        if self.rule == "moving mean":
            rows = min(preparation.steps, max(1, round(self.length / preparation.stride)))
            return np.repeat(known[:, -rows:].mean(axis=1, keepdims=True), len(ahead), axis=1)
        if self.rule == "drift":
            slope = (known[:, -1:] - known[:, :1]) / max(1, preparation.reach)
            return np.asarray(now + slope * ahead)
        back = self.season * np.ceil(ahead / self.season).astype(np.int64) - ahead
        if (back % preparation.stride).any():
            raise NodeFailed(
                f"the rows a season before lie between those that a stride of {preparation.stride:,} takes; choose a "
                "stride that horizon and season are multiples of"
            )
        return np.asarray(known[:, preparation.steps - 1 - back // preparation.stride])

    def summary(self) -> str:
        more = {"seasonal": f", {self.season} rows", "moving mean": f" of {self.length} rows"}
        return self.rule + more.get(self.rule, "")


def _columns(names: list[str], values: np.ndarray) -> list[pl.Series]:
    import polars as pl

    return [pl.Series(name, values[:, place], dtype=pl.Float64) for place, name in enumerate(names)]
