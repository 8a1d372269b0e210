"""The engines on which portable nodes run, each a function that takes a Polars frame to a narwhals one."""

from __future__ import annotations

import warnings
from typing import Any

import narwhals as nw
import polars as pl
import pytest


def on_polars(frame: pl.DataFrame) -> Any:
    return nw.from_native(frame.lazy())


def on_duckdb(frame: pl.DataFrame) -> Any:
    duckdb = pytest.importorskip("duckdb")
    return nw.from_native(duckdb.from_arrow(frame.to_arrow()))


def on_dask(frame: pl.DataFrame) -> Any:
    dask = pytest.importorskip("dask.dataframe")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return nw.from_native(
            dask.from_pandas(frame.to_pandas(use_pyarrow_extension_array=True), npartitions=3)
        )


ENGINES = {"polars": on_polars, "duckdb": on_duckdb, "dask": on_dask}


def rows(frame: Any) -> list[tuple[Any, ...]]:
    """The rows of a narwhals frame, in order."""
    return [tuple(row) for row in frame.collect("polars").to_native().rows()]
