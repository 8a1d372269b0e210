"""XML Reader."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from nodeflow.node import Node
from nodeflow.parameters import Fault, InputPath, parameter

if TYPE_CHECKING:
    import polars as pl

    from nodeflow.export.python import PythonScript


class XmlReader(Node):
    """Read a table from an XML file, or from many such files.

    Each record is a row. The records are found by themselves, as the elements of one name below one
    parent that there are most of; or say by an XPath which they are, such as //book. A record's
    attributes and the elements within it become columns, such as author.name for a name within an
    author; an element that occurs several times in a record becomes a list. Namespaces are left out of
    the names of columns; in an XPath the prefixes of the document's first element hold.

    **Types.** A column is boolean, integer, number, date, datetime or else text, by all of its values.
    Lists are lists of texts.

    **Missing values.** What a record lacks is missing, and so is an empty element.

    **Safety.** Nothing but the file itself is read. A document that declares entities is refused.

    **Many files.** A pattern such as data/*.xml reads all files that fit, sorted by name, below each
    other. A file is read as a whole. Files compressed by gzip are decompressed.

    Outputs:
        table: The records.
    """

    name = "XML Reader"
    category = "Input / Output"
    keywords = ("read_xml", "xml to table", "xpath", "import", "load", "elementtree")

    path: InputPath = parameter(
        help="The file, or a pattern with * for many.", suffixes=(".xml", ".xml.gz", ".gpx", ".kml")
    )
    records: str = parameter(
        default="",
        label="XPath of the records",
        help="Which elements are the records, such as //book. Empty to find them.",
    )
    separator: str = parameter(
        default=".", min_length=1, help="What stands between the names of nested elements.", advanced=True
    )
    types: Literal["find", "text"] = parameter(
        default="find", help="Whether the types of columns are found out, or all stay text.", advanced=True
    )
    source: str = parameter(
        default="",
        label="Source column",
        help="Name of a further column with the name of the file a row is from. Empty for none.",
        advanced=True,
    )

    def check_parameters(self) -> list[Fault]:
        from nodeflow_nodes.io._xml import XmlError, expression

        try:
            if self.records.strip():
                expression(self.records)
        except XmlError as error:
            return [Fault("records", str(error))]
        return []

    def run(self) -> pl.LazyFrame:
        from nodeflow_nodes.io._many import tables_of

        return tables_of(self, ".xml", self._read, source=self.source).lazy()

    def _read(self, path: str) -> pl.DataFrame:
        import polars as pl

        from nodeflow.errors import NodeFailed, shorten
        from nodeflow_nodes.io import _xml
        from nodeflow_nodes.io._formats import wrong_format
        from nodeflow_nodes.io._text_columns import typed_texts
        from nodeflow_nodes.io._whole_text import whole_bytes

        text = whole_bytes(path, _xml.MOST_BYTES)
        if b"<" not in text[:4096]:
            raise wrong_format(path, "XML")
        try:
            root = _xml.parse(text)
            found = _xml.found_by(root, self.records) if self.records.strip() else _xml.records_of(root)
            if not found:
                raise NodeFailed(f'{path}: the XPath "{shorten(self.records)}" finds nothing')
            table = _xml.table_of(found, self.separator)
        except _xml.XmlError as error:
            raise NodeFailed(f"{path} cannot be read as XML: {error}") from None
        if self.types == "text":
            return table
        texts = table.select(pl.selectors.string())
        typed = typed_texts(
            texts, types={}, missing=[""], place=lambda row, name: f"{path}, record {row + 1}"
        )
        return table.with_columns(typed.get_columns())

    def summary(self) -> str:
        return f"{os.path.basename(self.path)} {self.records}".strip()[:80]

    def export_python(self, script: PythonScript) -> None:
        script.cannot_express("finding the records of an XML file")
