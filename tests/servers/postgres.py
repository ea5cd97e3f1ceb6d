"""A PostgreSQL server that lives for one test run.

Debian's binaries, an empty cluster in a temporary directory, loopback only, a password made for the run,
durability switched off. All workers of a run share one server; each `Engine` has a database of its own.
"""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import secrets
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    # With these two, rows copied into a table made in the same transaction write no log.
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "work_mem": "64MB",
    "jit": "off",
}


class PostgresUnavailable(Exception):
    """There is no PostgreSQL server on this machine that could be started; the text says why."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server: where it listens and how to make databases in it."""

    port: int
    password: str

    def url(self, database: str) -> str:
        """The address of a database, in the form that `ibis.connect` takes."""
        return f"postgres://moshtari:{quote(self.password)}@127.0.0.1:{self.port}/{database}"

    def create_database(self, name: str, icu_locale: str | None = None) -> str:
        """Make an empty database and return its URL.

        Args:
            name: must not exist yet.
            icu_locale: order text as people of that locale do (`en-US`); without it text is ordered by
                code point, as DuckDB and SQLite do.
        """
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name))
        if icu_locale is not None:
            statement += sql.SQL(" LOCALE_PROVIDER icu ICU_LOCALE {}").format(sql.Literal(icu_locale))
        self._administer(statement)
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, ending whatever is still connected to it."""
        self._administer(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def shared_server(home: Path) -> PostgresServer:
    """The server of this test run: the first caller starts it, the others find it.

    Args:
        home: a directory that all workers of the run know; `stop_server` on it ends the server.

    Raises:
        PostgresUnavailable: there is nothing to start.
        RuntimeError: there is, and it did not start.
    """
    notes = home / "server.json"
    with _locked(home / "lock"):
        if not notes.exists():
            server = _start(home)
            notes.write_text(json.dumps({"port": server.port, "password": server.password}))
        return PostgresServer(**json.loads(notes.read_text()))


def stop_server(home: Path) -> None:
    """Stop the server that was started in `home`, if there is one, and remove its files."""
    if (home / "cluster" / "postmaster.pid").exists():
        _run_as_server_user(
            [str(_binaries() / "pg_ctl"), "stop", "-D", str(home / "cluster"), "-m", "fast"], home
        )
    shutil.rmtree(home, ignore_errors=True)


def _start(home: Path) -> PostgresServer:
    binaries = _binaries()
    cluster = home / "cluster"
    password = secrets.token_hex(16)
    password_file = home / "password"
    password_file.write_text(password)
    user = _server_user()
    if user is not None:
        # initdb and the server run as another user, who must reach their own files and no more.
        home.chmod(0o711)
        shutil.chown(password_file, user)
        cluster.mkdir()
        shutil.chown(cluster, user)
    initdb = [str(binaries / "initdb"), "-D", str(cluster), "-U", "moshtari", "--encoding=UTF8"]
    initdb += ["--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password_file}", "--no-sync"]
    _run_as_server_user(initdb, home)
    password_file.unlink()

    port = _free_port()
    settings = _SETTINGS | {"port": str(port), "unix_socket_directories": str(cluster)}
    with (cluster / "postgresql.conf").open("a") as configuration:
        configuration.writelines(f"{name} = '{value}'\n" for name, value in settings.items())
    log = cluster / "server.log"
    _run_as_server_user([str(binaries / "pg_ctl"), "start", "-w", "-D", str(cluster), "-l", str(log)], home)
    return PostgresServer(port=port, password=password)


def _binaries() -> Path:
    """The newest directory that holds both initdb and pg_ctl."""
    debian = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True
    )
    on_path = shutil.which("initdb")
    for directory in [*debian, *([Path(on_path).resolve().parent] if on_path else [])]:
        if (directory / "initdb").exists() and (directory / "pg_ctl").exists():
            return directory
    raise PostgresUnavailable("no PostgreSQL server is installed (on Debian: apt-get install postgresql)")


def _server_user() -> str | None:
    """The account to run the server as; None for the present one. The server refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        raise PostgresUnavailable("the tests run as root and there is no user `postgres`") from None


def _run_as_server_user(command: list[str], home: Path) -> None:
    user = _server_user()
    output = home / "output.txt"
    # A file, not a pipe: the server inherits it and would keep a pipe open for ever.
    with output.open("w") as sink:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=user,
            group=user,
            extra_groups=None if user is None else [],
            timeout=120,
            check=False,
        )
    if done.returncode != 0:
        program = Path(command[0]).name
        raise RuntimeError(f"{program} ended with {done.returncode}: {output.read_text().strip()}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
