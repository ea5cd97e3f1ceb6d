"""The purchases of CDs that the models of the literature are fitted to, written plainly."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from crm_core.value.models.cells import Floats, Integers

CUT_OFF: Final = pd.Timestamp("1997-09-30")
TENTH: Final = ("cdnow_tenth.csv", "master_id")
ALL: Final = ("cdnow.csv", "customer_id")


class Histories(NamedTuple):
    """Customer by customer: days, and what was spent a repeat day and bought after the cut-off."""

    frequency: Integers
    recency_days: Integers
    age_days: Integers
    mean_spend: Floats
    held_out: Integers


@cache
def cdnow(directory: Path, name: str, customer: str) -> Histories:
    """Histories up to the end of September 1997, and the purchase days of the 39 weeks after it."""
    lines = pd.read_csv(directory / name, parse_dates=["date"])
    days = lines.groupby([customer, "date"], as_index=False)["amount"].sum()
    days["first"] = days.groupby(customer)["date"].transform("min")
    seen = days[days["date"] <= CUT_OFF]
    customers = seen.groupby(customer)["date"].agg(["min", "max", "size"])
    repeats = seen[seen["date"] > seen["first"]]
    spend = repeats.groupby(customer)["amount"].mean().reindex(customers.index).fillna(0.0)
    later = days[days["date"] > CUT_OFF].groupby(customer).size().reindex(customers.index).fillna(0)
    return Histories(
        customers["size"].to_numpy(np.int64) - 1,
        (customers["max"] - customers["min"]).dt.days.to_numpy(np.int64),
        (CUT_OFF - customers["min"]).dt.days.to_numpy(np.int64),
        spend.to_numpy(np.float64),
        later.to_numpy(np.int64),
    )
