"""The peers of the survival models: another library in another environment, asked as another process."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("lifelines_peer.py")


@pytest.fixture(scope="session")
def lifelines(peers_python: Path) -> Callable[[list[dict[str, Any]]], list[dict[str, Any]]]:
    """What lifelines says of some samples; see `lifelines_peer.py`."""

    def asked(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
        done = subprocess.run(
            [peers_python, SCRIPT], input=json.dumps(samples), capture_output=True, text=True, check=True
        )
        answers: list[dict[str, Any]] = json.loads(done.stdout)
        return answers

    return asked
