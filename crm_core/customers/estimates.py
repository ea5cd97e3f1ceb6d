"""Through which channels customers may still be contacted."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.metrics.contact import CHANNELS_APART, channel_consents
from crm_core.customers.rules import way_of
from crm_core.tables import Ask, Estimate


@Estimate
def open_channels(ask: Ask, *, as_of: dt.date) -> pd.DataFrame:
    """Of each customer who has said something of a channel, which are refused and which are not.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.

    Returns:
        Grain: a customer and a channel that anybody has said something of.

        - `customer_id`: text
        - `channel`: text
        - `refused`: whether the customer's last word on it is no

    Raises:
        NotProvided: The base has no consents.
    """
    rows = ask(channel_consents, as_of=as_of)
    refused = [_apart(one) for one in rows["refused"]]
    granted = [_apart(one) for one in rows["granted"]]
    channels: dict[str, str] = {}
    for those in (*refused, *granted):
        for way, name in those.items():
            # Of several ways to write it one for all, the same whoever wrote first.
            channels[way] = min(name, channels.get(way, name))
    ways = sorted(channels, key=channels.__getitem__)
    return pd.DataFrame(
        {
            "customer_id": rows["customer_id"].repeat(len(ways)).to_numpy(),
            "channel": [channels[way] for way in ways] * len(rows),
            "refused": [way in those for those in refused for way in ways],
        }
    )


def refusing(ask: Ask, *, as_of: dt.date) -> frozenset[str]:
    """Ids of who has refused every channel that anybody has said something of; of nobody without consents.

    Args:
        ask: The base.
        as_of: Only what happened up to the end of this day exists.
    """
    try:
        rows = ask(channel_consents, as_of=as_of)
    except NotProvided:
        return frozenset()
    # Many customers say the same: each thing said is taken apart once.
    refused = {told: frozenset(_apart(told)) for told in rows["refused"].unique()}
    granted = (_apart(told) for told in rows["granted"].unique())
    channels = frozenset[str]().union(*refused.values(), *granted)
    everything = [told for told, those in refused.items() if those and those == channels]
    return frozenset(rows.loc[rows["refused"].isin(everything), "customer_id"])


def _apart(told: str) -> dict[str, str]:
    """Channels as they are compared, each with its name."""
    return {way_of(name): name for name in told.split(CHANNELS_APART)} if told else {}
