"""Through what customers may be contacted, in the base's own words, and who looks after them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.estimates import open_channels
from crm_core.customers.metrics.contact import customer_owners
from crm_core.customers.rules import way_of
from crm_core.tables import Ask

CHANNELS: Final = "open_channels"
"""The column of channels that a customer has not refused; there is none without consents."""
BETWEEN: Final = " · "
"""What stands between them in that column."""


@dataclass(frozen=True)
class Consents:
    """What customers have said of the ways in which they may be contacted.

    Args:
        channels: The ways that anybody has said something of, in the base's own words.
        refused: A row for each customer who has said something, by id, and a column for each way: whether it
            is refused.
    """

    channels: tuple[str, ...]
    refused: pd.DataFrame = field(repr=False)

    def named(self, way: str) -> str | None:
        """A way as it is written here, however it is written elsewhere; None where it is not among them."""
        return next((one for one in self.channels if way_of(one) == way_of(way)), None)

    def allowed(self, customers: pd.Series, channel: str) -> npt.NDArray[np.bool_]:
        """Which of some customers have not refused a way."""
        refusing = self.refused.index[self.refused[channel]]
        return ~customers.isin(refusing).to_numpy("bool")

    def told(self, customers: pd.Series) -> pd.Series:
        """Of each of some customers the ways that are not refused, in one text; empty where all are."""
        of_each = pd.Series("", index=self.refused.index, dtype="object")
        for channel in self.channels:
            of_each[~self.refused[channel]] += BETWEEN + channel
        of_each = of_each.str.removeprefix(BETWEEN)
        return customers.map(of_each).fillna(BETWEEN.join(self.channels)).astype("str")


def consents(ask: Ask, *, as_of: dt.date) -> Consents | None:
    """What customers have said of the ways in which they may be contacted; None where nobody has.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
    """
    try:
        told = ask(open_channels, as_of=as_of)
    except NotProvided:
        return None
    if told.empty:
        return None
    channels = tuple(str(one) for one in told["channel"].drop_duplicates())
    # Every customer has a row for every channel, in the same order.
    refused = told["refused"].to_numpy("bool").reshape(-1, len(channels))
    customers = pd.Index(told["customer_id"].iloc[:: len(channels)])
    return Consents(channels, pd.DataFrame(refused, index=customers, columns=list(channels)))


def with_channels(rows: pd.DataFrame, found: Consents | None) -> pd.DataFrame:
    """Rows of customers with `open_channels`, empty of who refuses every one; as they are without consents.

    Args:
        rows: One a customer, with `customer_id`.
        found: What customers have said.
    """
    return rows if found is None else rows.assign(**{CHANNELS: found.told(rows["customer_id"])})


@dataclass(frozen=True)
class Contact:
    """Who speaks with a customer, and in which ways.

    Args:
        allowed: The ways that are not refused, in the base's own words.
        refused: Those that are.
        owner: Who looks after the customer; None where nobody does, or nobody knows.
    """

    allowed: tuple[str, ...]
    refused: tuple[str, ...]
    owner: str | None


def contact(ask: Ask, customer_id: str, *, as_of: dt.date) -> Contact:
    """Who speaks with a customer, and in which ways; no ways where nobody has said anything of any.

    Args:
        ask: The reader's base.
        customer_id: Who.
        as_of: Only what happened up to the end of this day exists.
    """
    said, who = consents(ask, as_of=as_of), pd.Series([customer_id])
    ways = () if said is None else said.channels
    allowed = tuple(one for one in ways if said is not None and said.allowed(who, one)[0])
    return Contact(allowed, tuple(one for one in ways if one not in allowed), _owner(ask, customer_id, as_of))


def owned(ask: Ask, rows: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """Rows of customers with their `owner`, empty for who has none; as they are where nobody has one.

    Args:
        ask: The reader's base.
        rows: With `customer_id`.
        as_of: Only what happened up to the end of this day exists.
    """
    owners = _owners(ask, as_of)
    if owners is None or not rows["customer_id"].isin(owners.index).any():
        return rows
    return rows.assign(owner=rows["customer_id"].map(owners).fillna(""))


def _owner(ask: Ask, customer_id: str, as_of: dt.date) -> str | None:
    owners = _owners(ask, as_of)
    return None if owners is None or customer_id not in owners else str(owners[customer_id])


def _owners(ask: Ask, as_of: dt.date) -> pd.Series[Any] | None:
    """Who looks after each customer; None where the base does not know."""
    try:
        found = ask(customer_owners, as_of=as_of)
    except NotProvided:
        return None
    return found.set_index("customer_id")["owner"]
