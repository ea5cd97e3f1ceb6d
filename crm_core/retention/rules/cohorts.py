"""Cohorts: which of them tell of new customers, in which brackets they are read, and against what mark."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final, Literal, get_args

from crm_core.base import NORMAL_QUANTILE

Measure = Literal["rate", "customers", "revenue", "margin", "orders", "cumulative"]
Standing = Literal["above", "below", "level"]

MEASURES: Final[tuple[Measure, ...]] = get_args(Measure)
"""What a cell of the matrix can show, in the order in which it is offered."""

_USUAL_BRACKETS: Final[Mapping[str, tuple[int, ...]]] = {
    "week": (0, 1, 5, 9, 14, 27, 53),
    "month": (0, 1, 2, 4, 7, 13, 25, 37),
    "quarter": (0, 1, 2, 3, 5, 9, 13),
}
MOST_BRACKETS: Final = 24
"""So many cells in a row are asked for at the most, where several periods stand in one."""

_OLD_FROM: Final = 2.0
_LEAST_COHORTS: Final = 6


def usual_brackets(unit: str) -> tuple[int, ...]:
    """The brackets that are offered for periods of a length; none for years."""
    return _USUAL_BRACKETS.get(unit, ())


def bracket_edges(text: str) -> tuple[int, ...]:
    """Brackets as somebody wrote them, `1,4,7,13`, with one before them from 0 on; none if they make none."""
    parts = text.split(",")
    if not all(part.isascii() and part.isdigit() and len(part) < 5 for part in parts):
        return ()
    edges = tuple(int(part) for part in parts)
    if edges[0]:
        edges = (0, *edges)
    return edges if are_brackets(edges) else ()


def are_brackets(edges: Sequence[int]) -> bool:
    """Whether these are the first periods of some brackets and, last, the one after them all."""
    rising = all(one < other for one, other in itertools.pairwise(edges))
    return 1 < len(edges) <= MOST_BRACKETS + 1 and edges[0] >= 0 and rising


def old_customers(sizes: Sequence[int]) -> int:
    """How many of the first cohorts hold customers who were no new ones, only new to the records.

    Where records begin in the middle of business, the first cohorts are far larger than all that follow:
    those at the beginning that are at least twice as large as the middle one of all.

    Args:
        sizes: Customers of each cohort, the earliest first.
    """
    if len(sizes) < _LEAST_COHORTS:
        return 0
    usual = median(sizes)
    return sum(1 for _ in itertools.takewhile(lambda size: size >= _OLD_FROM * usual, sizes))


def wilson_interval(count: int, of: int) -> tuple[float, float]:
    """The 95 % Wilson interval of the share that `count` is of `of`, 1 or more."""
    square = NORMAL_QUANTILE * NORMAL_QUANTILE
    spread = math.sqrt(count * (of - count) / of + square / 4) * NORMAL_QUANTILE
    low, high = (count + square / 2 - spread) / (of + square), (count + square / 2 + spread) / (of + square)
    return 0.0 if count == 0 else low, 1.0 if count == of else high


def standing(low: float, high: float, benchmark: float) -> Standing:
    """Whether an interval lies above a mark, below it, or holds it."""
    return "above" if low > benchmark else "below" if high < benchmark else "level"
