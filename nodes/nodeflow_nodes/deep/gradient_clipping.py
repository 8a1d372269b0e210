"""Gradient Clipping."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Fault, Seed, parameter
from nodeflow.values.specs import ChartSpec, Spec, TableSpec

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart

_TITLE = "A layer that explodes, trained with and without clipping"
_CLIFF = "The cliff of a recurrent unit, and what clipping does at it"


class Clipped(NamedTuple):
    """What clipping does."""

    table: pl.DataFrame
    summary: pl.DataFrame
    chart: Chart
    cliff: Chart


class GradientClipping(Node):
    """Show what clipping the gradient does: train a layer that explodes, and walk down a cliff, with and without it.

    **The layer that explodes** is linear; its state grows by the gain at each step, and its error on the way back. The state
    after the last step should be near a random target. Without clipping the first step throws the weights so far that the
    next loss is no number any more. Three ways of clipping are compared: by value keeps each number of the gradient within
    the threshold, which turns it (the table has the angle); by norm shortens the gradient of each group of weights to the
    threshold; by global norm that of all together, which keeps its direction. The Deep Learner offers the same.

    **The cliff** is figure 6 of Pascanu et al. (2013): one unit x(t) = w s(x(t-1)) + b over 50 steps, whose loss over w and
    b has a steep wall. Plain descent that steps onto it is thrown far away; clipped, the same steps go down along it.

    Reference: Pascanu, Mikolov and Bengio (2013); Goodfellow, Bengio and Courville (2016), section 10.11.

    Outputs:
        table: For each clipping and iteration the loss, the length of the gradient before and after, and by how many
            degrees clipping turned it.
        summary: For each clipping the first and the last loss, and whether it came to an end by a loss that is no number.
        chart: Losses and lengths over the iterations, on logarithmic scales.
        cliff: The loss over w and b, with both ways down.
    """

    category = "Deep Learning / Explain"
    keywords = ("exploding gradient", "clipnorm", "clipvalue", "global_clipnorm", "cliff", "nan loss")
    headline = "summary"
    views_first = True

    clips: list[Literal["none", "value", "norm", "global norm"]] = parameter(
        default=["none", "value", "norm", "global norm"],
        min_length=1,
        help="The ways of clipping that are compared.",
    )
    clip_at: float = parameter(default=1.0, above=0.0, maximum=1e6, label="Clip at", help="The threshold.")
    gain: float = parameter(
        default=1.5, above=0.0, maximum=3.0, help="By how much the state grows at each step."
    )
    steps: int = parameter(default=100, minimum=2, maximum=500, help="Steps of a sample.")
    units: int = parameter(default=8, minimum=1, maximum=64, help="Units of the layer.")
    iterations: int = parameter(default=60, minimum=1, maximum=1_000, help="Steps of training at most.")
    learning_rate: float = parameter(
        default=0.05, above=0.0, maximum=10.0, help="The rate of plain gradient descent."
    )
    seed: Seed | None = parameter(default=None, help="The seed of weights, samples and targets.")
    width: int = parameter(default=560, minimum=100, maximum=4_000, unit="pixels", help="Width of the plots.")
    theme: Literal["light", "dark"] = parameter(default="light", help="Dark marks on light, or the reverse.")

    def run(self, context: Context) -> Clipped:
        import math

        import polars as pl

        from nodeflow_nodes.deep._clipping_charts import cliff_body, training_body
        from nodeflow_nodes.deep._recurrent.clipping import explode

        rows, sums = [], []
        chosen = list(dict.fromkeys(self.clips))
        for number, clip in enumerate(chosen, 1):
            losses = []
            for step, one in enumerate(
                explode(
                    clip, self.clip_at, units=self.units, steps=self.steps, gain=self.gain, rate=self.learning_rate,
                    iterations=self.iterations, seed=int(self.seed or 0),
                ),
                1,
            ):  # fmt: skip
                values = (one.loss, one.before, one.after, one.angle)
                rows.append((clip, step, *(None if math.isnan(value) else value for value in values)))
                losses.append(one.loss)
            is_lost = math.isnan(losses[-1])
            sums.append((clip, losses[0], None if is_lost else losses[-1], is_lost, len(losses)))
            context.progress(number / len(chosen))
        table = pl.DataFrame(rows, schema=self._schema("table"), orient="row")
        summary = pl.DataFrame(sums, schema=self._schema("summary"), orient="row")
        charts = (
            self._picture(_TITLE, *training_body(table, chosen, self.theme, self.width)),
            self._picture(_CLIFF, *cliff_body(self.theme, self.width)),
        )
        return Clipped(table, summary, *charts)

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        if self.steps * abs(_log10(self.gain)) * 2 > 290:
            return [
                Fault(
                    "gain",
                    f"{self.gain:g} to the power of {self.steps} steps is beyond all numbers; lower one",
                )
            ]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        whole, real, text = pl.Int64(), pl.Float64(), pl.String()
        return {
            "table": TableSpec(
                {
                    "clip": text,
                    "iteration": whole,
                    "loss": real,
                    "norm_before": real,
                    "norm_after": real,
                    "angle": real,
                }
            ),
            "summary": TableSpec(
                {
                    "clip": text,
                    "first_loss": real,
                    "last_loss": real,
                    "became_no_number": pl.Boolean(),
                    "iterations": whole,
                }
            ),
            "chart": ChartSpec(_TITLE, ("iteration", "loss")),
            "cliff": ChartSpec(_CLIFF, ("w", "b")),
        }

    def summary(self) -> str:
        return f"at {self.clip_at:g}: {', '.join(self.clips)}"[:80]

    def _schema(self, port: str) -> dict[str, pl.DataType]:
        spec = self.spec({})[port]
        assert isinstance(spec, TableSpec)
        return spec.columns

    def _picture(self, title: str, body: dict[str, Any], facts: Sequence[str]) -> Chart:
        from nodeflow.values import Chart
        from nodeflow_nodes.views._theme import config

        fields = ("iteration", "loss") if title == _TITLE else ("w", "b")
        head = {"text": title, "subtitle": list(facts), "limit": self.width + 200}
        return Chart({"title": head, **body, "config": config(self.theme)}, ChartSpec(title, fields))


def _log10(value: float) -> float:
    import math

    return math.log10(value)
