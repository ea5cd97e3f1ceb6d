"""What the documents tell people to type exists."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.house.tree import REPOSITORY


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "requirements.in", "tests/left_out.py"])
def test_every_make_command_in_a_document_is_a_target(document: str) -> None:
    named = set(re.findall(r"(?:^|[`(])\s*make ([a-z]+)", (REPOSITORY / document).read_text(), re.MULTILINE))
    assert named
    assert named <= _targets()


def test_the_files_that_the_documents_name_exist() -> None:
    for document in (REPOSITORY / "README.md", REPOSITORY / "CONTRIBUTING.md"):
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", document.read_text())
        assert links
        for link in links:
            assert (document.parent / link).exists(), f"{document.name} -> {link}"


def test_ci_runs_the_test_command_of_the_readme() -> None:
    assert "make test" in (REPOSITORY / "README.md").read_text()
    script = REPOSITORY / ".ci" / "run"
    assert script.read_text().rstrip().endswith("exec make test")
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize("script", sorted(path.name for path in (REPOSITORY / "scripts").iterdir()))
def test_the_scripts_are_plain_shell(script: str) -> None:
    checked = subprocess.run(
        ["/bin/sh", "-n", REPOSITORY / "scripts" / script], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stderr


def test_an_old_python_is_refused_with_what_to_do(tmp_path: Path) -> None:
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "environment"
    script.write_text((REPOSITORY / "scripts" / "environment").read_text())
    done = subprocess.run(
        ["/bin/sh", script, "requirements.txt"],
        env=os.environ | {"PYTHON": str(old)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "No Python 3.11 or newer was found" in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_what_could_not_be_installed_is_said_loudly_and_the_tests_go_on(tmp_path: Path) -> None:
    """On a machine with a shell and nothing else."""
    for tool in ("sh", "dirname", "id", "ls"):
        (tmp_path / tool).symlink_to(Path("/bin") / tool)
    done = subprocess.run(
        ["/bin/sh", REPOSITORY / "scripts" / "test-tools"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "there is no apt-get on this machine" in done.stderr
    assert "NOT ON THIS MACHINE: chromium" in done.stderr
