"""Sample Data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.node import Node
from nodeflow.parameters import parameter
from nodeflow.values.specs import TableSpec

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.values.specs import Spec

_MEASURES = (
    "radius", "texture", "perimeter", "area", "smoothness", "compactness", "concavity", "concave points", "symmetry",
    "fractal dimension",
)  # fmt: skip
_COLUMNS: dict[str, tuple[list[str], str]] = {
    "iris": (["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"], "species"),
    "wine": (
        [
            "alcohol", "malic_acid", "ash", "alcalinity_of_ash", "magnesium", "total_phenols", "flavanoids",
            "nonflavanoid_phenols", "proanthocyanins", "color_intensity", "hue", "od280/od315_of_diluted_wines", "proline",
        ],
        "class",
    ),
    "breast cancer": (
        [
            *(f"mean {one}" for one in _MEASURES),
            *(f"{one} error" for one in _MEASURES),
            *(f"worst {one}" for one in _MEASURES),
        ],
        "diagnosis",
    ),
    "diabetes": (["age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6"], "progression"),
    "digits": ([f"pixel_{row}_{column}" for row in range(8) for column in range(8)], "digit"),
}  # fmt: skip
_LOADERS = {
    "iris": "load_iris",
    "wine": "load_wine",
    "breast cancer": "load_breast_cancer",
    "diabetes": "load_diabetes",
    "digits": "load_digits",
}


class SampleData(Node):
    """Give one of the well-known data sets that come with scikit-learn, to try nodes with.

    | data set | rows | columns | to predict |
    |---|---|---|---|
    | iris | 150 | 4 lengths and widths of a flower | `species`, 3 classes |
    | wine | 178 | 13 chemical measures | `class`, 3 growers |
    | breast cancer | 569 | 30 measures of cell nuclei | `diagnosis`, malignant or benign |
    | diabetes | 442 | 10 measures of a patient | `progression` after a year, a number |
    | digits | 1,797 | 64 grey values from 0 to 16 | `digit`, written by hand, 0 to 9 |

    Nothing is downloaded. No value is missing. The column to predict is the last. The columns of the
    diabetes set come as measured, age in years and so on.

    Outputs:
        table: The data set.
    """

    category = "Input / Output"
    keywords = (
        "example data",
        "toy dataset",
        "iris",
        "wine",
        "breast cancer",
        "diabetes",
        "digits",
        "demo",
        "sklearn",
    )

    data: Literal["iris", "wine", "breast cancer", "diabetes", "digits"] = parameter(
        default="iris", label="Data set", help="Which data set; see above."
    )

    def _schema(self) -> dict[str, pl.DataType]:
        names, target = _COLUMNS[self.data]
        kinds: dict[str, pl.DataType] = {"diabetes": pl.Float64(), "digits": pl.Int64()}
        return {
            **dict.fromkeys(names, pl.Int64() if self.data == "digits" else pl.Float64()),
            target: kinds.get(self.data, pl.String()),
        }

    def run(self) -> pl.LazyFrame:
        from sklearn import datasets

        options = {"scaled": False} if self.data == "diabetes" else {}
        found = getattr(datasets, _LOADERS[self.data])(**options)
        schema = self._schema()
        names, target = _COLUMNS[self.data]
        table = pl.DataFrame(found.data, schema=names, orient="row").cast(
            {name: schema[name] for name in names}
        )
        values = found.target
        if schema[target] == pl.String:
            values = [str(found.target_names[one]) for one in found.target]
        return table.with_columns(pl.Series(target, values, dtype=schema[target])).lazy()

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return TableSpec(self._schema())

    def summary(self) -> str:
        return self.data

    def export_python(self, script: PythonScript) -> None:
        script.require("import polars as pl")
        loader = _LOADERS[self.data]
        script.require(f"from sklearn.datasets import {loader}")
        names, target = _COLUMNS[self.data]
        argument = "scaled=False" if self.data == "diabetes" else ""
        result = script.output("table")
        kind = "pl.Int64" if self.data == "digits" else "pl.Float64"
        values = "data.target.tolist()"
        if self._schema()[target] == pl.String:
            values = "[str(data.target_names[one]) for one in data.target]"
        script.add(
            f"data = {loader}({argument})",
            f"{result} = pl.LazyFrame(data.data, schema={names!r}, orient='row').cast({kind})",
            f"{result} = {result}.with_columns(pl.Series({target!r}, {values}))",
        )
