"""One customer: what is known, why in this segment, where in the ranking, and the orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, cast

import streamlit as st

from crm_core.base import Id, Money, Sentence
from crm_core.customers.answers import Customer, contact, order
from crm_core.ui import report, state
from crm_core.ui.churn import one
from crm_core.ui.loyalty import one as one_ranked
from crm_core.ui.report import Column, ShownFigure, Table, Way
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind

_LATEST_ORDERS: Final = 10


def draw(reader: Reader, found: Customer) -> None:
    """The customer, and the order that the address asks for."""
    _who(reader, found)
    _contact(reader, found)
    _why(reader, found)
    # What takes a while to learn stands above the orders, and does not keep them waiting.
    leaving, rank = st.container(), st.container()
    _orders(reader, found)
    order_id = state.read("order")
    if order_id is not None:
        _lines(reader, found, order_id)
    with rank:
        one_ranked.section(reader, found.customer_id)
    with leaving:
        one.section(reader, found.customer_id)


def _who(reader: Reader, found: Customer) -> None:
    revenue, margin = (cast(float, found.summary[name]) for name in ("revenue", "margin"))
    orders, returns, days = (
        cast(int, found.summary[name]) for name in ("order_count", "return_count", "days_since_last_order")
    )
    first, last = (cast(datetime, found.summary[f"{end}_ordered_at"]).date() for end in ("first", "last"))
    brought = {"count": orders, "revenue": Money(revenue, found.currency), "since": first}
    report.answer(
        reader,
        Sentence("customer.headline.one", {"customer": Id(found.customer_id), **brought}),
        Sentence("customer.context.one", {"segment": found.summary["segment"], "count": days, "date": last}),
    )
    money = {"revenue": revenue, "margin": margin, "average_order_value": revenue / orders}
    language = reader.language
    report.figures(
        reader,
        [
            ShownFigure(
                reader.say(f"figure.{name}"),
                language.money(amount, found.currency, compact=True),
                language.money(amount, found.currency),
            )
            for name, amount in money.items()
        ]
        + [
            ShownFigure(reader.say(f"figure.{name}"), language.number(count), language.number(count))
            for name, count in {"order_count": orders, "return_count": returns}.items()
        ],
    )


def _contact(reader: Reader, found: Customer) -> None:
    """Who looks after the customer, and in which ways the customer may be contacted."""
    told = contact(reader.ask, found.customer_id, as_of=reader.as_of)
    facts = {
        "column.owner": "" if told.owner is None else reader.language.stored(told.owner),
        "customer.allows": _ways(reader, told.allowed),
        "customer.refuses": _ways(reader, told.refused),
    }
    known = {reader.say(key): words for key, words in facts.items() if words}
    if known:
        report.facts(known)


def _ways(reader: Reader, names: Sequence[str]) -> str:
    """Ways of contact."""
    return " · ".join(reader.language.contact_way(one) for one in names)


def _why(reader: Reader, found: Customer) -> None:
    """The segment, the scores that make it, what to do with it, and the way to its other customers."""
    segment = str(found.summary["segment"])
    scores = {"recency": "r_score", "frequency": "f_score", "monetary": "m_score"}
    report.section(reader.say("customer.why", segment=segment))
    report.facts(
        {
            reader.say(f"score.{name}"): reader.say(
                "customer.scored",
                score=found.summary[column],
                words=reader.say(f"score.{name}.{found.summary[column]}"),
            )
            for name, column in scores.items()
        }
    )
    report.note(reader.say("customer.scores_note"))
    report.text(reader.say(f"segment.{segment}.strategy"))
    label = reader.say("customer.of_segment", segment=segment)
    report.ways(reader, [Way(label, "customer", {"segment": segment})])


def _orders(reader: Reader, found: Customer) -> None:
    columns = {
        "order_id": Column(reader.say("column.order_id"), "id"),
        "ordered_at": Column(reader.say("column.ordered_at"), "date"),
        "line_count": Column(reader.say("column.line_count"), "count"),
        "revenue": Column(reader.say("column.revenue"), "money"),
        "margin": Column(reader.say("column.margin"), "money"),
    }
    here = {"customer": found.customer_id}
    report.section(reader.say("customer.orders_of", customer=Id(found.customer_id)))
    report.table(
        reader,
        Table(found.orders, columns, found.currency),
        name="orders",
        leads_to=lambda row: Way("", "customer", {**here, "order": str(row["order_id"])}),
        first=_LATEST_ORDERS,
        folds=True,
    )


def _lines(reader: Reader, found: Customer, order_id: str) -> None:
    lines = order(reader.ask, found.customer_id, order_id, as_of=reader.as_of)
    described: dict[str, Kind] = {
        "product_id": "id",
        "product": "text",
        "category": "text",
        "channel": "text",
    }
    columns = {
        name: Column(reader.say(f"column.{name}"), kind)
        for name, kind in described.items()
        if lines[name].notna().any()
    } | {
        "quantity": Column(reader.say("column.quantity"), "number"),
        "amount": Column(reader.say("column.amount"), "money"),
    }
    report.section(reader.say("customer.lines_of", order=Id(order_id)))
    report.table(reader, Table(lines, columns, found.currency), name="lines")
