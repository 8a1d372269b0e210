"""Nodes that speak SQL: their contract cases."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any


def reader(folder: Path) -> dict[str, Any]:
    with closing(sqlite3.connect(folder / "t.db")) as connection:
        connection.execute("CREATE TABLE t (a INTEGER, b TEXT)")
        connection.execute("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
        connection.commit()
    return {"parameters": {"file": str(folder / "t.db"), "table_name": "t"}}


CONTRACT: dict[str, Any] = {
    "database_reader": reader,
    "sql_query": {"parameters": {"query": "SELECT * FROM a", "names": ["a"]}},
}
