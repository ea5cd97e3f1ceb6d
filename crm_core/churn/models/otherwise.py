"""What is known of customers if one thing were otherwise today, everything that hangs on it with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np

from crm_core.churn.models.columns import Column, Columns, Floats, Truths
from crm_core.churn.rules import PURCHASE_WINDOWS
from crm_core.periods import YEAR_DAYS

_CONTACT_WINDOWS: Final = (30, 90, 365)


def bought_today(columns: Columns) -> tuple[Truths, dict[str, Column]]:
    """A purchase more today, of the customer's mean and with the usual discount, otherwise as before.

    Purchases of 360 to 364 days ago count among those of the 180 days before the last 180. Of complaints
    opened today, how many is not told: they count as one.

    Args:
        columns: Features of `churn_features`, money in any unit; those that are not known may be left out.

    Returns:
        Of whom this can be said: customers whose last purchase was not today; and the features that are
        otherwise.
    """
    old = _Numbers(columns)
    silent, age = old["days_since_last_order"], old["days_since_first_order"]
    orders, spent = old["order_count"], old["average_order_value"]
    found: dict[str, Floats] = {
        "days_since_last_order": 0 * silent,
        "silent_share": 0 * silent,
        "overdue_ratio": 0 * silent,
        "order_count": orders + 1,
        "revenue": old["revenue"] + spent,
        "orders_per_year": YEAR_DAYS * (orders + 1) / (age + 1),
        **{f"order_count_{one}": old[f"order_count_{one}"] + 1 for one in PURCHASE_WINDOWS},
        **{f"revenue_{one}": old[f"revenue_{one}"] + spent for one in PURCHASE_WINDOWS},
        **_rhythm(old),
        "discount_share_90": np.where(
            np.isnan(old["discount_share_90"]), old["discount_share"], old["discount_share_90"]
        ),
        "complaint_count_since_order": np.where(old["days_since_last_complaint"] == 0, 1.0, 0.0),
    }
    for late, early in ((90, 180), (180, 365)):
        for what, more in (("order", np.ones(len(silent))), ("revenue", spent)):
            sums = f"{what}_count" if what == "order" else what
            now, before = old[f"{sums}_{late}"] + more, old[f"{sums}_{early}"] - old[f"{sums}_{late}"]
            with np.errstate(divide="ignore", invalid="ignore"):
                found[f"{what}_trend_{late}"] = (now - before) / (np.abs(now) + np.abs(before))
    return silent > 0, _known(found, columns)


def _rhythm(old: _Numbers) -> dict[str, Floats]:
    """Gaps between days with a purchase, the last of them the silence that is over."""
    silent, age, days = old["days_since_last_order"], old["days_since_first_order"], old["purchase_days"]
    gaps, span = days - 1, age - silent
    deviation = np.nan_to_num(old["gap_deviation_days"])
    with np.errstate(divide="ignore", invalid="ignore"):
        mean_square = np.where(gaps > 0, span**2 / gaps, 0.0)
        squares = deviation**2 * np.maximum(gaps - 1, 0) + mean_square + silent**2
        variance = (squares - age**2 / days) / (days - 1)
    return {
        "purchase_days": days + 1,
        "gap_days": age / days,
        "gap_deviation_days": np.where(days > 1, np.sqrt(np.maximum(variance, 0.0)), np.nan),
        "last_gap_days": silent,
        "longest_gap_days": np.fmax(old["longest_gap_days"], silent),
    }


def complaints_settled(columns: Columns) -> tuple[Truths, dict[str, Column]]:
    """No complaint open; how long that took and how it pleased is left as it is."""
    count = _Numbers(columns)["open_complaint_count"]
    return count > 0, _known({"open_complaint_count": 0 * count}, columns)


def invoices_paid(columns: Columns) -> tuple[Truths, dict[str, Column]]:
    """No invoice overdue; that they were late stays."""
    old = _Numbers(columns)
    count = old["unpaid_count"]
    found = {
        "unpaid_count": 0 * count,
        "unpaid_amount": 0 * old["unpaid_amount"],
        "oldest_unpaid_days": np.full(len(count), np.nan),
    }
    return count > 0, _known(found, columns)


def contacted_today(columns: Columns) -> tuple[Truths, dict[str, Column]]:
    """A contact more today, begun by the company."""
    old = _Numbers(columns)
    found = {
        "days_since_last_contact": 0 * old["contact_count_30"],
        **{f"contact_count_{one}": old[f"contact_count_{one}"] + 1 for one in _CONTACT_WINDOWS},
    }
    known = ~np.isnan(old["contact_count_30"])
    return known & (np.nan_to_num(old["days_since_last_contact"], nan=np.inf) > 0), _known(found, columns)


CHANGES: Final[Mapping[str, Callable[[Columns], tuple[Truths, dict[str, Column]]]]] = {
    "bought_today": bought_today,
    "complaints_settled": complaints_settled,
    "invoices_paid": invoices_paid,
    "contacted_today": contacted_today,
}
"""What somebody can change, by its code."""


class _Numbers:
    """Features by name, of one that is not known everybody's missing."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._count = next((len(one) for one in columns.values()), 0)

    def __getitem__(self, name: str) -> Floats:
        column = self._columns.get(name)
        return np.full(self._count, np.nan) if column is None else np.asarray(column, np.float64)


def _known(found: Mapping[str, Floats], columns: Columns) -> dict[str, Column]:
    """What a base knows nothing of stays unknown."""
    return {name: column for name, column in found.items() if name in columns}
