"""What tables and columns a database has."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from nodeflow_nodes.io._connection import Place, check_driver, duckdb_file, engine

if TYPE_CHECKING:
    import sqlalchemy

# what databases keep for themselves
_OWN = {"information_schema", "mysql", "performance_schema", "sys"}

Row = tuple[str, str, str, str, str, bool, int | None]
"""Schema, table, "table" or "view", column, type, nullable, place in the key."""


def columns_of(place: Place) -> list[Row]:
    """Every column of every table and view, sorted by schema and table; raises `NodeFailed`."""
    check_driver(place)
    if place.kind == "duckdb":
        return _of_duckdb(place)
    with engine(place, read_only=True) as made:
        import sqlalchemy

        with made.connect() as connection:
            if place.kind == "postgresql":
                return [tuple(row) for row in connection.execute(sqlalchemy.text(_POSTGRES))]
            return list(_of_inspector(sqlalchemy.inspect(connection)))


def _of_inspector(inspector: sqlalchemy.Inspector) -> Iterator[Row]:
    for schema in sorted(inspector.get_schema_names()):
        if schema in _OWN:
            continue
        kinds = dict.fromkeys(inspector.get_table_names(schema), "table")
        kinds |= dict.fromkeys(inspector.get_view_names(schema), "view")
        for table in sorted(kinds):
            key = inspector.get_pk_constraint(table, schema).get("constrained_columns") or []
            for column in inspector.get_columns(table, schema):
                name = str(column["name"])
                place = key.index(name) + 1 if name in key else None
                yield (
                    schema,
                    table,
                    kinds[table],
                    name,
                    str(column["type"]),
                    bool(column["nullable"]),
                    place,
                )


# in the words of the database, which SQLAlchemy does not have for every type
_POSTGRES = """
    SELECT n.nspname, c.relname, CASE WHEN c.relkind IN ('v', 'm') THEN 'view' ELSE 'table' END,
        a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, k.place
    FROM pg_catalog.pg_attribute AS a
    JOIN pg_catalog.pg_class AS c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_index AS i ON i.indrelid = c.oid AND i.indisprimary
    LEFT JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) ON k.number = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
    ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attnum
"""

_DUCKDB = """
    SELECT c.schema_name, c.table_name, CASE WHEN v.view_name IS NULL THEN 'table' ELSE 'view' END,
        c.column_name, c.data_type, c.is_nullable,
        list_position(k.constraint_column_names, c.column_name)
    FROM duckdb_columns() AS c
    LEFT JOIN duckdb_views() AS v
        ON v.view_name = c.table_name AND v.schema_name = c.schema_name AND v.database_name = c.database_name
    LEFT JOIN duckdb_constraints() AS k
        ON k.table_oid = c.table_oid AND k.database_name = c.database_name AND k.constraint_type = 'PRIMARY KEY'
    WHERE NOT c.internal AND c.database_name = current_database()
    ORDER BY c.schema_name, c.table_name, c.column_index
"""


def _of_duckdb(place: Place) -> list[Row]:
    with duckdb_file(place, read_only=True) as connection:
        return connection.execute(_DUCKDB).fetchall()
