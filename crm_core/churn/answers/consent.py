"""Through what customers may be contacted, in the base's own words."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from crm_core.base import NotProvided
from crm_core.churn.estimates.consent import open_channels
from crm_core.tables import Ask

CHANNELS: Final = "open_channels"
"""The column of channels that a customer has not refused; there is none without consents."""
_BETWEEN: Final = " · "


def with_channels(ask: Ask, rows: pd.DataFrame, *, as_of: dt.date) -> pd.DataFrame:
    """Rows of customers with `open_channels`, empty of who refuses every one; as they are without consents.

    Args:
        ask: The reader's base.
        rows: One a customer, with `customer_id`.
        as_of: Only what happened up to the end of this day exists.
    """
    try:
        told = ask(open_channels, as_of=as_of)
    except NotProvided:
        return rows
    if told.empty:
        return rows
    channels = list(told["channel"].drop_duplicates())
    everything = _BETWEEN.join(channels)
    left = told[~told["refused"].astype(bool)]
    of_each = pd.Series("", index=told["customer_id"].unique(), dtype="object")
    for channel in channels:
        free = of_each.index.isin(left.loc[left["channel"] == channel, "customer_id"])
        of_each[free] += _BETWEEN + channel
    of_each = of_each.str.removeprefix(_BETWEEN)
    return rows.assign(**{CHANNELS: rows["customer_id"].map(of_each).fillna(everything).astype("str")})
