"""Pattern Generator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values import Tensors
    from nodeflow.values.specs import Spec


class OneHot(NamedTuple):
    """The patterns as tensors and as a table."""

    tensors: Tensors
    table: pl.DataFrame


class OneHotGenerator(Node):
    """Generate all one-hot patterns, a single one among zeros: what the encoder problem 4-2-4 is learned from.

    A network that gives each of the n patterns back through a layer of log2(n) units has to find a binary code for
    them (Ackley, Hinton and Sejnowski 1985). The data are generated; a loss of 0 can be reached.

    Outputs:
        tensors: A sample for each pattern, to be given back.
        table: The same as a table, with a column for each place and one with the number of the pattern.
    """

    name = "Pattern Generator"  # who looks for "one-hot" wants One to Many
    category = "Deep Learning / Data"
    keywords = (
        "one-hot generator",
        "identity matrix",
        "encoder problem",
        "4-2-4",
        "8-3-8",
        "autoencoder",
        "toy data",
        "patterns",
    )

    size: int = parameter(
        default=4, minimum=2, maximum=1_024, unit="patterns", help="How many patterns there are."
    )
    repeats: int = parameter(
        default=1, minimum=1, maximum=10_000, help="How often each pattern comes, one round after the other."
    )

    def _names(self) -> list[str]:
        return [f"place {place + 1}" for place in range(self.size)]

    def run(self) -> OneHot:
        import numpy as np
        import polars as pl

        from nodeflow.values.preparation import ColumnsPreparation, plain
        from nodeflow.values.tensors import Tensors

        patterns = np.tile(np.eye(self.size, dtype=np.float32), (self.repeats, 1))
        tensors = Tensors(
            {"x": patterns, "row": np.arange(len(patterns), dtype=np.int64)},
            axes={"x": ("feature",)},
            targets=("x",),
            task="reconstruction",
            preparation=plain(ColumnsPreparation(tuple(self._names()))),
        )
        table = pl.DataFrame(
            [
                pl.Series("pattern", np.arange(len(patterns)) % self.size + 1, dtype=pl.Int64),
                *(
                    pl.Series(name, patterns[:, place].astype(np.int64))
                    for place, name in enumerate(self._names())
                ),
            ]
        )
        return OneHot(tensors, table)

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        from nodeflow.values.preparation import ColumnsPreparation
        from nodeflow.values.specs import TableSpec
        from nodeflow.values.tensor_specs import ArraySpec
        from nodeflow_nodes.deep._targets import target_spec

        x = ArraySpec((self.size,), "float32", ("feature",))
        columns = {"pattern": pl.Int64(), **dict.fromkeys(self._names(), pl.Int64())}
        return {
            "tensors": target_spec(ColumnsPreparation(tuple(self._names())), x, None),
            "table": TableSpec(columns),
        }

    def summary(self) -> str:
        return f"{self.size} patterns" + (f", {self.repeats} times" if self.repeats > 1 else "")
