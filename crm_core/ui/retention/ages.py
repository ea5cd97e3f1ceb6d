"""At what age customers buy again or leave their contract, as it is shown."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.retention.answers.survival import Age, Survival, survival
from crm_core.retention.charts.survival import chances_by_age
from crm_core.retention.rules.survival import RATE_DAYS, Kind
from crm_core.ui.report import Column, Picture, Table, Undrawn, definition
from crm_core.ui.retention.phrases import between, days, of_new
from crm_core.ui.retention.survival import WORDS, how_many
from crm_core.ui.shell import Reader


def ages_picture(
    reader: Reader, look: Look, kind: Kind, won_from: dt.date | None = None
) -> Picture | Undrawn:
    """The chance within 30 days by how long it has been.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        kind: What is waited for.
        won_from: From when on first purchases are those of new customers.
    """
    words = WORDS[kind]
    title = reader.say(f"retention.ages.{words}title.undrawn")
    try:
        found = survival(reader.ask, kind, as_of=reader.as_of, won_from=won_from)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None:
        return Undrawn(title, reader.say(f"retention.survival.{words}too_few", least=ENOUGH_CUSTOMERS))
    if not found.ages:
        needed = reader.say("retention.ages.too_short", least=ENOUGH_CUSTOMERS, days=days(reader, RATE_DAYS))
        return Undrawn(title, needed)
    rows = pd.DataFrame([_age_row(reader, look, found, one) for one in found.ages])
    ended = f"retention.column.{words}ended"
    return Picture(
        name="ages" if kind == "purchase" else "contract-ages",
        title=_ages_title(reader, look, found),
        subtitle=reader.say(f"retention.ages.{words}subtitle"),
        figure=chances_by_age(rows.assign(label=rows["cell"]), look, leaving=kind == "contract"),
        n=how_many(reader, found),
        definition=definition(
            reader, reader.say(f"retention.ages.{words}definition"), *of_new(reader, won_from)
        ),
        table=Table(
            rows,
            {
                "label": Column(reader.say("retention.column.age")),
                "at_risk": Column(reader.say("retention.column.at_risk"), "count"),
                "ended": Column(reader.say(ended), "count"),
                "chance": Column(reader.say("retention.column.chance"), "share"),
                "low": Column(reader.say("column.low"), "share"),
                "high": Column(reader.say("column.high"), "share"),
            },
        ),
    )


def _age_row(reader: Reader, look: Look, found: Survival, one: Age) -> dict[str, object]:
    chance = one.chance
    begins, ends = (reader.language.number(day) for day in (one.begins, one.ends))
    return {
        "label": reader.say("retention.age", begins=begins, ends=ends),
        "cell": reader.say("retention.age.cell", begins=begins, ends=ends),
        "at_risk": one.at_risk,
        "ended": one.ended,
        "chance": chance.value,
        "low": chance.low,
        "high": chance.high,
        "text": look.percent(chance.value),
        "told": reader.say(
            f"retention.ages.{WORDS[found.kind]}told",
            begins=begins,
            ends=ends,
            share=look.percent(chance.value),
            interval=between(reader, look, chance.low, chance.high),
            waiting=reader.language.number(one.at_risk),
        ),
    }


def _ages_title(reader: Reader, look: Look, found: Survival) -> str:
    ages = found.ages
    if found.kind == "contract":
        worst = max(ages, key=lambda one: one.chance.value)
        if not found.ages_differ:
            shares = [one.chance.value for one in ages]
            return reader.say(
                "retention.ages.contract.title.alike",
                low=look.percent(min(shares)),
                high=look.percent(max(shares)),
            )
        return reader.say(
            "retention.ages.contract.title",
            begins=reader.language.number(worst.begins),
            ends=reader.language.number(worst.ends),
            share=look.percent(worst.chance.value),
        )
    first = look.percent(ages[0].chance.value)
    within = days(reader, ages[0].ends)
    if len(ages) == 1:
        return reader.say("retention.ages.title.one", first=first, days=within)
    late, last = days(reader, ages[-1].begins), look.percent(ages[-1].chance.value)
    return reader.say("retention.ages.title", first=first, days=within, late=late, last=last)
