"""What a cell of the matrix shows: a number in one meaning for cohorts, and in one for groups of them."""

from __future__ import annotations

from collections.abc import Mapping
from math import isnan
from typing import Final

from crm_core.looks import Look
from crm_core.retention.answers import Cell
from crm_core.retention.rules import Measure
from crm_core.ui.shell import Visitor

PER_CUSTOMER: Final[Mapping[Measure, str]] = {
    "rate": "per_customer",
    "customers": "per_hundred",
    "revenue": "per_customer",
    "margin": "per_customer",
    "orders": "per_hundred",
    "cumulative": "per_customer",
}
"""How a measure is told of groups, whose cohorts are of any number and size."""


def size_of(cell: Cell, measure: Measure, *, grouped: bool) -> float:
    """What a cell shows, as a number; NaN where a cost is not known.

    Of a cohort its own counts and money, of several cohorts together those of a cohort on average. In a
    comparison of groups counts are those of 100 customers, and money is that of one.

    Args:
        cell: The cell.
        measure: What it shows.
        grouped: Whether groups are compared.
    """
    if measure == "rate":
        return cell.retention_rate
    if measure == "cumulative":
        return cell.cumulative
    margin = float("nan") if cell.margin is None else cell.margin
    sums = {"customers": cell.retained, "revenue": cell.revenue, "margin": margin, "orders": cell.orders}
    if not grouped:
        return sums[measure] / cell.cohorts
    return sums[measure] * (100 if PER_CUSTOMER[measure] == "per_hundred" else 1) / cell.customers


def written(
    reader: Visitor, cell: Cell, measure: Measure, look: Look, *, grouped: bool, money: bool = False
) -> str:
    """What a cell shows, as it is written; with its currency where `money` stands alone."""
    size = size_of(cell, measure, grouped=grouped)
    if isnan(size):
        return reader.say("number.missing")
    if measure == "rate":
        return look.percent(size)
    if measure in ("customers", "orders"):
        return look.number(round(size))
    return (look.money_compact if money else look.compact)(size)
