"""What a new customer is worth against what winning one costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from crm_core.base import CrmError, NotProvided, Sentence
from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask
from crm_core.value.estimates import new_customer_value
from crm_core.value.metrics import acquisition_costs
from crm_core.value.rules import pay_back_month

AFTER_MONTHS = (12, 24, 36)


@dataclass(frozen=True)
class Won:
    """Channels through which customers are won.

    Args:
        channels: The one with the highest value over cost first: `channel`, `customers` (won), `cost` (of
            winning one), `value_12`, `value_24`, `value_36` (of a new customer after so many months),
            `pay_back` (the month by which it has brought what it cost, null where none is), `times`
            (`value_12` over `cost`, null where it cost nothing); money in units of currency.
        missing: Why there are none, where there are none.
        currency: The base's currency.
    """

    channels: pd.DataFrame
    missing: Sentence | None
    currency: str


def won(ask: Ask, *, as_of: dt.date, group: Grouping, discount_rate: float, narrowed: bool) -> Won:
    """What customers won through each channel are worth, and what they cost.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        group: The grouping by the channel through which customers were won.
        discount_rate: By which money loses worth in a year.
        narrowed: Whether only a part of what customers buy is looked at, to which no cost of winning them
            belongs.
    """
    nothing, currency = pd.DataFrame(), ask.tables.currency
    if narrowed:
        return Won(nothing, Sentence("value.won.narrowed"), currency)
    try:
        costs = ask(acquisition_costs, as_of=as_of)
        values = ask(new_customer_value, as_of=as_of, group=group, discount_rate=discount_rate)
    except NotProvided:
        return Won(nothing, Sentence("value.won.not_provided"), currency)
    except CrmError as error:
        if error.key != "value.too_few_won":
            raise
        return Won(nothing, Sentence(error.key, error.values), currency)
    scale = ask.tables.money_scale
    courses = {
        str(name): tuple(float(one) / scale for one in rows.sort_values("months")["value"])
        for name, rows in values.groupby("group")
    }
    found = [
        _channel(str(row["channel"]), int(row["customers"]), float(row["cost"]) / scale, courses)
        for row in costs.to_dict("records")
        if row["channel"] in courses and row["customers"] and not row["uncosted_contacts"]
    ]
    if not found:
        return Won(nothing, Sentence("value.won.not_provided"), currency)
    channels = pd.DataFrame(found).sort_values("times", ascending=False, kind="stable", ignore_index=True)
    return Won(channels, None, currency)


def _channel(
    channel: str, customers: int, spent: float, courses: dict[str, tuple[float, ...]]
) -> dict[str, object]:
    course, cost = courses[channel], spent / customers
    return {
        "channel": channel,
        "customers": customers,
        "cost": cost,
        **{f"value_{months}": course[months] for months in AFTER_MONTHS},
        "pay_back": pay_back_month(course, cost),
        "times": course[AFTER_MONTHS[0]] / cost if cost > 0 else None,
    }
