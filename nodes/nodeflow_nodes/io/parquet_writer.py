"""Parquet Writer."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import polars as pl

from nodeflow.errors import NodeFailed, listing
from nodeflow.files import atomic_write
from nodeflow.node import Node
from nodeflow.parameters import Columns, Fault, OutputPath, is_family, parameter
from nodeflow.values.table import schema_of
from nodeflow_nodes.io._writing import check_existing, columns_of

if TYPE_CHECKING:
    from nodeflow.export.python import PythonScript
    from nodeflow.node import Context

_MOST_FOLDERS = 10_000
_KEYS = ("text", "integer", "boolean", "date", "category")
_LEVELS = {"zstd": 22, "gzip": 9, "brotli": 11}


class ParquetWriter(Node):
    """Write a table to a Parquet file, or to a folder of such files parted by columns.

    Parquet keeps names, types, missing values and nested columns, is small, and is read fast by nearly
    every data program. The file appears when it is complete: a run that fails leaves an older file as
    it was. Rows and columns are written in their order, batch by batch, so that a table larger than
    the memory can be written.

    **Parted by columns.** With columns to part by, the path is a folder, and each combination of their
    values gets a folder of its own in it, such as `sales/year=2024/city=Ulm/00000000.parquet`; the
    columns are left out of the files. A missing value is written as `__HIVE_DEFAULT_PARTITION__`. Such
    folders are read back by the pattern `sales/**/*.parquet`. Each file is complete or not there at
    all. Overwriting replaces the folders of the same columns and removes the files of those that are
    no longer in the table, which is told by a warning; other files in the folder are left alone.

    Inputs:
        table: The table to write.
    """

    category = "Input / Output"
    keywords = (
        "to_parquet",
        "write_parquet",
        "sink_parquet",
        "export",
        "save",
        "columnar",
        "hive",
        "partition",
    )

    path: OutputPath = parameter(
        help="The file to write; a folder if the table is parted by columns.", suffixes=(".parquet", ".pq")
    )
    compression: Literal["zstd", "snappy", "lz4", "gzip", "brotli", "none"] = parameter(
        default="zstd", help='"zstd" is small and fast; "snappy" is what the oldest programs know.'
    )
    existing: Literal["overwrite", "fail"] = parameter(
        default="overwrite",
        label="If the file exists",
        help="Replace it, or stop the run. A run that fails leaves it as it was.",
    )
    partition_by: Columns = parameter(
        default=Columns.of(),
        label="Part by columns",
        types=_KEYS,
        help="Columns after whose values folders are named; none for one file.",
    )
    level: int | None = parameter(
        default=None,
        minimum=0,
        maximum=22,
        label="Compression level",
        help="Higher is smaller and slower: up to 22 for zstd, 9 for gzip, 11 for brotli.",
        when={"compression": list(_LEVELS)},
        advanced=True,
    )
    row_group: int | None = parameter(
        default=None,
        minimum=1,
        unit="rows",
        label="Row group size",
        help="Rows that are stored, and can be skipped by a filter, together; chosen by itself if not given.",
        advanced=True,
    )

    def check_parameters(self) -> list[Fault]:
        if self.level is None or self.compression not in _LEVELS or self.level <= _LEVELS[self.compression]:
            return []
        return [Fault("level", f"{self.compression} has no level beyond {_LEVELS[self.compression]}")]

    def check(self, inputs: Mapping[str, Any]) -> Sequence[Fault]:
        schema = columns_of(inputs)
        keys = self.partition_by.resolve(schema)
        if schema and len(keys) == len(schema):
            return [Fault("partition_by", "every column names folders, so that none is left for the files")]
        unfit = [key for key in keys if not is_family(schema[key], _KEYS)]
        if unfit:
            return [
                Fault(
                    "partition_by",
                    f"{listing(unfit)} cannot name folders; choose columns of {', '.join(_KEYS)}",
                )
            ]
        odd = [key for key in keys if not _names_a_folder(key)]
        if odd:
            return [
                Fault(
                    "partition_by", f"{listing(odd)} cannot name a folder; rename the column before writing"
                )
            ]
        return []

    def run(self, table: pl.LazyFrame, context: Context) -> None:
        keys = self.partition_by.resolve(schema_of(table))
        if keys:
            self._write_folders(table, keys, context)
            return
        check_existing(self.path, self.existing)
        with context.write(self.path) as target, atomic_write(target, "wb") as file:
            table.sink_parquet(file, maintain_order=True, engine="streaming", **self._options())

    def _options(self) -> dict[str, Any]:
        return {
            "compression": "uncompressed" if self.compression == "none" else self.compression,
            "compression_level": self.level if self.compression in _LEVELS else None,
            "row_group_size": self.row_group,
        }

    def _write_folders(self, table: pl.LazyFrame, keys: list[str], context: Context) -> None:
        folder = Path(self.path)
        if folder.exists() and not folder.is_dir():
            raise NodeFailed(
                f"{folder} is a file, but a table parted by columns needs a folder; choose another name"
            )
        if self.existing == "fail" and folder.is_dir() and any(folder.iterdir()):
            raise NodeFailed(f"{folder} has files already; choose another name, or let it be overwritten")
        made = Path(tempfile.mkdtemp(dir=context.temporary_folder))
        # one file a folder: the size above which Polars starts another is put beyond reach
        parts = pl.PartitionBy(made, key=keys, include_key=False, approximate_bytes_per_file=1 << 62)
        try:
            table.sink_parquet(parts, mkdir=True, maintain_order=True, engine="streaming", **self._options())
        except OSError as error:
            if "name too long" not in str(error):
                raise
            raise NodeFailed(
                f"a value of {listing(keys)} is too long for the name of a folder; part by columns with short values"
            ) from None
        written = sorted(_files_in(made, keys))
        if len(written) > _MOST_FOLDERS:
            raise NodeFailed(
                f"the columns {listing(keys)} have {len(written):,} combinations of values, but at most "
                f"{_MOST_FOLDERS:,} folders are made; part by columns with fewer values"
            )
        left = set(_files_in(folder, keys)) - set(written)
        for number, name in enumerate(written):
            context.progress(number / len(written))
            with (
                (made / name).open("rb") as part,
                context.write(str(folder / name)) as target,
                atomic_write(target, "wb") as copy,
            ):
                shutil.copyfileobj(part, copy, 1 << 20)
        for name in sorted(left):
            (folder / name).unlink()
        if not written:
            context.warn(f"the table has no rows, so that no file was written to {folder}")
        if left:
            context.warn(f"{len(left)} files of {folder} were removed, since the table has no such rows now")

    def summary(self) -> str:
        return os.path.basename(self.path)[:80]

    def export_python(self, script: PythonScript) -> None:
        if self.partition_by != Columns.of():
            script.cannot_express("a table parted by columns")
        script.require("import polars as pl")
        path = script.file_to_write(self.path)
        if self.existing == "fail":
            script.require("from pathlib import Path")
            script.add(f"if Path({path!r}).exists():", f"    raise FileExistsError({path!r})")
        options = "".join(f", {key}={value!r}" for key, value in self._options().items() if value is not None)
        script.add(f"{script.input('table')}.sink_parquet({path!r}{options})")


def _names_a_folder(key: str) -> bool:
    """Whether every system takes the name in a folder's, and neither Polars nor a reader for a pattern."""
    return 0 < len(key) <= 100 and key.isprintable() and not any(one in key for one in '=/\\*?[]<>|:"^$')


def _files_in(folder: Path, keys: Sequence[str]) -> Iterator[str]:
    """The Parquet files below a folder that lie in folders named after just these columns."""
    for path in folder.glob("*=*/" * len(keys) + "*.parquet"):
        name = path.relative_to(folder)
        if [part.partition("=")[0] for part in name.parts[:-1]] == list(keys):
            yield str(name)
