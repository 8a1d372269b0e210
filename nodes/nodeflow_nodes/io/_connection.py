"""Where a database is, as parameters of a node, and connections to it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from nodeflow.errors import NodeFailed, shorten
from nodeflow.parameters import Declared, Fault, Host, InputPath, OutputPath, Secret, parameter
from nodeflow_nodes.io import _duckdb

if TYPE_CHECKING:
    import duckdb
    import sqlalchemy

Kind = Literal["sqlite", "duckdb", "postgresql", "mysql"]
Encryption = Literal["preferred", "required", "verified"]

EMBEDDED = ("sqlite", "duckdb")
SERVERS = ("postgresql", "mysql")
LABELS = {"sqlite": "SQLite", "duckdb": "DuckDB", "postgresql": "PostgreSQL", "mysql": "MySQL"}
_PORTS = {"postgresql": 5432, "mysql": 3306}
_DRIVERS = {
    "sqlite": [("sqlalchemy", "sql")],
    "duckdb": [("duckdb", "sql")],
    "postgresql": [("sqlalchemy", "sql"), ("psycopg", "postgres")],
    "mysql": [("sqlalchemy", "sql"), ("pymysql", "mysql")],
}
_PATIENCE = 10  # seconds for a server to answer
_LOCK_PATIENCE = 30  # seconds for another program to finish with a file

_SUFFIXES = (".db", ".sqlite", ".sqlite3", ".duckdb")


class SourceFile(Declared):
    """A database to read, if it is a file."""

    kind: Kind = parameter(default="sqlite", label="Database", help="What kind of database it is.")
    file: InputPath | None = parameter(
        default=None,
        help="The file of an SQLite or DuckDB database.",
        suffixes=_SUFFIXES,
        when={"kind": list(EMBEDDED)},
    )


class TargetFile(Declared):
    """A database to write to, if it is a file."""

    kind: Kind = parameter(default="sqlite", label="Database", help="What kind of database it is.")
    file: OutputPath | None = parameter(
        default=None,
        help="The file of an SQLite or DuckDB database; it is made if it is not there.",
        suffixes=_SUFFIXES,
        when={"kind": list(EMBEDDED)},
    )


class Server(Declared):
    """A database on a server."""

    host: Host = parameter(
        default=Host(""), help="The name or address of the server.", when={"kind": list(SERVERS)}
    )
    port: int | None = parameter(
        default=None,
        minimum=1,
        maximum=65535,
        help="The port of the server, by default 5432 for PostgreSQL and 3306 for MySQL.",
        when={"kind": list(SERVERS)},
    )
    database: str = parameter(
        default="", label="Database name", help="Its name on the server.", when={"kind": list(SERVERS)}
    )
    user: str = parameter(default="", help="The user to log in as.", when={"kind": list(SERVERS)})
    password: Secret | None = parameter(
        default=None,
        help="Where the password is: in an environment variable, or in the system's keyring. "
        "It is never kept in the workflow.",
        when={"kind": list(SERVERS)},
    )
    encryption: Encryption = parameter(
        default="preferred",
        help='Whether the way to the server is encrypted: if it can ("preferred"), always, or always with a '
        "check that it is that very server.",
        when={"kind": list(SERVERS)},
        advanced=True,
    )


class Place(Protocol):
    """A node that says where a database is."""

    kind: Any
    file: Any
    host: Any
    port: int | None
    database: str
    user: str
    password: Secret | None
    encryption: Any


def place_faults(place: Place) -> list[Fault]:
    """What is missing or too much among the parameters of the place."""
    label = LABELS[place.kind]
    if place.kind in EMBEDDED:
        faults = [] if place.file else [Fault("file", f"name the file of the {label} database")]
        if place.host:
            sentence = (
                f'an {label} database is a file; take the host away, or set kind to "postgresql" or "mysql"'
            )
            faults.append(Fault("host", sentence.replace("an Duck", "a Duck")))
        return faults
    faults = [
        Fault(name, f"name the {what} of the {label} database")
        for name, what in (("host", "server"), ("database", "name"))
        if not getattr(place, name)
    ]
    if place.file:
        sentence = (
            f'a {label} database is on a server; take the file away, or set kind to "sqlite" or "duckdb"'
        )
        faults.append(Fault("file", sentence))
    for name in ("database", "user"):
        if "://" in getattr(place, name) or "\0" in getattr(place, name):
            faults.append(Fault(name, f"must be the {name} alone, not a URL"))
    return faults


def driver_faults(place: Place) -> list[Fault]:
    """Whether the packages for this kind of database are missing."""
    for module, extra in _DRIVERS[place.kind]:
        if importlib.util.find_spec(module) is None:
            return [
                Fault(
                    "kind", f"{LABELS[place.kind]} needs the package {module}: pip install nodeflow[{extra}]"
                )
            ]
    return []


def check_driver(place: Place) -> None:
    """Raise `NodeFailed` if a package is missing."""
    for fault in driver_faults(place):
        raise NodeFailed(fault.sentence)


def title_of(place: Place) -> str:
    """The database in a sentence; without user and password."""
    if place.kind in EMBEDDED:
        return f"{LABELS[place.kind]} database {shorten(str(place.file), 200)}"
    return f"{LABELS[place.kind]} database {shorten(place.database)} on {shorten(str(place.host))}"


def check_file(place: Place) -> None:
    """Check by its first bytes that an existing file is a database of its kind; raises `NodeFailed`."""
    with open(place.file, "rb") as file:
        start = file.read(16)
    found = (
        "sqlite" if start.startswith(b"SQLite format 3\0") else "duckdb" if start[8:12] == b"DUCK" else None
    )
    if start and found != place.kind:
        way_out = f'set kind to "{found}"' if found else "check the file"
        told = f"it is a database of {LABELS[found]}" if found else "it is no database"
        raise NodeFailed(
            f"{shorten(str(place.file), 200)} is no {LABELS[place.kind]} database: {told}; {way_out}"
        )


@contextlib.contextmanager
def duckdb_file(place: Place, *, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """The DuckDB database of a file, which can reach nothing else."""
    if os.path.exists(place.file):
        check_file(place)
    with told(place), _duckdb.connection(str(place.file), read_only=read_only) as connection:
        yield connection


@contextlib.contextmanager
def sqlite_file(place: Place, *, read_only: bool) -> Iterator[sqlite3.Connection]:
    """The SQLite database of a file; transactions are begun and ended by statements."""
    if os.path.exists(place.file):
        check_file(place)
    uri = f"{Path(place.file).absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    with told(place):
        connection = sqlite3.connect(
            uri, uri=True, timeout=_LOCK_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            yield connection
        finally:
            connection.close()


@contextlib.contextmanager
def engine(place: Place, *, read_only: bool) -> Iterator[sqlalchemy.Engine]:
    """SQLAlchemy's engine for a place that is not DuckDB; nothing is connected yet."""
    check_driver(place)
    import sqlalchemy
    from sqlalchemy.pool import NullPool

    if place.kind == "sqlite":
        with sqlite_file(place, read_only=read_only) as opened:
            made = sqlalchemy.create_engine(
                "sqlite://", creator=lambda: opened, poolclass=sqlalchemy.pool.StaticPool
            )
            yield made
        return
    driver = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql"}[place.kind]
    url = sqlalchemy.URL.create(
        driver,
        username=place.user or None,
        password=place.password.reveal() if place.password is not None else None,
        host=str(place.host),
        port=place.port or _PORTS[place.kind],
        database=place.database,
    )
    with told(place):
        yield sqlalchemy.create_engine(
            url, poolclass=NullPool, connect_args=_arguments(place, read_only), hide_parameters=True
        )


def _arguments(place: Place, read_only: bool) -> dict[str, Any]:
    """What the drivers want to know besides."""
    if place.kind == "postgresql":
        modes = {"preferred": "prefer", "required": "require", "verified": "verify-full"}
        options = "-c TimeZone=UTC"
        if read_only:
            options += " -c default_transaction_read_only=on"
        return {
            "connect_timeout": _PATIENCE,
            "sslmode": modes[place.encryption],
            "options": options,
            "application_name": "nodeflow",
        }
    found: dict[str, Any] = {
        "connect_timeout": _PATIENCE,
        "charset": "utf8mb4",
        "local_infile": False,
        "init_command": "SET SESSION time_zone = '+00:00'",
    }
    if read_only:
        found["init_command"] += ", transaction_read_only = 1"
    if place.encryption != "preferred":
        verified = place.encryption == "verified"
        found["ssl"] = {"check_hostname": verified, "verify_mode": "required" if verified else "none"}
    return found


@contextlib.contextmanager
def told(place: Place) -> Iterator[None]:
    """Within the block errors of the drivers become `NodeFailed` with a sentence, without the password."""
    try:
        yield
    except NodeFailed:
        raise
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _LIBRARIES:
            raise
        raise NodeFailed(sentence_on(place, error)) from None


_LIBRARIES = ("sqlite3", "duckdb", "_duckdb", "sqlalchemy", "psycopg", "pymysql")


def sentence_on(place: Place, error: BaseException) -> str:
    """A driver's error in a sentence."""
    text = _text_of(error)
    if place.password is not None:
        with contextlib.suppress(NodeFailed):
            secret = place.password.reveal()
            text = text.replace(secret, "***") if secret else text
    text = shorten(" ".join(text.split()), 400)
    lower = text.casefold()
    for words, sentence in _KNOWN:
        if any(word in lower for word in words):
            return sentence(place, text)
    return f"{title_of(place)}: {text}"


def _text_of(error: BaseException) -> str:
    original = getattr(error, "orig", None) or error  # SQLAlchemy adds statement and address
    diagnostic = getattr(original, "diag", None)
    parts = [
        getattr(diagnostic, name, None) for name in ("message_primary", "message_detail", "message_hint")
    ]
    if any(parts):
        return "; ".join(part for part in parts if part)
    arguments: tuple[Any, ...] = getattr(original, "args", ())
    if type(original).__module__.startswith("pymysql") and len(arguments) > 1:
        return str(arguments[1])
    return str(original)


def _address(place: Place) -> str:
    return f"{shorten(str(place.host))}, port {place.port or _PORTS.get(place.kind, 0)}"


def _password_way_out(place: Place) -> str:
    if place.password is None:
        return "name an environment variable that holds it as the password"
    if place.password.environment:
        return f"check the environment variable {shorten(place.password.environment)}"
    return f'check the entry "{shorten(place.password.keyring)}" of the keyring'


_KNOWN: list[tuple[tuple[str, ...], Callable[[Place, str], str]]] = [
    (
        ("password authentication failed", "access denied for user", "authentication failed"),
        lambda place, text: (
            f'the server {_address(place)} does not take the password of user "{shorten(place.user)}"; '
            f"{_password_way_out(place)}, and the name of the user"
        ),
    ),
    (
        ("no password supplied",),
        lambda place, text: f"the server {_address(place)} wants a password; {_password_way_out(place)}",
    ),
    (
        ("connection refused", "could not translate host", "name or service not known", "no such file or directory",
         "failed to resolve", "can't connect to mysql", "timeout expired", "timed out", "no route to host",
         "temporary failure in name resolution", "connection timeout"),
        lambda place, text: (
            f"no {LABELS[place.kind]} server answers at {_address(place)}; check host and port, and that it runs"
            if place.kind in SERVERS
            else f"{title_of(place)}: {text}"
        ),
    ),
    (
        ("database is locked", "could not set lock", "different configuration than existing"),
        lambda place, text: f"{title_of(place)} is in use by another program or node; try again when that is done",
    ),
]  # fmt: skip
