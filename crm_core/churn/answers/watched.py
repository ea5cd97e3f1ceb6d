"""Who is newly at risk, and in which groups the risk rises."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Final

import pandas as pd

from crm_core.churn.answers.leaving import Asked
from crm_core.churn.estimates import churn_warnings, churn_watch_list
from crm_core.churn.rules import LIKELY, WATCHED_DAYS
from crm_core.customers.answers import consents, with_channels
from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask

MONTH_DAYS: Final = WATCHED_DAYS


@dataclass(frozen=True)
class Watched:
    """Customers of today against a month before.

    Args:
        days_before: How long ago they are looked at again.
        threshold: Chance above which a customer is at risk.
        newly: Rows of `churn_watch_list`, with `margin` in units of currency, those first with whom most is
            expected to go.
        warnings: Rows of `churn_warnings`: of all groups.
        currency: The base's currency.
    """

    days_before: int
    threshold: float
    newly: pd.DataFrame = field(repr=False)
    warnings: pd.DataFrame = field(repr=False)
    currency: str

    @property
    def margin(self) -> float:
        """What is expected to go with who is newly at risk, in a year."""
        return float((self.newly["churn_probability"] * self.newly["margin"]).sum())

    @property
    def warned(self) -> pd.DataFrame:
        """The groups in which the chance has risen by more than it usually does."""
        return self.warnings[self.warnings["warned"].astype(bool)]


def watched(
    ask: Ask, *, as_of: dt.date, asked: Asked, group: Grouping, days_before: int = MONTH_DAYS
) -> Watched:
    """Who is newly at risk, and in which groups the risk rises.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.
        group: By what customers are parted.
        days_before: How long ago they are looked at again.

    Raises:
        InputError: The history is too short, or too few have left or stayed.
        NotProvided: The base does not know what the grouping needs.
    """
    options = {**asked.options, "days_before": days_before}
    rows = ask(churn_watch_list, as_of=as_of, **options)
    rows = rows.assign(margin=rows["margin"].astype("float64") / ask.tables.money_scale)
    stake = rows["churn_probability"] * rows["margin"]
    order = stake.sort_values(ascending=False, kind="stable").index
    newly = rows.loc[order].reset_index(drop=True)
    return Watched(
        days_before=days_before,
        threshold=LIKELY,
        newly=with_channels(newly, consents(ask, as_of=as_of)),
        warnings=ask(churn_warnings, as_of=as_of, group=group, **options),
        currency=ask.tables.currency,
    )
