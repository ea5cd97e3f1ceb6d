"""Who of the silent comes back, and what is left of contracts, as it is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.retention.answers.kept import (
    SILENT_MONTHS,
    ContractMonth,
    Month,
    contract_money,
    returns_of_silent,
)
from crm_core.retention.charts.kept import money_lines, monthly_dots
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention.phrases import between, marks
from crm_core.ui.shell import Reader


def returns_picture(reader: Reader, look: Look) -> Picture | Undrawn:
    """Who of those came back who had been silent, month by month.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
    """
    found = returns_of_silent(reader.ask, as_of=reader.as_of, calendar=reader.calendar)
    if not found:
        return Undrawn(
            reader.say("retention.returns.title.undrawn", months=SILENT_MONTHS),
            reader.say("retention.returns.too_few", least=ENOUGH_CUSTOMERS, months=SILENT_MONTHS),
        )
    rows = pd.DataFrame([_month(reader, look, one) for one in found])
    latest = [one for one in found if one.sure][-1]
    return Picture(
        name="returns",
        title=reader.say(
            "retention.returns.title",
            share=look.percent(latest.retention_rate.value),
            month=reader.language.period(latest.period, "month", style="long"),
            months=SILENT_MONTHS,
        ),
        subtitle=reader.say("retention.returns.subtitle", months=SILENT_MONTHS),
        figure=monthly_dots(rows, look),
        n=reader.say("picture.n_customers", count=latest.customers),
        definition=definition(
            reader, reader.say("retention.returns.definition", months=SILENT_MONTHS), marks(reader)
        ),
        table=Table(
            rows,
            {
                **_counts(reader, "column.reactivated"),
                "share": Column(reader.say("column.reactivation_rate"), "share"),
                "low": Column(reader.say("column.low"), "share"),
                "high": Column(reader.say("column.high"), "share"),
                "complete": Column(reader.say("column.complete"), "flag"),
            },
        ),
    )


def _counts(reader: Reader, kept: str) -> dict[str, Column]:
    return {
        "period": Column(reader.say("column.period"), "month"),
        "customers": Column(reader.say("column.customers"), "count"),
        "kept": Column(reader.say(kept), "count"),
    }


def _month(reader: Reader, look: Look, one: Month) -> dict[str, object]:
    told = reader.say(
        "retention.returns.told",
        month=reader.language.period(one.period, "month", style="long"),
        kept=reader.language.number(one.retained),
        number=reader.language.number(one.customers),
        share=look.percent(one.retention_rate.value),
        interval=between(reader, look, one.retention_rate.low, one.retention_rate.high),
    )
    return {
        "period": one.period,
        "label": reader.language.period(one.period, "month"),
        "customers": one.customers,
        "kept": one.retained,
        "share": one.retention_rate.value,
        "low": one.retention_rate.low,
        "high": one.retention_rate.high,
        "complete": one.complete,
        "sure": one.sure,
        "told": _with_doubt(reader, told, one),
    }


def _with_doubt(reader: Reader, told: str, one: Month) -> str:
    parts = [told]
    if not one.complete:
        parts.append(reader.say("retention.told.incomplete"))
    if one.customers < ENOUGH_CUSTOMERS:
        parts.append(reader.say("retention.told.few"))
    return "<br>".join(parts)


def contract_money_picture(reader: Reader, look: Look) -> Picture | Undrawn:
    """What is left of the money under contract month by month, without and with what customers took on.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
    """
    title = reader.say("retention.contract_money.title.undrawn")
    try:
        found = contract_money(reader.ask, as_of=reader.as_of, calendar=reader.calendar)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if not found:
        return Undrawn(title, reader.say("retention.contract_money.too_few", least=ENOUGH_CUSTOMERS))
    rows = pd.DataFrame([_contract_month(reader, look, one) for one in found])
    latest = [one for one in found if one.month.sure][-1]
    words = [reader.say(f"retention.contract_money.{name}") for name in ("gross", "net")]
    return Picture(
        name="contract-money",
        title=_contract_title(reader, look, latest),
        subtitle=reader.say("retention.contract_money.subtitle"),
        figure=money_lines(rows, words, look),
        n=reader.say("picture.n_customers", count=latest.month.customers),
        definition=definition(reader, reader.say("retention.contract_money.definition"), marks(reader)),
        table=_contract_table(reader, rows),
    )


def _contract_title(reader: Reader, look: Look, latest: ContractMonth) -> str:
    return reader.say(
        f"retention.contract_money.title{'.same' if latest.net == latest.gross else ''}",
        month=reader.language.period(latest.month.period, "month", style="long"),
        gross=look.percent(latest.gross),
        **({} if latest.net == latest.gross else {"net": look.percent(latest.net)}),
    )


def _contract_table(reader: Reader, rows: pd.DataFrame) -> Table:
    money: Sequence[str] = ("opening_amount", "closing_amount")
    shares: Sequence[str] = ("gross_retention", "net_retention")
    return Table(
        rows.rename(columns={"gross": "gross_retention", "net": "net_retention"}),
        {
            **_counts(reader, "column.retained"),
            **{name: Column(reader.say(f"column.{name}"), "money") for name in money},
            **{name: Column(reader.say(f"column.{name}"), "share") for name in shares},
            "complete": Column(reader.say("column.complete"), "flag"),
        },
        reader.workspace.tables.currency,
    )


def _contract_month(reader: Reader, look: Look, one: ContractMonth) -> dict[str, object]:
    told = reader.say(
        "retention.contract_money.told",
        month=reader.language.period(one.month.period, "month", style="long"),
        gross=reader.language.percent(one.gross, 1),
        net=reader.language.percent(one.net, 1),
        opening=look.money_compact(one.opening),
    )
    return {
        "period": one.month.period,
        "label": reader.language.period(one.month.period, "month"),
        "customers": one.month.customers,
        "kept": one.month.retained,
        "opening_amount": one.opening,
        "closing_amount": one.closing,
        "gross": one.gross,
        "net": one.net,
        "complete": one.month.complete,
        "sure": one.month.sure,
        "told": _with_doubt(reader, told, one.month),
    }
