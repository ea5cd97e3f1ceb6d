"""A base for the browser to look at."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_core.workspace.bringing import write_demonstration


@pytest.fixture(scope="session")
def demonstration_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small demonstration base; not to be changed."""
    base = tmp_path_factory.mktemp("demonstration") / "base"
    write_demonstration(base, customers=1_500, seed=3)
    return base
