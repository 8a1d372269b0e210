"""PCA."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nodeflow.parameters import Fault, parameter
from nodeflow_nodes.mining._estimators import ReduceNode

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.values.specs import Task
    from nodeflow_nodes.mining._training import Training


class Pca(ReduceNode):
    """Make few columns of many that keep as much of the variance as possible.

    Each new column is a weighted sum of the old ones; the first varies most, the next most of what is left,
    and none goes with another. Missing numbers are filled in by the column's median, texts become one 0/1
    column a value, and numbers are brought to one scale unless told otherwise; all this is part of the
    model.

    Inputs:
        table: The rows to learn from.
    Outputs:
        table: The rows with the new columns, PC 1, PC 2 and so on.
        model: What makes the same columns of other rows, by a Transform.
        details: A row for each component: its variance, the share of all, the shares added up, and its weight for
            each column.
    """

    name = "PCA"
    id = "pca"
    category = "Mining / Reduction"
    keywords = (
        "principal component analysis",
        "dimension reduction",
        "eigenvectors",
        "PCA compute",
        "PCA apply",
    )
    prefix = "PC"

    components: int | None = parameter(
        default=2, minimum=1, help="How many new columns; empty to go by the share of the variance."
    )
    share: float = parameter(
        default=0.95,
        above=0.0,
        below=1.0,
        label="Share of the variance",
        help="As many columns as keep this share.",
        when={"components": None},
    )
    one_scale: bool = parameter(
        default=True,
        label="Bring numbers to one scale",
        help="Otherwise columns with large numbers decide alone; not needed where all are of one kind, as in pictures.",
    )

    def estimator(self, task: Task | None) -> Any:
        from sklearn.decomposition import PCA

        wanted = self.share if self.components is None else self.components
        return PCA(wanted, svd_solver="full")

    def _details(self, estimator: Any, data: Training) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.mining._training import column_names, encoded_terms

        fitted = estimator.named_steps["learn"]
        terms = [term for _, term in encoded_terms(estimator.named_steps["prepare"], column_names(data.spec))]
        shares = fitted.explained_variance_ratio_
        columns: dict[str, Any] = {
            "component": [f"PC {place}" for place in range(1, len(shares) + 1)],
            "variance": fitted.explained_variance_,
            "share": shares,
            "shares added up": shares.cumsum(),
        }
        columns |= {f"weight of {term}": fitted.components_[:, place] for place, term in enumerate(terms)}
        return pl.DataFrame(columns)

    def check_parameters(self) -> list[Fault]:
        return []

    def summary(self) -> str:
        return (
            f"{self.share:.0%} of the variance"
            if self.components is None
            else f"{self.components} components"
        )
