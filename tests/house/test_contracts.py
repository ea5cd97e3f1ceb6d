"""The import contracts find what they are there to find."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY

ALLOWED = {
    "__main__": "import crm_core.commands.bases, crm_core.ui",
    "commands.bases": "import crm_core.workspace, crm_core.i18n",
    "ui.page": "import streamlit, plotly.graph_objects\nimport crm_core.workspace, crm_core.i18n",
    "workspace": "import crm_core.engine, crm_core.sources, crm_core.segments.answers",
    "engine.connection": "import duckdb, ibis\nimport crm_core.tables",
    "sources.files": "import duckdb, sqlalchemy",
    "storage.users": "import sqlalchemy",
    "i18n.messages": "import babel",
    "segments.answers": "import pandas\nimport crm_core.segments.metrics, crm_core.segments.rules",
    "segments.metrics": "import ibis\nimport crm_core.customers.metrics, crm_core.tables",
    "segments.models": "import numpy, sklearn",
    "segments.rules": "import math\nimport crm_core.base",
    "segments.charts": "import plotly.graph_objects\nimport crm_core.looks",
    "looks": "import plotly.graph_objects",
    "overview.answers": "import crm_core.customers",
    "customers.metrics": "import ibis\nimport crm_core.tables",
    "tables": "import ibis\nimport crm_core.periods",
    "periods": "import crm_core.base",
    "base": "",
}
FORBIDDEN = {
    "Imports run one way": [
        ("segments.answers", "crm_core.overview.answers"),
        ("customers.metrics", "crm_core.segments.rules"),
        ("overview.answers", "crm_core.engine.connection"),
        ("engine.connection", "crm_core.sources.files"),
        ("engine.connection", "crm_core.workspace"),
        ("base", "crm_core.tables"),
    ],
    "Edges never import rooms": [("engine.connection", "crm_core.customers.metrics")],
    "Only ui knows Streamlit": [("workspace", "streamlit"), ("segments.charts", "streamlit")],
    "Only charts and ui know Plotly": [("segments.answers", "plotly.express")],
    "Only engine and sources know a database driver": [("workspace", "sqlite3"), ("storage.users", "duckdb")],
    "Only storage and sources know SQLAlchemy": [("engine.connection", "sqlalchemy")],
    "Metrics know Ibis, and no engine, frame or screen": [("segments.metrics", "pandas")],
    "Models know arrays, and no engine or screen": [("segments.models", "ibis")],
    "Rules are plain Python": [("segments.rules", "ibis")],
    "Computation never imports pictures": [("segments.answers", "crm_core.segments.charts")],
}


def test_what_is_allowed_passes(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, ALLOWED)
    assert "0 broken" in verdict, verdict


@pytest.mark.parametrize("contract", FORBIDDEN)
def test_what_is_forbidden_is_found(tmp_path: Path, contract: str) -> None:
    for number, (importer, imported) in enumerate(FORBIDDEN[contract]):
        lazily = f"\ndef later() -> None:\n    import {imported}\n"
        house = ALLOWED | {importer: ALLOWED[importer] + lazily}
        verdict = _verdict(tmp_path / str(number), house)
        assert f"{contract} BROKEN" in verdict, f"{importer} -> {imported}\n{verdict}"


def test_a_module_that_no_layer_names_is_found(tmp_path: Path) -> None:
    verdict = _verdict(tmp_path, ALLOWED | {"drawer": ""})
    assert "Imports run one way BROKEN" in verdict, verdict


def _verdict(directory: Path, modules: dict[str, str]) -> str:
    """What the contracts say about a package of these modules."""
    for name, code in modules.items():
        path = directory.joinpath("crm_core", *name.split(".")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    for package in directory.glob("crm_core/**/"):
        (package / "__init__.py").touch()
    done = subprocess.run(
        [
            Path(sys.executable).with_name("lint-imports"),
            "--no-cache",
            "--config",
            REPOSITORY / ".importlinter",
        ],
        cwd=directory,
        env=os.environ | {"PYTHONPATH": str(directory), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr
