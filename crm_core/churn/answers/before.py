"""What acting on the lists of earlier days would have earned."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import cast

import pandas as pd

from crm_core.churn.answers.keeping import Deal, Terms, people_of
from crm_core.churn.answers.leaving import Asked
from crm_core.churn.estimates import risks_tried
from crm_core.churn.models import Choice, Earned, earned, earned_together, expected_cost, expected_profit
from crm_core.customers.answers import consents
from crm_core.tables import Ask


@dataclass(frozen=True)
class Before:
    """What acting on the lists of earlier days would have earned, money in units of currency.

    Args:
        days: The latest day first: `cut_off`, `customers`: who could be contacted, `contacted`, `earned` with
            its 95 % interval `low` to `high`, `everybody`: by contacting all, `naive`: by contacting as many
            who were silent longest, `foresight`: by who had known who would leave.
        together: All the lists.
    """

    days: pd.DataFrame = field(repr=False)
    together: Choice


def earned_before(ask: Ask, *, as_of: dt.date, asked: Asked, deal: Deal, terms: Terms) -> Before | None:
    """What acting on the list of each earlier day would have earned, money in units of currency.

    The list is the one that the page would have shown on that day with the same offer, horizon, way of
    contact, and number of customers who can be contacted or money to spend, without those who had refused
    that way, or every one, by then. Who left is known by now; whether the offer would have kept them is not,
    and is still its chance.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.
        deal: The offer.
        terms: How many can be contacted, for how much, and in which way.

    Returns:
        What they would have earned; None where nothing could be tried, or nobody was to be reached.
    """
    rows = ask(risks_tried, as_of=as_of, **asked.options)
    rows = rows[rows["reachable"].astype(bool)]
    scale = ask.tables.money_scale
    rows = rows.assign(margin=rows["margin"] / scale, kept_margin=rows["kept_margin"] / scale)
    lists, days = [], []
    for day, part in rows.groupby("cut_off", sort=True):
        reached = _reached(ask, cast(dt.date, day), part, terms.way)
        if len(reached):
            lists.append(_list(reached, deal, terms))
            days.append({"cut_off": day, "customers": len(reached), **_told_of(lists[-1])})
    return Before(pd.DataFrame(days[::-1]), earned_together(lists)) if lists else None


def _reached(ask: Ask, day: dt.date, rows: pd.DataFrame, way: str | None) -> pd.DataFrame:
    """Those rows whose customers had not refused a way by then."""
    said = None if way is None else consents(ask, as_of=day)
    own = None if said is None or way is None else said.named(way)
    # A way of which nobody had said anything by then was refused by nobody.
    if said is None or own is None:
        return rows
    return rows[said.allowed(rows["customer_id"], own)]


def _list(rows: pd.DataFrame, deal: Deal, terms: Terms) -> Earned:
    chance, margin = (rows[name].to_numpy("float64") for name in ("churn_probability", "kept_margin"))
    offer = deal.to(people_of(rows))
    return earned(
        chance,
        rows["churned"].to_numpy("float64"),
        margin,
        rows["days_since_last_order"].to_numpy("int64"),
        offer,
        most=terms.many(expected_profit(chance, margin, offer), expected_cost(chance, offer)),
    )


def _told_of(found: Earned) -> dict[str, object]:
    return {
        "contacted": found.chosen.size,
        "earned": found.chosen.profit,
        "low": found.chosen.low,
        "high": found.chosen.high,
        "everybody": found.everybody.profit,
        "naive": found.naive,
        "foresight": found.foresight,
    }
