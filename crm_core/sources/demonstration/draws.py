"""Random draws in bulk: generators by seed, chunk and purpose, and weighted choices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

PURPOSES: Final = (
    "rates",
    "people",
    "names",
    "history",
    "lines",
    "cases",
    "complaints",
    "contacts",
    "payments",
    "contracts",
    "surveys",
)


def generator(seed: int, purpose: str, chunk: int = 0) -> np.random.Generator:
    """The random numbers for one purpose in one chunk; none depend on what another purpose has used."""
    key = (PURPOSES.index(purpose), chunk)
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=key)))


def weights_of(values: Mapping[Any, Any], among: Iterable[Any] | None = None) -> Floats:
    """The weights of a mapping, plain or as attribute `weight`, in its own order or `among` (absent: 0)."""
    names = values if among is None else among
    found = (values.get(name, 0.0) for name in names)
    return np.array([getattr(value, "weight", value) for value in found], dtype=np.float64)


def choose(rng: np.random.Generator, weights: Floats, size: int) -> Ints:
    """`size` indices (shape `(size,)`), index k with probability weights[k] / sum(weights)."""
    rows = np.zeros(size, dtype=np.int64)
    return choose_by_row(rng, weights[np.newaxis, :], rows)


def choose_by_row(rng: np.random.Generator, weights: Floats, rows: Ints) -> Ints:
    """A column of `weights` (rows x columns) for each element of `rows`, chosen by that row's weights."""
    edges = np.cumsum(weights, axis=1)
    edges /= edges[:, -1:]
    columns = weights.shape[1]
    # All rows as one increasing sequence: row k occupies (k, k + 1].
    flat = (edges + np.arange(len(weights))[:, np.newaxis]).ravel()
    found = np.searchsorted(flat, rng.random(len(rows)) + rows, side="right") - rows * columns
    result: Ints = np.minimum(found, columns - 1)
    return result
