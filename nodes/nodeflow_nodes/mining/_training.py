"""What learners share: choosing features, the training table, the pipeline that prepares it."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Columns, family
from nodeflow.values.model import Model, as_features, is_numeric_feature
from nodeflow.values.specs import ModelSpec, TableSpec

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context
    from nodeflow.values.specs import Task

MOST_CATEGORIES = 50
"""A text column with more different values is left out unless it is chosen by name."""

USABLE = ("number", "text", "boolean", "date", "datetime", "category")


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
    """What the model of a learner will be, as far as it is known before training."""
    features = feature_columns(columns, target, schema)
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
        raise NodeFailed("there is no feature column to learn from; choose at least one besides the target")
    values = known.get_column(target)
    if task == "regression":
        numbers = values.cast(pl.Float64)
        if not numbers.is_finite().all():
            raise NodeFailed(
                f'the target "{shorten(target)}" holds infinite values or NaN; filter those rows out first'
            )
        wanted = numbers.to_numpy()
        classes: tuple[Any, ...] | None = None
    else:
        texts = values.cast(pl.String)
        classes = tuple(texts.unique().sort().to_list())
        if len(classes) < 2:
            raise NodeFailed(
                f'the target "{shorten(target)}" has one class only, "{classes[0]}"; nothing can be learned'
            )
        wanted = texts.to_numpy()
    for name, dtype in features.items():
        column = known.get_column(name)
        if dtype.is_float() and column.is_infinite().any():
            raise NodeFailed(
                f'column "{shorten(name)}" holds infinite values; turn them into missing values first'
            )
    spec = ModelSpec(task, TableSpec(features), target, table.schema[target], classes, learner)
    return Training(as_features(known, features), wanted, spec, known.height, dropped)


def _without_useless(
    table: pl.DataFrame, features: dict[str, pl.DataType], columns: Columns, context: Context
) -> dict[str, pl.DataType]:
    """Leave out empty columns, and texts with many values unless they were chosen by name."""
    kept = {}
    for name, dtype in features.items():
        column = table.get_column(name)
        if column.null_count() == len(column):
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


def encoded_names(estimator: Any, spec: ModelSpec) -> list[str]:
    """The names of what the learner saw: columns, and `column = value` for encoded texts."""
    columns = list(spec.features.columns)
    names: list[str] = []
    for part, transformer, used in estimator.named_steps["prepare"].transformers_:
        if part == "numbers":
            names += [columns[int(name[1:])] for name in used]
        elif part == "texts":
            for index, name in enumerate(used):
                categories = list(transformer.categories_[index])
                dropped = transformer.drop_idx_[index] if transformer.drop_idx_ is not None else None
                column = columns[int(name[1:])]
                names += [f"{column} = {value}" for i, value in enumerate(categories) if i != dropped]
    return names


def export_training(
    script: PythonScript,
    target: str,
    features: Mapping[str, pl.DataType],
    make: Callable[[], str],
    drop_first: bool,
) -> str:
    """Lines that learn as the node does; gives the name of the model."""
    for line in (
        "import polars as pl",
        "from sklearn.compose import ColumnTransformer",
        "from sklearn.impute import SimpleImputer",
        "from sklearn.pipeline import Pipeline",
        "from sklearn.preprocessing import OneHotEncoder",
    ):
        script.require(line)
    numbers = [name for name, dtype in features.items() if is_numeric_feature(dtype)]
    texts = [name for name in features if name not in numbers]
    source, model = script.input("table"), script.output("model")
    script.define("as_features", FEATURES)
    drop = '"first"' if drop_first else "None"
    script.add(
        f"rows = {source}.filter(pl.col({target!r}).is_not_null()).collect()",
        f"{model}_numbers, {model}_texts = {numbers!r}, {texts!r}",
        f"{model} = Pipeline([",
        '    ("prepare", ColumnTransformer([',
        f'        ("numbers", SimpleImputer(strategy="median"), {model}_numbers),',
        f'        ("texts", OneHotEncoder(drop={drop}, handle_unknown="ignore", sparse_output=False), {model}_texts),',
        "    ], sparse_threshold=0.0)),",
        f'    ("learn", {make()}),',
        "])",
        f"{model}.fit(as_features(rows, {model}_numbers, {model}_texts), rows[{target!r}].to_numpy())",
        f"{model}.takes = ({model}_numbers, {model}_texts, {target!r})",
    )
    return model


FEATURES = '''
def as_features(rows, numbers, texts):
    """Numbers as floats with NaN where missing, texts with "(missing)"."""
    return rows.select(
        *[pl.col(name).cast(pl.Float64).fill_null(float("nan")) for name in numbers],
        *[pl.col(name).cast(pl.String).fill_null("(missing)") for name in texts],
    ).to_pandas()
'''
