"""A test that could not run is said loudly, and with CI set it is a failure."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY

SAMPLE = """
import pytest

def test_that_runs():
    pass

def test_that_cannot():
    pytest.skip("there is no machine for it")

@pytest.mark.skipif(True, reason="not on this planet")
def test_never():
    pass

@pytest.mark.slow
def test_slow():
    pass

@pytest.mark.xfail(reason="a named gap")
def test_gap():
    assert False
"""
WHOLE_MODULE = 'import pytest\npytest.skip("no such library", allow_module_level=True)\n'


@pytest.mark.parametrize("workers", ["0", "1"])
def test_reasons_are_counted_in_the_closing_summary(tmp_path: Path, workers: str) -> None:
    done = _run(tmp_path, workers, ci="")
    assert done.returncode == 0, done.stdout
    assert "LEFT OUT" in done.stdout
    for line in (
        "1 could not run: there is no machine for it",
        "1 could not run: not on this planet",
        "1 could not run: no such library",
        "1 not selected: slow (make soak)",
    ):
        assert line in done.stdout
    assert "1 passed, 3 skipped" in done.stdout


def test_with_ci_set_they_are_failures(tmp_path: Path) -> None:
    done = _run(tmp_path, "1", ci="true")
    assert done.returncode == 1, done.stdout
    assert "1 failed, 1 passed, 1 xfailed, 2 errors" in done.stdout
    assert "Left out, which is a failure when CI is set. there is no machine for it" in done.stdout


def _run(directory: Path, workers: str, ci: str) -> subprocess.CompletedProcess[str]:
    (directory / "test_sample.py").write_text(SAMPLE)
    (directory / "test_whole_module.py").write_text(WHOLE_MODULE)
    (directory / "conftest.py").write_text(
        "from tests.left_out import LeftOut\n\n"
        "def pytest_configure(config):\n"
        '    config.addinivalue_line("markers", "slow: takes long")\n'
        '    config.pluginmanager.register(LeftOut(), "left-out")\n'
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-n",
            workers,
            "-m",
            "not slow",
            "--rootdir=.",
        ],
        cwd=directory,
        env=environment | {"CI": ci, "PYTHONPATH": str(REPOSITORY), "COLUMNS": "120"},
        capture_output=True,
        text=True,
        check=False,
    )
