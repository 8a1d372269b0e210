"""Parameter Optimisation."""

from __future__ import annotations

import functools
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Fault, Record, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.scoring._folds import Fold, FoldingNode
from nodeflow_nodes.scoring._measures import SMALLER_IS_BETTER, Measure, measure_fault, measure_for
from nodeflow_nodes.scoring._unfitted import Unfitted, check_finite, learner_faults
from nodeflow_nodes.statistics._calculation import NUMBER, TEXT, TRUTH, WHOLE

if TYPE_CHECKING:
    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow_nodes.scoring._trials import Trials
    from nodeflow_nodes.scoring._trying import Tried, Trying

MOST_TRIALS = 10_000
AT_ONCE = 4
"""Trials that a Bayesian search asks for together: fixed, so that the number of processors changes nothing."""


class Optimised(NamedTuple):
    """What the node gives."""

    model: Model
    trials: pl.DataFrame


class Setting(Record):
    """One setting of the learner to try values of."""

    name: str = parameter(min_length=1, help="The setting, by its scikit-learn name, such as max_depth.")
    options: list[str] = parameter(
        label="Values",
        default=[],
        help="The values to try, such as 3, 5, none or true; or give a lowest and highest instead.",
    )
    lowest: float | None = parameter(default=None, help="The lowest value, without a list of values.")
    highest: float | None = parameter(default=None, help="The highest value, without a list of values.")
    whole: bool = parameter(
        default=False, label="Whole numbers", help="Whether only whole numbers are tried."
    )
    logarithmic: bool = parameter(
        default=False, help="Whether 0.1 to 1 counts as much as 1 to 10, as suits rates and penalties."
    )
    steps: int = parameter(
        default=5, minimum=2, maximum=1000, help="How many values of a range a grid tries."
    )


TRIALS: dict[str, pl.DataType] = {
    "trial": WHOLE, "rank": WHOLE, "best": TRUTH, "settings": TEXT, "value": NUMBER, "low": NUMBER, "high": NUMBER,
    "std": NUMBER, "baseline": NUMBER, "measure": TEXT, "folds": WHOLE, "note": TEXT,
}  # fmt: skip


class ParameterOptimisation(FoldingNode):
    """Find the settings of a learner that predict best, by trying them on folds.

    | search | what it tries |
    |---|---|
    | grid | every combination of the values |
    | random | so many combinations drawn by chance; finds as much as a grid with fewer trials where few settings matter |
    | Bayesian | so many combinations, each chosen by what the ones before it gave (Optuna's TPE); needs the package optuna |

    Each trial is a cross-validation of its own, in which everything is learned inside the folds. The first trial of a
    random or Bayesian search is the learner as it stands, to compare with. The best settings then learn from all rows.
    A trial that fails is listed with the reason, and the search goes on. Trials run side by side on all processors;
    those done are kept, so that a run that was stopped, or is given more trials, goes on from there.

    The score of the best trial is too good, having been chosen for it: judge the model by other rows, or put
    this on one part of the rows and a scorer on the other.

    Inputs:
        learner: The model of a learner that predicts classes or numbers.
        table: The rows; those without a target are left out.
    Outputs:
        model: The best settings, learned from all rows.
        trials: One row for each trial, in their order: its settings, mean score, interval and rank.
    """

    category = "Mining / Scoring"
    keywords = (
        "hyperparameter", "tuning", "grid search", "random search", "bayesian optimization", "optuna", "GridSearchCV",
        "parameter optimization loop",
    )  # fmt: skip
    headline = "trials"

    settings: list[Setting] = parameter(min_length=1, help="The settings to try values of.")
    search: Literal["grid", "random", "Bayesian"] = parameter(
        default="grid", help="How combinations are chosen; see above."
    )
    trials: int = parameter(
        default=30,
        minimum=1,
        maximum=MOST_TRIALS,
        label="How many trials",
        help="How many combinations are tried.",
        when={"search": ["random", "Bayesian"]},
    )
    measure: Measure = parameter(
        default="automatic", help="What is made best; automatic is accuracy for classes and R2 for numbers."
    )
    confidence: float = parameter(default=0.95, above=0.5, below=1.0, help="Of the intervals.")

    def run(self, learner: Model, table: pl.DataFrame, context: Context) -> Optimised:
        from nodeflow_nodes.scoring._trials import Trials
        from nodeflow_nodes.scoring._trying import trying

        unfitted = Unfitted(learner)
        for one in self.settings:
            unfitted.with_settings({one.name: None})  # raises for a name that is not known
        check_finite(table, learner)
        given = trying(table, unfitted, context)
        measure = measure_for(self.measure, given.is_class)
        folds = self.parted(given.table, unfitted.target, given.is_class, context)
        with Trials(context, "folds of trials") as trials:
            found = self._searched(unfitted, given, folds, measure, context, trials)
        rows = [
            self._row(number, settings, tried, folds, measure)
            for number, (settings, tried) in enumerate(found, 1)
        ]
        table = pl.DataFrame(rows, schema=TRIALS)
        falling = measure not in SMALLER_IS_BETTER
        place = pl.col("value").rank("ordinal", descending=falling)
        table = table.with_columns(rank=place.cast(pl.Int64), best=(place == 1).fill_null(value=False))
        if not table["best"].any():
            raise NodeFailed(
                f"no trial could be scored; the first failed as: {shorten(str(rows[0]['note']), 300)}"
            )
        best = found[int(table["best"].arg_max() or 0)][0]
        context.progress(0.99, "learning from all rows")
        model = unfitted.with_settings(best).learned(given.table, context)
        return Optimised(model, table)

    def _searched(
        self,
        unfitted: Unfitted,
        given: Trying,
        folds: Sequence[Fold],
        measure: str,
        context: Context,
        trials: Trials,
    ) -> list[tuple[dict[str, Any], list[Tried | str]]]:
        if self.search != "Bayesian":
            chosen = list(self._grid() if self.search == "grid" else self._drawn(unfitted))
            return list(zip(chosen, _tried_all(unfitted, chosen, given, folds, context, trials), strict=True))
        found: list[tuple[dict[str, Any], list[Tried | str]]] = []
        asked = self._asked(unfitted)
        while len(found) < self.trials:
            batch, tell = asked(min(AT_ONCE, self.trials - len(found)))
            tried = _tried_all(
                unfitted,
                batch,
                given,
                folds,
                context,
                trials,
                len(found) * len(folds),
                self.trials * len(folds),
            )
            found += zip(batch, tried, strict=True)
            tell([_mean_of(one, measure) for one in tried], measure)
        return found

    def _grid(self) -> Iterator[dict[str, Any]]:
        names = [one.name for one in self.settings]
        for values in itertools.product(*(_steps(one) for one in self.settings)):
            yield dict(zip(names, values, strict=True))

    def _drawn(self, unfitted: Unfitted) -> Iterator[dict[str, Any]]:
        import numpy as np

        random = np.random.default_rng(int(self.seed or 0))
        present = unfitted.settings()
        yield {one.name: present[one.name] for one in self.settings if one.name in present}
        for _ in range(self.trials - 1):
            yield {one.name: _drawn_value(one, random) for one in self.settings}

    def _asked(self, unfitted: Unfitted) -> Any:
        """A function that asks for some trials, and gives them with a function to tell how they went."""
        import warnings

        try:
            import optuna
        except ImportError:
            raise NodeFailed(
                'a Bayesian search needs the package optuna; install it (pip install "nodeflow[optimisation]"), '
                "or choose a random search"
            ) from None
        optuna.logging.set_verbosity(optuna.logging.ERROR)
        spread: dict[str, Any] = {}
        for one in self.settings:
            if one.options:
                spread[one.name] = optuna.distributions.CategoricalDistribution(
                    [json.dumps(_value(v)) for v in one.options]
                )
            elif one.whole:
                low, high = int(one.lowest or 0), int(one.highest or 0)
                spread[one.name] = optuna.distributions.IntDistribution(low, high, log=one.logarithmic)
            else:
                low_, high_ = float(one.lowest or 0), float(one.highest or 0)
                spread[one.name] = optuna.distributions.FloatDistribution(low_, high_, log=one.logarithmic)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the liar, which is marked as experimental
            sampler = optuna.samplers.TPESampler(seed=int(self.seed or 0), constant_liar=True)
            study = optuna.create_study(direction="maximize", sampler=sampler)
        present = unfitted.settings()
        start = {}
        for one in self.settings:
            value = json.dumps(present.get(one.name)) if one.options else present.get(one.name)
            if value is not None and spread[one.name]._contains(spread[one.name].to_internal_repr(value)):
                start[one.name] = value
        if len(start) == len(self.settings):
            study.enqueue_trial(start)

        def ask(count: int) -> Any:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                some = [study.ask(spread) for _ in range(count)]
            listed = {one.name for one in self.settings if one.options}
            batch = [
                {name: json.loads(value) if name in listed else value for name, value in trial.params.items()}
                for trial in some
            ]

            def tell(values: Sequence[float | None], measure: str) -> None:
                sign = -1.0 if measure in SMALLER_IS_BETTER else 1.0
                for trial, value in zip(some, values, strict=True):
                    state = optuna.trial.TrialState.FAIL if value is None else None
                    study.tell(trial, None if value is None else sign * value, state=state)

            return batch, tell

        return ask

    def _row(
        self,
        number: int,
        settings: Mapping[str, Any],
        tried: Sequence[Tried | str],
        folds: Sequence[Fold],
        measure: str,
    ) -> dict[str, Any]:
        from nodeflow_nodes.scoring._trying import spread_of

        told = ", ".join(f"{name} = {_told(value)}" for name, value in settings.items())
        row: dict[str, Any] = {"trial": number, "settings": told, "measure": measure, "folds": len(folds)}
        failed = [one for one in tried if isinstance(one, str)]
        if failed:
            return row | {"note": failed[0]}
        done = [one for one in tried if not isinstance(one, str)]
        values = [value for one in done if (value := one.measures[measure]) is not None]
        base = [value for one in done if (value := one.baseline[measure]) is not None]
        std, low, high = spread_of(values, folds, self.confidence, measure) or (None, None, None)
        return row | {
            "value": _mean_of(tried, measure), "low": low, "high": high, "std": std,
            "baseline": sum(base) / len(base) if base else None,
            "note": None if values else f"{measure} cannot be measured on these folds",
        }  # fmt: skip

    def spec(self, inputs: Mapping[str, Any]) -> Mapping[str, Spec | None]:
        # the same columns and target, only learned with other settings
        return {"model": inputs["learner"], "trials": TableSpec(TRIALS)}

    def check_parameters(self) -> list[Fault]:
        faults, names = [], [one.name for one in self.settings]
        for index, one in enumerate(self.settings):
            place = f"settings[{index}]"
            if one.name in names[:index]:
                faults.append(Fault(place, f'"{shorten(one.name)}" is listed twice; take one out'))
            elif not one.options and (one.lowest is None or one.highest is None):
                faults.append(
                    Fault(place, f'"{shorten(one.name)}" needs values, or a lowest and a highest one')
                )
            elif not one.options and one.lowest is not None and one.highest is not None:
                faults += _range_faults(one, place)
        if not faults and self.search == "grid":
            many = 1
            for one in self.settings:
                many *= len(_steps(one))
            if many > MOST_TRIALS:
                faults.append(
                    Fault(
                        "settings",
                        f"the grid has {many:,} combinations, more than {MOST_TRIALS:,}; take a random search",
                    )
                )
        if self.method == "leave one out":
            faults.append(
                Fault(
                    "method", "a trial that leaves out one row at a time has no score of a fold; choose folds"
                )
            )
        return [*faults, *super().check_parameters()]

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        learner = inputs.get("learner")
        faults = learner_faults(learner, inputs.get("table"))
        if learner is not None and not faults:
            faults = measure_fault(self.measure, learner.task == "classification")
        return faults

    def summary(self) -> str:
        return f"{self.search}: {', '.join(one.name for one in self.settings)}"[:80]


def _tried_all(
    unfitted: Unfitted,
    chosen: Sequence[Mapping[str, Any]],
    given: Trying,
    folds: Sequence[Fold],
    context: Context,
    trials: Trials,
    done: int = 0,
    total: int | None = None,
) -> list[list[Tried | str]]:
    """How each combination does on each fold; a sentence instead where it cannot learn."""
    from nodeflow_nodes.scoring._trying import try_on

    def attempt(settings: Mapping[str, Any], fold: Fold) -> Tried | str:
        try:
            return try_on(unfitted.with_settings(settings), given, fold, context)
        except NodeFailed as error:
            return str(error)

    work = [functools.partial(attempt, settings, fold) for settings in chosen for fold in folds]
    found = trials.run(work, done, total)
    return [found[at : at + len(folds)] for at in range(0, len(found), len(folds))]


def _mean_of(tried: Sequence[Tried | str], measure: str) -> float | None:
    """The mean of a measure over the folds; None if a fold failed or could not be measured."""
    values: list[float] = []
    for one in tried:
        if isinstance(one, str):
            return None
        value = one.measures[measure]
        if value is not None:
            values.append(value)
    return sum(values) / len(values) if values else None


def _range_faults(one: Setting, place: str) -> list[Fault]:
    low, high = one.lowest, one.highest
    assert low is not None
    assert high is not None
    name = shorten(one.name)
    if abs(low) > 1e300 or abs(high) > 1e300:
        return [Fault(place, f'the ends of "{name}" are too large')]
    if not low < high:
        return [Fault(place, f'the lowest value of "{name}" must be below the highest')]
    if one.logarithmic and low <= 0:
        return [Fault(place, f'a logarithmic range of "{name}" must lie above 0')]
    if one.whole and (not float(low).is_integer() or not float(high).is_integer()):
        return [Fault(place, f'the ends of "{name}" must be whole numbers')]
    return []


def _steps(one: Setting) -> list[Any]:
    """The values of a setting on a grid."""
    if one.options:
        return [_value(value) for value in one.options]
    import numpy as np

    low, high = float(one.lowest or 0), float(one.highest or 0)
    spaced = np.geomspace(low, high, one.steps) if one.logarithmic else np.linspace(low, high, one.steps)
    if one.whole:
        return list(dict.fromkeys(round(float(value)) for value in spaced))
    return [float(value) for value in spaced]


def _drawn_value(one: Setting, random: Any) -> Any:
    if one.options:
        return _value(one.options[int(random.integers(len(one.options)))])
    import math

    low, high = float(one.lowest or 0), float(one.highest or 0)
    if one.logarithmic:
        value = math.exp(random.uniform(math.log(low), math.log(high)))
    else:
        value = float(random.uniform(low, high))
    return min(int(high), max(int(low), round(value))) if one.whole else value


def _value(text: str) -> Any:
    """A value as people write it: a number, true, false, none, or a text."""
    plain = text.strip()
    known: dict[str, Any] = {"true": True, "false": False, "none": None}
    if plain.lower() in known:
        return known[plain.lower()]
    for kind in (int, float):
        try:
            return kind(plain)
        except ValueError:
            continue
    return plain


def _told(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else "none" if value is None else str(value)
