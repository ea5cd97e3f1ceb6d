"""Sums over many cells."""

from __future__ import annotations

import numpy as np

from crm_core.value.models.cells import Floats


def weighted(weights: Floats, values: Floats) -> float:
    """The sum of products, on this thread alone.

    `@` wakes the threads of the linear algebra for it, and on a busy machine waits many times as long for
    them as the sum takes.
    """
    return float(np.einsum("i,i->", weights, values))


def at_least(counts: Floats) -> Floats:
    """Of counts by 0, 1, 2, ...: how many have more than 0, more than 1, ..."""
    return np.cumsum(counts[::-1])[::-1][1:]
