"""A company's files as people write them, their orders and their calendars, in plain Python."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any

Row = Mapping[str, str]
Terms = Mapping[str, Any]

NOWRUZ = {
    **dict.fromkeys((1399, 1403, 1407, 1408), 20),
    **dict.fromkeys((1396, 1397, 1398, 1400, 1401, 1402, 1404, 1405, 1406, 1409, 1410), 21),
}
"""The day of March on which a Jalali year begins; 1399, 1403 and 1408 have 366 days."""
DAY = dt.timedelta(1)


def month_of(day: dt.date, calendar: str) -> tuple[int, int]:
    """Year and month, 1 to 12."""
    if calendar != "jalali":
        return day.year + (543 if calendar == "buddhist" else 0), day.month
    year = day.year - 621
    if day < dt.date(day.year, 3, NOWRUZ[year]):
        year -= 1
    gone = (day - dt.date(year + 621, 3, NOWRUZ[year])).days
    return year, 1 + (gone // 31 if gone < 186 else 6 + (gone - 186) // 30)


def month_number(day: dt.date, calendar: str) -> int:
    """Year x 12 + month - 1."""
    year, month = month_of(day, calendar)
    return year * 12 + month - 1


def month_begin(day: dt.date, calendar: str) -> dt.date:
    """The first day of a day's month."""
    while month_of(day - DAY, calendar) == month_of(day, calendar):
        day -= DAY
    return day


def months_back(day: dt.date, months: int, calendar: str) -> dt.date:
    """The same day so many months earlier, or that month's last day where it is shorter."""
    first = month_begin(day, calendar)
    into = (day - first).days
    for _ in range(months):
        first = month_begin(first - DAY, calendar)
    same = first + into * DAY
    while month_of(same, calendar) != month_of(first, calendar):
        same -= DAY
    return same


def ends_period(day: dt.date, unit: str, calendar: str) -> bool:
    """Whether a day is the last one of its month, quarter or year."""
    (_, month), after = month_of(day, calendar), month_of(day + DAY, calendar)
    if after[1] == month:
        return False
    return month % {"month": 1, "quarter": 3, "year": 12}[unit] == 0


@dataclass
class Order:
    """An order of a known customer up to a day: its lines by channel and category, and their days."""

    customer: str
    day: dt.date
    lines: list[tuple[str, str, int, int | None]] = field(default_factory=list)
    days: list[dt.date] = field(default_factory=list)

    @cached_property
    def amount(self) -> int:
        """What its lines come to, in units of the base's scale."""
        return sum(amount for _, _, amount, _ in self.lines)

    @property
    def channel(self) -> str:
        """That of its lines, the first by name of several; empty where none has any."""
        return min((channel for channel, *_ in self.lines if channel), default="")

    def of(self, channels: Sequence[str], categories: Sequence[str]) -> int:
        """What those lines come to that count for a rule."""
        return sum(
            amount
            for channel, category, amount, _ in self.lines
            if (not channels or channel in channels) and (not categories or category in categories)
        )


def day_of(moment: str) -> dt.date:
    """The day of a moment as it is written."""
    return dt.datetime.fromisoformat(moment).date()


@dataclass
class Files:
    """The rows of a company's CSV files, every value as text; `""` where nothing is known.

    Attributes:
        scale: Units in one unit of the base's currency.
        own: The base's currency.
    """

    orders: Sequence[Row]
    payments: Sequence[Row] = ()
    customers: Sequence[Row] = ()
    contacts: Sequence[Row] = ()
    rates: Sequence[Row] = ()
    scale: int = 10_000
    own: str = ""

    def money(self, text: str, currency: str, day: dt.date) -> int | None:
        """An amount in units of the base, at the rate of its day; None without a rate."""
        amount = Decimal(text) * self.scale
        if currency and currency != self.own:
            rate = self._rate(currency, day)
            if rate is None:
                return None
            amount *= rate
        return int(amount.quantize(Decimal(1), ROUND_HALF_UP))

    def _rate(self, currency: str, day: dt.date) -> Decimal | None:
        valid = [
            (day_of(row["valid_from"]), Decimal(row["rate"]))
            for row in self.rates
            if row["currency"] == currency and day_of(row["valid_from"]) <= day
        ]
        return max(valid)[1] if valid else None

    @cached_property
    def first_day(self) -> dt.date:
        """The day of the first order line."""
        return min(day_of(row["ordered_at"]) for row in self.orders)

    def orders_until(self, as_of: dt.date, keep: Callable[[Row], bool] = lambda row: True) -> list[Order]:
        """The orders of known customers as they stood at the end of a day."""
        found: dict[tuple[str, str], Order] = {}
        for number, row in enumerate(self.orders):
            day = day_of(row["ordered_at"])
            if day > as_of or not row["customer_id"] or not keep(row):
                continue
            amount = self.money(row["amount"], row.get("currency", ""), day)
            if amount is None:
                continue
            cost = row.get("cost", "")
            name = row.get("order_id", "") or f"line {number}"
            order = found.setdefault((row["customer_id"], name), Order(row["customer_id"], day))
            order.day = min(order.day, day)
            paid = self.money(cost, row.get("currency", ""), day) if cost else None
            order.lines.append((row.get("channel", ""), row.get("category", ""), amount, paid))
            order.days.append(day)
        return list(found.values())

    def before(self, as_of: dt.date) -> Files:
        """The same files without whatever was written after a day."""

        def kept(rows: Sequence[Row], column: str) -> list[Row]:
            return [row for row in rows if day_of(row[column]) <= as_of]

        payments = [
            {**row, "paid_at": row["paid_at"] if row["paid_at"] and day_of(row["paid_at"]) <= as_of else ""}
            for row in self.payments
        ]
        return Files(
            kept(self.orders, "ordered_at"),
            payments,
            self.customers,
            kept(self.contacts, "contacted_at"),
            kept(self.rates, "valid_from"),
            self.scale,
            self.own,
        )
