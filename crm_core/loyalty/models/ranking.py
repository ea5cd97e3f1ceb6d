"""Customers ranked by a company's own indicators."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from crm_core.loyalty.models.accounts import Floats, Integers
from crm_core.loyalty.rules import Indicator

_DECIMALS: Final = 9


def indicator_points(indicators: Sequence[Indicator], values: Floats) -> Floats:
    """The points of each customer by each indicator: weight times the points of the band.

    Args:
        indicators: With their weights and bands.
        values: What customers come to, NaN where it is not known; customers x indicators.

    Returns:
        Customers x indicators; 0 below the first band, and where the value is not known.
    """
    points = np.zeros(values.shape)
    for place, indicator in enumerate(indicators):
        bounds = np.array([band.at for band in indicator.bands])
        given = np.array([0.0, *(band.points for band in indicator.bands)])
        known = ~np.isnan(values[:, place])
        reached = np.searchsorted(bounds, values[known, place], side="right")
        points[known, place] = indicator.weight * given[reached]
    return points


def summed(points: Floats) -> Floats:
    """The points of each customer, without the dust of binary fractions that would tell equals apart."""
    sums: Floats = np.round(points.sum(axis=1), _DECIMALS)
    return sums


def ranks(points: Floats) -> Integers:
    """1 for the most points; equal customers have equal ranks, and those after them are not moved up."""
    order = np.sort(-points)
    return np.searchsorted(order, -points, side="left") + 1
