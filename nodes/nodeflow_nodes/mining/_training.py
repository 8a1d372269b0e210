"""What learners share: choosing features, the training table, the pipeline that prepares it."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed, listing, shorten
from nodeflow.parameters import Columns, family
from nodeflow.steady import steady
from nodeflow.values.model import Model, as_features, is_numeric_feature
from nodeflow.values.specs import ModelSpec, TableSpec

if TYPE_CHECKING:
    import polars as pl
    from sklearn.compose import ColumnTransformer

    from nodeflow.node import Context
    from nodeflow.values.recipe import Recipe
    from nodeflow.values.specs import Task

MOST_CATEGORIES = 50
"""A text column with more different values is left out unless it is chosen by name."""

MOST_DENSE = 500
"""Of values of a text column: with more, its 0/1 columns are kept sparse."""

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
    table: pl.DataFrame | None = None
    """The rows with all their columns."""


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
    table: pl.DataFrame,
    columns: Columns,
    target: str,
    task: Task,
    learner: str,
    context: Context,
    *,
    words: Collection[str] = (),
) -> Training:
    """The training data of a table; `words` are text columns that are read word by word.

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
    features = without_useless(known, features, columns, context, words)
    if not features:
        raise NodeFailed(NO_FEATURES)
    values = known.get_column(target).alias("target")  # the name may be a pattern to Polars
    if values.dtype.is_float() and not values.is_finite().all():
        raise NodeFailed(
            f'the target "{shorten(target)}" holds infinite values or NaN; filter those rows out first'
        )
    if task == "regression":
        if not (values.dtype.is_numeric() or isinstance(values.dtype, pl.Boolean | pl.Null)):
            raise NodeFailed(
                f'the target "{shorten(target)}" is {family(values.dtype)}, but this predicts numbers; choose a number '
                "column, or a learner of classes"
            )
        wanted = values.cast(pl.Float64).to_numpy()
        classes: tuple[Any, ...] | None = None
    else:
        texts = values.cast(pl.String)
        classes = _classes(texts, target)
        wanted = texts.to_numpy()
    check_finite(known, features)
    spec = ModelSpec(task, TableSpec(features), target, table.schema[target], classes, learner)
    return Training(as_features(known, features), wanted, spec, known.height, dropped, known)


def unlabelled(
    table: pl.DataFrame,
    columns: Columns,
    task: Task,
    learner: str,
    context: Context,
    *,
    words: Collection[str] = (),
    least: int = 2,
) -> Training:
    """The training data of a table without a target: all rows.

    Raises:
        NodeFailed: there is nothing to learn from; the sentence says why.
    """
    if table.height < least:
        raise NodeFailed(f"the table has {table.height} rows, but {learner} needs at least {least}")
    features = without_useless(
        table, feature_columns(columns, "", dict(table.schema)), columns, context, words
    )
    if not features:
        raise NodeFailed("there is no feature column to learn from; choose at least one")
    check_finite(table, features)
    spec = ModelSpec(task, TableSpec(features), learner=learner)
    return Training(as_features(table, features), None, spec, table.height, 0, table)


def check_finite(table: pl.DataFrame, features: Mapping[str, pl.DataType]) -> None:
    """Raise `NodeFailed` if a feature holds infinite values."""
    for name, dtype in features.items():
        if dtype.is_float() and table.get_column(name).alias("column").is_infinite().any():
            raise NodeFailed(
                f'column "{shorten(name)}" holds infinite values; turn them into missing values first'
            )


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


def without_useless(
    table: pl.DataFrame,
    features: dict[str, pl.DataType],
    columns: Columns,
    context: Context,
    words: Collection[str] = (),
) -> dict[str, pl.DataType]:
    """Leave out empty columns, and texts with many values unless they were chosen by name."""
    kept = {}
    for name, dtype in features.items():
        column = table.get_column(name).alias("column")
        if column.null_count() == len(column) or (dtype.is_float() and column.fill_nan(None).is_null().all()):
            context.warn(f'column "{shorten(name)}" has no values and is not used')
            continue
        if not is_numeric_feature(dtype) and name not in columns.names and name not in words:
            count = column.n_unique()
            if count > MOST_CATEGORIES:
                context.warn(
                    f'column "{shorten(name)}" has {count:,} different texts and is not used; '
                    "choose it by name to use it nevertheless"
                )
                continue
        kept[name] = dtype
    return kept


def pipeline(
    spec: ModelSpec,
    learner: Any,
    *,
    drop_first: bool = False,
    scale: bool = False,
    words: Collection[str] = (),
    between: Any = None,
    wide: Sequence[str] = (),
) -> Any:
    """A pipeline that fills in missing numbers by the median, encodes texts, then learns.

    Args:
        spec: the features.
        learner: the estimator.
        drop_first: whether the first value of a text gets no column.
        scale: whether numbers are brought to mean 0 and standard deviation 1.
        words: text columns of which each word is weighed (tf-idf), instead of the text as one value.
        between: a transformer that is learned anew between the preparation and the learner.
        wide: text columns with so many values that their 0/1 columns are kept sparse.

    Raises:
        NodeFailed: the learner cannot take what such columns become.
    """
    from sklearn.compose import ColumnTransformer
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder, StandardScaler

    numbers, texts = split_features(spec)
    names = column_names(spec)
    read = [key for key in texts if names[key] in words]
    texts = [key for key in texts if key not in read]
    first = learner if between is None else between
    takes_sparse = bool(getattr(first.__sklearn_tags__().input_tags, "sparse", False))
    if wide and not takes_sparse:
        raise NodeFailed(
            f"{listing(list(wide))}: more than {MOST_DENSE:,} different texts, which {type(first).__name__} needs as many "
            "columns in memory for; group rare values by a Rule Engine, encode them by a Label Encoder, or leave them out"
        )
    if read and not takes_sparse:
        raise NodeFailed(
            f"{type(learner).__name__} takes no sparse columns, as words of texts give; choose another learner, such as "
            "a logistic regression or a naive Bayes, or leave the text out"
        )
    parts: list[Any] = []
    if numbers:
        fill: Any = SimpleImputer(strategy="median")
        if scale:
            fill = Pipeline([("fill", fill), ("scale", StandardScaler())])
        parts.append(("numbers", fill, numbers))
    if texts:
        encoder = OneHotEncoder(
            drop="first" if drop_first else None, handle_unknown="ignore", sparse_output=bool(read or wide)
        )
        parts.append(("texts", encoder, texts))
    parts += [(f"words {key}", TfidfVectorizer(sublinear_tf=True), key) for key in read]
    prepare = ColumnTransformer(parts, sparse_threshold=1.0 if read or wide else 0.0)
    steps = [("prepare", prepare), ("between", between), ("learn", learner)]
    return Pipeline([step for step in steps if step[1] is not None])


def wide_columns(data: Training, words: Collection[str] = ()) -> list[str]:
    """The text columns whose values are too many for dense 0/1 columns."""
    assert data.table is not None
    return [
        name
        for name, dtype in data.spec.features.columns.items()
        if not is_numeric_feature(dtype)
        and name not in words
        and data.table.get_column(name).alias("values").n_unique() > MOST_DENSE
    ]


def method_of(before: Model | None) -> Any:
    """The unfitted transformer of a transformation's model; None for none."""
    from nodeflow.values.recipe import decoded

    if before is None:
        return None
    if before.method is None:
        raise NodeFailed(
            f"{before.spec.learner or 'this model'} cannot be learned anew within a learner; connect the model of a node "
            "that makes or chooses columns, such as PCA or Select K Best"
        )
    return decoded(before.method)


def method_told(estimator: Any) -> Any:
    """The unfitted transformer of a fitted pipeline as data; None where it cannot be told."""
    from nodeflow.values.recipe import RecipeError, encoded

    try:
        return encoded(estimator.named_steps["learn"])
    except RecipeError:
        return None


def terms_of(estimator: Any, spec: ModelSpec) -> list[tuple[str, str]]:
    """For each number that the learner of a pipeline saw: its column and its own name."""
    prepare = estimator.named_steps.get("prepare")
    names = column_names(spec)
    terms = encoded_terms(prepare, names) if hasattr(prepare, "transformers_") else []
    terms = terms or [(name, name) for name in names.values()]
    between = estimator.named_steps.get("between")
    if between is None:
        return terms
    if hasattr(between, "get_support"):
        return [term for term, is_kept in zip(terms, between.get_support(), strict=True) if is_kept]
    try:
        made = [str(one) for one in between.get_feature_names_out([term for _, term in terms])]
    except (AttributeError, ValueError):
        return []
    return [(one, one) for one in made]


def split_features(spec: ModelSpec) -> tuple[list[str], list[str]]:
    """The pipeline's names of number columns and of text columns."""
    numbers: list[str] = []
    texts: list[str] = []
    for index, dtype in enumerate(spec.features.columns.values()):
        (numbers if is_numeric_feature(dtype) else texts).append(f"f{index}")
    return numbers, texts


def fit(estimator: Any, data: Training, context: Context, *, parallel: bool = False) -> None:
    """Fit, with the library's warnings told to the user; for `parallel` see `steady`."""
    with at_work(context, parallel=parallel):
        try:
            estimator.fit(data.features, data.target)
        except (ValueError, TypeError, FloatingPointError, ArithmeticError) as error:
            raise NodeFailed(f"learning failed: {in_words(error)}") from error


def in_words(error: Exception) -> str:
    """What a library says, in one line."""
    return shorten(" ".join(str(error).split()), 300)


@contextlib.contextmanager
def at_work(context: Context, *, parallel: bool = False) -> Iterator[None]:
    """Around what a library computes: the same bits on any number of processors, its warnings told to the user.

    Each warning is told once, with what can be done about it.
    """
    with steady(parallel=parallel), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for one in dict.fromkeys(advice(one.category.__name__, str(one.message)) for one in caught):
        if one:
            context.warn(one)


def advice(kind: str, message: str) -> str:
    """A warning of a library in words of its own, with a suggestion; empty if it concerns nobody here."""
    text = " ".join(message.split())
    if kind in ("FutureWarning", "DeprecationWarning", "PendingDeprecationWarning"):
        return ""
    for pattern, words in _ADVICE:
        if re.search(pattern, text):
            return words
    return shorten(text, 300)


_ADVICE = (
    (
        r"converge|max_iter|[Mm]aximum [Ii]terations|iterations? (was|were) reached",
        "learning stopped before it had settled; allow more rounds (max_iter), or scale the columns first",
    ),
    (
        r"least populated class|members in (one|y)|n_splits",
        "a class has fewer rows than there are folds; its scores say little, so join small classes or use fewer folds",
    ),
    (r"[Cc]onstant", "a column has one value only and says nothing; leave it out"),
    (r"collinear", "some columns are sums of others; leave such columns out, or reduce them by a PCA first"),
    (
        r"[Ii]ll-conditioned|[Ss]ingular matrix",
        "some columns nearly depend on each other, so that the numbers are not exact; leave some out",
    ),
)


def recipe_of(estimator: Any, data: Training) -> Recipe | None:
    """What a model's estimator can be learned again from; None where that cannot be told."""
    from nodeflow.values.recipe import Recipe, RecipeError, encoded

    assert data.table is not None
    names = list(data.spec.features.columns)
    target = data.spec.target if data.target is not None else None
    try:
        told = encoded(estimator)
    except RecipeError:
        return None
    rows = data.table.select(pl_names([*names, *([target] if target is not None else [])]))
    return Recipe(told, rows, target, data.target is not None and data.target.dtype.kind not in "fiu")


def pl_names(names: Sequence[str]) -> Any:
    """Columns by their literal names."""
    import polars.selectors as cs

    return cs.by_name(*names)


def model_of(estimator: Any, data: Training, summary: Mapping[str, Any]) -> Model:
    """The model of a fitted pipeline."""
    facts = {"rows": data.rows, "rows without target": data.dropped, **summary}
    recipe = None if data.table is None else recipe_of(estimator, data)
    return Model(estimator, data.spec, facts, recipe=recipe)


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
        elif part.startswith("words "):
            terms += [(names[used], f"{names[used]}: {word}") for word in transformer.get_feature_names_out()]
    return terms


def column_names(spec: ModelSpec) -> dict[str, str]:
    """The table's name of each column of the pipeline."""
    return {f"f{index}": name for index, name in enumerate(spec.features.columns)}
