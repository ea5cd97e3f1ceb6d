"""What a new customer is worth against what winning one costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from crm_core.base import NotProvided, Sentence
from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask
from crm_core.value.estimates import CannotForecast, new_customer_value
from crm_core.value.metrics import acquisition_costs
from crm_core.value.rules import FEWEST_WON, PAY_BACK_MONTHS, pay_back_month


@dataclass(frozen=True)
class Won:
    """Channels through which customers are won.

    Args:
        horizon_months: After how many months the value of a new customer is looked at.
        channels: The one with the highest value over cost first: `channel`, `customers` (won), `cost` (of
            winning one), `value` (of a new customer in these months, with the first purchase), `times`
            (`value` over `cost`, null where it cost nothing), `pay_back` (the month by which it has brought
            what it cost, null where none is), `loses` (whether it costs more than it brings in these
            months); money in units of currency.
        missing: Why there are none, where there are none.
        currency: The base's currency.
    """

    horizon_months: int
    channels: pd.DataFrame
    missing: Sentence | None
    currency: str


def won(
    ask: Ask, *, as_of: dt.date, group: Grouping, horizon_months: int, discount_rate: float, narrowed: bool
) -> Won:
    """What customers won through each channel are worth, and what they cost.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        group: The grouping by the channel through which customers were won.
        horizon_months: After how many months the value of a new customer is looked at.
        discount_rate: By which money loses worth in a year.
        narrowed: Whether only a part of what customers buy is looked at, to which no cost of winning them
            belongs.
    """
    currency, scale = ask.tables.currency, ask.tables.money_scale

    def nothing(why: Sentence) -> Won:
        return Won(horizon_months, pd.DataFrame(), why, currency)

    if narrowed:
        return nothing(Sentence("value.won.narrowed"))
    options = {"horizon_months": horizon_months, "discount_rate": discount_rate}
    try:
        costs = ask(acquisition_costs, as_of=as_of)
        values = ask(new_customer_value, as_of=as_of, group=group, **options)
    except NotProvided:
        return nothing(Sentence("value.won.not_provided"))
    except CannotForecast as error:
        return nothing(Sentence(error.key, error.values))
    courses = {
        str(name): tuple(float(one) / scale for one in rows.sort_values("months")["value"])
        for name, rows in values.groupby("group")
    }
    found = [
        _channel(
            str(row["channel"]), int(row["customers"]), float(row["cost"]) / scale, courses, horizon_months
        )
        for row in costs.to_dict("records")
        if row["channel"] in courses and row["customers"] and not row["uncosted_contacts"]
    ]
    if not found:
        return nothing(_why_none(costs, set(courses)))
    channels = pd.DataFrame(found).sort_values(
        "times", ascending=False, kind="stable", na_position="first", ignore_index=True
    )
    return Won(horizon_months, channels, None, currency)


def _why_none(costs: pd.DataFrame, valued: set[str]) -> Sentence:
    """Why no channel has both a value and a cost.

    Args:
        costs: Rows of `acquisition_costs`.
        valued: Channels of which it is known what a new customer is worth.
    """
    winning = costs[costs["channel"].notna() & (costs["customers"] > 0)]
    if winning.empty:
        return Sentence("value.won.not_provided")
    common = winning[winning["channel"].isin(valued)]
    if common.empty:
        return Sentence("value.won.no_common_channel", {"least": FEWEST_WON})
    return Sentence("value.won.uncosted", {"contacts": int(common["uncosted_contacts"].sum())})


def _channel(
    channel: str, customers: int, spent: float, courses: dict[str, tuple[float, ...]], months: int
) -> dict[str, object]:
    course, cost = courses[channel], spent / customers
    return {
        "channel": channel,
        "customers": customers,
        "cost": cost,
        "value": course[months],
        "times": course[months] / cost if cost > 0 else None,
        "pay_back": pay_back_month(course[: PAY_BACK_MONTHS + 1], cost),
        "loses": cost > course[months],
    }
