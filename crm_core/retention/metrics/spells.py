"""Times until something happens, counted: until the next purchase, until a contract's end."""

from __future__ import annotations

import datetime as dt
from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.base import NotProvided, check_between
from crm_core.customers.metrics import NO_DAY_AFTER, NO_DAY_BEFORE, Grouping, divided_lines, purchase_days
from crm_core.expressions import day_number
from crm_core.periods import day_of
from crm_core.tables import Tables, derivation

MOST_RUNGS: Final = 10
"""Of a customer's purchase days so many are numbered; later ones are known by their days only."""

USUAL_RUNGS: Final = 5
"""Of so many purchases the ladder is told, unless somebody asks for another number."""


@derivation("customer")
def numbered_purchase_days(tables: Tables) -> ir.Table:
    """The first purchase days of each customer by their number, each knowing the next.

    Args:
        tables: `orders` (order line) and `rates`, by way of `purchase_days`.

    Returns:
        Grain: a customer and one of the first 10 purchase days.

        - `customer_id`: text
        - `purchase`: number of the purchase day, 1 to 10
        - `day`: day number
        - `next_purchase_day`: day number of the purchase day after, or `NO_DAY_AFTER`
    """
    return _numbered(purchase_days(tables))


def _numbered(days: ir.Table) -> ir.Table:
    history = ibis.window(group_by="customer_id", order_by="day")
    numbered = days.select(
        "customer_id",
        "day",
        "next_purchase_day",
        purchase=(ibis.row_number().over(history) + 1).cast("int64"),
    )
    return numbered.filter(numbered.purchase <= MOST_RUNGS).relocate("purchase", after="customer_id")


@numbered_purchase_days.narrowed
def _numbered_within(whole: ir.Table, tables: Tables) -> ir.Table | None:
    """An earlier day takes numbers away only at the end, but where an order is divided."""
    if tables.whole is None or not tables.kept.keys() <= {"region"}:
        return None
    days = tables.of_residents(whole)
    if not tables.ended:
        return days
    divided = divided_lines(tables.whole).customer_id
    anew = purchase_days(tables)
    theirs = _numbered(anew.filter(anew.customer_id.isin(divided)))
    days = until_day(days, tables.last_day)
    return days.filter(~days.customer_id.isin(divided)).union(theirs)


def until_day(days: ir.Table, last_day: int) -> ir.Table:
    """Purchase days up to a day, each knowing the next only if it is one of them."""
    days = days.filter(days.day <= last_day)
    after = ibis.ifelse(days.next_purchase_day > last_day, NO_DAY_AFTER, days.next_purchase_day)
    return days.mutate(next_purchase_day=after)


def purchases_numbered(past: Tables, purchase: int) -> ir.Table:
    """The purchase days of one number.

    Raises:
        InputError: There is no purchase of this number.
    """
    check_between("purchase", purchase, 1, MOST_RUNGS)
    days = numbered_purchase_days(past)
    return days.filter(days.purchase == purchase)


def of_won(days: ir.Table, past: Tables, won_from: dt.date | None, won_to: dt.date | None = None) -> ir.Table:
    """Those days of customers who were won, with their first purchase, from a day to another."""
    if won_from is None and won_to is None:
        return days
    won = purchases_numbered(past, 1)
    if won_from is not None:
        won = won.filter(won.day >= day_of(won_from))
    if won_to is not None:
        won = won.filter(won.day <= day_of(won_to))
    return days.filter(days.customer_id.isin(won.customer_id))


def purchase_spells(
    tables: Tables,
    *,
    as_of: dt.date,
    purchase: int | None = 1,
    group: Grouping | None = None,
    won_from: dt.date | None = None,
    won_to: dt.date | None = None,
) -> ir.Table:
    """Times from a purchase day to the customer's next one, as far as they are known by a day.

    Args:
        tables: `orders` (order line), and `rates` (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists; who has not bought again by then may
            still do so.
        purchase: The number of the purchase day that a time begins with, 1 to 10; None for every purchase
            day of everybody.
        group: By what customers are parted: the name of a grouping.
        won_from: Only of customers whose first purchase lies on this day or later.
        won_to: Only of those whose first purchase lies on this day or earlier.

    Returns:
        Grain: a duration x whether it ended in a purchase. With `group`, of each group: its text is in a
        column `group` before all others, null for customers who are in none.

        - `duration_days`: days from the purchase day to the next, 1 or more, or to `as_of`, 0 or more
        - `observed`: 1 when the next purchase came, 0 when it has not come by `as_of`
        - `spells`: how many such times; customers, where `purchase` is a number

    Raises:
        InputError: There is no purchase of this number.
    """
    past = tables.until(as_of)
    days = purchase_days(past) if purchase is None else purchases_numbered(past, purchase)
    days = of_won(days, past, won_from, won_to)
    return counted(days, "next_purchase_day", day_of(as_of), past, group)


def counted(days: ir.Table, end: str, today: int, past: Tables, group: Grouping | None, *by: str) -> ir.Table:
    """How many times there are from a `day` to the day in a column `end`, by `group` and other columns."""
    ended = days[end] < NO_DAY_AFTER
    spells = days.select(
        "customer_id",
        *by,
        duration_days=(ibis.ifelse(ended, days[end], today) - days.day).cast("int64"),
        observed=ibis.ifelse(ended, 1, 0).cast("int64"),
    )
    keys = [*by, "duration_days", "observed"]
    if group is not None:
        spells = spells.left_join(group(past), "customer_id").select(*spells.columns, "group")
        keys = ["group", *keys]
    return spells.group_by(keys).agg(spells=spells.count())


def contract_spells(tables: Tables, *, as_of: dt.date, group: Grouping | None = None) -> ir.Table:
    """How long customers stayed under contract, as far as it is known by a day.

    Args:
        tables: `contracts` (contract).
        as_of: Only what began up to the end of this day exists; what ends on it or later has not ended, for
            another contract may follow on its end.
        group: By what customers are parted: the name of a grouping.

    Returns:
        Grain: a duration x whether it ended; with `group` as in `purchase_spells`. A customer's contracts
        count as one time while each begins no later than the day after another one ends; a contract that
        ends before it begins is none.

        - `duration_days`: days from the first beginning to the first day without a contract, 1 or more, or
            to `as_of`, 0 or more
        - `observed`: 1 when that day has come by `as_of`, 0 when it goes on
        - `spells`: how many such times

    Raises:
        NotProvided: The base has no contracts, or does not know when they end.
    """
    contracts = tables.need("contracts")
    if "contracts.ended_at" not in tables.provided:
        raise NotProvided("base.column_not_provided", table="contracts", column="ended_at")
    today = day_of(as_of)
    contracts = tables.of_residents(contracts)
    dated = contracts.select(
        "customer_id",
        begun=day_number(contracts.started_at),
        ended=day_number(contracts.ended_at).coalesce(NO_DAY_AFTER).cast("int64"),
    )
    dated = dated.filter(dated.customer_id.notnull(), dated.begun <= today, dated.begun <= dated.ended)
    # Its last day is a day under contract: the first one without is the day after.
    without = ibis.ifelse(dated.ended >= today, NO_DAY_AFTER, dated.ended + 1)
    dated = dated.mutate(without=without.cast("int64"))
    history = {"group_by": "customer_id", "order_by": ["begun", "without"]}
    before = dated.without.max().over(ibis.window(**history, preceding=(None, 1)))
    dated = dated.mutate(anew=ibis.ifelse(dated.begun > before.coalesce(NO_DAY_BEFORE), 1, 0))
    dated = dated.mutate(stay=dated.anew.sum().over(ibis.window(**history, preceding=(None, 0))))
    stays = dated.group_by("customer_id", "stay").agg(day=dated.begun.min(), without=dated.without.max())
    return counted(stays, "without", today, tables.until(as_of), group)
