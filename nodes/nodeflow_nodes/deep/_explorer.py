"""What the explorers of recurrent layers share: the sample, the layer, the tables and the pictures."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Literal, NamedTuple

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Fault, Parameter, Seed, parameter
from nodeflow.values.specs import ChartSpec, Spec, TableSpec
from nodeflow_nodes.deep._followed import TITLES, followed, layer_of, network_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from nodeflow.node import Context
    from nodeflow.values import Chart, Model, Network, Tensors
    from nodeflow_nodes.deep._recurrent.exploring import Explored
    from nodeflow_nodes.deep._recurrent.telling import Told


class Seen(NamedTuple):
    """What an explorer shows."""

    states: pl.DataFrame
    deltas: pl.DataFrame
    gradients: pl.DataFrame
    contributions: pl.DataFrame
    truncation: pl.DataFrame
    story: pl.DataFrame
    chart: Chart
    diagram: Chart


class Explorer(Node):
    """A node that follows one sample through one recurrent layer; a subclass says of which kind."""

    kind: ClassVar[str]
    headline = "story"
    views_first = True

    sample: int = parameter(default=1, minimum=1, help="Which sample is followed; 1 is the first.")
    layer: str = parameter(
        default="", help="The name of the layer to look into; empty for the first one of this kind."
    )
    reading: Literal["forward", "backward"] = parameter(
        default="forward",
        advanced=True,
        help="Which of the two cells is shown if the layer reads in both directions.",
    )
    units: int = parameter(
        default=8,
        minimum=1,
        maximum=64,
        help="How many units the layer gets if no model and no network is connected.",
    )
    entries: int = parameter(
        default=8,
        minimum=0,
        maximum=1_000,
        label="Entries checked",
        help="How many entries of each group of weights are compared with the numeric gradient; 0 for none.",
    )
    step: int = parameter(
        default=0,
        minimum=0,
        help="The step whose numbers stand in the diagram; 0 for that of the largest change.",
    )
    unit: int = parameter(
        default=0,
        minimum=0,
        help="The unit whose numbers stand in the diagram; 0 for that of the largest change.",
    )
    seed: Seed | None = parameter(default=None, help="The seed of the weights if there are none yet.")
    width: int = parameter(
        default=680, minimum=100, maximum=4_000, unit="pixels", help="Width of the plots over time."
    )
    theme: Literal["light", "dark"] = parameter(default="light", help="Dark marks on light, or the reverse.")

    @classmethod
    def parameters(cls) -> dict[str, Parameter]:
        """Those of the kind itself after the sample and the layer."""
        found = super().parameters()
        last = ("entries", "step", "unit", "seed", "width", "theme")
        ordered = sorted(found, key=lambda name: last.index(name) if name in last else -1)
        return {name: found[name] for name in ordered}

    def run(self, tensors: Tensors, model: Model | None, network: Network | None, context: Context) -> Seen:
        from nodeflow_nodes.deep._recurrent.exploring import explore
        from nodeflow_nodes.deep._recurrent.telling import tell

        given = network_of(model, network)
        config = {"units": self.units, **self.settings()}
        what = followed(tensors, [self.sample], given, self.kind, config, int(self.seed or 0))
        for note in what.notes:
            context.warn(note)
        layer = layer_of(what.stack, self.layer, self.kind)
        seen = explore(
            what.stack, layer, what.x, what.target, what.loss,
            is_backward=self.reading == "backward", entries=self.entries, seed=int(self.seed or 0),
            tick=context.check_cancelled,
        )  # fmt: skip
        told = tell(seen)
        row, unit = self._place(seen, told[0])
        gates = self._gates(seen, told, context)
        return Seen(
            self._states(seen), self._deltas(seen), self._gradients(seen), _contributions(seen), _truncation(seen),
            _story(seen, told), gates,
            self._picture(self._diagram_title(), self.diagram_body(seen, row, unit), [self._diagram_fact(seen, row, unit)]),
        )  # fmt: skip

    def settings(self) -> dict[str, Any]:
        """Further options of a layer that is made here."""
        return {}

    def diagram_body(self, seen: Explored, row: int, unit: int) -> dict[str, Any]:
        """The diagram of a unit and a row, both from 0."""
        raise NotImplementedError

    def check(self, inputs: Mapping[str, Any]) -> list[Fault]:
        from nodeflow_nodes.deep._recurrent.reading import why_not

        faults = []
        spec = inputs.get("network")
        reason = why_not(spec.structure) if spec is not None else None
        if reason:
            faults.append(Fault("", reason))
        if inputs.get("network") is not None and inputs.get("model") is not None:
            faults.append(Fault("", "a model and a network are both connected; connect only one of them"))
        samples = getattr(inputs.get("tensors"), "samples", None)
        if samples is not None and self.sample > samples:
            faults.append(
                Fault("sample", f"there is no sample {self.sample:,}; the tensors have {samples:,}")
            )
        return faults

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        import polars as pl

        whole, real, text = pl.Int64(), pl.Float64(), pl.String()
        rows = {"step": whole, "unit": whole, "quantity": text, "value": real}
        return {
            "states": TableSpec(rows),
            "deltas": TableSpec(rows),
            "gradients": TableSpec(
                {"group": text, "shape": text, "length": real, "entries": whole, "analytic": real, "numeric": real,
                 "relative_error": real, "sum_gap": real}
            ),
            "contributions": TableSpec({"step": whole, "group": text, "length": real}),
            "truncation": TableSpec({"window": whole, "gradient_error": real}),
            "story": TableSpec({"what": text, "step": whole, "unit": whole, "sentence": text}),
            "chart": ChartSpec(self._gates_title(), ()),
            "diagram": ChartSpec(self._diagram_title(), ()),
        }  # fmt: skip

    def summary(self) -> str:
        return f"sample {self.sample:,}" + (f", layer {self.layer[:40]}" if self.layer else "")

    def _gates_title(self) -> str:
        return f"What the {TITLES[self.kind]} did with sample {self.sample:,}, step by step"

    def _diagram_title(self) -> str:
        return f"The {TITLES[self.kind]} at one step of sample {self.sample:,}"

    def _diagram_fact(self, seen: Explored, row: int, unit: int) -> str:
        layer = shorten(seen.layer, 40)
        return f'unit {unit + 1} of {seen.cell.units} of layer "{layer}" at step {int(seen.order[row])} of {seen.steps}'

    def _place(self, seen: Explored, event: Told) -> tuple[int, int]:
        """The row and the unit of the diagram, from 0."""
        if self.step > seen.steps:
            raise NodeFailed(f"there is no step {self.step:,}; the sample has {seen.steps:,}")
        if self.unit > seen.cell.units:
            raise NodeFailed(f"there is no unit {self.unit:,}; the layer has {seen.cell.units:,}")
        row = [int(one) for one in seen.order].index(self.step) if self.step else event.row
        return row, self.unit - 1 if self.unit else event.unit

    def _gates(self, seen: Explored, told: list[Told], context: Context) -> Chart:
        from nodeflow_nodes.deep._gate_charts import gates_body

        body, notes = gates_body(seen, self.kind, told, self.theme, self.width)
        for note in notes:
            context.warn(note)
        return self._picture(self._gates_title(), body, [*(one.sentence for one in told[:3]), *notes])

    def _picture(self, title: str, body: dict[str, Any], facts: list[str]) -> Chart:
        from nodeflow.values import Chart
        from nodeflow_nodes.views._theme import config

        told = [shorten(fact, 150) for fact in facts]
        head = {"text": title, "subtitle": told, "limit": self.width + 240}
        return Chart({"title": head, **body, "config": config(self.theme)}, ChartSpec(title, ()))

    def _states(self, seen: Explored) -> pl.DataFrame:
        import polars as pl

        frame = _long(seen, seen.values, "")
        last = {"output": seen.prediction, "target": seen.target}
        if self.kind == "simple_rnn":
            last = {"o": seen.net, "y_hat": seen.prediction, "target": seen.target}  # type: ignore[dict-item]
        steps = (
            range(1, seen.steps + 1)
            if len(seen.prediction) == seen.steps
            else [seen.steps] * len(seen.prediction)
        )
        rows = [
            (step, unit + 1, name, float(value))
            for name, values in last.items()
            if values is not None
            for step, row in zip(steps, values, strict=True)
            for unit, value in enumerate(row)
        ]
        return pl.concat([frame, pl.DataFrame(rows, schema=frame.schema, orient="row")])

    def _deltas(self, seen: Explored) -> pl.DataFrame:
        inner = {name: one for name, one in seen.errors.items() if name != "x"}
        return _long(seen, {**inner, "x": seen.errors["x"]}, "dJ/d")

    def _gradients(self, seen: Explored) -> pl.DataFrame:
        import numpy as np
        import polars as pl

        checked = {one.group.rstrip("'"): one for one in seen.checked}
        rows = []
        for group, gradient in seen.gradient.items():
            one = checked.get(group)
            tried = (
                (one.entries, one.analytic, one.numeric, one.relative_error) if one else (0, None, None, None)
            )
            shape = " x ".join(str(size) for size in gradient.shape)
            rows.append((group, shape, float(np.linalg.norm(gradient)), *tried, seen.sum_gap[group]))
        columns = self.spec({})["gradients"]
        assert isinstance(columns, TableSpec)
        return pl.DataFrame(rows, schema=columns.columns, orient="row")


def _long(seen: Explored, arrays: dict[str, Any], before: str) -> pl.DataFrame:
    """A row for each step, unit and quantity, the quantities in order, then the steps in the order of time."""
    import numpy as np
    import polars as pl

    parts = []
    turn = slice(None) if seen.order[0] == 1 else slice(None, None, -1)
    for name, array in arrays.items():
        steps, units = array.shape
        parts.append(
            pl.DataFrame(
                {
                    "step": np.repeat(np.arange(1, steps + 1, dtype=np.int64), units),
                    "unit": np.tile(np.arange(1, units + 1, dtype=np.int64), steps),
                    "quantity": [before + name] * (steps * units),
                    "value": np.ascontiguousarray(array[turn]).reshape(-1),
                }
            )
        )
    return pl.concat(parts)


def _contributions(seen: Explored) -> pl.DataFrame:
    import polars as pl

    rows = [
        (int(step), group, float(length))
        for group, lengths in seen.contributions.items()
        for step, length in sorted(zip(seen.order, lengths, strict=True))
    ]
    schema = {"step": pl.Int64(), "group": pl.String(), "length": pl.Float64()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _truncation(seen: Explored) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        seen.truncated, schema={"window": pl.Int64(), "gradient_error": pl.Float64()}, orient="row"
    )


def _story(seen: Explored, told: list[Told]) -> pl.DataFrame:
    import polars as pl

    rows = [(one.what, int(seen.order[one.row]), one.unit + 1, one.sentence) for one in told]
    schema = {"what": pl.String(), "step": pl.Int64(), "unit": pl.Int64(), "sentence": pl.String()}
    return pl.DataFrame(rows, schema=schema, orient="row")
