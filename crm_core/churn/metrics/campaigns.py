"""Who stayed after past campaigns, of those contacted and of those held back: what an offer has done."""

from __future__ import annotations

import datetime as dt

import ibis
import ibis.expr.types as ir

from crm_core.base import check_between
from crm_core.churn.rules import LONGEST_HORIZON_DAYS, USUAL_HORIZON_DAYS
from crm_core.customers.metrics import purchase_days
from crm_core.expressions import date_of_day, day_number
from crm_core.periods import day_of
from crm_core.schemas import HELD_BACK
from crm_core.tables import Tables


def campaign_effects(tables: Tables, *, as_of: dt.date, horizon_days: int = USUAL_HORIZON_DAYS) -> ir.Table:
    """How many more stayed of those whom a campaign contacted than of those held back from it.

    A campaign is here whose last contact lies at least the horizon before `as_of`, and from which somebody
    was held back: a contact whose direction is `none`. Customers count who had bought up to the day of their
    first contact, and have stayed who bought within the horizon after it. Who was held back counts as held
    back, even if contacted later. Whether chance decided who was held back is not told.

    Args:
        tables: `contacts` (contact) with campaign_id and direction; `orders` (order line), with `rates`
            (currency x day) where lines are in other currencies.
        as_of: Only what happened up to the end of this day exists.
        horizon_days: Within how many days after the contact a customer buys who has stayed, 1 to 3,650.

    Returns:
        Grain: a campaign with customers of both sorts.

        - `campaign_id`: text
        - `sent_on`: date of its first contact
        - `treatment_customers`: customers whom it contacted, 1 or more
        - `control_customers`: customers held back, 1 or more
        - `treatment_stayed`: those of the contacted who stayed
        - `control_stayed`: those of the held back who stayed
        - `uplift`: share of the contacted who stayed, less that of the held back, -1 to 1
        - `standard_error`: of `uplift`, with one more in each sort who stayed and one more who left

    Raises:
        InputError: The horizon is out of its range.
        NotProvided: The base has no contacts, or does not know their campaigns or directions.

    References:
        Agresti and Caffo (2000), Simple and effective confidence intervals for proportions and differences of
        proportions result from adding two successes and two failures.
    """
    told = campaign_customers(tables, as_of=as_of, horizon_days=horizon_days)
    arms = told.group_by("campaign_id").agg(
        sent=told.sent_day.min(),
        treatment_customers=told.count(where=~told.held_back),
        control_customers=told.count(where=told.held_back),
        treatment_stayed=told.count(where=~told.held_back & told.stayed),
        control_stayed=told.count(where=told.held_back & told.stayed),
    )
    arms = arms.filter(arms.treatment_customers > 0, arms.control_customers > 0)
    spreads = [_spread(arms[f"{arm}_stayed"], arms[f"{arm}_customers"]) for arm in ("treatment", "control")]
    return arms.select(
        "campaign_id",
        "treatment_customers",
        "control_customers",
        "treatment_stayed",
        "control_stayed",
        sent_on=date_of_day(arms.sent),
        uplift=_share(arms.treatment_stayed, arms.treatment_customers)
        - _share(arms.control_stayed, arms.control_customers),
        standard_error=(spreads[0] + spreads[1]).sqrt(),
    ).relocate("sent_on", after="campaign_id")


def campaign_customers(tables: Tables, *, as_of: dt.date, horizon_days: int, latest: int = 0) -> ir.Table:
    """The customers of campaigns whose horizon is over: whether they were held back, and who stayed.

    Args:
        tables: As in `campaign_effects`.
        as_of: Only what happened up to the end of this day exists.
        horizon_days: As in `campaign_effects`.
        latest: Of so many campaigns with customers of both sorts, those that began last; 0 for all campaigns,
            those without, too.

    Returns:
        Grain: a campaign x a customer, those that `campaign_effects` counts.

        - `campaign_id`: text
        - `customer_id`: text
        - `sent_day`: number of the day of the campaign's first contact
        - `held_back`: whether the customer was held back
        - `stayed`: whether the customer bought within the horizon after the contact

    Raises:
        InputError: The horizon is out of its range.
        NotProvided: The base has no contacts, or does not know their campaigns or directions.
    """
    check_between("horizon_days", horizon_days, 1, LONGEST_HORIZON_DAYS)
    today = day_of(as_of)
    contacted = _first_contacts(tables, today)
    over = contacted.group_by("campaign_id").agg(sent_day=contacted.day.min(), last=contacted.day.max())
    over = over.filter(over["last"] + horizon_days <= today)
    days = purchase_days(tables.until(as_of)).select("customer_id", "next_purchase_day", bought="day")
    told = contacted.inner_join(over, "campaign_id").inner_join(days, "customer_id")
    # Of a customer's purchase days one is the last up to the contact.
    told = told.filter(told.bought <= told.day, told.day < told.next_purchase_day)
    told = told.select(
        "campaign_id",
        "customer_id",
        "sent_day",
        "held_back",
        stayed=told.next_purchase_day <= told.day + horizon_days,
    )
    return told.semi_join(_last_of(told, latest), "campaign_id") if latest else told


def _last_of(told: ir.Table, latest: int) -> ir.Table:
    """The campaigns with customers of both sorts that began last; of those of one day the last by name."""
    arms = told.group_by("campaign_id").agg(
        sent_day=told.sent_day.min(), held_back=told.held_back.any(), contacted=(~told.held_back).any()
    )
    arms = arms.filter(arms.held_back, arms.contacted)
    return arms.order_by(ibis.desc("sent_day"), ibis.desc("campaign_id")).limit(latest).select("campaign_id")


def _first_contacts(tables: Tables, today: int) -> ir.Table:
    """Each campaign's customers: the day of their first contact in it, and whether they were held back."""
    contacts = tables.of_residents(tables.need("contacts", "campaign_id", "direction"))
    contacts = contacts.select(
        "customer_id",
        "campaign_id",
        day=day_number(contacts.contacted_at),
        held_back=(contacts.direction == HELD_BACK).coalesce(False),
        answer=(contacts.direction == "inbound").coalesce(False),
    )
    made = contacts.filter(
        contacts.campaign_id.notnull(),
        contacts.customer_id.notnull(),
        ~contacts.answer,
        contacts.day <= today,
    )
    return made.group_by("campaign_id", "customer_id").agg(
        day=made.day.min(), held_back=ibis.ifelse(made.held_back, 1, 0).max() == 1
    )


def _share(some: ir.IntegerValue, of: ir.IntegerValue) -> ir.FloatingValue:
    return some.cast("float64") / of.cast("float64")


def _spread(stayed: ir.IntegerValue, customers: ir.IntegerValue) -> ir.FloatingValue:
    """The variance of the share who stayed, one more of each outcome counted."""
    share = _share(stayed + 1, customers + 2)
    return share * (1 - share) / (customers + 2).cast("float64")
