"""A small demonstration base that the pages of one run are drawn from."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.workspace.bringing import write_demonstration


@pytest.fixture(scope="session")
def demonstration_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration base of a few hundred customers."""
    directory = tmp_path_factory.mktemp("pages") / "demonstration"
    write_demonstration(directory, customers=400, seed=7)
    return directory


@pytest.fixture(scope="session")
def larger_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demonstration base of enough customers to learn from who of them left."""
    directory = tmp_path_factory.mktemp("churn") / "demonstration"
    write_demonstration(directory, customers=600, seed=7)
    return directory


@pytest.fixture
def shown_base(demonstration_base: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The base that pages show while a test runs."""
    monkeypatch.setenv("MOSHTARI_BASE", str(demonstration_base))
    return demonstration_base
