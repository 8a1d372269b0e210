"""Learners as lines of a plain script: the same pipeline on the same rows."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING

from nodeflow.values.model import is_numeric_feature
from nodeflow_nodes.mining._training import MOST_CATEGORIES, encoded_terms, feature_columns

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.parameters import Columns


def export_training(
    script: PythonScript, target: str, columns: Columns, learner: str, *, classes: bool, drop_first: bool
) -> tuple[str, str] | None:
    """Lines that learn as the node does; gives the variables of the model and of the rows learned from.

    Args:
        script: the script of the learner's node.
        target: the column to predict.
        columns: the chosen features.
        learner: the estimator as source.
        classes: whether classes are learned, not numbers.
        drop_first: whether the first value of a text gets no column.
    """
    schema = script.schema("table")
    if schema is None:
        script.cannot_express("its input columns are not known before running")
        return None
    for line in (
        "import polars as pl",
        "from sklearn.compose import ColumnTransformer",
        "from sklearn.impute import SimpleImputer",
        "from sklearn.pipeline import Pipeline",
        "from sklearn.preprocessing import OneHotEncoder",
    ):
        script.require(line)
    script.define("usable_columns", USABLE_COLUMNS)
    script.define("as_features", AS_FEATURES)
    script.define("encoded_terms", inspect.getsource(encoded_terms))
    features = feature_columns(columns, target, schema)
    numbers = [name for name, dtype in features.items() if is_numeric_feature(dtype)]
    texts = [name for name in features if name not in numbers]
    chosen = [name for name in columns.names if name in texts]
    source, model, rows = script.input("table"), script.output("model"), script.output("rows")
    drop, cast = ('"first"' if drop_first else "None"), ("String" if classes else "Float64")
    result_type = f"{rows}.schema[{target!r}]" if classes else "pl.Float64"
    script.add(
        f"{rows} = {source}.collect()",
        f"{rows} = {rows}.filter({rows}[{target!r}].is_not_null())",
        f"{model}_numbers = usable_columns({rows}, {numbers!r})",
        f"{model}_texts = usable_columns({rows}, {texts!r}, most={MOST_CATEGORIES}, chosen={chosen!r})",
        f"{model} = Pipeline([",
        '    ("prepare", ColumnTransformer([',
        f'        ("numbers", SimpleImputer(strategy="median"), {model}_numbers),',
        f'        ("texts", OneHotEncoder(drop={drop}, handle_unknown="ignore", sparse_output=False), {model}_texts),',
        "    ], sparse_threshold=0.0)),",
        f'    ("learn", {learner}),',
        "])",
        f"{model}.takes = ({model}_numbers, {model}_texts, {target!r}, {result_type})",
        f"{model}.fit(",
        f"    as_features({rows}, {model}_numbers, {model}_texts),",
        f"    {rows}[{target!r}].cast(pl.{cast}).to_numpy(),",
        ")",
    )
    return model, rows


USABLE_COLUMNS = '''
def usable_columns(rows, names, most=None, chosen=()):
    """Without columns that hold no value, and texts of more than `most` kinds that were not chosen by name."""
    kept = []
    for name in names:
        column = rows[name].fill_nan(None) if rows[name].dtype.is_float() else rows[name]
        if column.null_count() < len(column) and (most is None or name in chosen or column.n_unique() <= most):
            kept.append(name)
    return kept
'''

AS_FEATURES = '''
def as_features(rows, numbers, texts):
    """Numbers as floats with NaN where missing, moments as days since 1970, texts with "(missing)"."""
    columns = []
    for name in numbers:
        column = rows[name]
        if column.dtype in (pl.Date, pl.Datetime):
            column = column.cast(pl.Datetime("us")).cast(pl.Int64) / 86_400_000_000
        columns.append(column.cast(pl.Float64).fill_null(float("nan")))
    columns += [rows[name].cast(pl.String).fill_null("(missing)") for name in texts]
    return pl.DataFrame(columns).to_pandas()
'''
