"""Points and weights of numerical integration."""

from __future__ import annotations

from functools import cache

import numpy as np

from crm_core.value.models.cells import Floats


@cache
def gauss_legendre(points: int) -> tuple[Floats, Floats]:
    """Places in (0, 1) and weights that integrate a polynomial of degree 2 `points` - 1 exactly."""
    places, weights = np.polynomial.legendre.leggauss(points)
    return (places + 1) / 2, weights / 2
