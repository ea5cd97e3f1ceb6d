"""The PostgreSQL server of a test run keeps to itself and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.servers.postgres import PostgresServer, shared_server, stop_server


def test_it_listens_on_loopback_only_and_asks_for_its_password(postgres_server: PostgresServer) -> None:
    url = postgres_server.url("postgres")
    assert urlsplit(url).hostname == "127.0.0.1"
    with psycopg.connect(url) as connection:
        assert connection.execute("SHOW listen_addresses").fetchone() == ("127.0.0.1",)
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(url.replace(postgres_server.password, "wrong"))


def test_it_stops_and_is_gone(postgres_server: PostgresServer, tmp_path: Path) -> None:
    home = tmp_path.parent / f"{tmp_path.name}-server"
    home.mkdir()
    for directory in (home, *home.parents[:3]):
        directory.chmod(0o755)
    server = shared_server(home)
    assert shared_server(home) == server
    assert server.port != postgres_server.port
    stop_server(home)
    assert not home.exists()
    with pytest.raises(psycopg.OperationalError, match="refused"):
        psycopg.connect(server.url("postgres"))
