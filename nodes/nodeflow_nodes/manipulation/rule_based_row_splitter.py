"""Rule-based Row Splitter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from nodeflow.node import Node
from nodeflow.parameters import Fault, parameter
from nodeflow.values.specs import Spec
from nodeflow_nodes.manipulation.rule_based_row_filter import RuleBasedRowFilter

if TYPE_CHECKING:
    import narwhals as nw

    from nodeflow.export.python import PythonScript


class SplitByRules(NamedTuple):
    """The two tables."""

    matching: nw.LazyFrame
    others: nw.LazyFrame


class RuleBasedRowSplitter(Node):
    """Divide the rows by rules: the first rule that fits a row decides.

    A rule is a line `condition => true` or `condition => false`; lines that start with // are notes. Rows
    with the outcome true go to the first output, all others, also those that no rule fits, to the
    second. The order of the rows stays.

    Inputs:
        table: The table to divide.
    Outputs:
        matching: The rows with the outcome true.
        others: All other rows.
    """

    name = "Rule-based Row Splitter"
    category = "Manipulation / Row"
    keywords = ("rules", "split rows", "branch", "conditions", "case when")

    rules: str = parameter(help="The rules, a line each: condition => true or false.", min_length=1)

    def _filters(self) -> tuple[RuleBasedRowFilter, RuleBasedRowFilter]:
        return RuleBasedRowFilter(rules=self.rules), RuleBasedRowFilter(rules=self.rules, keep="others")

    def check_parameters(self) -> list[Fault]:
        return RuleBasedRowFilter.decode({"rules": self.rules})[1]

    def run(self, table: nw.LazyFrame) -> SplitByRules:
        return SplitByRules(*(one.run(table) for one in self._filters()))

    def spec(self, inputs: Mapping[str, Any]) -> dict[str, Spec | None]:
        return {"matching": inputs["table"], "others": inputs["table"]}

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        return self._filters()[0].check(inputs)

    def summary(self) -> str:
        return self.rules.strip().split("\n")[0][:80]

    def export_python(self, script: PythonScript) -> None:
        source = script.input("table")
        for port, one in zip(("matching", "others"), self._filters(), strict=True):
            one.export_filter(script, source, script.output(port))
