"""The import of a delimited file written plainly: csv, Decimal and datetime, one row after the other."""

from __future__ import annotations

import csv
import datetime
import io
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

NOBODY = ("", "null", "nan", "none", "n/a", "#n/a", "<na>", "\\n")
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


def number(text: str) -> Decimal | str | None:
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
    cities: dict[str, tuple[datetime.datetime, str]] = {}
    moments: dict[str, datetime.datetime] = {}
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    for row, record in enumerate(records[1:], 2):
        if not any(record):
            continue
        found.read += 1
        line = read_line(record, len(records[0]), scale)
        if isinstance(line, str):
            found.rejected[line] += 1
            found.rejected_rows.append(row)
            continue
        found.orders.append(line)
        who, at, city = line[1], line[2], record[5].strip()
        if who is None:
            found.guests += 1
            continue
        moments[who] = max(moments.get(who, at), at)
        if city:
            known = cities.get(who, (FIRST, ""))
            cities[who] = max(known, (at, city), key=lambda pair: (pair[0], pair[1].encode()))
    for who, at in moments.items():
        seen, where = cities.get(who, (None, None))
        found.customers[who] = {"valid_at": at, "city": where, "city_valid_at": seen}
    return found


def read_line(record: list[str], width: int, scale: int) -> tuple[Any, ...] | str:
    """The order line, or the reason why it is none."""
    if len(record) != width:
        return "reject.wrong_column_count"
    order, customer, date, quantity_text, price_text, _ = record
    at = moment(date)
    if isinstance(at, str):
        return at
    quantity, price = number(quantity_text), number(price_text)
    for value in (quantity, price):
        if isinstance(value, str):
            return value
    if not isinstance(quantity, Decimal) or not isinstance(price, Decimal):
        return "reject.missing_value"
    customer = customer.strip()
    who = None if customer.casefold() in NOBODY else customer
    return order.strip(), who, at, whole(quantity * price, scale), whole(quantity, 10_000)
