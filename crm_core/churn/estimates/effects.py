"""What past campaigns from which some were held back say of an offer."""

from __future__ import annotations

import datetime as dt
from typing import Final

import numpy as np
import pandas as pd

from crm_core.base import NotProvided
from crm_core.churn.estimates.margins import basis_of, margins_on
from crm_core.churn.estimates.options import ChurnOf, HorizonDays, NoPurchase
from crm_core.churn.estimates.questions import Question, question_of
from crm_core.churn.estimates.snapshots import MOST_CUSTOMERS, chances_on
from crm_core.churn.estimates.stakes import companies
from crm_core.churn.estimates.trained import stored_of
from crm_core.churn.metrics.campaigns import campaign_customers
from crm_core.churn.models import People, RateEffect, rate_effect
from crm_core.periods import date_of, day_of
from crm_core.tables import Ask, AsOf, lasting

MOST_CAMPAIGNS: Final = 4
"""So many of the latest are learnt from, as customers have to be scored as they stood before each."""
_SPREAD: Final = 6


@lasting
def offer_effect(
    ask: Ask,
    *,
    as_of: AsOf,
    horizon_days: HorizonDays = 0,
    churn: ChurnOf = "purchases",
    no_purchase: NoPurchase = None,
) -> pd.DataFrame:
    """By how much past campaigns raised the rate at which customers buy, from who was held back.

    Of the latest campaigns of `campaign_effects`. How likely a customer was to leave is what today's model
    says of what was known on the day before the campaign began; who had bought by then is learnt from, of
    very many customers those of a fair draw. Of contracts nothing is learnt.

    Returns:
        Grain: one row; none where no campaign is over that held anybody back.

        - `log_factor`, `by_margin`, `by_company`, `middle`, `between`, `campaigns`, `customers`: as in
            `RateEffect`, `middle` in units of currency
        - `seen_from`, `seen_to`: its `seen`, likewise
        - `spread_1` to `spread_6`: its `spread`

    Raises:
        InputError: The history is too short, or too few have left or stayed; or there is no such horizon.
    """
    question = question_of(ask, as_of, Question(horizon_days, churn, no_purchase))
    rows = _latest(ask, as_of, question)
    if rows.empty:
        return pd.DataFrame(columns=_COLUMNS)
    model, basis = stored_of(ask, day_of(as_of), question).model, basis_of(ask, as_of)
    parts = []
    for day, those in rows.groupby("sent_day", sort=True):
        before = int(str(day)) - 1
        chances = chances_on(ask, before, model, question, MOST_CUSTOMERS)
        those = those[those["customer_id"].isin(chances.index)]
        margin = margins_on(ask, date_of(before), basis) / ask.tables.money_scale
        parts.append(
            those.assign(
                probability=chances.reindex(those["customer_id"]).to_numpy(),
                margin=margin.reindex(those["customer_id"]).fillna(0.0).to_numpy(),
                company=companies(ask, as_of, those["customer_id"]),
            )
        )
    told = pd.concat(parts, ignore_index=True)
    if told["held_back"].nunique() < len((True, False)):
        return pd.DataFrame(columns=_COLUMNS)
    found = rate_effect(
        People(
            told["probability"].to_numpy("float64"),
            told["margin"].to_numpy("float64"),
            told["company"].to_numpy("bool"),
        ),
        contacted=1.0 - told["held_back"].to_numpy("float64"),
        left=1.0 - told["stayed"].to_numpy("float64"),
        campaign=pd.factorize(told["campaign_id"])[0].astype(np.int64),
    )
    return pd.DataFrame([_row(found)], columns=_COLUMNS)


_COLUMNS: Final = [
    *("log_factor", "by_margin", "by_company", "middle", "between", "campaigns", "customers"),
    *("seen_from", "seen_to", *(f"spread_{place}" for place in range(1, _SPREAD + 1))),
]


def effect_of(rows: pd.DataFrame) -> RateEffect | None:
    """The effect that rows of `offer_effect` tell of; None where there are none."""
    if rows.empty:
        return None
    row = {str(name): float(value) for name, value in rows.iloc[0].items()}
    names = ("log_factor", "by_margin", "by_company", "middle", "between")
    one, two, three, four, five, six = (row[f"spread_{place}"] for place in range(1, _SPREAD + 1))
    return RateEffect(
        **{name: row[name] for name in names},
        seen=(row["seen_from"], row["seen_to"]),
        spread=(one, two, three, four, five, six),
        campaigns=int(row["campaigns"]),
        customers=int(row["customers"]),
    )


def _row(found: RateEffect) -> dict[str, float]:
    return {
        **{name: getattr(found, name) for name in _COLUMNS if hasattr(found, name)},
        "seen_from": found.seen[0],
        "seen_to": found.seen[1],
        **{f"spread_{place}": value for place, value in enumerate(found.spread, start=1)},
    }


def _latest(ask: Ask, as_of: dt.date, question: Question) -> pd.DataFrame:
    """Customers of the latest campaigns with customers of both sorts."""
    if question.churn == "contract":
        return pd.DataFrame()
    try:
        rows = ask(
            campaign_customers,
            as_of=as_of,
            horizon_days=question.horizon_days,
            latest=MOST_CAMPAIGNS,
        )
    except NotProvided:
        return pd.DataFrame()
    return rows.sort_values(["sent_day", "campaign_id", "customer_id"], ignore_index=True)
