"""Engines that stay open for a module, so that a base is put onto them again and again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import OpenEngine
from tests.engines import ENGINES, Engine

ICU = pytest.param("postgres en-US", marks=pytest.mark.postgres)
"""PostgreSQL that orders text as people do: ties by customer_id must come out as everywhere else."""


@pytest.fixture(scope="module", params=(*ENGINES, ICU))
def kept_engine(request: pytest.FixtureRequest, open_engine_named: OpenEngine) -> Iterator[Engine]:
    """An engine for the whole module; whoever uses it replaces what is on it."""
    name, _, locale = request.param.partition(" ")
    with open_engine_named(name, icu_locale=locale or None) as engine:
        yield engine


@pytest.fixture(scope="module", params=ENGINES)
def any_engine(request: pytest.FixtureRequest, open_engine_named: OpenEngine) -> Iterator[Engine]:
    """The same, where how text is ordered does not matter."""
    with open_engine_named(request.param) as engine:
        yield engine


@pytest.fixture(scope="module")
def kept_duckdb(open_engine_named: OpenEngine) -> Iterator[Engine]:
    """The embedded engine alone, for what does not depend on the engine."""
    with open_engine_named("duckdb") as engine:
        yield engine
