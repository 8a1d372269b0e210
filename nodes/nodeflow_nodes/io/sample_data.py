"""Sample Data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import polars as pl

from nodeflow.node import Node
from nodeflow.parameters import parameter

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript


class SampleData(Node):
    """Give one of the data sets that come with scikit-learn.

    - iris: 150 flowers of three kinds, four measures each
    - wine: 178 wines of three growers, 13 chemical measures
    - breast cancer: 569 tumours, malignant or benign, 30 measures
    - diabetes: 442 patients, ten measures and how far the disease went in a year
    - digits: 1,797 handwritten digits of 8 by 8 points

    Outputs:
        table: The data set; the target stands last, classes by their names.
    """

    category = "Input / Output"
    keywords = (
        "example data",
        "demo",
        "iris",
        "wine",
        "breast cancer",
        "diabetes",
        "digits",
        "toy dataset",
        "load_iris",
    )

    dataset: Literal["iris", "wine", "breast cancer", "diabetes", "digits"] = parameter(
        default="iris", help="Which data set."
    )

    def run(self) -> pl.DataFrame:
        from sklearn import datasets

        load = getattr(datasets, f"load_{self.dataset.replace(' ', '_')}")
        found = load()
        names = [str(name) for name in found.feature_names]
        table = pl.DataFrame(found.data, schema=dict.fromkeys(names, pl.Float64))
        if self.dataset == "diabetes":
            return table.with_columns(pl.Series("progression", found.target, dtype=pl.Float64))
        target = {"iris": "species", "wine": "grower", "breast cancer": "diagnosis", "digits": "digit"}
        labels = [str(found.target_names[one]) for one in found.target]
        return table.with_columns(pl.Series(target[self.dataset], labels, dtype=pl.String))

    def summary(self) -> str:
        return self.dataset

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the data set is not exported")
