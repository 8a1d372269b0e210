"""Labelled Texts Reader."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow.values.specs import Spec, TableSpec
from nodeflow_nodes.io._text_file import Encoding

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.node import Context

_REVIEW = re.compile(r"\d+_(\d+)\.txt")
_BREAK = re.compile(r"\s*<br\s*/?>\s*")


class LabelledTextsReader(Node):
    """Read the texts of two well-known collections with their labels: movie reviews of IMDB, and SMS spam.

    - IMDB: by the pattern aclImdb/*/*/*.txt the texts of the folders train and test, in each of which are folders called
      by their label, such as pos and neg. The folder unsup is left out. File names such as 7_10.txt tell the rating.
      Line breaks of web pages become plain ones.
    - SMS spam: the file SMSSpamCollection, or any file with a label, a tab and a text in each line.

    Other folders of texts are read by the Text File Reader, with the folder's name as label.

    Outputs:
        table: For each text part (train or test; of SMS spam none), label, rating (if it is known) and text.
    """

    category = "Input / Output"
    keywords = (
        "imdb",
        "aclimdb",
        "sentiment",
        "movie reviews",
        "sms spam collection",
        "text classification data",
    )

    kind: Literal["IMDB", "SMS spam"] = parameter(default="IMDB", help="The form of the collection.")
    path: InputPath = parameter(
        help="The pattern of IMDB, such as aclImdb/*/*/*.txt, or the file of SMS spam."
    )
    most: int = parameter(
        default=0, minimum=0, unit="texts", label="Texts of each label",
        help="Of each folder only so many texts, the first by their names; 0 for all.", when={"kind": "IMDB"},
    )  # fmt: skip
    encoding: Encoding = parameter(default="auto", help="How characters are stored.", advanced=True)

    def run(self, context: Context) -> pl.DataFrame:
        import polars as pl

        rows = self._spam() if self.kind == "SMS spam" else self._reviews(context)
        return pl.DataFrame(rows, schema=_schema(), orient="row")

    def _spam(self) -> list[tuple[Any, ...]]:
        from nodeflow_nodes.io._corpora import lines_of, wrong_line

        rows = []
        labels: set[str] = set()
        for name, number, line in lines_of(self.path, self.encoding):
            label, tab, text = line.partition("\t")
            if not line.strip():
                continue
            if not tab or not label.strip():
                raise wrong_line(name, number, line, "a label, a tab and a text")
            labels.add(label)
            rows.append((None, label.strip(), None, text))
        if len(labels) > 1000:
            raise NodeFailed(f"{self.path} has {len(labels):,} different labels; is it another file?")
        return rows

    def _reviews(self, context: Context) -> list[tuple[Any, ...]]:
        from nodeflow_nodes.io._text_file import files_of
        from nodeflow_nodes.io._whole_text import whole_text

        rows: list[tuple[Any, ...]] = []
        counts: Counter[tuple[str, str]] = Counter()
        files = files_of(self.path, "/*/*.txt")
        for number, file in enumerate(files):
            above, name = os.path.split(os.path.abspath(file))
            folder, label = os.path.split(above)
            place = (os.path.basename(folder), label)
            if label == "unsup" or (self.most and counts[place] >= self.most):
                continue
            if number % 200 == 0:
                context.progress(number / len(files), "/".join(place))
            counts[place] += 1
            text = whole_text(file, self.encoding, 64 << 20).decode() if os.path.getsize(file) else ""
            rating = _REVIEW.fullmatch(name)
            rows.append((*place, int(rating[1]) if rating else None, _BREAK.sub("\n", text)))
        if len({label for _, label in counts}) < 2:
            raise NodeFailed(
                f"{self.path} finds texts in one folder only, so that none is told from another; give a pattern such as "
                "aclImdb/*/*/*.txt, for folders such as train/pos and train/neg"
            )
        return rows

    def spec(self, inputs: Mapping[str, Any]) -> Spec:
        return TableSpec(_schema())

    def summary(self) -> str:
        return f"{self.kind}, {os.path.basename(self.path)}"[:80]


def _schema() -> dict[str, pl.DataType]:
    import polars as pl

    return {"part": pl.String(), "label": pl.String(), "rating": pl.Int64(), "text": pl.String()}
