"""The import of a delimited file written plainly: csv, Decimal and datetime, one row after the other."""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

FIRST, LAST = datetime.datetime(1901, 1, 1), datetime.datetime(2100, 1, 1)


@dataclass
class Imported:
    """What the oracle makes of a file with the columns order, customer, date, quantity, price, city."""

    orders: list[tuple[Any, ...]] = field(default_factory=list)
    customers: dict[str, dict[str, Any]] = field(default_factory=dict)
    read: int = 0
    guests: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    rejected_rows: list[int] = field(default_factory=list)


def moment(text: str) -> datetime.datetime | str:
    """The moment, or the reason why it is none."""
    text = text.strip()
    if not text:
        return "reject.missing_value"
    try:
        found = datetime.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")
    except ValueError:
        return "reject.bad_date"
    return found if FIRST <= found < LAST else "reject.date_out_of_range"


def number(text: str) -> Decimal | None | str:
    """The number, nothing, or the reason why it is none."""
    text = text.strip()
    if not text:
        return None
    try:
        found = Decimal(text)
    except InvalidOperation:
        return "reject.bad_number"
    return found if found.is_finite() else "reject.bad_number"


def whole(value: Decimal, scale: int) -> int:
    """Whole units, halves away from zero."""
    return int((value * scale).quantize(Decimal(1), ROUND_HALF_UP))


def import_orders(text: str, delimiter: str = ",", scale: int = 10_000) -> Imported:
    """Import with amount = quantity * price, and customers with their city."""
    found = Imported()
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    latest: dict[str, tuple[datetime.datetime, str]] = {}
    moments: dict[str, datetime.datetime] = {}
    for row, record in enumerate(records[1:], 2):
        if not any(record):
            continue
        found.read += 1
        reason = None
        if len(record) != len(records[0]):
            reason = "reject.wrong_column_count"
        else:
            order, customer, date, quantity_text, price_text, city = record
            at, quantity, price = moment(date), number(quantity_text), number(price_text)
            amount_state = [value for value in (quantity, price) if isinstance(value, str)]
            if isinstance(at, str):
                reason = at
            elif amount_state:
                reason = amount_state[0]
            elif quantity is None or price is None:
                reason = "reject.missing_value"
        if reason is not None:
            found.rejected[reason] += 1
            found.rejected_rows.append(row)
            continue
        assert isinstance(at, datetime.datetime)
        assert isinstance(quantity, Decimal)
        assert isinstance(price, Decimal)
        customer = customer.strip()
        who = None if customer.casefold() in ("", "null", "nan", "none", "n/a", "#n/a", "<na>", "\\n") else customer
        found.orders.append((order.strip(), who, at, whole(quantity * price, scale), whole(quantity, 10_000)))
        if who is None:
            found.guests += 1
            continue
        moments[who] = max(moments.get(who, at), at)
        if city.strip():
            latest[who] = max(latest.get(who, (FIRST, "")), (at, city.strip()), key=lambda pair: (pair[0], pair[1].encode()))
    for who, at in moments.items():
        known = latest.get(who)
        found.customers[who] = {"valid_at": at, "city": known[1] if known else None, "city_valid_at": known[0] if known else None}
    return found
