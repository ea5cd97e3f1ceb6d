"""Who is this customer, how may we speak with them, and who are the customers behind a figure?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import ibis.expr.types as ir
import pandas as pd

from crm_core.customers.answers.contact import (
    BETWEEN,
    CHANNELS,
    Consents,
    Contact,
    consents,
    contact,
    owned,
    with_channels,
)
from crm_core.customers.metrics import (
    customer_summary,
    customers_named,
    lines_of_order,
    listed_customers,
    one_customer,
    orders_of_customer,
)
from crm_core.schemas import QUANTITY_SCALE
from crm_core.tables import Ask

__all__ = [
    "BETWEEN",
    "CHANNELS",
    "LISTED",
    "USUAL",
    "Beside",
    "Consents",
    "Contact",
    "Customer",
    "CustomerList",
    "Listing",
    "consents",
    "contact",
    "customer",
    "customers_behind",
    "order",
    "owned",
    "page_of",
    "with_channels",
]

LISTED = 100
_EVERYBODY: Final = 2**31 - 1

Beside = Callable[..., ir.Table]
"""A function of tables and `as_of` that says something of each actual customer, by `customer_id`."""


@dataclass(frozen=True)
class CustomerList:
    """Some customers, in the order that was asked for.

    Args:
        count: How many there are; 0 where as many as there are were left out before the list.
        rows: As in `customer_summary`, with money in units of currency and what another room says of each
            customer; not more than were asked for.
        currency: The base's currency.
    """

    count: int
    rows: pd.DataFrame
    currency: str


@dataclass(frozen=True)
class Listing:
    """How customers are listed; the highest revenue first when nothing else is said.

    Args:
        sort: The column that orders them.
        descending: Whether its highest value comes first.
        ranks: The values of that column from the lowest to the highest, where their own order is another.
        beginnings: Only customers whose id begins with one of these; none for all.
    """

    sort: str = "revenue"
    descending: bool = True
    ranks: tuple[str, ...] = ()
    beginnings: tuple[str, ...] = ()


USUAL: Final = Listing()


@dataclass(frozen=True)
class Customer:
    """One customer: a row as in `CustomerList`, and the orders, with money in units of currency."""

    customer_id: str
    summary: dict[str, object]
    orders: pd.DataFrame
    currency: str


def customers_behind(
    ask: Ask,
    which: Callable[..., ir.Table],
    *,
    as_of: dt.date,
    limit: int = LISTED,
    skip: int = 0,
    listing: Listing = USUAL,
    beside: Beside | None = None,
    **options: object,
) -> CustomerList:
    """The customers that another room's function names.

    Args:
        ask: The reader's base.
        which: Says which customers, by its `customer_id`.
        as_of: Only what happened up to the end of this day exists.
        limit: How many to list at the most.
        skip: How many to leave out before them.
        listing: In which order, and by which ids.
        beside: Another room's function of one row a customer, whose columns are put beside the summary's.
        **options: What `which` is asked with.

    Returns:
        The list; empty when there is nobody.
    """
    rows = ask(
        listed_customers,
        as_of=as_of,
        which=which,
        limit=limit,
        skip=skip,
        sort=listing.sort,
        descending=listing.descending,
        ranks=listing.ranks,
        beginnings=listing.beginnings,
        beside=beside,
        **options,
    )
    count = int(rows["all_customers"].iloc[0]) if len(rows) else 0
    rows = _in_currency(rows.drop(columns="all_customers"), ask, "revenue", "margin")
    return CustomerList(count, rows, ask.tables.currency)


def _ordered(rows: pd.DataFrame, listing: Listing) -> pd.DataFrame:
    """Those of some rows that a listing asks for, in its order; equal ones by id."""
    if listing.beginnings:
        rows = rows[rows["customer_id"].str.startswith(listing.beginnings)]
    by = ["customer_id"] if listing.sort == "customer_id" else [listing.sort, "customer_id"]
    return rows.sort_values(by, ascending=[not listing.descending, True][: len(by)])


def _known_of(ask: Ask, ids: pd.Series, *, as_of: dt.date, beside: Beside | None = None) -> pd.DataFrame:
    """What is known of some customers; of many, what is known of all takes less time than their names.

    Args:
        ask: The reader's base.
        ids: Their ids.
        as_of: Only what happened up to the end of this day exists.
        beside: As in `customers_behind`.

    Returns:
        Rows as in `CustomerList`, of those who have bought, and perhaps of others.
    """
    if len(ids) <= LISTED:
        named = tuple(ids)
        found = customers_behind(
            ask, customers_named, as_of=as_of, limit=len(named), beside=beside, ids=named
        )
    else:
        found = customers_behind(ask, customer_summary, as_of=as_of, limit=_EVERYBODY, beside=beside)
    return found.rows


def page_of(
    ask: Ask,
    rows: pd.DataFrame,
    *,
    as_of: dt.date,
    listing: Listing,
    limit: int = LISTED,
    skip: int = 0,
    beside: Beside | None = None,
) -> CustomerList:
    """Some of the customers of whom another room has rows, with what is known of each.

    Args:
        ask: The reader's base.
        rows: One a customer, by `customer_id`, money in units of currency.
        as_of: Only what happened up to the end of this day exists.
        listing: In which order, by a column of the rows, and by which ids; its `ranks` are for columns of the
            engine alone.
        limit: How many to list at the most.
        skip: How many to leave out before them.
        beside: As in `customers_behind`.
    """
    rows = _ordered(rows, listing)
    page = rows.iloc[skip : skip + limit]
    known = _known_of(ask, page["customer_id"], as_of=as_of, beside=beside)
    # Where both say something of one name, the rows do.
    known = known.drop(columns=[name for name in page if name in known and name != "customer_id"])
    return CustomerList(len(rows), page.merge(known, on="customer_id", how="left"), ask.tables.currency)


def customer(ask: Ask, customer_id: str, *, as_of: dt.date, beside: Beside | None = None) -> Customer | None:
    """One customer and all orders, the latest first; None when nobody has this id and a purchase.

    Args:
        ask: The reader's base.
        customer_id: Whose id it is.
        as_of: Only what happened up to the end of this day exists.
        beside: As in `customers_behind`.
    """
    found = customers_behind(ask, one_customer, as_of=as_of, limit=1, beside=beside, customer_id=customer_id)
    if not found.count:
        return None
    orders = ask(orders_of_customer, as_of=as_of, customer_id=customer_id)
    summary = {str(name): value for name, value in found.rows.iloc[0].items()}
    return Customer(customer_id, summary, _in_currency(orders, ask, "revenue", "margin"), ask.tables.currency)


def order(ask: Ask, customer_id: str, order_id: str, *, as_of: dt.date) -> pd.DataFrame:
    """The lines of one order, with money in units of currency and quantity in pieces."""
    lines = ask(lines_of_order, as_of=as_of, customer_id=customer_id, order_id=order_id)
    lines["quantity"] = lines["quantity"].astype("float64") / QUANTITY_SCALE
    return _in_currency(lines, ask, "amount")


def _in_currency(rows: pd.DataFrame, ask: Ask, *money: str) -> pd.DataFrame:
    for column in money:
        rows[column] = rows[column].astype("float64") / ask.tables.money_scale
    return rows
