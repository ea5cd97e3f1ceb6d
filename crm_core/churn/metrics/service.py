"""What lies around a customer's orders as of a day: invoices, complaints, surveys, contacts, consents."""

from __future__ import annotations

from typing import Final

import ibis
import ibis.expr.types as ir

from crm_core.churn.metrics.columns import (
    Features,
    count,
    days,
    divided,
    name,
    ratio,
    total,
)
from crm_core.customers.metrics import in_own_currency, purchase_days
from crm_core.expressions import day_number, rounded
from crm_core.periods import FIRST_DAY, MEAN_YEAR_DAYS
from crm_core.schemas import HELD_BACK
from crm_core.tables import Tables

_SCORE_SCALE: Final = 10_000
_SECONDS_BEFORE_EPOCH: Final = 2**33
"""More than any base reaches back, so that no number of seconds is negative."""

PAYMENT_FEATURES: Final[Features] = {
    "invoice_count": count("payments.due_at"),
    "unpaid_count": count("payments.paid_at"),
    "unpaid_amount": count("payments.paid_at"),
    "oldest_unpaid_days": days("payments.paid_at"),
    "payment_delay_days": ratio("payments.paid_at"),
    "late_share": ratio("payments.paid_at"),
}
COMPLAINT_FEATURES: Final[Features] = {
    "complaint_count": count("complaints.opened_at"),
    "complaint_count_90": count("complaints.opened_at"),
    "complaint_count_365": count("complaints.opened_at"),
    "complaint_count_since_order": count("complaints.opened_at"),
    "open_complaint_count": count("complaints.resolved_at"),
    "days_since_last_complaint": days("complaints.opened_at"),
    "resolution_days": ratio("complaints.resolved_at"),
    "complaint_satisfaction": ratio("complaints.satisfaction"),
}
SURVEY_FEATURES: Final[Features] = {
    "survey_answer_count": count("surveys.score"),
    "days_since_last_answer": days("surveys.score"),
    "last_nps": ratio("surveys.score"),
    "last_csat": ratio("surveys.score"),
    "last_ces": ratio("surveys.score"),
    "perception_gap": ratio("surveys.score"),
}
CONTACT_FEATURES: Final[Features] = {
    "contact_count_30": count("contacts.contacted_at"),
    "contact_count_90": count("contacts.contacted_at"),
    "contact_count_365": count("contacts.contacted_at"),
    "inbound_contact_count_90": count("contacts.direction"),
    "days_since_last_contact": days("contacts.contacted_at"),
}
CONSENT_FEATURES: Final[Features] = {
    "consent_count": count("consents.allowed"),
    "refusal_count": count("consents.allowed"),
    "refusal_count_365": count("consents.allowed"),
}
CUSTOMER_FEATURES: Final[Features] = {
    "kind": name("customers.kind"),
    "region": name("customers.customer_id"),
    "city": name("customers.city"),
    "acquisition_channel": name("customers.acquisition_channel"),
    "age_years": days("customers.birth_date"),
    "known_days": days("customers.created_at"),
}


def payment_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `PAYMENT_FEATURES` of each customer with an invoice that has fallen due."""
    payments = past.get("payments")
    if payments is None:
        return None
    due = payments.mutate(day=day_number(payments.due_at), paid_day=day_number(payments.paid_at))
    due, money = in_own_currency(due.filter(due.day <= today), past, "amount")
    open_still = (due.paid_day > today).coalesce(True)
    delay = ibis.ifelse(open_still, today, due.paid_day) - due.day
    sums = due.group_by("customer_id").agg(
        invoice_count=due.count(),
        unpaid_count=due.count(where=open_still),
        unpaid_amount=total(money["amount"], open_still),
        oldest_unpaid_day=due.day.min(where=open_still),
        paid_count=due.count(where=~open_still),
        delay=total(delay, ~open_still),
        late_count=due.count(where=delay > 0),
    )
    return sums.select(
        "customer_id",
        "invoice_count",
        "unpaid_count",
        "unpaid_amount",
        oldest_unpaid_days=today - sums.oldest_unpaid_day,
        payment_delay_days=divided(sums.delay, sums.paid_count),
        late_share=divided(sums.late_count, sums.invoice_count),
    )


def complaint_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `COMPLAINT_FEATURES` of each customer who has complained."""
    complaints = past.get("complaints")
    if complaints is None:
        return None
    cases = complaints.select(
        "customer_id",
        "satisfaction",
        day=day_number(complaints.opened_at),
        resolved_day=day_number(complaints.resolved_at),
    )
    cases = cases.filter(cases.day <= today)
    bought = purchase_days(past)
    last = bought.group_by("customer_id").agg(bought_day=bought.day.max())
    cases = cases.left_join(last, "customer_id").drop("customer_id_right")
    closed = (cases.resolved_day <= today).coalesce(False)
    # How a case ended is known when it has ended.
    told = closed & cases.satisfaction.notnull()
    sums = cases.group_by("customer_id").agg(
        complaint_count=cases.count(),
        **{f"complaint_count_{one}": cases.count(where=today - cases.day < one) for one in (90, 365)},
        complaint_count_since_order=cases.count(where=cases.day >= cases.bought_day),
        open_complaint_count=cases.count(where=~closed),
        last_day=cases.day.max(),
        closed_count=cases.count(where=closed),
        open_days=total(cases.resolved_day - cases.day, closed),
        told_count=cases.count(where=told),
        satisfaction=total(_scaled(cases.satisfaction), told),
    )
    return sums.select(
        "customer_id",
        "complaint_count",
        "complaint_count_90",
        "complaint_count_365",
        "complaint_count_since_order",
        "open_complaint_count",
        days_since_last_complaint=today - sums.last_day,
        resolution_days=divided(sums.open_days, sums.closed_count),
        complaint_satisfaction=divided(sums.satisfaction, sums.told_count * _SCORE_SCALE),
    )


def survey_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `SURVEY_FEATURES` of each customer who has answered."""
    surveys = past.get("surveys")
    if surveys is None:
        return None
    answers = surveys.filter(surveys.score.notnull(), day_number(surveys.answered_at) <= today)
    sums = _answers(answers, today)
    last = _last_scores(answers)
    both = sums.left_join(last, "customer_id")
    perceived = divided(both.perception, both.perceptions * _SCORE_SCALE)
    expected = divided(both.expectation, both.expectations * _SCORE_SCALE)
    return both.select(
        "customer_id",
        "survey_answer_count",
        "days_since_last_answer",
        "last_nps",
        "last_csat",
        "last_ces",
        perception_gap=perceived - expected,
    )


def _answers(answers: ir.Table, today: int) -> ir.Table:
    counted = answers.select(
        "customer_id",
        day=day_number(answers.answered_at),
        score=_scaled(answers.score),
        perception=answers.question.startswith("perception:"),
        expectation=answers.question.startswith("expectation:"),
    )
    sums = counted.group_by("customer_id").agg(
        survey_answer_count=counted.count(),
        last_day=counted.day.max(),
        perceptions=counted.count(where=counted.perception),
        expectations=counted.count(where=counted.expectation),
        perception=ibis.ifelse(counted.perception, counted.score, 0).sum().cast("int64"),
        expectation=ibis.ifelse(counted.expectation, counted.score, 0).sum().cast("int64"),
    )
    return sums.mutate(days_since_last_answer=today - sums.last_day)


def _last_scores(answers: ir.Table) -> ir.Table:
    """The score that each customer gave last to each question; of several at a moment the lowest."""
    asked = answers.filter(answers.question.isin(("nps", "csat", "ces")))
    latest = asked.group_by("customer_id", "question").agg(answered_at=asked.answered_at.max())
    last = asked.inner_join(latest, ["customer_id", "question", "answered_at"])
    scores = {f"last_{one}": last.score.min(where=last.question == one) for one in ("nps", "csat", "ces")}
    return last.group_by("customer_id").agg(**scores)


def contact_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `CONTACT_FEATURES` of each customer whom there was contact with."""
    contacts = past.get("contacts")
    if contacts is None:
        return None
    made = contacts.select("customer_id", "direction", day=day_number(contacts.contacted_at))
    made = made.filter(made.day <= today, (made.direction != HELD_BACK).coalesce(True))
    inbound = (made.direction == "inbound").coalesce(False)
    sums = made.group_by("customer_id").agg(
        **{f"contact_count_{one}": made.count(where=today - made.day < one) for one in (30, 90, 365)},
        inbound_contact_count_90=made.count(where=inbound & (today - made.day < 90)),
        last_day=made.day.max(),
    )
    return sums.mutate(days_since_last_contact=today - sums.last_day)


def consent_features(past: Tables, today: int) -> ir.Table | None:
    """The columns in `CONSENT_FEATURES` of each customer who has ever said something about it."""
    consents = past.get("consents")
    if consents is None:
        return None
    changes = consents.select(
        "customer_id",
        "channel",
        purpose=consents.purpose.coalesce(""),
        refused=ibis.ifelse(consents.allowed, 0, 1),
        second=consents.changed_at.epoch_seconds() + _SECONDS_BEFORE_EPOCH,
        day=day_number(consents.changed_at),
    )
    changes = changes.filter(changes.day <= today)
    standing = changes.group_by("customer_id", "channel", "purpose").agg(
        # The last change and, in its lowest bit, whether it was a no: of a yes and a no at once the no holds.
        last=(changes.second * 2 + changes.refused).max().cast("int64"),
        refusals=changes.count(where=(changes.refused == 1) & (today - changes.day < 365)),
    )
    refused = standing["last"] % 2 == 1
    return standing.group_by("customer_id").agg(
        consent_count=standing.count(where=~refused),
        refusal_count=standing.count(where=refused),
        refusal_count_365=total(standing.refusals),
    )


def customer_attributes(past: Tables, today: int) -> ir.Table | None:
    """The columns in `CUSTOMER_FEATURES` of each customer whom the base describes."""
    customers = past.get("customers")
    if customers is None:
        return None
    born, created = day_number(customers.birth_date.cast("timestamp")), day_number(customers.created_at)
    none = ibis.null("int64")
    alive = (born >= FIRST_DAY) & (born <= today)
    age = ((today - born).cast("float64") / MEAN_YEAR_DAYS).floor().cast("int64")
    region = past.region_column
    return customers.select(
        "customer_id",
        "kind",
        "city",
        "acquisition_channel",
        region=ibis.null("string") if region is None else customers[region],
        age_years=ibis.ifelse(alive, age, none),
        known_days=ibis.ifelse(created <= today, today - created, none),
    )


def _scaled(score: ir.FloatingValue) -> ir.IntegerValue:
    """A score as a whole number, whose sums are the same in any order of rows."""
    return rounded(score * float(_SCORE_SCALE))
