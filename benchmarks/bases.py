"""Demonstration bases to measure on, made once and kept in the cache."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from typing import Any

from benchmarks.settings import Settings
from crm_core.sources import demonstration
from crm_core.workspace import Workspace, current_version, open_base
from crm_core.workspace.asking import Answers, Asking
from crm_core.workspace.bringing import write_demonstration

_SEED = 1
_LINKED_FROM_BYTES = 2**20


def demonstration_base(settings: Settings, customers: int) -> Path:
    """The directory of a demonstration base with its derived tables, made when it is not in the cache."""
    base = settings.cache / f"demonstration-{customers}-{_recipe()}"
    if current_version(str(base)) is None:
        write_demonstration(base, customers=customers, seed=_SEED)
    open_base(str(base), limits=settings.limits()).close()
    return base


def _recipe() -> str:
    """What a base is made by: another generator makes another base."""
    digest = hashlib.sha256(repr(demonstration.settings_from_file()).encode())
    for source in sorted(Path(demonstration.__file__).parent.glob("*.py")):
        digest.update(source.read_bytes())
    return digest.hexdigest()[:12]


def twin(base: Path, directory: Path) -> Path:
    """A base of its own with the same contents; large files, which no base ever changes, are shared."""

    def shared(source: str, target: str) -> str:
        if Path(source).stat().st_size < _LINKED_FROM_BYTES:
            return shutil.copy2(source, target)
        try:
            os.link(source, target)
        except OSError:
            return shutil.copy2(source, target)
        return target

    shutil.copytree(base, directory, copy_function=shared)
    return directory


def fresh(workspace: Workspace) -> Asking:
    """How to ask an open base that remembers no answer, while its engine stays warm."""
    return Asking(Answers(workspace.connection, workspace.tables, narrows=True))


def engine_of(workspace: Workspace) -> Any:
    """The DuckDB connection on which the derived tables lie, for SQL written by hand."""
    return workspace.connection.backend.con


def warm(workspace: Workspace) -> None:
    """Read from every order line what figures are made of, so that nothing timed waits for the disk."""
    read = "max(COLUMNS(* EXCLUDE (product_id, product, brand)))"
    statement = f"SELECT {read} FROM base.main.order_lines"  # noqa: S608 - the names are ours
    engine_of(workspace).execute(statement).fetchall()
