"""What lies around the orders: complaints, payments and contracts of one chunk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from crm_core.periods import MEAN_YEAR_DAYS
from crm_core.schemas import MONEY_SCALE
from crm_core.sources.demonstration.columns import canonical, customer_ids, looked_up, moments, numbered
from crm_core.sources.demonstration.customers import is_company
from crm_core.sources.demonstration.draws import Flags, Floats, Ints, choose, generator, weights_of
from crm_core.sources.demonstration.history import History
from crm_core.sources.demonstration.lines import Baskets, order_ids
from crm_core.sources.demonstration.people import People
from crm_core.sources.demonstration.seasons import at_shop_hours
from crm_core.sources.demonstration.settings import DemonstrationSettings

DAYS_PER_MONTH: Final = MEAN_YEAR_DAYS / 12


@dataclass(frozen=True)
class Cases:
    """Complaints of one chunk, by customer and moment; arrays by case."""

    customer: Ints
    opened: Floats
    late: Flags


def draw_cases(settings: DemonstrationSettings, people: People, history: History, seed: int) -> Cases:
    """The complaints that were opened before the history's end."""
    rng = generator(seed, "cases", people.chunk)
    rules = settings.complaints
    size = len(history.customer)
    other = rng.random(size) < rules.other_probability
    delay = rules.first_days + rng.exponential(rules.mean_days, size)
    opened = at_shop_hours(settings, history.moment + delay)
    kept = (history.late | other) & (opened < settings.days)
    customer, opened, late = history.customer[kept], opened[kept], history.late[kept]
    order = np.lexsort((opened, customer))
    return Cases(customer[order], opened[order], late[order])


def complaints_table(settings: DemonstrationSettings, people: People, cases: Cases, seed: int) -> pa.Table:
    """The canonical `complaints` of one chunk."""
    rng = generator(seed, "complaints", people.chunk)
    rules = settings.complaints
    size = len(cases.customer)
    days = rng.exponential(rules.resolution_days, size)
    resolved = at_shop_hours(settings, cases.opened + days)
    resolved[(rng.random(size) < rules.unresolved_share) | (resolved >= settings.days)] = np.inf
    # The hours of a shop may lie before the opening when both fall on one day.
    resolved = np.maximum(resolved, cases.opened)
    score = rules.satisfaction_mean + rules.satisfaction_per_day * days
    score += rules.satisfaction_spread * rng.standard_normal(size)
    score = np.clip(np.round(score), rules.satisfaction_lowest, rules.satisfaction_highest)
    answered = np.isfinite(resolved) & (rng.random(size) < rules.satisfaction_answered)
    topics = [rules.late_topic, *rules.other_topics]
    severities = list(dict.fromkeys([*rules.severities, *rules.late_severities]))
    topic = np.where(cases.late, 0, 1 + choose(rng, weights_of(rules.other_topics), size))
    severity = np.where(
        cases.late,
        choose(rng, weights_of(rules.late_severities, severities), size),
        choose(rng, weights_of(rules.severities, severities), size),
    )
    return canonical(
        "complaints",
        {
            "customer_id": customer_ids(people.first, cases.customer),
            "opened_at": moments(settings.first_day, cases.opened),
            "case_id": numbered(f"K{people.chunk + 1:04d}-", np.arange(size) + 1),
            "resolved_at": moments(settings.first_day, resolved),
            "topic": looked_up(topics, topic),
            "severity": looked_up(severities, severity),
            "satisfaction": pa.array(score, mask=~answered),
        },
    )


def payments_table(settings: DemonstrationSettings, people: People, baskets: Baskets, seed: int) -> pa.Table:
    """The canonical `payments` of one chunk: an invoice for each purchase of a company."""
    rng = generator(seed, "payments", people.chunk)
    manners = list(settings.payments.manners.values())
    manner = choose(rng, weights_of(settings.payments.manners), len(people))
    purchases = baskets.purchases
    invoiced = (purchases.customer >= 0) & is_company(settings, people)[purchases.like]
    purchase = np.flatnonzero(invoiced)
    customer = purchases.customer[purchase]
    own = manner[customer]
    due = np.floor(purchases.moment[purchase]) + settings.payments.terms_days
    around = rng.standard_normal(len(purchase)) * np.array([m.spread_days for m in manners])[own]
    around += np.array([m.mean_days for m in manners])[own]
    paid = np.maximum(at_shop_hours(settings, due + around), purchases.moment[purchase])
    unpaid = rng.random(len(purchase)) < np.array([m.unpaid for m in manners])[own]
    paid[unpaid | (paid >= settings.days)] = np.inf
    return canonical(
        "payments",
        {
            "customer_id": customer_ids(people.first, customer),
            "due_at": moments(settings.first_day, due),
            "amount": baskets.amount[purchase],
            "invoice_id": numbered(f"I{people.chunk + 1:04d}-", purchase + 1),
            "order_id": order_ids(people.chunk, purchase),
            "paid_at": moments(settings.first_day, paid),
            "currency": looked_up(settings.currencies, purchases.currency[purchase]),
        },
    )


def contracts_table(
    settings: DemonstrationSettings, units: Floats, people: People, history: History, seed: int
) -> pa.Table:
    """The canonical `contracts` of one chunk, in the currency of the customer's market.

    Args:
        units: As from `seasons.daily_units`.
    """
    rng = generator(seed, "contracts", people.chunk)
    rules, size = settings.contracts, len(people)
    share = np.array([group.contract_share for group in settings.groups.values()])[people.group]
    started = at_shop_hours(settings, people.arrived + rng.exponential(rules.after_first_purchase_days, size))
    plan = choose(rng, weights_of(rules.plans), size)
    months = np.array([p.mean_months for p in rules.plans.values()])[plan]
    ended = started + rng.exponential(1.0, size) * months * DAYS_PER_MONTH
    ended = at_shop_hours(settings, np.minimum(ended, history.left + rules.notice_days))
    ended = np.where(ended < settings.days, np.maximum(ended, started), np.inf)
    signed = (
        ~people.potential & (rng.random(size) < share) & (started < np.minimum(history.left, settings.days))
    )
    customer = np.flatnonzero(signed)
    codes = list(settings.currencies)
    currency = np.array([codes.index(m.currency) for m in settings.markets.values()])[people.market[customer]]
    step = np.array([c.price_step for c in settings.currencies.values()])[currency]
    monthly = np.array([p.monthly for p in rules.plans.values()])[plan[customer]]
    monthly = monthly * units[currency, np.floor(started[customer]).astype(np.int64)]
    return canonical(
        "contracts",
        {
            "customer_id": customer_ids(people.first, customer),
            "started_at": moments(settings.first_day, started[customer]),
            "ended_at": moments(settings.first_day, ended[customer]),
            "plan": looked_up(rules.plans, plan[customer]),
            "monthly_amount": np.round(np.round(monthly / step) * step * MONEY_SCALE).astype(np.int64),
            "currency": looked_up(codes, currency),
        },
    )
