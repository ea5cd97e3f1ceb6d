"""What points outstanding would cost, were all of them used, and what those that will be used will."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_core.loyalty.models import Replay, chance_of_use, cost_of_point
from crm_core.loyalty.models.accounts import Floats, Integers
from crm_core.loyalty.rules import Programme


def liability(
    programme: Programme, ledger: Replay, balance: Integers, usable: Integers, money_scale: int
) -> pd.DataFrame:
    """What points outstanding would cost, in money units, a row for each number of them.

    Args:
        programme: Its terms.
        ledger: The replay, which tells what became of points before.
        balance: Points outstanding.
        usable: Those of them that members hold who use points.
        money_scale: Units of money in a unit of currency.

    Returns:
        - `outstanding`: were all of them used for the reward that costs most for a point
        - `expected_use`: of this, what is to be expected; null where nothing is known of it
        - `expected_use_low`, `expected_use_high`: no less and no more than this
    """
    each, chance = cost_of_point(programme, money_scale), chance_of_use(ledger.held)
    most: Floats = usable * np.float64(each)
    told = {"": chance.likely, "_low": chance.low, "_high": chance.high}
    # Where nobody uses points it is known that none will be used.
    expected = {
        f"expected_use{name}": pd.array(np.rint(np.where(most > 0, most * share, 0.0)), dtype="Int64")
        for name, share in told.items()
    }
    return pd.DataFrame({"outstanding": np.rint(balance * np.float64(each)).astype(np.int64), **expected})


def liability_at_end(programme: Programme, ledger: Replay, money_scale: int) -> pd.DataFrame:
    """`liability` at the end of a replay, in one row, with `balance`, and `use_chance`: the share of the
    points outstanding that are expected to be used; null where they cost nothing or nothing is known."""
    flows = ledger.flows
    balance, usable = (part[-1:].sum(keepdims=True) for part in (flows.balance, flows.usable))
    owed = liability(programme, ledger, balance, usable, money_scale)
    outstanding = owed["outstanding"].where(owed["outstanding"] > 0).astype("Float64")
    return owed.assign(use_chance=owed["expected_use"] / outstanding, balance=balance)
