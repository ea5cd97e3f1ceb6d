"""Contracts as they stood on a day: who has one, on what terms, and whose end has come since."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.churn.metrics.columns import Features, count, days, name, total
from crm_core.customers.metrics import NO_DAY_AFTER, NO_DAY_BEFORE, in_own_currency
from crm_core.expressions import day_number
from crm_core.tables import Tables

FEATURES: Final[Features] = {
    "contract_count": count("contracts.ended_at"),
    "ended_contract_count": count("contracts.ended_at"),
    "contract_days": days("contracts.ended_at"),
    "contract_plan": name("contracts.plan"),
    "contract_monthly_amount": count("contracts.monthly_amount"),
}


def contract_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `FEATURES` of each customer who has or had a contract; None where there are none."""
    if "contracts.ended_at" not in past.provided:
        return None
    begun = contracts_begun(past, today)
    running = begun.end >= today
    terms = begun.group_by("customer_id").agg(
        contract_count=begun.count(where=running),
        ended_contract_count=begun.count(where=~running),
        first_day=begun.day.min(where=running),
    )
    terms = terms.mutate(contract_days=today - terms.first_day)
    amounts, plans = _amounts(begun.filter(running), past), _plans(begun.filter(running))
    both = terms.left_join(amounts, "customer_id").drop("customer_id_right")
    both = both.left_join(plans, "customer_id").drop("customer_id_right")
    return both.select("customer_id", *FEATURES)


def customers_under_contract(past: Tables, today: int) -> ir.Table:
    """The customers with a contract that runs on a day; on its first and on its last day it does.

    Raises:
        NotProvided: The base has no contracts, or does not know when they end.
    """
    past.need("contracts", "ended_at")
    begun = contracts_begun(past, today)
    return begun.filter(begun.end >= today).select("customer_id").distinct()


def contract_ends(tables: Tables, cut: int, last: int) -> ir.Table:
    """Customers under contract on a day, and when that ends, as far as it is known by a later day.

    A customer's contracts count as one time while each begins no later than the day after another one ends.
    Whether another one follows on an end on the later day itself is not known by then.

    Returns:
        Grain: a customer, as in `customers_under_contract`. `customer_id`, `end` (day number, or
        `NO_DAY_AFTER`).

    Raises:
        NotProvided: The base has no contracts, or does not know when they end.
    """
    tables.need("contracts", "ended_at")
    begun = contracts_begun(tables, last)
    history = {"group_by": "customer_id", "order_by": ["day", "end"]}
    before = begun.end.max().over(ibis.window(**history, preceding=(None, 1)))
    begun = begun.mutate(anew=ibis.ifelse(begun.day > before.coalesce(NO_DAY_BEFORE) + 1, 1, 0))
    begun = begun.mutate(stay=begun.anew.sum().over(ibis.window(**history, preceding=(None, 0))))
    stays = begun.group_by("customer_id", "stay").agg(day=begun.day.min(), end=begun.end.max())
    stays = stays.filter(stays.day <= cut, stays.end >= cut)
    return stays.select("customer_id", "end")


def contracts_begun(tables: Tables, today: int) -> ir.Table:
    """Contracts that had begun by a day, from `day` to `end`; what ends later than that day goes on."""
    contracts = tables.of_residents(tables.need("contracts"))
    ended = day_number(contracts.ended_at)
    dated = contracts.select(
        "customer_id",
        "plan",
        "monthly_amount",
        "currency",
        day=day_number(contracts.started_at),
        end=ibis.ifelse(ended.isnull() | (ended > today), NO_DAY_AFTER, ended).cast("int64"),
    )
    return dated.filter(dated.customer_id.notnull(), dated.day <= today, dated.day <= dated.end)


def _amounts(running: ir.Table, tables: Tables) -> ir.Table:
    """What each customer's contracts bring in a month, told at the rates of the days on which they began."""
    running, money = in_own_currency(running, tables, "monthly_amount")
    amounts = running.select("customer_id", amount=money["monthly_amount"])
    return amounts.group_by("customer_id").agg(contract_monthly_amount=total(amounts.amount))


def _plans(running: ir.Table) -> ir.Table:
    """The plan of each customer's latest contract; of several that began on one day the first by name."""
    latest = running.group_by("customer_id").agg(day=running.day.max())
    same = running.inner_join(latest, ["customer_id", "day"])
    return same.group_by("customer_id").agg(contract_plan=same.plan.min())
