"""Servers for the tests of databases: a PostgreSQL of their own, from the packages of the system."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PASSWORD = "s3cret-canary"


class NoServer(Exception):  # noqa: N818 - a reason to skip, no error
    """There can be no server here, for this reason."""


@dataclass
class Postgres:
    """A running server with the user "ann", who has a password."""

    port: int
    host: str = "127.0.0.1"
    user: str = "ann"
    database: str = "sales"

    def place(self, **others: Any) -> dict[str, Any]:
        """The parameters of a node that say where it is; the password is in an environment variable."""
        return {
            "kind": "postgresql",
            "host": self.host,
            "port": self.port,
            "database": self.database,
            "user": self.user,
            "password": {"environment": "NODEFLOW_TEST_PASSWORD"},
            **others,
        }

    def connect(self) -> Any:
        import psycopg

        return psycopg.connect(
            host=self.host,
            port=self.port,
            user=self.user,
            password=PASSWORD,
            dbname=self.database,
            autocommit=True,
        )

    def execute(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements; gives the rows of the last one."""
        with self.connect() as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def postgres() -> Iterator[Postgres]:
    """A server in a folder of its own; raises `NoServer` where that cannot be."""
    if sys.platform == "win32":
        raise NoServer("PostgreSQL is started on Linux and macOS only")
    found = [*sorted(glob.glob("/usr/lib/postgresql/*/bin")), os.path.dirname(shutil.which("initdb") or "")]
    tools = next((Path(one) for one in reversed(found) if one and (Path(one) / "initdb").exists()), None)
    if tools is None:
        raise NoServer("PostgreSQL is not installed (on Debian: apt-get install postgresql)")
    folder = Path(tempfile.mkdtemp(prefix="nodeflow-postgres-"))
    try:
        account = _account(folder)  # the server refuses to run as root
        (folder / "password").write_text(PASSWORD)
        os.chmod(folder / "password", 0o644)
        _run(
            [tools / "initdb", "-D", folder / "data", "-U", "ann", "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale=C", "--no-sync", f"--pwfile={folder / 'password'}"],
            account,
        )  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        options = (
            f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='{folder}' -c fsync=off"
        )
        control = [tools / "pg_ctl", "-D", folder / "data", "-w", "-t", "30"]
        _run([*control, "-o", options, "-l", folder / "log", "start"], account)
        try:
            server = Postgres(port)
            Postgres(port, database="postgres").execute("CREATE DATABASE sales")
            yield server
        finally:
            _run([*control, "-m", "immediate", "stop"], account)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _account(folder: Path) -> dict[str, Any]:
    """For root: another user to run the server as, to whom the folder then belongs."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, user.pw_uid, user.pw_gid)
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoServer("there is no user but root to run PostgreSQL as")


def _run(command: list[Any], account: dict[str, Any]) -> None:
    try:
        subprocess.run(
            list(map(str, command)),
            **account,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            timeout=60,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        told = getattr(error, "stderr", None) or str(error).encode()
        raise NoServer(f"PostgreSQL does not start: {told.decode(errors='replace')[-300:]}") from None
