"""Nodes that speak SQL: their contract cases."""

from __future__ import annotations

from typing import Any

CONTRACT: dict[str, Any] = {
    "sql_query": {"parameters": {"query": "SELECT * FROM a", "names": ["a"]}},
}
