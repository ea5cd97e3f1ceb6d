"""Whom it pays to keep, as it is shown: what a list earns and costs, and whom to contact first."""

from __future__ import annotations

from collections.abc import Mapping

from crm_core.base import ContactWay, Money, Sentence, Share
from crm_core.churn.answers import Deal, Keeping, Kind, Leaving, Terms, why_told
from crm_core.looks import Look
from crm_core.ui import report
from crm_core.ui.contact import channels_column, with_ways
from crm_core.ui.report import Column, ShownFigure, Table, Way
from crm_core.ui.shell import Reader


def figures(reader: Reader, found: Leaving, keeping: Keeping, look: Look) -> tuple[ShownFigure, ...]:
    """What keeping customers earns and costs, how many may leave, and what would go with them."""
    chosen = keeping.curve.chosen
    number, money = reader.language.number, reader.language.money

    def count(key: str, many: float) -> ShownFigure:
        return ShownFigure(reader.say(key), number(round(many)), number(round(many)))

    def amount(key: str, units: float, full: str = "") -> ShownFigure:
        short = money(units, found.currency, compact=True, digits=2)
        return ShownFigure(reader.say(key), short, full or look.money(units))

    interval = reader.say("value.bounds", low=look.money(chosen.low), high=look.money(chosen.high))
    return (
        amount("churn.figure.profit", chosen.profit, f"{look.money(chosen.profit)} ({interval})"),
        count("churn.figure.contacted", chosen.size),
        amount("churn.figure.cost", keeping.cost),
        count(f"churn.figure.expected.{found.asked.churn}", found.expected),
        amount(f"churn.figure.at_risk.{money_name(found)}", found.margin_at_risk),
    )


def money_name(found: Leaving) -> str:
    """What would go with a customer, as the end of a message's key."""
    if found.asked.churn == "contract":
        return "contract"
    return "margin" if found.by_margin else "revenue"


def margin_label(reader: Reader, found: Leaving) -> str:
    """What a customer brings in a year, as the heading of a column."""
    return reader.say(f"churn.column.margin.{money_name(found)}")


def saved_told(reader: Reader, found: Leaving) -> str:
    """What is counted as saved when a customer is kept, in a sentence."""
    name = money_name(found)
    if found.learnt_on is None:
        return reader.say(f"churn.saved.{name}")
    days = {"days": found.asked.horizon_days, "within": found.kept_days}
    return reader.tell(Sentence(f"churn.saved.{name}", {**days, "date": found.learnt_on}))


def rule(reader: Reader, found: Leaving) -> report.Definition:
    """What is counted as saved, what as at risk of it, and what a list costs."""
    counted = (reader.say(f"churn.saved.{one}") for one in ("at_risk", "cost", "chance"))
    return report.definition(reader, saved_told(reader, found), *counted)


def offer_told(deal: Deal, terms: Terms, currency: str) -> Sentence:
    """With which offer a list is made, and through what those on it can be contacted."""
    told = Sentence(
        "customer.offered",
        {
            "contact": Money(deal.contact_cost, currency),
            "offer": Money(deal.offer_cost, currency),
            "saved": Share(deal.saved),
        },
    )
    if terms.way is None:
        return told
    reached = Sentence("customer.reached", {"way": ContactWay(terms.way)})
    return Sentence("churn.context.and", {"first": told, "then": reached})


def left_out(reader: Reader, found: Leaving, keeping: Keeping, way: str | None) -> str:
    """How many customers are left out because of what they refuse; empty where nobody is."""
    count = found.customers - keeping.reached
    if not count:
        return ""
    who = Sentence("churn.first.left_out", {"count": count})
    if way is not None:
        who = Sentence("churn.first.left_out_way", {"count": count, "way": ContactWay(way)})
    at_risk = found.margin_at_risk - sum(one.margin_at_risk for one in keeping.kinds)
    amount = Money(at_risk, found.currency)
    return reader.tell(
        Sentence("churn.first.left_out_risk", {"who": who, "amount": amount, "all": found.customers})
    )


def beside(reader: Reader, keeping: Keeping, terms: Terms, currency: str) -> tuple[str, ...]:
    """What is said beside the list: who is on it, whom an offer keeps, and why it is not longer."""
    many = keeping.curve.chosen.size
    said = []
    if keeping.beyond and many and many == keeping.curve.best.size:
        lost = Money(keeping.lost, currency)
        values = {"most": terms.most, "best": many, "count": keeping.beyond, "lost": lost}
        said.append(reader.tell(Sentence("churn.first.beyond", values)))
    leaving = round(keeping.leaving)
    if leaving < many:
        said.append(reader.say("churn.first.expected", count=many, leaving=reader.language.number(leaving)))
    if many and keeping.deal.effect is not None:
        said.append(reader.say("churn.first.kept", share=reader.language.percent(keeping.deal.saved, None)))
    return tuple(said)


def of_whom(reader: Reader, found: Leaving, keeping: Keeping) -> str:
    """Of how many customers pictures of an offer speak, and how many they leave out."""
    told, count = reader.say("picture.n_customers", count=keeping.reached), found.customers - keeping.reached
    return reader.say("churn.n.without", told=told, count=count) if count else told


def first_table(reader: Reader, found: Leaving, keeping: Keeping) -> Table:
    """Those whom to contact first, each with why."""
    rows = keeping.first
    told = [
        why_told({str(name): value for name, value in row.items()}, found.currency)
        for row in rows.to_dict("records")
    ]
    return Table(
        with_ways(reader, rows.assign(reasons=[reader.tell(one) for one in told])),
        {
            "customer_id": Column(reader.say("column.customer_id"), "id"),
            "churn_probability": Column(reader.say("column.churn_probability"), "share"),
            "margin": Column(margin_label(reader, found), "money"),
            "kept_margin": Column(reader.say("column.kept_margin"), "money"),
            "save_chance": Column(reader.say("column.save_chance"), "share"),
            "expected_profit": Column(reader.say("column.expected_profit"), "money"),
            "reasons": Column(reader.say("column.reasons")),
            **channels_column(reader, rows),
        },
        found.currency,
    )


def way_to(reader: Reader, kind: Kind, count: int, parts: Mapping[str, str]) -> Way:
    """To the list of all customers of a kind."""
    return Way(reader.say("churn.list", count=count), "customer", {"kind": kind, **parts})
