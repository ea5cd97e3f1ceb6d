"""How likely one customer is to leave, why, and whether it pays to do something about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from crm_core.base import ContactWay, CrmError, Money, Sentence
from crm_core.churn.answers import (
    Asked,
    Otherwise,
    Terms,
    learnt,
    leaving,
    otherwise,
    profits,
    reasons_told,
    reliance,
    together,
)
from crm_core.churn.estimates import churn_watch_list
from crm_core.customers.answers import CHANNELS
from crm_core.ui import report, state
from crm_core.ui.churn import choices, learning
from crm_core.ui.plot import kept_for_all
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
        asked = choices.asked(reader)
        terms = choices.terms(reader)
        if not learning.done_for_one(reader, asked):
            return
        told = kept_for_all(
            reader,
            lambda: _one(reader, asked, terms, customer_id),
            *("one", customer_id, asked.horizon_days, asked.churn, terms),
        )
        relied = reliance(reader.ask, as_of=reader.as_of, asked=asked)
    except CrmError as error:
        report.failure(reader, error)
        return
    if not relied.usable:
        report.text(reader.tell(relied.told))
        return
    _told(reader, asked, terms, told)
    if relied.care is not None:
        report.note(reader.tell(relied.care))


@dataclass(frozen=True)
class _One:
    """A customer among all.

    Args:
        row: Of `profits`; None of who is not scored.
        usual: The mean chance of leaving of all customers.
        changed: What would have to be different.
        step: What to do next, where the customer is newly at risk.
        hardly_kept: Whether past campaigns kept hardly anybody like this customer.
        refused: Whether the way in which customers are to be contacted is refused.
    """

    row: Mapping[str, object] | None
    usual: float
    changed: Otherwise | None
    step: str | None
    hardly_kept: bool = False
    refused: bool = False


def _one(reader: Reader, asked: Asked, terms: Terms, customer_id: str) -> _One:
    ask, as_of = reader.ask, reader.as_of
    found = leaving(ask, as_of=as_of, asked=asked)
    usual = found.expected / found.customers
    own = found.risks[found.risks["customer_id"] == customer_id]
    if own.empty:
        return _One(None, usual, None, None)
    deal = learnt(ask, as_of=as_of, asked=asked).deal(terms, found)
    row = cast("Mapping[str, object]", profits(own, deal).iloc[0].to_dict())
    contactable = row.get(CHANNELS) != ""
    changed = otherwise(ask, customer_id, as_of=as_of, found=found, contactable=contactable)
    newly = ask(churn_watch_list, as_of=as_of, **asked.options).set_index("customer_id")["next_step"]
    return _One(
        row,
        usual,
        changed,
        str(newly[customer_id]) if customer_id in newly else None,
        hardly_kept=deal.hardly_keeps(float(str(row["save_chance"]))),
        refused=terms.way is not None and customer_id not in set(found.reached(terms.way)["customer_id"]),
    )


def _told(reader: Reader, asked: Asked, terms: Terms, one: _One) -> None:
    row, currency = one.row, reader.workspace.tables.currency
    if row is None:
        report.text(reader.say("churn.one.not_under_contract"))
        return
    report.text(
        reader.say(
            f"churn.one.{asked.churn}",
            chance=reader.language.chance(float(str(row["churn_probability"]))),
            days=asked.horizon_days,
            usual=reader.language.chance(one.usual),
        )
    )
    report.text(reader.tell(_worth(one, row, terms, currency)))
    told = {
        reader.say("column.kept_margin"): reader.language.money(float(str(row["kept_margin"])), currency),
        reader.say("column.save_chance"): reader.language.chance(float(str(row["save_chance"]))),
    }
    for which in ("raises", "lowers"):
        reasons = together(reasons_told(row, currency, which))
        if reasons is not None:
            told[reader.say(f"churn.one.{which}")] = reader.tell(reasons)
    if one.changed is not None and one.changed.told:
        changes = " ".join(reader.tell(each) for each in one.changed.told)
        told[reader.say("churn.otherwise.title")] = changes
    if one.step is not None:
        told[reader.say("column.next_step")] = reader.say(f"churn.step.{one.step}")
    report.facts(told)
    kind = str(row["kind"])
    if one.step not in (None, "no_contact") and kind != "worth_keeping":
        report.note(reader.say("churn.step.why"))
    report.note(reader.say("churn.drivers.no_lever"))
    report.ways(
        reader,
        [
            Way(reader.say("churn.one.alike"), "customer", {"kind": kind, **choices.parts(asked, terms)}),
            Way(reader.say("churn.one.page"), "churn", choices.parts(asked, terms)),
        ],
    )


def _worth(one: _One, row: Mapping[str, object], terms: Terms, currency: str) -> Sentence:
    """Whether it pays to contact the customer, and what speaks against it."""
    if row.get(CHANNELS) == "":
        return Sentence("churn.one.refuses")
    if one.refused:
        return Sentence("churn.one.refuses_way", {"way": ContactWay(str(terms.way))})
    reason = "not_kept" if one.hardly_kept and row["kind"] != "worth_keeping" else row["kind"]
    return Sentence(f"churn.one.{reason}", {"profit": Money(float(str(row["expected_profit"])), currency)})
