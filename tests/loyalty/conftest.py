"""Engines that stay open for a module, as the oracle's tests have them."""

from tests.oracle.conftest import any_engine, kept_duckdb

__all__ = ["any_engine", "kept_duckdb"]
