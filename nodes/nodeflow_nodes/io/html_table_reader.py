"""HTML Table Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.errors import NodeFailed, shorten
from nodeflow.node import Node
from nodeflow.parameters import InputPath, parameter
from nodeflow_nodes.io._text_file import Encoding

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class HtmlTableReader(Node):
    """Read a table out of a web page that is stored as a file.

    Cells that span several columns or rows count in each of them. Names come from the head of the table,
    or else from its first row if it has header cells; a name that comes twice gets a number, and of a head
    of several rows the names are joined. Scripts in the page do not run and nothing is loaded from
    elsewhere, so tables that a page builds by scripts are not in it.

    **Types.** A column is boolean, integer, number, date, datetime or else text, by all of its values.

    **Missing values.** An empty cell is missing, and so is one of the missing markers.

    Outputs:
        table: The rows of the table.
    """

    name = "HTML Table Reader"
    category = "Input / Output"
    keywords = ("read_html", "web page", "scrape", "wikipedia", "html parser", "import")

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".html", ".htm", ".xhtml")
    )
    number: int = parameter(
        default=1, minimum=1, help="Which table of the page, counted from 1, of those with the text."
    )
    text: str = parameter(default="", help="Only tables that contain this text are counted.")
    types: Literal["find", "text"] = parameter(
        default="find", help="Whether the types of columns are found out, or all stay text.", advanced=True
    )
    missing: list[str] = parameter(
        default=["", "-", "\u2013", "\u2014", "n/a", "N/A", "NA"],
        label="Missing markers",
        help="Texts that stand for a missing value.",
        advanced=True,
    )
    encoding: Encoding = parameter(
        default="auto",
        help='How characters are stored. "auto" knows UTF-8 and UTF-16 and takes windows-1252 for the rest.',
        advanced=True,
    )

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._many import tables_of

        return tables_of(self, ".html", self._read).lazy()

    def _read(self, path: str) -> pl.DataFrame:
        import polars as pl

        from nodeflow_nodes.io._html import tables_in
        from nodeflow_nodes.io._text_columns import typed_texts
        from nodeflow_nodes.io._whole_text import whole_text

        found = tables_in(whole_text(path, self.encoding, 64 << 20).decode())
        tables = [one for one in found if not self.text or one.contains(self.text)]
        if len(tables) < self.number:
            with_text = f' with the text "{shorten(self.text)}"' if self.text else ""
            total = f" of {len(found)}" if self.text else ""
            raise NodeFailed(
                f"{path} has {len(tables)}{total} tables{with_text}, so there is no table {self.number}"
            )
        chosen = tables[self.number - 1]
        table = pl.DataFrame(
            [
                pl.Series(
                    name, [row[place] if place < len(row) else "" for row in chosen.body], dtype=pl.String
                )
                for place, name in enumerate(chosen.names())
            ]
        )
        if self.types == "find":
            return typed_texts(
                table, types={}, missing=self.missing, place=lambda row, _: f"{path}, row {row + 1}"
            )
        return table.with_columns(
            pl.when(pl.all().is_in(self.missing)).then(None).otherwise(pl.all()).name.keep()
        )

    def summary(self) -> str:
        return f"{os.path.basename(self.path)}, table {self.number}"[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("the table of a web page")
