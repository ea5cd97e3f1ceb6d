"""Whom it pays to keep, as it is shown: what an offer costs, what a list earns, and the four kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from crm_core.base import ContactWay, Money, Sentence
from crm_core.churn.answers import BETWEEN, CHANNELS, Deal, Keeping, Kind, Learnt, Leaving, Terms, why_told
from crm_core.churn.charts import ProfitWords, profit_curve
from crm_core.looks import Look
from crm_core.ui import bars, markup, report, state
from crm_core.ui.churn import choices
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, ShownFigure, Table, Way
from crm_core.ui.shell import Reader

_DIGITS: Final = (1, 1.5, 2, 3, 5, 7)
_DECADES: Final = range(-9, 13)
_LOWEST, _HIGHEST = 0.0005, 1.0
"""Of a usual purchase, between which a contact or an offer may cost."""
_CHANCES: Final = (
    *(0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3),
    *(0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
)
_MOST: Final = 999_999_999
_REFUSED: Final = "mo-terms-refused"
"""Where it is kept for one run what a field was told that it cannot take."""
_SHARES: Final = tuple(tenth / 10 for tenth in range(11))


def sliders(reader: Reader, learnt: Learnt, offer: Deal, usual: Deal, terms: Terms) -> None:
    """What an offer costs and how often it works, to be moved, and how many can be contacted.

    Every move is a step in the address.

    Args:
        reader: Who moves them.
        learnt: What the base itself says of contacts and offers.
        offer: Where they stand.
        usual: Where they stand while the reader says nothing.
        terms: What the reader says.
    """
    currency = reader.workspace.tables.currency
    amounts = _amounts(learnt.purchase)

    def money(amount: float) -> str:
        return reader.language.money(amount, currency)

    def share(part: float) -> str:
        return reader.language.percent(part, None)

    with st.container(key="mo-terms"):
        places = st.columns(4, gap="medium")
        for place, (name, now, common, steps, said) in zip(
            places,
            (
                ("contact", offer.contact_cost, usual.contact_cost, amounts, money),
                ("offer", offer.offer_cost, usual.offer_cost, amounts, money),
                ("saved", offer.saved, usual.saved, _CHANCES, share),
                ("taken", offer.taken, usual.taken, _SHARES, share),
            ),
            strict=True,
        ):
            scale = 100 if said is share else 1
            with place:
                _slider(reader, name, now, common, sorted({*steps, now, common}), said, scale)
        limits = st.columns(4, gap="medium")
        with limits[0]:
            _most(reader, terms)
        with limits[1]:
            _budget(reader, terms, learnt.purchase)
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        st.html(markup.note(reader.tell(refused), "mo-failure"))
    where_from = _where_from(learnt, terms)
    report.note(reader.say("churn.terms.of", terms=reader.tell(where_from)))


def _most(reader: Reader, terms: Terms) -> None:
    """How many customers can be contacted; empty for as many as pay."""
    key = "mo-term-most"
    st.session_state[key] = terms.most

    def write() -> None:
        chosen = st.session_state[key]
        if chosen is not None and not 1 <= chosen <= _MOST:
            said = {"number": chosen, "most": _MOST}
            st.session_state[_REFUSED] = Sentence("churn.terms.most_refused", said)
            return
        state.write(most=None if chosen is None else str(chosen))

    # No limits of the field's own: it rejects what lies beyond them without a word.
    st.number_input(
        reader.say("churn.terms.most"),
        # Else an emptied field is the least.
        value=None,
        step=1,
        key=key,
        placeholder=reader.say("churn.terms.any"),
        on_change=write,
    )


def _budget(reader: Reader, terms: Terms, purchase: float) -> None:
    """How much can be spent; empty for as much as pays."""
    key, currency = "mo-term-budget", reader.workspace.tables.currency
    st.session_state[key] = terms.budget

    def write() -> None:
        chosen = st.session_state[key]
        if chosen is not None and not 0 < chosen <= choices.DEAREST:
            amount = Money(chosen, currency, compact=False)
            st.session_state[_REFUSED] = Sentence("churn.terms.budget_refused", {"amount": amount})
            return
        state.write(budget=None if chosen is None else f"{chosen:.15g}")

    st.number_input(
        f"{reader.say('churn.terms.budget')} {reader.language.currency(currency)}".strip(),
        value=None,
        step=float(f"{purchase or 1:.1g}"),
        format="%.15g",
        key=key,
        placeholder=reader.say("churn.terms.any_money"),
        on_change=write,
    )


def _slider(
    reader: Reader,
    name: str,
    now: float,
    usual: float,
    steps: Sequence[float],
    said: Callable[[float], str],
    scale: int,
) -> None:
    key = f"mo-term-{name}"
    st.session_state[key] = now

    def write() -> None:
        chosen = st.session_state[key]
        state.write(**{name: None if chosen == usual else f"{scale * chosen:.15g}"})

    st.select_slider(
        reader.say(f"churn.terms.{name}"),
        options=steps,
        key=key,
        format_func=said,
        on_change=write,
    )


def _amounts(purchase: float) -> list[float]:
    """Round amounts from nothing to a usual purchase."""
    usual = purchase or 1.0
    found = [float(f"{digit * 10.0**decade:.3g}") for decade in _DECADES for digit in _DIGITS]
    return [0.0, *(one for one in found if _LOWEST * usual <= one <= _HIGHEST * usual)]


def _where_from(learnt: Learnt, terms: Terms) -> Sentence:
    """Which of the terms come from the base, and which are assumed until they are set."""
    contact = Sentence("churn.terms.assumed")
    if learnt.contact_cost is not None:
        contact = Sentence("churn.terms.contact_known")
        if terms.way is not None:
            key = "churn.terms.contact_of_way" if learnt.knows(terms.way) else "churn.terms.contact_of_all"
            contact = Sentence(key, {"way": ContactWay(terms.way)})
    if terms.saved is not None:
        return contact
    if learnt.effect is None:
        saved = Sentence("churn.terms.saved_assumed")
    else:
        saved = Sentence("churn.terms.saved_learnt", {"count": learnt.effect.campaigns})
    return Sentence("churn.terms.both", {"contact": contact, "saved": saved})


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
        amount(f"churn.figure.at_risk.{_money_name(found)}", found.margin_at_risk),
    )


def _money_name(found: Leaving) -> str:
    """What would go with a customer, as the end of a message's key."""
    if found.asked.churn == "contract":
        return "contract"
    return "margin" if found.by_margin else "revenue"


def margin_label(reader: Reader, found: Leaving) -> str:
    """What a customer brings in a year, as the heading of a column."""
    return reader.say(f"churn.column.margin.{_money_name(found)}")


def saved_told(reader: Reader, found: Leaving) -> str:
    """What is counted as saved when a customer is kept, in a sentence."""
    name = _money_name(found)
    if found.learnt_on is None:
        return reader.say(f"churn.saved.{name}")
    days = {"days": found.asked.horizon_days, "within": found.kept_days}
    return reader.tell(Sentence(f"churn.saved.{name}", {**days, "date": found.learnt_on}))


def rule(reader: Reader, found: Leaving) -> report.Definition:
    """What is counted as saved, what as at risk of it, and what a list costs."""
    counted = (reader.say(f"churn.saved.{one}") for one in ("at_risk", "cost", "chance"))
    return report.definition(reader, saved_told(reader, found), *counted)


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


def channels_column(reader: Reader, rows: pd.DataFrame) -> dict[str, Column]:
    """Through what each customer may be contacted; nothing where the base knows no consents."""
    return {CHANNELS: Column(reader.say("column.open_channels"))} if CHANNELS in rows else {}


def with_ways(reader: Reader, rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of customers, the ways in which each may be contacted in words where they have such a column."""
    if CHANNELS not in rows:
        return rows
    words = {
        names: BETWEEN.join(reader.language.contact_way(one) for one in names.split(BETWEEN)) if names else ""
        for names in rows[CHANNELS].unique()
    }
    return rows.assign(**{CHANNELS: rows[CHANNELS].map(words)})


def way_to(reader: Reader, kind: Kind, count: int, parts: Mapping[str, str]) -> Way:
    """To the list of all customers of a kind."""
    return Way(reader.say("churn.list", count=count), "customer", {"kind": kind, **parts})


def curve_picture(reader: Reader, found: Leaving, keeping: Keeping, look: Look) -> Picture:
    """What contacting so many customers is expected to earn."""
    curve = keeping.curve
    rows = pd.DataFrame([(one.size, one.profit, one.low, one.high) for one in curve.choices])
    rows.columns = pd.Index(["size", "profit", "low", "high"])
    rows["naive"] = curve.naive
    rows["told"] = [
        reader.say(
            "churn.curve.told",
            count=int(one.size),
            profit=look.money(one.profit),
            low=look.money(one.low),
            high=look.money(one.high),
            naive=look.money(naive),
        )
        for one, naive in zip(curve.choices, curve.naive, strict=True)
    ]
    best, chosen, everybody = curve.best, curve.chosen, curve.everybody
    words = ProfitWords(
        chosen=reader.say(
            "churn.curve.best", size=look.number(chosen.size), profit=look.money_compact(chosen.profit)
        ),
        best=reader.say(
            "churn.curve.most", size=look.number(best.size), profit=look.money_compact(best.profit)
        ),
        naive=reader.say("churn.curve.naive"),
        everybody=reader.say("churn.curve.everybody", profit=look.money_compact(everybody.profit)),
    )
    told = {
        "size": look.number(chosen.size),
        "profit": look.money(chosen.profit),
        "everybody": look.money(everybody.profit),
        "naive": look.money(curve.naive_at_chosen),
    }
    title = "title_nobody"
    if chosen.size < best.size:
        title = "title_most"
        told |= {"best": look.number(best.size), "best_profit": look.money(best.profit)}
    elif best.size:
        title = "title"
    return Picture(
        name="profit",
        title=reader.say(f"churn.curve.{title}", **(told if best.size else {})),
        subtitle=reader.say("churn.curve.subtitle"),
        figure=profit_curve(rows, best.size, chosen.size, words, look),
        n=of_whom(reader, found, keeping),
        definition=report.definition(
            reader,
            reader.say("churn.curve.definition"),
            saved_told(reader, found),
        ),
        table=Table(
            # Every tenth point: more would be to draw a line, not to read.
            rows[(rows.index % 10 == 0) | rows["size"].isin([best.size, chosen.size])],
            {
                "size": Column(reader.say("churn.figure.contacted"), "count"),
                "profit": Column(reader.say("column.expected_profit"), "money"),
                "low": Column(reader.say("column.low"), "money"),
                "high": Column(reader.say("column.high"), "money"),
                "naive": Column(reader.say("churn.curve.naive"), "money"),
            },
            found.currency,
        ),
    )


def kinds_picture(
    reader: Reader, found: Leaving, keeping: Keeping, parts: Mapping[str, str], look: Look
) -> Picture:
    """The four kinds of customers: how many, what is at risk with them, what contacting them would earn."""
    rows = pd.DataFrame(
        [(one.kind, one.customers, one.leaving, one.margin_at_risk, one.profit) for one in keeping.kinds]
    )
    rows.columns = pd.Index(["kind", "customers", "leaving", "margin_at_risk", "profit"])
    rows["name"] = [reader.say(f"churn.kind.{one}") for one in rows["kind"]]
    rows["code"] = [
        urlencode({"kind": kind, **parts}) if customers else ""
        for kind, customers in zip(rows["kind"], rows["customers"], strict=True)
    ]
    worth = keeping.kinds[0]
    drawn = [
        bars.Row(
            name=str(row["name"]),
            address=reader.link("customer", kind=str(row["kind"]), **parts) if row["customers"] else "",
            told=reader.say(f"churn.kind.{row['kind']}.told"),
            beside=reader.say(
                "churn.kind.beside",
                leaving=look.number(round(float(str(row["leaving"])))),
                margin=look.money(float(str(row["margin_at_risk"]))),
                profit=look.money(float(str(row["profit"]))),
            ),
            bars=(bars.Bar(float(str(row["customers"])), look.number(int(str(row["customers"])))),),
            leading=True,
        )
        for row in rows.to_dict("records")
    ]
    return Picture(
        name="kinds",
        title=reader.say("churn.kinds.title", count=worth.customers, all=look.number(keeping.reached)),
        subtitle=reader.say("churn.kinds.subtitle"),
        figure=None,
        drawing=bars.drawn([reader.say("column.customers")], [bars.Group("", tuple(drawn))], ""),
        n=of_whom(reader, found, keeping),
        definition=report.definition(reader, reader.say("churn.kinds.definition")),
        table=Table(
            rows,
            {
                "name": Column(reader.say("churn.kinds.kind")),
                "customers": Column(reader.say("column.customers"), "count"),
                "leaving": Column(reader.say(f"churn.figure.expected.{found.asked.churn}"), "count"),
                "margin_at_risk": Column(reader.say(f"churn.figure.at_risk.{_money_name(found)}"), "money"),
                "profit": Column(reader.say("column.expected_profit"), "money"),
            },
            found.currency,
        ),
        leads_to=behind_row,
    )
