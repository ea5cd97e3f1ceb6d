"""Where the base lies that the server shows."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

LOCATION_VARIABLE: Final = "MOSHTARI_BASE"
"""Environment variable that names the base, a directory or a URL."""

DEFAULT_LOCATION: Final = "data/demonstration"


def location() -> str:
    """What the server was told, or what a reader brought in place of a demonstration."""
    told = os.environ.get(LOCATION_VARIABLE, DEFAULT_LOCATION)
    return own_beside(told) if (Path(own_beside(told)) / "CURRENT").exists() else told


def own_beside(told: str) -> str:
    """Where the reader's own files go while a demonstration is shown, so that the two are never mixed."""
    return told if "://" in told else f"{told.rstrip('/')}-own"
