"""Engines that stay open for a module, as the oracle's tests have them, and a demonstration base."""

from pathlib import Path

import pytest

from crm_core.workspace.bringing import write_demonstration
from tests.oracle.conftest import any_engine, kept_duckdb

__all__ = ["any_engine", "demonstration", "kept_duckdb"]


@pytest.fixture(scope="session")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration base of some customers, companies among them."""
    base = tmp_path_factory.mktemp("loyalty") / "base"
    write_demonstration(base, customers=800, seed=5)
    return base
