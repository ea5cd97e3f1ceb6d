"""What a list of customers earns, and the four kinds of customers, as pictures."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

import pandas as pd

from crm_core.churn.answers import Keeping, Leaving
from crm_core.churn.charts import ProfitWords, profit_curve
from crm_core.churn.models import Choice, KindSum, ProfitCurve
from crm_core.looks import Look
from crm_core.ui import bars, report
from crm_core.ui.churn.acting import money_name, of_whom, saved_told
from crm_core.ui.plot import behind_row
from crm_core.ui.report import Column, Picture, Table
from crm_core.ui.shell import Reader


def curve_picture(reader: Reader, found: Leaving, keeping: Keeping, look: Look) -> Picture:
    """What contacting so many customers is expected to earn."""
    curve = keeping.curve
    best, chosen = curve.best.size, curve.chosen.size
    rows = _curve_rows(reader, curve, look)
    return Picture(
        name="profit",
        title=_curve_title(reader, curve, look),
        subtitle=reader.say("churn.curve.subtitle"),
        figure=profit_curve(rows, best, chosen, _curve_words(reader, curve, look), look),
        n=of_whom(reader, found, keeping),
        definition=report.definition(
            reader,
            reader.say("churn.curve.definition"),
            saved_told(reader, found),
        ),
        table=Table(
            # Every tenth point: more would be to draw a line, not to read.
            rows[(rows.index % 10 == 0) | rows["size"].isin([best, chosen])],
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


def _curve_rows(reader: Reader, curve: ProfitCurve, look: Look) -> pd.DataFrame:
    """The curve point by point, with what is told of each."""
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
    return rows


def _curve_words(reader: Reader, curve: ProfitCurve, look: Look) -> ProfitWords:
    def at(key: str, choice: Choice) -> str:
        return reader.say(key, size=look.number(choice.size), profit=look.money_compact(choice.profit))

    return ProfitWords(
        chosen=at("churn.curve.best", curve.chosen),
        best=at("churn.curve.most", curve.best),
        naive=reader.say("churn.curve.naive"),
        everybody=reader.say("churn.curve.everybody", profit=look.money_compact(curve.everybody.profit)),
    )


def _curve_title(reader: Reader, curve: ProfitCurve, look: Look) -> str:
    best, chosen = curve.best, curve.chosen
    if not best.size:
        return reader.say("churn.curve.title_nobody")
    told = {
        "size": look.number(chosen.size),
        "profit": look.money(chosen.profit),
        "everybody": look.money(curve.everybody.profit),
        "naive": look.money(curve.naive_at_chosen),
    }
    if chosen.size == best.size:
        return reader.say("churn.curve.title", **told)
    most = {"best": look.number(best.size), "best_profit": look.money(best.profit)}
    return reader.say("churn.curve.title_most", **told, **most)


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
    drawn = tuple(_kind_bar(reader, one, parts, look) for one in keeping.kinds)
    worth = keeping.kinds[0]
    return Picture(
        name="kinds",
        title=reader.say("churn.kinds.title", count=worth.customers, all=look.number(keeping.reached)),
        subtitle=reader.say("churn.kinds.subtitle"),
        figure=None,
        drawing=bars.drawn([reader.say("column.customers")], [bars.Group("", drawn)], ""),
        n=of_whom(reader, found, keeping),
        definition=report.definition(reader, reader.say("churn.kinds.definition")),
        table=Table(
            rows,
            {
                "name": Column(reader.say("churn.kinds.kind")),
                "customers": Column(reader.say("column.customers"), "count"),
                "leaving": Column(reader.say(f"churn.figure.expected.{found.asked.churn}"), "count"),
                "margin_at_risk": Column(reader.say(f"churn.figure.at_risk.{money_name(found)}"), "money"),
                "profit": Column(reader.say("column.expected_profit"), "money"),
            },
            found.currency,
        ),
        leads_to=behind_row,
    )


def _kind_bar(reader: Reader, one: KindSum, parts: Mapping[str, str], look: Look) -> bars.Row:
    return bars.Row(
        name=reader.say(f"churn.kind.{one.kind}"),
        address=reader.link("customer", kind=one.kind, **parts) if one.customers else "",
        told=reader.say(f"churn.kind.{one.kind}.told"),
        beside=reader.say(
            "churn.kind.beside",
            leaving=look.number(round(one.leaving)),
            margin=look.money(one.margin_at_risk),
            profit=look.money(one.profit),
        ),
        bars=(bars.Bar(float(one.customers), look.number(one.customers)),),
        leading=True,
    )
