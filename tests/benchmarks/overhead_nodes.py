"""Trivial nodes that pass small scalars, for measuring what the engine itself costs."""

from __future__ import annotations

from nodeflow import Node, Variables, VariablesSpec, parameter


class One(Node):
    """Give a number."""

    category = "Benchmark"

    def run(self) -> Variables:
        return Variables(x=1)

    def spec(self, inputs: object) -> VariablesSpec:
        return VariablesSpec({"x": "integer"})


class Plus(Node):
    """Add to a number."""

    category = "Benchmark"
    by: int = parameter(default=1, help="How much.")

    def run(self, variables: Variables) -> Variables:
        return Variables(x=variables["x"] + self.by)

    def spec(self, inputs: object) -> VariablesSpec:
        return VariablesSpec({"x": "integer"})
