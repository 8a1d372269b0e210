"""CoNLL Reader."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow.values.specs import Spec
from nodeflow_nodes.io._text_file import Encoding

if TYPE_CHECKING:
    import polars as pl

_NAMES = {2: ["word", "tag"], 3: ["word", "pos", "tag"], 4: ["word", "pos", "chunk", "tag"]}


class ConllReader(Node):
    """Read words and their tags from files of the CoNLL shared tasks: a word a line, an empty line between sentences.

    The columns of a line have blanks or tabs between. Of two columns they are word and tag; of four, as of CoNLL-2003,
    word, part of speech, chunk and name. Lines -DOCSTART- begin a document and are no word. All lines have the same
    number of columns, else the file is another one, and it is told where.

    Outputs:
        table: For each word document, sentence (counted on through all files), word, and the other columns, tag last.
    """

    name = "CoNLL Reader"
    category = "Input / Output"
    keywords = (
        "conll 2003",
        "named entity recognition",
        "ner",
        "tagged text",
        "germeval",
        "wnut",
        "column format",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.",
        suffixes=(".txt", ".conll", ".tsv", ".iob", ".bio", ".testa", ".gz"),
    )
    encoding: Encoding = parameter(default="auto", help="How characters are stored.", advanced=True)

    def run(self) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.io._corpora import lines_of, wrong_line

        rows: list[tuple[Any, ...]] = []
        sentence, document, is_open, count, file = 0, 0, False, 0, ""
        for name, number, line in lines_of(self.path, self.encoding):
            parts = line.split()
            if name != file:
                file, is_open, document = name, False, document + (not rows or rows[-1][0] == document)
            if not parts:
                is_open = False
                continue
            if parts[0] == "-DOCSTART-":
                is_open = False
                document += bool(rows) and rows[-1][0] == document
                continue
            count = count or len(parts)
            if len(parts) != count or count < 2:
                wanted = "a word and its tags" if count < 2 else f"a word with {count} columns"
                raise wrong_line(name, number, line, wanted)
            sentence += not is_open
            is_open = True
            rows.append((max(document, 1), sentence, *parts))
        if not rows:
            raise NodeFailed(f"{self.path} has no word; is it another file?")
        between = [f"column {place}" for place in range(2, count)]
        names = ["document", "sentence", *_NAMES.get(count, ["word", *between, "tag"])]
        types = dict(zip(names, [pl.Int64(), pl.Int64(), *[pl.String()] * count], strict=True))
        return pl.DataFrame(rows, schema=types, orient="row")

    def spec(self, inputs: Mapping[str, Any]) -> Spec | None:
        return None  # the number of columns stands in the file

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]
