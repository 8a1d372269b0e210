"""What a file is by its first bytes, for the sentence on a file that another node reads."""

from __future__ import annotations

import os

from nodeflow.errors import NodeFailed

_STARTS: tuple[tuple[bytes, str, str], ...] = (
    (b"PAR1", "a Parquet file", "Parquet Reader"),
    (b"PARE", "an encrypted Parquet file", ""),
    (b"ARROW1", "an Arrow IPC file", "Arrow IPC Reader"),
    (b"\xff\xff\xff\xff", "an Arrow stream", ""),
    (b"FEA1", "a Feather file of the old version 1", ""),
    (b"\xd0\xcf\x11\xe0", "an old or protected Office file", "Excel Reader"),
    (b"$FL2", "an SPSS file", "SPSS/SAS/Stata Reader"),
    (b"$FL3", "a compressed SPSS file", "SPSS/SAS/Stata Reader"),
    (b"<stata_dta>", "a Stata file", "SPSS/SAS/Stata Reader"),
    (b"HEADER RECORD**", "a SAS transport file", "SPSS/SAS/Stata Reader"),
    (b"SQLite format 3\0", "an SQLite database", ""),
    (b"%PDF", "a PDF", ""),
    (b"\x89PNG", "a picture", ""),
    (b"\xff\xd8\xff", "a picture", ""),
    (b"\x1f\x8b", "compressed by gzip", ""),
    (b"<?xml", "XML text", "XML Reader"),
    (b"<!doctype html", "a web page", "HTML Table Reader"),
    (b"<html", "a web page", "HTML Table Reader"),
)


def start_of(path: str, size: int = 64) -> bytes:
    """The first bytes of a file; raises `NodeFailed` when there are none."""
    try:
        with open(path, "rb") as file:
            found = file.read(size)
    except OSError as error:
        raise NodeFailed(f"{path} cannot be read: {error.strerror or error}") from None
    if not found:
        raise NodeFailed(f"{path} is empty: it has not a single byte; check the export that wrote it")
    return found


def end_of(path: str, size: int) -> bytes:
    """The last bytes of a file."""
    with open(path, "rb") as file:
        file.seek(max(0, os.path.getsize(path) - size))
        return file.read(size)


def wrong_format(path: str, wanted: str) -> NodeFailed:
    """The error for a file that is not what this node reads, with what it seems to be."""
    start = start_of(path)
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    found, node = "", ""
    for bytes_, words, reader in _STARTS:
        if start.startswith(bytes_) or text[: len(bytes_)].lower() == bytes_:
            found, node = words, reader
            break
    else:
        if start.startswith(b"PK\x03\x04"):
            found, node = _kind_of_zip(path)
        elif text[:1] in (b"{", b"["):
            found, node = "JSON text", "JSON Reader"
        elif b"\0" not in start:
            found, node = "plain text", "CSV Reader"
    told = f"; it seems to be {found}" if found else ""
    way_out = f", which the {node} reads" if node else ""
    return NodeFailed(f"{path} is not {wanted}{told}{way_out or '; check which file you meant'}")


def _kind_of_zip(path: str) -> tuple[str, str]:
    import zipfile

    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist()[:10_000])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return "a damaged zip archive", ""
    if any(name.startswith("xl/") for name in names):
        return "an Excel workbook", "Excel Reader"
    if "estimator.skops" in names:
        return "a model", "Model Reader"
    return "a zip archive", ""
