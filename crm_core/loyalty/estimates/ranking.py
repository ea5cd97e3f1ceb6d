"""Customers ranked by a company's own indicators, each one's points explained."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from crm_core.base import InputError
from crm_core.loyalty.estimates.options import RankingProgramme
from crm_core.loyalty.metrics import looked_at, loyalty_indicators
from crm_core.loyalty.models import indicator_points, ranks, summed
from crm_core.loyalty.models.accounts import Floats
from crm_core.loyalty.rules import Programme
from crm_core.tables import Ask, AsOf, Estimate


@Estimate
def loyalty_ranking(ask: Ask, *, as_of: AsOf, programme: RankingProgramme) -> pd.DataFrame:
    """Customers ranked by the indicators of a programme.

    Returns:
        Grain: a customer with a purchase, of the kinds that may be members; the most points first.

        - `customer_id`: text
        - `rank`: 1 for the most points; customers with equal points have equal ranks
        - `indicator_points`: the sum over indicators of weight times the points of the band

    Raises:
        InputError: The programme has no indicators.
        NotProvided: The base lacks what an indicator is about.
    """
    customers, points = _points(ask, as_of, programme)
    sums = summed(points)
    rows = pd.DataFrame({"customer_id": customers, "rank": ranks(sums), "indicator_points": sums})
    return rows.sort_values(["rank", "customer_id"], ignore_index=True)


@Estimate
def loyalty_points(ask: Ask, *, as_of: AsOf, programme: RankingProgramme) -> pd.DataFrame:
    """Where the points come from by which customers are ranked, indicator by indicator.

    Returns:
        Grain: a customer with a purchase, of the kinds that may be members x an indicator.

        - `customer_id`: text
        - `place`: of the indicator in the programme, from 1
        - `indicator`: its name
        - `value`: what the customer comes to; null where it is not known
        - `indicator_points`: weight times the points of the band

    Raises:
        InputError: The programme has no indicators.
        NotProvided: The base lacks what an indicator is about.
    """
    customers, points = _points(ask, as_of, programme)
    values, count = _values(ask, as_of, programme)[1], len(programme.indicators)
    return pd.DataFrame(
        {
            "customer_id": customers.repeat(count).to_numpy(),
            "place": np.tile(np.arange(1, count + 1), len(customers)),
            "indicator": np.tile([one.name for one in programme.indicators], len(customers)),
            "value": values.ravel(),
            "indicator_points": points.ravel(),
        }
    )


def _points(ask: Ask, as_of: dt.date, programme: Programme) -> tuple[pd.Series[str], Floats]:
    customers, values = _values(ask, as_of, programme)
    return customers, indicator_points(programme.indicators, values)


def _values(ask: Ask, as_of: dt.date, programme: Programme) -> tuple[pd.Series[str], Floats]:
    """The same question whatever indicators weigh, so that weights and bands cost no query."""
    if not programme.indicators:
        raise InputError("loyalty.programme.missing", place="programme", name="indicators")
    looked = tuple(looked_at(one) for one in programme.indicators)
    rows = ask(loyalty_indicators, as_of=as_of, looked=looked, kinds=programme.members.kinds)
    values = rows[[f"value_{place}" for place in range(len(looked))]].to_numpy(np.float64)
    return rows["customer_id"], values
