"""Data Generator."""

from __future__ import annotations

import datetime
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow.values.specs import TableSpec

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.values.specs import Spec

_MOST_VALUES = 100_000_000
_HOURS = {"hour": 1, "day": 24, "week": 168, "month": 744}
_CITIES = ("Berlin", "Lima", "Nairobi", "Oslo", "Tokyo")


class DataGenerator(Node):
    """Make up data of a known kind, to try learners, charts and whole workflows with.

    | kind | table |
    |---|---|
    | blobs | `x1`, `x2`, ... around a centre for each class, and `class` |
    | moons | two half circles that interlock: `x1`, `x2`, `class` |
    | circles | a small circle in a large one: `x1`, `x2`, `class` |
    | regression | `x1`, `x2`, ... and `y`, a weighted sum of the informative ones |
    | classification | `x1`, `x2`, ... and `class`; only the informative columns tell the classes apart |
    | time series | `time` and `value`: a trend, a season that comes again, and noise |
    | random table | `id`, `number`, `integer`, `text`, `flag`, `date`, of no meaning |

    Classes are texts, "A", "B" and so on, and take turns from row to row. The same settings and seed
    give the same table, on any machine and with any version. Values can be left out by chance, to try
    what a workflow does with missing ones; classes, times and ids never are.

    Outputs:
        table: The data.
    """

    category = "Input / Output"
    keywords = (
        "make_blobs", "make_moons", "make_circles", "make_regression", "make_classification", "synthetic",
        "simulate", "random data", "test data", "dummy",
    )  # fmt: skip

    kind: Literal[
        "blobs", "moons", "circles", "regression", "classification", "time series", "random table"
    ] = parameter(default="blobs", help="What kind of data; see above.")
    rows: int = parameter(default=200, minimum=0, maximum=100_000_000, help="How many rows.")
    features: int = parameter(
        default=2,
        minimum=1,
        maximum=1000,
        help="How many columns x1, x2, ...",
        when={"kind": ["blobs", "regression", "classification"]},
    )
    informative: int | None = parameter(
        default=None,
        minimum=1,
        help="How many of the columns matter, the first ones; all unless given.",
        when={"kind": ["regression", "classification"]},
    )
    classes: int = parameter(
        default=3, minimum=1, maximum=26, help="How many classes.", when={"kind": ["blobs", "classification"]}
    )
    noise: float = parameter(
        default=0.1,
        minimum=0,
        help="How much chance there is, as a standard deviation: around the form, the line or the season. For blobs "
        "and classes 1 is about the distance between centres.",
        when={"kind": ["blobs", "moons", "circles", "regression", "classification", "time series"]},
    )
    start: datetime.date = parameter(
        default=datetime.date(2024, 1, 1), help="The first time.", when={"kind": "time series"}
    )
    step: Literal["hour", "day", "week", "month"] = parameter(
        default="day", help="The time from row to row.", when={"kind": "time series"}
    )
    trend: float = parameter(
        default=0.01, help="By how much the value grows from row to row.", when={"kind": "time series"}
    )
    season: int = parameter(
        default=7, minimum=0, unit="rows", help="After how many rows the season comes again; 0 for none.",
        when={"kind": "time series"},
    )  # fmt: skip
    amplitude: float = parameter(
        default=1.0, minimum=0, help="How far the season goes up and down.", when={"kind": "time series"}
    )
    missing: float = parameter(
        default=0.0, minimum=0, maximum=1, label="Share of missing values", help="From 0 for none to 1 for all.",
        advanced=True,
    )  # fmt: skip
    seed: Seed | None = parameter(default=None, help="Another seed gives other data of the same kind.")

    def check_parameters(self) -> list[Fault]:
        faults = []
        if self.rows * len(self._schema()) > _MOST_VALUES:
            faults.append(
                Fault(
                    "rows",
                    f"{self.rows:,} rows of {len(self._schema())} columns are too many; at most 100 million values",
                )
            )
        if self.kind in ("regression", "classification") and (self.informative or 0) > self.features:
            faults.append(
                Fault(
                    "informative", f"{self.informative} columns cannot matter, as there are {self.features}"
                )
            )
        if self.kind == "time series":
            years = self.start.year + self.rows * _HOURS[self.step] / 8760
            if self.start.year < 1000 or years > 9999:
                faults.append(
                    Fault(
                        "start",
                        "the times must lie in the years 1000 to 9999; take fewer rows or a smaller step",
                    )
                )
        return faults

    def _names(self) -> list[str]:
        count = 2 if self.kind in ("moons", "circles") else self.features
        return [f"x{place}" for place in range(1, count + 1)]

    def _schema(self) -> dict[str, pl.DataType]:
        if self.kind == "time series":
            return {"time": pl.Datetime("us"), "value": pl.Float64()}
        if self.kind == "random table":
            return {
                "id": pl.Int64(),
                "number": pl.Float64(),
                "integer": pl.Int64(),
                "text": pl.String(),
                "flag": pl.Boolean(),
                "date": pl.Date(),
            }
        features: dict[str, pl.DataType] = dict.fromkeys(self._names(), pl.Float64())
        return (
            {**features, "y": pl.Float64()}
            if self.kind == "regression"
            else {**features, "class": pl.String()}
        )

    def run(self) -> pl.LazyFrame:
        chance = _Chance(int(self.seed or 0))
        make = {"time series": self._series, "random table": self._table, "regression": self._regression}
        columns = make.get(self.kind, self._classes)(chance)
        table = pl.DataFrame(
            [pl.Series(name, columns[name], dtype=dtype) for name, dtype in self._schema().items()]
        )
        if self.missing:
            keep = ("class", "time", "id")
            masks = {
                name: pl.Series(chance.uniform(self.rows) < self.missing)
                for name in table.columns
                if name not in keep
            }
            table = table.with_columns(
                pl.when(mask).then(None).otherwise(pl.col(name)).alias(name) for name, mask in masks.items()
            )
        return table.lazy()

    def _classes(self, chance: _Chance) -> dict[str, Any]:
        import numpy as np

        count = 2 if self.kind in ("moons", "circles") else self.classes
        label = np.arange(self.rows) % count
        names = self._names()
        if self.kind in ("moons", "circles"):
            angle = chance.uniform(self.rows) * math.pi * (1 if self.kind == "moons" else 2)
            if self.kind == "moons":
                x = np.where(label == 0, np.cos(angle), 1 - np.cos(angle))
                y = np.where(label == 0, np.sin(angle), 0.5 - np.sin(angle))
            else:
                radius = np.where(label == 0, 1.0, 0.5)
                x, y = radius * np.cos(angle), radius * np.sin(angle)
            points = np.stack([x, y]) + self.noise * chance.normal((2, self.rows))
        else:
            useful = self.features if self.kind == "blobs" else self.informative or self.features
            centres = np.zeros((self.features, count))
            centres[:useful] = chance.uniform((useful, count)) * 2 - 1
            spread = np.full((self.features, 1), self.noise)
            spread[useful:] = 1.0  # columns that tell nothing vary as much as the others
            points = centres[:, label] + spread * chance.normal((self.features, self.rows))
        letters = np.array([chr(ord("A") + one) for one in range(count)])
        return {**dict(zip(names, points, strict=True)), "class": letters[label].tolist()}

    def _regression(self, chance: _Chance) -> dict[str, Any]:
        import numpy as np

        useful = self.informative or self.features
        weights = np.zeros(self.features)
        weights[:useful] = chance.uniform(useful) * 9 + 1
        points = chance.normal((self.features, self.rows))
        # summed one by one: the order in which a library adds changes the last digits
        y = self.noise * chance.normal(self.rows)
        for weight, column in zip(weights, points, strict=True):
            y = y + weight * column
        return {**dict(zip(self._names(), points, strict=True)), "y": y}

    def _series(self, chance: _Chance) -> dict[str, Any]:
        import numpy as np

        place = np.arange(self.rows)
        value = self.trend * place + self.noise * chance.normal(self.rows)
        if self.season:
            value = value + self.amplitude * np.sin(2 * math.pi * (place % self.season) / self.season)
        start = pl.lit(datetime.datetime.combine(self.start, datetime.time()))
        steps = pl.Series(place, dtype=pl.Int64)
        if self.step == "month":
            moments = start.dt.offset_by(pl.lit(steps).cast(pl.String) + "mo")
        else:
            moments = start + pl.duration(hours=pl.lit(steps) * _HOURS[self.step])
        times = pl.select(moments.cast(pl.Datetime("us"))).to_series()
        return {"time": times, "value": value}

    def _table(self, chance: _Chance) -> dict[str, Any]:
        import numpy as np

        number = chance.normal(self.rows) * 10 + 50
        days = (chance.uniform(self.rows) * 3650).astype(np.int32)
        return {
            "id": np.arange(1, self.rows + 1),
            "number": number,
            "integer": (chance.uniform(self.rows) * 100).astype(np.int64),
            "text": np.array(_CITIES)[(chance.uniform(self.rows) * len(_CITIES)).astype(np.int64)].tolist(),
            "flag": chance.uniform(self.rows) < 0.5,
            "date": pl.Series(days + 16_436, dtype=pl.Int32).cast(pl.Date),  # days from 2015 on
        }

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return TableSpec(self._schema())

    def summary(self) -> str:
        return f"{self.kind}, {self.rows} rows"

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("generated data")


class _Chance:
    """Pseudo-random numbers from the bits of PCG64 alone, which NumPy promises not to change, unlike its distributions."""

    def __init__(self, seed: int) -> None:
        import numpy as np

        self._bits = np.random.PCG64(seed)

    def uniform(self, shape: Any) -> Any:
        """Numbers from 0 up to 1, without 1."""
        import numpy as np

        count = int(np.prod(shape))
        raw = self._bits.random_raw(count) if count else np.zeros(0, dtype=np.uint64)
        return ((raw >> np.uint64(11)) * 2.0**-53).reshape(shape)

    def normal(self, shape: Any) -> Any:
        """Numbers of the standard normal distribution, by the method of Box and Muller."""
        import numpy as np

        first, second = self.uniform(shape), self.uniform(shape)
        return np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * math.pi * second)
