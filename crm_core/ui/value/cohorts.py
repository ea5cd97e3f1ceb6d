"""Cohorts of customers by their first purchase, as the page of value to come parts them."""

from __future__ import annotations

from typing import Final

from crm_core.customers.metrics import FirstPurchase
from crm_core.periods import Unit, day_of, period_of
from crm_core.ui.shell import Reader

COHORT: Final = "first_purchase"
"""In an address and among the groupings offered: by the period of the first purchase."""
MOST_COHORTS: Final = 12
"""More quarters than these are told by years."""


def cohorts(reader: Reader) -> FirstPurchase:
    """By quarter of the first purchase, in the reader's calendar; by year where these were too many."""
    last = day_of(reader.as_of)
    first = min(reader.workspace.tables.first_day, last)
    quarters = period_of(last, "quarter", reader.calendar) - period_of(first, "quarter", reader.calendar) + 1
    unit: Unit = "quarter" if quarters <= MOST_COHORTS else "year"
    return FirstPurchase(unit, reader.calendar)


def cohort_name(reader: Reader, group: str) -> str:
    """A cohort in the reader's words."""
    return reader.language.period(int(group), cohorts(reader).unit)
