"""Every room has the same inner shape, and every module is seen by the import contracts."""

from __future__ import annotations

import ast
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY, files

PACKAGE = REPOSITORY / "crm_core"
ROOMS = (
    "audience",
    "campaigns",
    "churn",
    "customers",
    "loyalty",
    "offers",
    "overview",
    "readiness",
    "retention",
    "satisfaction",
    "segments",
    "value",
)
SHAPE = {"rules", "metrics", "models", "estimates", "charts", "answers"}
KNOWN_TO_METRICS = (sys.stdlib_module_names - {"sqlite3"}) | {"ibis", "crm_core"}


def test_the_contracts_name_every_room() -> None:
    contracts = ConfigParser(comment_prefixes=(";", "#"))
    contracts.read(REPOSITORY / ".importlinter")
    layers = contracts["importlinter:contract:layers"]["layers"]
    assert set(ROOMS) <= set(layers.replace("(", " ").replace(")", " ").split())


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_holds_nothing_but_its_shape(room: str) -> None:
    directory = PACKAGE / room
    if not directory.exists():
        return
    parts = [path for path in directory.iterdir() if path.name not in {"__init__.py", "__pycache__"}]
    assert {path.stem for path in parts} <= SHAPE
    assert all(path.is_dir() or path.suffix == ".py" for path in parts)


@pytest.mark.parametrize("room", ROOMS)
def test_metrics_know_ibis_and_nothing_else(room: str) -> None:
    known = KNOWN_TO_METRICS
    for path in [PACKAGE / room / "metrics.py", *(PACKAGE / room / "metrics").glob("**/*.py")]:
        if path.exists():
            assert _imported(path) <= known, path


def test_the_contracts_see_every_module() -> None:
    """A directory without `__init__.py` would be passed over in silence."""
    hidden = {
        path.parent
        for path in files(".py")
        if path.is_relative_to(PACKAGE) and not (path.parent / "__init__.py").exists()
    }
    assert not hidden


def _imported(path: Path) -> set[str]:
    """Top-level names of everything that a module imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_models_load_their_libraries_when_they_are_fitted() -> None:
    """Who opens a page that fits nothing does not wait for what takes longer to load than all the rest."""
    statement = "import sys, crm_core.workspace; print(*(name for name in sys.modules))"
    found = subprocess.run([sys.executable, "-c", statement], capture_output=True, text=True, check=True)
    heavy = {"scipy.special", "scipy.optimize", "scipy.stats", "sklearn"}
    assert not heavy & set(found.stdout.split())
