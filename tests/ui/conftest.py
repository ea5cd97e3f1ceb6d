"""Bases and running apps for tests of what a reader sees."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from crm_core.workspace.bringing import write_demonstration
from tests.servers.app import AppServer, app_server


@pytest.fixture(scope="session")
def demonstration_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demonstration base; not to be changed."""
    base = tmp_path_factory.mktemp("demonstration") / "base"
    write_demonstration(base, customers=400, seed=3)
    return base


@pytest.fixture(scope="session")
def demonstration_app(
    demonstration_base: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AppServer]:
    """The app on the small demonstration base."""
    with app_server(demonstration_base, tmp_path_factory.mktemp("app")) as server:
        yield server
