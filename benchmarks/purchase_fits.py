"""One fit in a process of its own: `python -m benchmarks.purchase_fits WHOSE MODEL FILE`, told as JSON.

It runs in the environment of the peer too, which holds nothing of ours.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

_PEERS = {"bg_nbd": "BetaGeoFitter", "pareto_nbd": "ParetoNBDFitter"}


def main(whose: str, model: str, file: str) -> None:
    """Fit a model to the customers of a file: days, one row a customer."""
    with np.load(file) as held:
        days = [held[name] for name in ("frequency", "recency_days", "age_days")]
    seconds, parameters = (_ours if whose == "ours" else _peer)(model, days)
    # Of this program alone: what getrusage tells begins with the memory of the process that started it.
    status = Path("/proc/self/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:")) * 1024 / 1e6
    print(json.dumps({"seconds": seconds, "megabytes": peak, "parameters": parameters}))


def _ours(model: str, days: list[Any]) -> tuple[float, dict[str, float]]:
    models = importlib.import_module("crm_core.value.models")
    # The peer loads these with itself, before its clock starts; ours, only once they are called.
    for library in ("scipy.optimize", "scipy.special"):
        importlib.import_module(library)
    begin = time.perf_counter()
    cells, _ = models.group_days(*days)
    fitted = getattr(models, f"fit_{model}")(cells)
    return time.perf_counter() - begin, dict(fitted.parameters)


def _peer(model: str, days: list[Any]) -> tuple[float, dict[str, float]]:
    fitter = getattr(importlib.import_module("lifetimes"), _PEERS[model])()
    begin = time.perf_counter()
    fitter.fit(days[0], days[1] / 7, days[2] / 7)
    return time.perf_counter() - begin, {name: float(value) for name, value in fitter.params_.items()}


if __name__ == "__main__":
    main(*sys.argv[1:])
