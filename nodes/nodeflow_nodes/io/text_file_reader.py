"""Text File Reader."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._text_file import Encoding

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript

_MOST_BYTES = 256 << 20  # of one file
_MOST_CHARACTERS = 1 << 30  # of all together
_PARAGRAPH = re.compile(r"(?:^[^\n]*\S[^\n]*\n?)+", re.MULTILINE)


class TextFileReader(Node):
    """Read texts from files: a row for each file, paragraph or line.

    A pattern such as reviews/*/*.txt reads all files that fit, sorted by path, each with the name of its
    folder: folders that are called by the kind of their texts so become labels to learn. An empty file
    gives an empty text as a whole, and no lines. Paragraphs are parted by empty lines. Line ends of all
    systems count; files compressed by gzip are decompressed.

    Outputs:
        table: For each text: file (its name), folder (the name of the one it lies in), line (the number of
            its first line; not for whole files) and text.
    """

    category = "Input / Output"
    keywords = (
        "read text",
        "line reader",
        "flat file",
        "text folder reader",
        "load_files",
        "corpus",
        "document parser",
    )

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".txt", ".md", ".log", ".txt.gz")
    )
    unit: Literal["file", "paragraph", "line"] = parameter(default="file", help="What becomes a row.")
    drop_empty: bool = parameter(
        default=True,
        label="Leave out empty lines",
        help="Leave out lines with nothing but blanks.",
        when={"unit": "line"},
    )
    encoding: Encoding = parameter(
        default="auto",
        help='How characters are stored. "auto" knows UTF-8 and UTF-16 and takes windows-1252 for the rest.',
        advanced=True,
    )

    def run(self) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.io._text_file import files_of

        rows: list[tuple[str, str, int, str]] = []
        read = 0
        for file in files_of(self.path, ".txt"):
            text = self._text(file)
            read += len(text)
            if read > _MOST_CHARACTERS:
                raise NodeFailed(
                    f"{self.path} has more than {_MOST_CHARACTERS:,} characters in all, which are held in memory; read "
                    "fewer files at a time"
                )
            folder = os.path.basename(os.path.dirname(os.path.abspath(file)))
            rows += [(os.path.basename(file), folder, line, part) for line, part in self._parts(text)]
        schema = {"file": pl.String, "folder": pl.String, "line": pl.Int64, "text": pl.String}
        table = pl.DataFrame(rows, schema=schema, orient="row")
        return table.drop("line") if self.unit == "file" else table

    def _text(self, file: str) -> str:
        from nodeflow_nodes.io._whole_text import whole_text

        if not os.path.getsize(file):
            return ""
        return whole_text(file, self.encoding, _MOST_BYTES).decode()

    def _parts(self, text: str) -> list[tuple[int, str]]:
        if self.unit == "file":
            return [(1, text)]
        if self.unit == "line":
            lines = text.removesuffix("\n").split("\n") if text else []
            return [(n, line) for n, line in enumerate(lines, 1) if line.strip() or not self.drop_empty]
        found, line, at = [], 1, 0
        for part in _PARAGRAPH.finditer(text):
            line += text.count("\n", at, part.start())
            at = part.start()
            found.append((line, part[0].strip("\n")))
        return found

    def summary(self) -> str:
        return f"{os.path.basename(self.path)} by {self.unit}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("reading text files")
