"""XML read safely: no entities but the five of XML itself, no documents from elsewhere, bounded depth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import polars as pl

from nodeflow.errors import listing, shorten

MOST_BYTES = 512 << 20


class XmlError(ValueError):
    """The text is no XML, or of a kind that is not read; says why."""


def parse(text: bytes, encoding: str | None = None) -> Any:
    """The root element of a document, in the encoding it declares unless one is given; raises `XmlError`."""
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding=encoding,
    )
    try:
        root = etree.fromstring(text, parser)
    except etree.XMLSyntaxError as error:
        raise XmlError(shorten(str(error), 200)) from None
    if root.getroottree().docinfo.internalDTD is not None and any(
        True for _ in root.getroottree().docinfo.internalDTD.iterentities()
    ):
        raise XmlError(
            "it declares entities, which may grow without bound or point elsewhere; write them out"
        )
    return root


def expression(text: str) -> Any:
    """An XPath; raises `XmlError`. Functions that reach outside the document do not exist in it."""
    from lxml import etree

    try:
        return etree.XPath(text, smart_strings=False)
    except (etree.XPathSyntaxError, ValueError) as error:
        raise XmlError(f'"{shorten(text)}" is no XPath: {error}') from None


def found_by(root: Any, path: str) -> list[Any]:
    """What an XPath finds from an element: elements, texts or numbers. Prefixes are those of the document."""
    from lxml import etree

    names = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        result = root.xpath(path, namespaces=names or None, smart_strings=False)
    except etree.XPathError as error:
        known = (
            f"; the document has the prefixes {listing(list(names))}"
            if "prefix" in str(error) and names
            else ""
        )
        raise XmlError(f'"{shorten(path)}" is no XPath: {error}{known}') from None
    return result if isinstance(result, list) else [result]


def text_of(found: Any) -> str | None:
    """What an XPath found, as text; an element gives the text in it."""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float):
        return str(int(found)) if found.is_integer() else str(found)
    text = found if isinstance(found, str) else "".join(found.itertext())
    return text.strip() or None


def records_of(root: Any) -> list[Any]:
    """The elements that seem to be the records: those of one name below one parent that there are most of."""
    best: list[Any] = []
    for parent in root.iter():
        counts = Counter(child.tag for child in parent)
        if counts:
            tag, count = counts.most_common(1)[0]
            if count > len(best):
                best = [child for child in parent if child.tag == tag]
    return best if len(best) > 1 else [root]


def fields_of(record: Any, separator: str) -> dict[str, list[str | None]]:
    """The fields of a record: its attributes, and the texts and attributes of the elements within."""
    fields: dict[str, list[str | None]] = {}
    for place, value in _leaves(record, ""):
        fields.setdefault(separator.join(place.split("\0")), []).append(value)
    return fields


def _leaves(element: Any, place: str) -> Iterator[tuple[str, str | None]]:
    from lxml import etree

    def below(name: str) -> str:
        return f"{place}\0{name}" if place else name

    for name, value in element.attrib.items():
        yield below(etree.QName(name).localname), value.strip() or None
    children = list(element)
    text = (element.text or "").strip()
    if text or (not children and place):
        yield place or "text", text or None
    for child in children:
        yield from _leaves(child, below(etree.QName(child).localname))


def table_of(records: list[Any], separator: str) -> pl.DataFrame:
    """The records as columns of texts, or of lists of texts where a field occurs several times in a record."""
    try:
        rows = [
            fields_of(one, separator) if hasattr(one, "attrib") else {"text": [text_of(one)]}
            for one in records
        ]
    except RecursionError:
        raise XmlError("its elements are nested too deeply; say by an XPath which are the records") from None
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = []
    for name in names:
        cells = [row.get(name) for row in rows]
        if any(cell is not None and len(cell) > 1 for cell in cells):
            columns.append(pl.Series(name, cells, dtype=pl.List(pl.String)))
        else:
            columns.append(pl.Series(name, [cell[0] if cell else None for cell in cells], dtype=pl.String))
    return pl.DataFrame(columns)
