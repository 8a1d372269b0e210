"""What learners share: choosing features, the training table, the pipeline that prepares it."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Columns, family
from nodeflow.values.model import Model, as_features, is_numeric_feature
from nodeflow.values.specs import ModelSpec, TableSpec

if TYPE_CHECKING:
    import polars as pl
    from sklearn.compose import ColumnTransformer

    from nodeflow.node import Context
    from nodeflow.values.specs import Task

MOST_CATEGORIES = 50
"""A text column with more different values is left out unless it is chosen by name."""

MOST_CLASSES = 1_000
"""A target with more different values is no class: each would take memory in every node of every tree."""

USABLE = ("number", "text", "boolean", "date", "datetime", "category")

NO_FEATURES = "there is no feature column to learn from; choose at least one besides the target"


@dataclass
class Training:
    """The rows to learn from: features as the pipeline takes them, the target as NumPy values."""

    features: Any
    target: Any
    spec: ModelSpec
    rows: int
    dropped: int


def feature_columns(
    columns: Columns, target: str, schema: Mapping[str, pl.DataType]
) -> dict[str, pl.DataType]:
    """The chosen columns that a learner can use, without the target, with their types."""
    chosen = columns.resolve(schema)
    return {
        name: schema[name]
        for name in chosen
        if name != target and (is_numeric_feature(schema[name]) or family(schema[name]) in USABLE)
    }


def model_spec(
    task: Task, columns: Columns, target: str, schema: Mapping[str, pl.DataType], learner: str
) -> ModelSpec:
    """What the model of a learner will be, as far as it is known before training.

    Raises:
        NodeFailed: no feature column is left.
    """
    features = feature_columns(columns, target, schema)
    if not features:
        raise NodeFailed(NO_FEATURES)
    return ModelSpec(task, TableSpec(features), target, schema[target], None, learner)


def training(
    table: pl.DataFrame, columns: Columns, target: str, task: Task, learner: str, context: Context
) -> Training:
    """The training data of a table.

    Raises:
        NodeFailed: there is nothing to learn from; the sentence says why.
    """
    import polars as pl

    features = feature_columns(columns, target, dict(table.schema))
    known = table.filter(pl.nth(table.columns.index(target)).is_not_null())
    dropped = table.height - known.height
    if dropped:
        context.warn(f'{dropped:,} rows without a value in "{shorten(target)}" were not learned from')
    if known.height < 2:
        raise NodeFailed(
            f'only {known.height} row{"" if known.height == 1 else "s"} with a value in "{shorten(target)}"; '
            "a learner needs at least 2"
        )
    features = _without_useless(known, features, columns, context)
    if not features:
        raise NodeFailed(NO_FEATURES)
    values = known.get_column(target)
    if values.dtype.is_float() and not values.is_finite().all():
        raise NodeFailed(
            f'the target "{shorten(target)}" holds infinite values or NaN; filter those rows out first'
        )
    if task == "regression":
        wanted = values.cast(pl.Float64).to_numpy()
        classes: tuple[Any, ...] | None = None
    else:
        texts = values.cast(pl.String)
        classes = _classes(texts, target)
        wanted = texts.to_numpy()
    for name, dtype in features.items():
        column = known.get_column(name)
        if dtype.is_float() and column.is_infinite().any():
            raise NodeFailed(
                f'column "{shorten(name)}" holds infinite values; turn them into missing values first'
            )
    spec = ModelSpec(task, TableSpec(features), target, table.schema[target], classes, learner)
    return Training(as_features(known, features), wanted, spec, known.height, dropped)


def _classes(texts: pl.Series, target: str) -> tuple[str, ...]:
    """The classes to learn, in order."""
    classes = tuple(texts.unique().sort().to_list())
    if len(classes) < 2:
        raise NodeFailed(
            f'the target "{shorten(target)}" has one class only, "{shorten(classes[0])}"; nothing can be learned'
        )
    if len(classes) > MOST_CLASSES or len(classes) == len(texts) > 10:
        raise NodeFailed(
            f'the target "{shorten(target)}" has {len(classes):,} different values in {len(texts):,} rows, too '
            "many to be classes; choose another target, or put its values into groups first"
        )
    return classes


def _without_useless(
    table: pl.DataFrame, features: dict[str, pl.DataType], columns: Columns, context: Context
) -> dict[str, pl.DataType]:
    """Leave out empty columns, and texts with many values unless they were chosen by name."""
    kept = {}
    for name, dtype in features.items():
        column = table.get_column(name)
        if column.null_count() == len(column) or (dtype.is_float() and column.fill_nan(None).is_null().all()):
            context.warn(f'column "{shorten(name)}" has no values and is not used')
            continue
        if not is_numeric_feature(dtype) and name not in columns.names:
            count = column.n_unique()
            if count > MOST_CATEGORIES:
                context.warn(
                    f'column "{shorten(name)}" has {count:,} different texts and is not used; '
                    "choose it by name to use it nevertheless"
                )
                continue
        kept[name] = dtype
    return kept


def pipeline(spec: ModelSpec, learner: Any, *, drop_first: bool = False) -> Any:
    """A pipeline that fills in missing numbers by the median, encodes texts, then learns."""
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    numbers, texts = split_features(spec)
    parts: list[Any] = []
    if numbers:
        parts.append(("numbers", SimpleImputer(strategy="median"), numbers))
    if texts:
        encoder = OneHotEncoder(
            drop="first" if drop_first else None, handle_unknown="ignore", sparse_output=False
        )
        parts.append(("texts", encoder, texts))
    return Pipeline([("prepare", ColumnTransformer(parts, sparse_threshold=0.0)), ("learn", learner)])


def split_features(spec: ModelSpec) -> tuple[list[str], list[str]]:
    """The pipeline's names of number columns and of text columns."""
    numbers: list[str] = []
    texts: list[str] = []
    for index, dtype in enumerate(spec.features.columns.values()):
        (numbers if is_numeric_feature(dtype) else texts).append(f"f{index}")
    return numbers, texts


def fit(estimator: Any, data: Training, context: Context) -> None:
    """Fit, with the library's warnings told to the user."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            estimator.fit(data.features, data.target)
        except (ValueError, FloatingPointError) as error:
            raise NodeFailed(f"learning failed: {shorten(str(error), 300)}") from error
    for text in dict.fromkeys(" ".join(str(one.message).split()) for one in caught):
        context.warn(shorten(text, 300))


def model_of(estimator: Any, data: Training, summary: Mapping[str, Any]) -> Model:
    """The model of a fitted pipeline."""
    return Model(estimator, data.spec, {"rows": data.rows, "rows without target": data.dropped, **summary})


def encoded_terms(prepare: ColumnTransformer, names: dict[str, str]) -> list[tuple[str, str]]:
    """For each number that the learner saw: its column, and its own name, `column = value` for a text."""
    terms = []
    for part, transformer, used in prepare.transformers_:
        if part == "numbers":
            terms += [(names[key], names[key]) for key in used]
        elif part == "texts":
            for index, key in enumerate(used):
                dropped = None if transformer.drop_idx_ is None else transformer.drop_idx_[index]
                for place, value in enumerate(transformer.categories_[index]):
                    if place != dropped:
                        terms.append((names[key], f"{names[key]} = {value}"))
    return terms


def column_names(spec: ModelSpec) -> dict[str, str]:
    """The table's name of each column of the pipeline."""
    return {f"f{index}": name for index, name in enumerate(spec.features.columns)}
