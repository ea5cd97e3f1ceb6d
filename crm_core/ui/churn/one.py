"""How likely one customer is to leave, why, and whether it pays to do something about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from crm_core.base import CrmError, Money
from crm_core.churn.answers import (
    CHANNELS,
    Leaving,
    learnt,
    leaving,
    otherwise,
    profits,
    reasons_told,
    reliance,
    together,
)
from crm_core.ui import report, state
from crm_core.ui.churn import choices
from crm_core.ui.report import Way
from crm_core.ui.shell import Reader

ASKED_FOR = "risk"
"""The part of an address that asks for it: what is not known yet takes a while to learn."""


def section(reader: Reader, customer_id: str) -> None:
    """The section on the page of a customer, or the way to it."""
    if state.read(ASKED_FOR) is None:
        here = {"customer": customer_id, ASKED_FOR: "yes"}
        report.ways(reader, [Way(reader.say("churn.one.ask"), "customer", here)])
        return
    report.section(reader.say("churn.one.title"))
    try:
        with report.working(160) as say:
            say(reader.say("churn.work.learning"))
            asked = choices.asked(reader)
            found = leaving(reader.ask, as_of=reader.as_of, asked=asked)
            relied = reliance(reader.ask, as_of=reader.as_of, asked=asked)
    except CrmError as error:
        report.failure(reader, error)
        return
    if not relied.usable:
        report.text(reader.tell(relied.told))
        return
    _told(reader, found, customer_id)
    if relied.care is not None:
        report.note(reader.tell(relied.care))


def _told(reader: Reader, found: Leaving, customer_id: str) -> None:
    asked, terms = found.asked, choices.terms(reader)
    own = found.risks[found.risks["customer_id"] == customer_id]
    if own.empty:
        report.text(reader.say("churn.one.not_under_contract"))
        return
    deal = learnt(reader.ask, as_of=reader.as_of, asked=asked).deal(terms, found)
    row = cast("Mapping[str, object]", profits(own, deal).iloc[0].to_dict())
    usual = found.expected / found.customers
    report.text(
        reader.say(
            f"churn.one.{asked.churn}",
            chance=reader.language.percent(float(str(row["churn_probability"]))),
            days=asked.horizon_days,
            usual=reader.language.percent(usual),
        )
    )
    profit = Money(float(str(row["expected_profit"])), found.currency, compact=False)
    refuses = row.get(CHANNELS) == ""
    report.text(
        reader.say("churn.one.refuses")
        if refuses
        else reader.say(
            f"churn.one.{row['kind']}", profit=reader.language.money(profit.amount, found.currency)
        )
    )
    told = {}
    for which in ("raises", "lowers"):
        reasons = together(reasons_told(row, found.currency, which))
        if reasons is not None:
            told[reader.say(f"churn.one.{which}")] = reader.tell(reasons)
    told |= _otherwise(reader, found, customer_id, contactable=not refuses)
    if told:
        report.facts(told)
        report.note(reader.say("churn.drivers.no_lever"))
    kind = str(row["kind"])
    report.ways(
        reader,
        [
            Way(reader.say("churn.one.alike"), "customer", {"kind": kind, **choices.parts(asked, terms)}),
            Way(reader.say("churn.one.page"), "churn", choices.parts(asked, terms)),
        ],
    )


def _otherwise(reader: Reader, found: Leaving, customer_id: str, *, contactable: bool) -> dict[str, str]:
    changed = otherwise(reader.ask, customer_id, as_of=reader.as_of, found=found, contactable=contactable)
    if changed is None or not changed.told:
        return {}
    return {reader.say("churn.otherwise.title"): " ".join(reader.tell(one) for one in changed.told)}
