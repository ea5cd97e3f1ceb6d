"""Who is likely to leave, within which time, and what would go with them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd

from crm_core.base import Id, InputError
from crm_core.churn.estimates.questions import horizon_of
from crm_core.churn.estimates.risks import customer_risks
from crm_core.churn.estimates.stakes import customer_stakes
from crm_core.churn.metrics import Churn
from crm_core.churn.rules import ProposedHorizon
from crm_core.customers.answers import CHANNELS, Consents, consents, with_channels
from crm_core.tables import Ask


@dataclass(frozen=True)
class Asked:
    """What is asked of the customers.

    Args:
        horizon_days: Within how many days a customer leaves.
        churn: What ends then.
        proposed: The horizon that fits the company's own rhythm.
        with_contracts: Whether the base knows contracts and their ends.
    """

    horizon_days: int
    churn: Churn
    proposed: ProposedHorizon
    with_contracts: bool

    @property
    def options(self) -> dict[str, object]:
        """As options of an estimate."""
        options: dict[str, object] = {"horizon_days": self.horizon_days, "churn": self.churn}
        # What is handed in unless told says nothing of contracts: the estimates ask one another without it.
        return {**options, "no_purchase": None} if self.churn == "contract" else options


@dataclass(frozen=True)
class Leaving:
    """How likely each customer is to leave.

    Args:
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of them.
        risks: Rows of `customer_risks` with `kept_margin` and `company` of `customer_stakes`, `margin` and
            `kept_margin` in units of currency; `at_risk`: the chance of leaving times what is saved, but of
            no more than the customer brought in the last year; and, where the base knows consents,
            `open_channels`: those not refused, empty where all are.
        by_margin: Whether cost is taken off that.
        kept_days: Over how many days `kept_margin` is counted.
        learnt_on: The earlier day of whose customers it is learnt; None of contracts.
        currency: The base's currency.
        consents: What customers have said of the ways of contact; None where nobody has.
    """

    as_of: dt.date
    asked: Asked
    risks: pd.DataFrame = field(repr=False)
    by_margin: bool
    kept_days: int
    learnt_on: dt.date | None
    currency: str
    consents: Consents | None = field(default=None, repr=False)

    @cached_property
    def contactable(self) -> pd.DataFrame:
        """The rows of who does not refuse every channel that the base knows of."""
        return self.risks[self.risks[CHANNELS] != ""] if CHANNELS in self.risks else self.risks

    def reached(self, way: str | None) -> pd.DataFrame:
        """The rows of who can be contacted in one way, one of `consents`; None for any.

        Raises:
            InputError: The base knows of no such way.
        """
        rows = self.contactable
        if way is None:
            return rows
        own = None if self.consents is None else self.consents.named(way)
        if self.consents is None or own is None:
            known = () if self.consents is None else self.consents.channels
            raise InputError("churn.no_such_way", way=Id(way), ways=", ".join(known) or "–")
        return rows[self.consents.allowed(rows["customer_id"], own)]

    @cached_property
    def reach(self) -> Mapping[str, int]:
        """How many each way reaches, in the base's own words; nothing without consents."""
        ways = () if self.consents is None else self.consents.channels
        return {way: len(self.reached(way)) for way in ways}

    @property
    def left_out(self) -> int:
        """How many refuse every one."""
        return self.customers - len(self.contactable)

    @property
    def customers(self) -> int:
        """Who are scored."""
        return len(self.risks)

    @property
    def expected(self) -> float:
        """How many are expected to leave."""
        return float(self.risks["churn_probability"].sum())

    @property
    def margin_at_risk(self) -> float:
        """What is expected to be lost with them, of what they brought in the last year."""
        return float(self.risks["at_risk"].sum())


def asked(ask: Ask, *, as_of: dt.date, churn: Churn, horizon_days: int | None) -> Asked:
    """What is asked, with the horizon that is proposed where none is told; of purchases without contracts.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        churn: What ends when a customer leaves.
        horizon_days: Within how many days; None for as many as are proposed.
    """
    with_contracts = _knows_contracts(ask)
    ends: Churn = churn if with_contracts else "purchases"
    proposed = horizon_of(ask, as_of, ends)
    return Asked(horizon_days or proposed.days, ends, proposed, with_contracts)


def _knows_contracts(ask: Ask) -> bool:
    return ask.tables.get("contracts") is not None and "contracts.ended_at" in ask.tables.provided


def leaving(ask: Ask, *, as_of: dt.date, asked: Asked) -> Leaving:
    """How likely each customer is to leave.

    Args:
        ask: The reader's base.
        as_of: Only what happened up to the end of this day exists.
        asked: What is asked of the customers.

    Raises:
        InputError: The history is too short, too few have left or stayed, or nobody is under contract.
    """
    rows = ask(customer_risks, as_of=as_of, **asked.options)
    if rows.empty:
        raise InputError("churn.nobody")
    stakes = ask(customer_stakes, as_of=as_of, **asked.options).set_index("customer_id")
    of_each = stakes.loc[rows["customer_id"]].reset_index()
    by_margin, scale = bool(rows["by_margin"].any()), ask.tables.money_scale
    margin = rows["margin"].astype("float64") / scale
    saved = of_each["kept_margin"].astype("float64") / scale
    told = rows.drop(columns="by_margin").assign(
        margin=margin,
        kept_margin=saved,
        company=of_each["company"].astype("bool"),
        at_risk=rows["churn_probability"] * np.minimum(saved, margin.clip(lower=0.0)),
    )
    said = consents(ask, as_of=as_of)
    return Leaving(
        as_of,
        asked,
        with_channels(told, said),
        by_margin,
        kept_days=int(of_each["days"].iloc[0]),
        learnt_on=None if asked.churn == "contract" else of_each["learnt_on"].iloc[0],
        currency=ask.tables.currency,
        consents=said,
    )
