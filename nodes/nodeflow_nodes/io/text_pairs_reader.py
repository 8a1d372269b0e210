"""Text Pairs Reader."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.io._text_file import Encoding

if TYPE_CHECKING:
    import polars as pl


class TextPairsReader(Node):
    """Read pairs of texts with a tab between, such as sentences and their translations (deu.txt of Tatoeba's pairs).

    What comes behind a second tab, such as who wrote the sentence, is left out unless asked for. Quotation marks mean
    nothing. Empty lines are skipped; a line without a tab is told by its number.

    Outputs:
        table: For each line the two texts.
    """

    category = "Input / Output"
    keywords = (
        "translation",
        "parallel corpus",
        "anki",
        "tatoeba",
        "manythings",
        "eng deu",
        "tab separated",
        "seq2seq",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".txt", ".tsv", ".tab", ".txt.gz")
    )
    first: str = parameter(
        default="source", min_length=1, label="Name of the first", help="The first column's name."
    )
    second: str = parameter(
        default="target", min_length=1, label="Name of the second", help="The second column's name."
    )
    turned: bool = parameter(
        default=False, help="Whether the second text of a line becomes the first column."
    )
    attribution: bool = parameter(
        default=False, help="Whether what comes behind a second tab is a column, too."
    )
    most: int = parameter(default=0, minimum=0, unit="pairs", help="Only so many from the start; 0 for all.")
    encoding: Encoding = parameter(default="auto", help="How characters are stored.", advanced=True)

    def run(self) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.io._corpora import lines_of, wrong_line

        rows: list[tuple[str | None, ...]] = []
        for name, number, line in lines_of(self.path, self.encoding):
            if not line.strip():
                continue
            one, tab, rest = line.partition("\t")
            if not tab:
                raise wrong_line(name, number, line, "two texts with a tab between")
            two, _, more = rest.partition("\t")
            pair = (two, one) if self.turned else (one, two)
            rows.append((*pair, more or None) if self.attribution else pair)
            if len(rows) == self.most:
                break
        if not rows:
            raise NodeFailed(f"{self.path} has no pair of texts; is it another file?")
        return pl.DataFrame(rows, schema=dict(self._schema()), orient="row")

    def _schema(self) -> Mapping[str, pl.DataType]:
        import polars as pl

        return dict.fromkeys(
            [self.first, self.second, *(["attribution"] if self.attribution else [])], pl.String()
        )

    def check_parameters(self) -> list[Fault]:
        names = [self.first, self.second, *(["attribution"] if self.attribution else [])]
        if len(set(names)) < len(names):
            return [Fault("second", "each column needs a name of its own")]
        return []

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(self._schema())

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]
