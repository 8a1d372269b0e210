"""Folds: which rows a learner learns from and which it is tried on, again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import Column, Fault, Seed, parameter

if TYPE_CHECKING:
    import numpy as np
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context


@dataclass(frozen=True)
class Fold:
    """One part of the rows to try a learner on, and those it learns from; row numbers in order."""

    repeat: int
    number: int
    train: np.ndarray
    test: np.ndarray

    @property
    def title(self) -> str:
        """The fold in words."""
        return f"fold {self.number}" if self.repeat == 1 else f"repeat {self.repeat}, fold {self.number}"


class FoldingNode(Node):
    """Tries learners on rows they have not learned from."""

    method: Literal["automatic", "random", "stratified", "grouped", "time series", "leave one out"] = (
        parameter(
            default="automatic",
            label="Folds",
            help="How the rows are parted: automatic is stratified for classes, so that each fold has its share of every "
            "class, and random for numbers; grouped keeps the rows of a group together; time series learns only from "
            "earlier rows.",
        )
    )
    folds: int = parameter(
        default=5,
        minimum=2,
        maximum=1000,
        label="How many folds",
        help="Into how many parts.",
        when={"method": ["automatic", "random", "stratified", "grouped", "time series"]},
    )
    repeats: int = parameter(
        default=1,
        minimum=1,
        maximum=1000,
        help="How often it all is done, each time with the rows parted anew.",
        when={"method": ["automatic", "random", "stratified"]},
    )
    group: Column | None = parameter(
        default=None,
        help="The column whose values stay together, such as a patient.",
        when={"method": "grouped"},
    )
    time: Column | None = parameter(
        default=None,
        types=("number", "date", "datetime"),
        help="The column that tells when; empty if the rows are in order of time.",
        when={"method": "time series"},
    )
    seed: Seed | None = parameter(
        default=None, help="The random seed of the parting; empty to take one from the run's seed."
    )

    def check_parameters(self) -> list[Fault]:
        if self.method == "grouped" and self.group is None:
            return [Fault("group", "choose the column whose values stay together")]
        return []

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the trials of a learner are run side by side and kept by nodeflow")

    def parted(self, table: pl.DataFrame, target: str, is_class: bool, context: Context) -> list[Fold]:
        """The folds of a table in which every row has a target.

        Raises:
            NodeFailed: the rows cannot be parted so; the sentence says why.
        """
        method = self.method
        if method == "automatic":
            method = "stratified" if is_class else "random"
        if method == "stratified" and not is_class:
            raise NodeFailed(
                "rows can only be stratified by classes, but the target is a number; choose random folds"
            )
        splits = _splits(self, method, table, target, context)
        return [
            Fold(repeat, number, train, test)
            for repeat, parts in enumerate(splits, 1)
            for number, (train, test) in enumerate(parts, 1)
        ]


def _splits(
    node: FoldingNode, method: str, table: pl.DataFrame, target: str, context: Context
) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """For each repeat the rows to learn from and those to try on."""
    import numpy as np
    from sklearn import model_selection

    n = table.height
    if n < 2:
        raise NodeFailed(f"only {n} row{'' if n == 1 else 's'} with a target; folds take at least 2")
    if method == "leave one out":
        if n > 10_000:
            raise NodeFailed(
                f"leaving out one of {n:,} rows at a time would learn as many models; choose folds"
            )
        return [list(model_selection.LeaveOneOut().split(np.zeros(n)))]
    if node.folds > n:
        raise NodeFailed(f"{n} rows cannot be parted into {node.folds} folds; choose at most {n}")
    if method == "grouped":
        assert node.group is not None
        groups = _codes(table.get_column(node.group))
        many = len(np.unique(groups))
        if many < node.folds:
            raise NodeFailed(
                f'column "{shorten(node.group)}" has {many} groups, too few for {node.folds} folds; choose at most {many}'
            )
        return [list(model_selection.GroupKFold(node.folds).split(np.zeros(n), groups=groups))]
    if method == "time series":
        if node.folds >= n:
            raise NodeFailed(
                f"{n} rows are too few for {node.folds} folds of a time series; choose at most {n - 1}"
            )
        order = np.arange(n) if node.time is None else _order(table.get_column(node.time))
        cut = model_selection.TimeSeriesSplit(node.folds).split(order)
        return [[(order[train], order[test]) for train, test in cut]]
    found = []
    for repeat in range(node.repeats):
        seed = int(node.seed or 0) + repeat
        if method == "random":
            random = model_selection.KFold(node.folds, shuffle=True, random_state=seed)
            found.append(list(random.split(np.zeros(n))))
            continue
        classes = _codes(table.get_column(target))
        rarest = int(np.bincount(classes).min())
        if int(np.bincount(classes).max()) < node.folds:
            raise NodeFailed(
                f"no class has as many rows as there are folds ({node.folds}); choose fewer folds, or random ones"
            )
        if rarest < node.folds and repeat == 0:
            context.warn(
                f"the rarest class has {rarest} rows, fewer than the {node.folds} folds: some folds are without it"
            )
        stratified = model_selection.StratifiedKFold(node.folds, shuffle=True, random_state=seed)
        found.append(_quietly(stratified, classes))
    return found


def _quietly(splitter: Any, classes: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of rare classes, which was told already
        return list(splitter.split(classes, classes))


def _codes(column: pl.Series) -> np.ndarray:
    """A number for each value, missing ones included."""
    import numpy as np
    import polars as pl

    codes = column.alias("values").cast(pl.String).rank("dense").fill_null(0).cast(pl.Int64).to_numpy()
    return np.asarray(codes - codes.min())


def _order(column: pl.Series) -> np.ndarray:
    """The row numbers by time; rows without one are refused."""
    import numpy as np

    if column.null_count():
        raise NodeFailed(
            f'{column.null_count():,} rows have no time in "{shorten(column.name)}"; filter them out first'
        )
    return np.asarray(np.argsort(column.to_physical().to_numpy(), kind="stable"))
