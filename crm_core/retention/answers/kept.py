"""Who of the silent comes back, and what is left of contracts?"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.periods import Calendar
from crm_core.retention.answers.survival import ShareEstimate
from crm_core.retention.metrics import contract_revenue_retention, reactivation
from crm_core.tables import Ask

SILENT_MONTHS: Final = 3
MOST_MONTHS: Final = 24


@dataclass(frozen=True)
class Month:
    """Customers who were to be kept or won back at the beginning of a month.

    Args:
        period: Integer of the month.
        customers: How many.
        retained: Those of them who were.
        retention_rate: `retained` of `customers`.
        complete: Whether the month is over.
    """

    period: int
    customers: int
    retained: int
    retention_rate: ShareEstimate
    complete: bool

    @property
    def sure(self) -> bool:
        """As of a cell of the matrix: what is not over yet, or rests on too few, is not compared."""
        return self.complete and self.customers >= ENOUGH_CUSTOMERS


def returns_of_silent(ask: Ask, *, as_of: dt.date, calendar: Calendar) -> tuple[Month, ...]:
    """Month by month who of those came back who had not bought for three whole months; none where unknown.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        calendar: Whose months.
    """
    rows = ask(reactivation, as_of=as_of, calendar=calendar, silent=SILENT_MONTHS)
    rows = rows[rows["customers"] > 0].sort_values("period").tail(MOST_MONTHS)
    months = tuple(
        Month(
            int(row["period"]),
            int(row["customers"]),
            int(row["reactivated"]),
            ShareEstimate(float(row["reactivation_rate"]), float(row["low"]), float(row["high"])),
            bool(row["complete"]),
        )
        for row in rows.to_dict("records")
    )
    return months if sum(one.sure for one in months) > 1 else ()


@dataclass(frozen=True)
class ContractMonth:
    """What became in a month of the money that was under contract at its beginning.

    Args:
        month: The customers who paid it, and how many of them still do.
        gross: What is left, without what customers took on, 0 to 1.
        net: With it.
        opening: Money a month at its beginning, in units of currency.
        closing: What the same customers pay at its end.
    """

    month: Month
    gross: float
    net: float
    opening: float
    closing: float


def contract_money(ask: Ask, *, as_of: dt.date, calendar: Calendar) -> tuple[ContractMonth, ...]:
    """Month by month what is left of the money under contract; none with too few customers to speak of.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        calendar: Whose months.

    Raises:
        NotProvided: The base has no contracts, or does not know their amounts.
    """
    rows = ask(contract_revenue_retention, as_of=as_of, calendar=calendar)
    scale = ask.tables.money_scale
    months = tuple(
        ContractMonth(
            Month(
                int(row["period"]),
                int(row["customers"]),
                int(row["retained"]),
                ShareEstimate(float(row["retention_rate"]), float(row["low"]), float(row["high"])),
                bool(row["complete"]),
            ),
            float(row["gross_retention"]),
            float(row["net_retention"]),
            float(row["opening_amount"]) / scale,
            float(row["closing_amount"]) / scale,
        )
        for row in rows.sort_values("period").tail(MOST_MONTHS).to_dict("records")
    )
    return months if sum(one.month.sure for one in months) > 1 else ()
