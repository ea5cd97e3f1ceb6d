"""Engines that stay open for a module, and a base of which it is learnt once who leaves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from crm_core.workspace import Workspace, open_base
from crm_core.workspace.bringing import write_demonstration
from tests.oracle.conftest import any_engine, kept_duckdb

__all__ = ["any_engine", "kept_duckdb", "workspace"]


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A demonstration base of enough customers to learn from who of them left."""
    directory = tmp_path_factory.mktemp("churn") / "base"
    write_demonstration(directory, customers=1_500, seed=4)
    opened = open_base(str(directory))
    yield opened
    opened.close()
