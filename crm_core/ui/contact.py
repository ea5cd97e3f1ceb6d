"""Through what customers may be contacted, in the reader's words."""

from __future__ import annotations

import pandas as pd

from crm_core.customers.answers import BETWEEN, CHANNELS
from crm_core.ui.report import Column
from crm_core.ui.shell import Reader


def channels_column(reader: Reader, rows: pd.DataFrame) -> dict[str, Column]:
    """Through what each customer may be contacted; nothing where the base knows no consents."""
    return {CHANNELS: Column(reader.say("column.open_channels"))} if CHANNELS in rows else {}


def with_ways(reader: Reader, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers, the ways in which each may be contacted in words where they have such a column."""
    if CHANNELS not in rows:
        return rows
    words = {
        names: BETWEEN.join(reader.language.contact_way(one) for one in names.split(BETWEEN))
        if names
        else reader.say("customer.no_consent")
        for names in rows[CHANNELS].unique()
    }
    return rows.assign(**{CHANNELS: rows[CHANNELS].map(words)})
