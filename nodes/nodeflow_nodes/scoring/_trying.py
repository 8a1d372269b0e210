"""Trying an unfitted learner on rows it has not learned from."""

from __future__ import annotations

import functools
import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import polars as pl

from nodeflow.errors import NodeFailed, shorten
from nodeflow_nodes.scoring._measures import class_measures, ends_of, measures_for, number_measures

if TYPE_CHECKING:
    import numpy as np

    from nodeflow.node import Context
    from nodeflow.values import Model
    from nodeflow_nodes.scoring._folds import Fold
    from nodeflow_nodes.scoring._trials import Trials
    from nodeflow_nodes.scoring._unfitted import Unfitted


@dataclass(frozen=True)
class Tried:
    """How a learner did on one fold."""

    measures: dict[str, float | None]
    baseline: dict[str, float | None]
    predicted: np.ndarray
    """One for each row of the fold: a number, or the name of a class."""
    shares: dict[str, np.ndarray]
    """The probability of each class, empty for numbers and learners that give none."""
    seconds: float
    learned: dict[str, float | None]
    """The measures on the rows it learned from, empty where they were not asked for."""

    def to_bytes(self) -> bytes:
        """As the result store keeps it."""
        import numpy as np

        names, values = [], np.asarray(self.predicted)
        if values.dtype == object:
            known, values = np.unique(values.astype(str), return_inverse=True)
            names = known.tolist()
        return msgspec.msgpack.encode(
            _Kept(
                self.measures, self.baseline, self.learned, self.seconds, names,
                values.astype(np.int64 if names else np.float64).tobytes(),
                {name: share.astype(np.float64).tobytes() for name, share in self.shares.items()},
            )
        )  # fmt: skip

    @classmethod
    def from_bytes(cls, data: bytes) -> Tried:
        """Read what `to_bytes` wrote."""
        import numpy as np

        kept = msgspec.msgpack.decode(data, type=_Kept)
        predicted: np.ndarray = np.frombuffer(kept.predicted, dtype=np.int64 if kept.names else np.float64)
        if kept.names:
            predicted = np.array(kept.names, dtype=object)[predicted]
        shares: dict[str, np.ndarray] = {name: np.frombuffer(share) for name, share in kept.shares.items()}
        return cls(kept.measures, kept.baseline, predicted, shares, kept.seconds, kept.learned)


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    measures: dict[str, float | None]
    baseline: dict[str, float | None]
    learned: dict[str, float | None]
    seconds: float
    names: list[str]
    predicted: bytes
    shares: dict[str, bytes]


@dataclass(frozen=True)
class Trying:
    """A table whose rows all have a target, ready to try learners on."""

    table: pl.DataFrame
    target: str
    is_class: bool
    digest: str

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of the measures."""
        return measures_for(self.is_class)


def trying(table: pl.DataFrame, unfitted: Unfitted, context: Context) -> Trying:
    """The rows of a table that have a target; raises `NodeFailed` where nothing can be tried."""
    target = unfitted.target
    if target not in table.columns:
        raise NodeFailed(f'the table has no column "{shorten(target)}", which the learner predicts')
    known = table.filter(pl.nth(table.columns.index(target)).is_not_null())
    if known.height < table.height:
        context.warn(
            f'{table.height - known.height:,} rows without a value in "{shorten(target)}" are left out'
        )
    if not known.height:
        raise NodeFailed(f'no row has a value in "{shorten(target)}"; there is nothing to learn')
    is_class = unfitted.is_class
    values = known.get_column(target).alias("target")
    if is_class and values.n_unique() < 2:
        raise NodeFailed(
            f'the target "{shorten(target)}" has one class only, "{shorten(str(values[0]))}"; nothing can be learned'
        )
    if not is_class and not values.cast(pl.Float64).is_finite().all():
        raise NodeFailed(
            f'the target "{shorten(target)}" holds infinite values or NaN; filter those rows out first'
        )
    return Trying(known, target, is_class, digest_of(known))


def digest_of(table: pl.DataFrame) -> str:
    """A digest of names, types and values."""
    told = hashlib.sha256(f"{pl.__version__} {table.height} {table.schema}".encode())
    if table.width:
        told.update(table.hash_rows(seed=0).to_numpy().tobytes())
    return told.hexdigest()


def try_on(
    unfitted: Unfitted, given: Trying, fold: Fold, context: Context, *, on_learned: bool = False
) -> Tried:
    """Learn from the one part of the rows and predict the other; kept from an earlier run where it was done."""
    told = hashlib.sha256(fold.train.astype("int64").tobytes() + b"|" + fold.test.astype("int64").tobytes())
    words = f"tried {unfitted.digest()} {given.digest} {told.hexdigest()} {on_learned}"
    kept = context.kept(words)
    if kept is not None:
        return Tried.from_bytes(kept)
    start = time.perf_counter()
    train, test = given.table[fold.train], given.table[fold.test]
    model = unfitted.fit(train, context)
    predicted, shares = predictions_of(model, test, given.is_class)
    found = Tried(
        measured(given, test, predicted, shares),
        _baseline(given, train, test),
        predicted,
        shares,
        time.perf_counter() - start,
        measured(given, train, *predictions_of(model, train, given.is_class)) if on_learned else {},
    )
    context.keep(words, found.to_bytes(), found.seconds)
    return found


def try_all(
    unfitted: Unfitted, given: Trying, folds: Sequence[Fold], context: Context, trials: Trials
) -> list[Tried]:
    """How a learner does on each fold, in order."""
    return trials.run([functools.partial(try_on, unfitted, given, fold, context) for fold in folds])


def predictions_of(
    model: Model, test: pl.DataFrame, is_class: bool
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """What a model predicts, numbers or names of classes, and the probability of each class if it gives one."""
    import numpy as np

    found = model.predict(test)
    if not is_class:
        return np.asarray(found, dtype=np.float64), {}
    classes = model.spec.classes
    shares: dict[str, np.ndarray] = {}
    if classes and hasattr(model.estimator, "predict_proba"):
        matrix = model.predict_shares(test)
        shares = {str(name): matrix[:, place] for place, name in enumerate(classes)}
    return np.array([str(one) for one in found], dtype=object), shares


def measured(
    given: Trying, test: pl.DataFrame, predicted: Any, shares: Mapping[str, np.ndarray]
) -> dict[str, float | None]:
    import numpy as np

    actual = test.get_column(given.target)
    if given.is_class:
        return class_measures(actual.cast(pl.String).to_list(), predicted, shares)
    return number_measures(actual.cast(pl.Float64).to_numpy(), np.asarray(predicted))


def _baseline(given: Trying, train: pl.DataFrame, test: pl.DataFrame) -> dict[str, float | None]:
    """The measures of always saying the most frequent class, or the mean, of what was learned from."""
    import numpy as np

    known = train.get_column(given.target).alias("target")
    if not given.is_class:
        mean = float(known.cast(pl.Float64).to_numpy().mean())
        return measured(given, test, np.full(test.height, mean), {})
    counts = known.cast(pl.String).value_counts(sort=True)
    # of equally frequent classes the first in the alphabet, so that the result is always the same
    counts = counts.sort("count", "target", descending=[True, False])
    shares = {name: np.full(test.height, count / known.len()) for name, count in counts.iter_rows()}
    return measured(given, test, [counts["target"][0]] * test.height, shares)


def pooled(given: Trying, folds: Sequence[Fold], tried: Sequence[Tried]) -> dict[str, float | None]:
    """The measures of all predictions taken together, for folds too small to be measured each."""
    import numpy as np

    rows = np.concatenate([fold.test for fold in folds])
    predicted = np.concatenate([each.predicted for each in tried])
    names = list(dict.fromkeys(name for each in tried for name in each.shares))
    shares = {
        name: np.concatenate([each.shares.get(name, np.zeros(len(each.predicted))) for each in tried])
        for name in names
    }
    return measured(given, given.table[rows], predicted, shares)


def spread_of(
    values: Sequence[float], folds: Sequence[Fold], confidence: float, measure: str
) -> tuple[float, float, float] | None:
    """Standard deviation and interval of a mean over folds; None of fewer than two.

    Folds share most of the rows they learn from, so that their values are alike; the variance is corrected for
    that (Nadeau and Bengio 2003).
    """
    import numpy as np
    from scipy import stats

    if len(values) < 2:
        return None
    mean, variance = float(np.mean(values)), float(np.var(values, ddof=1))
    error = (variance * (1 / len(values) + share_tried(folds))) ** 0.5
    width = float(stats.t.ppf((1 + confidence) / 2, len(values) - 1)) * error
    lowest, highest = ends_of(measure)
    return variance**0.5, max(lowest, mean - width), min(highest, mean + width)


def share_tried(folds: Sequence[Fold]) -> float:
    """Rows tried on to rows learned from, on the mean."""
    return sum(len(fold.test) / len(fold.train) for fold in folds) / len(folds)


def pooled_baseline(given: Trying, folds: Sequence[Fold]) -> dict[str, float | None]:
    """The measures of the baseline's predictions of all folds together."""
    import numpy as np

    rows = np.concatenate([fold.test for fold in folds])
    predicted: list[Any] = []
    target = given.table.get_column(given.target).alias("target")
    if given.is_class:
        names, codes = np.unique(target.cast(pl.String).to_numpy(), return_inverse=True)
        for fold in folds:
            left = np.bincount(codes[fold.train], minlength=len(names))
            predicted += [str(names[int(left.argmax())])] * len(fold.test)
        return measured(given, given.table[rows], predicted, {})
    values = target.cast(pl.Float64).to_numpy()
    for fold in folds:
        predicted += [float(values[fold.train].mean())] * len(fold.test)
    return measured(given, given.table[rows], predicted, {})


def predicted_columns(
    given: Trying, parts: Sequence[tuple[Fold, Tried]], *, probabilities: bool
) -> list[pl.Series]:
    """For each row its fold, the prediction in the target's type, and the probabilities; missing if not tried."""
    import numpy as np

    n = given.table.height
    number = np.zeros(n, dtype=np.int64)
    predicted = np.full(n, None, dtype=object)
    for fold, one in parts:
        number[fold.test] = fold.number
        predicted[fold.test] = one.predicted
    columns = [pl.Series("fold", number).set(pl.Series(number == 0), None)]
    target = given.table.get_column(given.target).alias("target")
    name = f"Prediction ({given.target})"
    if given.is_class:
        known = pl.DataFrame([target.cast(pl.String).alias("text"), target]).unique("text")
        texts = pl.DataFrame({"text": predicted.tolist()}, schema={"text": pl.String})
        columns.append(texts.join(known, on="text", how="left", maintain_order="left")["target"].alias(name))
    else:
        columns.append(pl.Series(name, predicted.tolist(), dtype=pl.Float64))
    names = list(dict.fromkeys(label for _, one in parts for label in one.shares)) if probabilities else []
    for label in sorted(names):
        share = np.full(n, np.nan)
        for fold, one in parts:
            share[fold.test] = one.shares.get(label, 0.0)
        columns.append(pl.Series(f"P ({given.target}={label})", share, nan_to_null=True))
    return columns
