"""The repository's own files, as the tests about the house read them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]

_MADE_HERE = {
    ".git",
    ".venv",
    ".venv-peers",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "artefacts",
    "htmlcov",
    "node_modules",
}


def files(*suffixes: str) -> Iterator[Path]:
    """Every file of the repository whose name ends so; what running it leaves behind is passed over."""
    for directory, names, file_names in os.walk(REPOSITORY):
        inside = Path(directory)
        run_time_data = inside == REPOSITORY / "data"
        names[:] = [] if run_time_data else sorted(set(names) - _MADE_HERE)
        for name in sorted(file_names):
            # In a second working tree of the same repository .git is a file.
            if name not in _MADE_HERE and (not suffixes or name.endswith(suffixes)):
                yield inside / name


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file with its contents; generated pins are left out."""
    for path in files():
        if path.name in {"requirements.txt", "requirements-dev.txt", "requirements-peers.txt"}:
            continue
        content = path.read_bytes()
        if b"\0" not in content:
            yield path.relative_to(REPOSITORY), content.decode()
