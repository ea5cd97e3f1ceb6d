"""The memory that an import of a large file takes, as the command line does it."""

from __future__ import annotations

import shutil
import sys
from typing import Final

from benchmarks.memory import memory_of
from benchmarks.order_files import MAPPING, large_file
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import Settings
from crm_core.engine.versions import BaseDirectory

MEGABYTES: Final = 800.0

_IMPORT: Final = "import"
_DERIVE: Final = "derive"


def run(settings: Settings) -> Report:
    """Import so many rows and watch the memory of all processes that take part."""
    file = large_file(settings)
    base = settings.directory / "base"
    shutil.rmtree(base, ignore_errors=True)
    mapping = settings.directory / "mapping.yaml"
    mapping.write_text(MAPPING)
    arguments = ["import", str(file.path), "--mapping", str(mapping), "--base", str(base)]
    held = memory_of(
        [sys.executable, "-m", "crm_core", *arguments],
        lambda: _DERIVE if BaseDirectory(base).current_version() else _IMPORT,
    )
    manifest = BaseDirectory(base).current()
    read = 0 if manifest is None else sum(one.read for one in manifest.imports)
    lines = (
        Figure(
            "peak of all processes until the version is current", _peak(held.peak, _IMPORT), "MB", MEGABYTES
        ),
        Figure("peak of all processes while tables are derived", _peak(held.peak, _DERIVE), "MB", MEGABYTES),
        Figure("largest process, as the kernel counts", held.largest, "MB", MEGABYTES),
        Check(
            "the import ends well", held.status == 0, f"status {held.status}: {held.errors.strip()[-200:]}"
        ),
        Check("every row is read", read == file.rows, f"{read:,} of {file.rows:,}"),
    )
    size = file.path.stat().st_size / 1e6
    about = f"{file.rows:,} rows, {size:,.0f} MB of CSV"
    file.path.unlink()
    return Report("import_memory", about, lines, (file.left_out,) if file.left_out else ())


def _peak(peak: dict[str, float], phase: str) -> float:
    return peak.get(phase, float("nan"))
