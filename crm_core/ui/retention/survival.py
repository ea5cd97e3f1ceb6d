"""How long until customers buy again or leave their contract, as it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isnan
from typing import Final

import pandas as pd

from crm_core.base import NotProvided
from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.looks import Look
from crm_core.periods import day_of
from crm_core.retention.answers.survival import Age, Course, Ranged, Survival, survival
from crm_core.retention.charts.survival import Line, chances_by_age, survival_curves
from crm_core.retention.rules.survival import Kind
from crm_core.ui.report import Column, Definition, Picture, Table, Undrawn
from crm_core.ui.shell import Reader

Named = Callable[[str], str]
"""A group of the base in the reader's words."""

_WORDS: Final[Mapping[Kind, str]] = {"purchase": "", "contract": "contract."}
_TINY: Final = 0.001
_MANY: Final = 100_000
"""From so many on there is no room for every digit below the time axis."""


def survival_picture(
    reader: Reader, look: Look, kind: Kind, group: Grouping | None = None, name: Named = str
) -> Picture | Undrawn:
    """Survival curves of everybody or of groups, with their bands and the numbers at risk.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        kind: What is waited for.
        group: By what customers are parted.
        name: What a group is called.
    """
    words = _WORDS[kind]
    title = reader.say(f"retention.survival.title.{words}undrawn")
    try:
        found = survival(reader.ask, kind, as_of=reader.as_of, group=group)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None:
        return Undrawn(title, reader.say(f"retention.survival.{words}too_few", least=ENOUGH_CUSTOMERS))
    names = [_name(reader, one, name) for one in found.groups]
    lines = [
        _line(reader, look, found, one, called)
        for one, called in zip(found.groups or (found.whole,), names or [""], strict=True)
    ]
    return Picture(
        name="survival" if kind == "purchase" else "contracts",
        title=_title(reader, look, found, names),
        subtitle=_subtitle(reader, found),
        figure=survival_curves(
            lines,
            found.days,
            {
                "median": _median_told(reader, found.whole),
                "at_risk": reader.say(f"retention.survival.{words}at_risk"),
            },
            look,
        ),
        n=_n(reader, found),
        definition=_definition(reader, found),
        table=_groups_table(reader, found, names) if found.groups else _table(reader, found),
    )


def ages_picture(reader: Reader, look: Look, kind: Kind) -> Picture | Undrawn:
    """The chance within 30 days by how long it has been.

    Args:
        reader: Who reads.
        look: How pictures look to the reader.
        kind: What is waited for.
    """
    words = _WORDS[kind]
    title = reader.say(f"retention.ages.{words}title.undrawn")
    try:
        found = survival(reader.ask, kind, as_of=reader.as_of)
    except NotProvided as error:
        return Undrawn(title, reader.language.explain(error))
    if found is None or not found.ages:
        return Undrawn(title, reader.say(f"retention.survival.{words}too_few", least=ENOUGH_CUSTOMERS))
    rows = pd.DataFrame([_age_row(reader, look, found, one) for one in found.ages])
    ended = f"retention.column.{words}ended"
    return Picture(
        name="ages" if kind == "purchase" else "contract-ages",
        title=_ages_title(reader, look, found),
        subtitle=reader.say(f"retention.ages.{words}subtitle"),
        figure=chances_by_age(rows.assign(label=rows["cell"]), look, leaving=kind == "contract"),
        n=_n(reader, found),
        definition=_plain_definition(reader, found, reader.say(f"retention.ages.{words}definition")),
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


def _days(reader: Reader, days: float) -> str:
    return reader.say("retention.days", count=round(days))


def _name(reader: Reader, one: Course, name: Named) -> str:
    return reader.say("retention.others") if one.rest or one.group is None else name(one.group)


def _line(reader: Reader, look: Look, found: Survival, one: Course, name: str) -> Line:
    points = one.curve.copy()
    told = [
        reader.say(
            f"retention.survival.{_WORDS[found.kind]}told",
            days=_days(reader, row["day"]),
            share=look.percent(row["share"]),
            low=_written(look, row["low"], row["share"]),
            high=_written(look, row["high"], row["share"]),
        )
        for row in points.to_dict("records")
    ]
    points["told"] = (
        [reader.say("retention.survival.told_group", group=name, told=each) for each in told]
        if name
        else told
    )
    return Line(
        name=name,
        points=points,
        median=None if one.median is None else one.median.value,
        at_risk=tuple((look.number if many < _MANY else look.compact)(many) for many in one.at_risk),
        grey=one.rest,
    )


def _written(look: Look, end: float, share: float) -> str:
    """The end of an interval; where none is known there is no more than the share itself."""
    return look.percent(share if isnan(end) else end)


def _title(reader: Reader, look: Look, found: Survival, names: list[str]) -> str:
    words = f"retention.survival.title.{_WORDS[found.kind]}"
    horizon = _horizon(found)
    if found.unlike is not None and found.unlike.differ and horizon is not None:
        ranked = sorted(
            (one.within[horizon].value, called)
            for one, called in zip(found.groups, names, strict=True)
            if horizon in one.within and not one.rest
        )
        if len(ranked) > 1:
            (worst_share, worst), (best_share, best) = ranked[0], ranked[-1]
            return reader.say(
                f"{words}groups",
                best=best,
                best_share=look.percent(best_share),
                worst=worst,
                worst_share=look.percent(worst_share),
                days=_days(reader, horizon),
            )
    if found.whole.median is not None:
        return reader.say(f"{words}half", days=_days(reader, found.whole.median.value))
    last = found.whole.curve.iloc[-1]
    share, day = 1.0 - float(last["share"]), float(last["day"])
    if horizon is not None:
        share, day = found.whole.within[horizon].value, horizon
    return reader.say(f"{words}share", share=look.percent(share), days=_days(reader, day))


def _horizon(found: Survival) -> int | None:
    """The longest horizon that is known of everybody."""
    return max(found.whole.within, default=None)


def _subtitle(reader: Reader, found: Survival) -> str:
    subtitle = reader.say(f"retention.survival.{_WORDS[found.kind]}subtitle")
    if found.unlike is None:
        return subtitle
    key = "retention.survival.differ" if found.unlike.differ else "retention.survival.alike"
    return reader.say(
        "retention.survival.with_test",
        subtitle=subtitle,
        test=reader.say(key, p=_p(reader, found.unlike.p_value)),
    )


def _p(reader: Reader, p_value: float) -> str:
    if p_value < _TINY:
        return reader.say("retention.p_tiny", p=reader.language.number(_TINY, 3))
    return reader.say("retention.p", p=reader.language.number(p_value, 3))


def _median_told(reader: Reader, one: Course) -> str:
    median = one.median
    if median is None:
        return ""
    low, days = reader.language.number(median.low), _days(reader, median.value)
    if median.high is None:
        return reader.say("retention.survival.median_open", days=days, low=low)
    high = reader.language.number(median.high)
    return reader.say("retention.survival.median", days=days, low=low, high=high)


def _n(reader: Reader, found: Survival) -> str:
    key = "picture.n_customers" if found.kind == "purchase" else "retention.survival.n_contracts"
    return reader.say(key, count=found.whole.count)


def _definition(reader: Reader, found: Survival) -> Definition:
    text = reader.say(f"retention.survival.{_WORDS[found.kind]}definition")
    if found.groups:
        text = reader.say("retention.survival.definition.groups", definition=text)
    return _plain_definition(reader, found, text)


def _plain_definition(reader: Reader, found: Survival, text: str) -> Definition:
    first = reader.workspace.tables.first_day
    return Definition(
        text,
        reader.say("overview.source", date=reader.as_of),
        reader.language.date_range(first, max(day_of(found.as_of), first)),
    )


def _table(reader: Reader, found: Survival) -> Table:
    curve = found.whole.curve.set_index("day")
    rows = pd.DataFrame(
        [
            {"day": day, "at_risk": many, **curve.loc[_drawn_day(curve, day)].to_dict()}
            for day, many in zip(found.days, found.whole.at_risk, strict=True)
        ]
    )
    return Table(
        rows,
        {
            "day": Column(reader.say("retention.column.days"), "count"),
            "at_risk": Column(reader.say("retention.column.at_risk"), "count"),
            "share": Column(reader.say(f"retention.column.{_WORDS[found.kind]}waiting"), "share"),
            "low": Column(reader.say("column.low"), "share"),
            "high": Column(reader.say("column.high"), "share"),
        },
    )


def _drawn_day(curve: pd.DataFrame, day: int) -> int:
    return int(curve.index[curve.index <= day][-1])


def _groups_table(reader: Reader, found: Survival, names: list[str]) -> Table:
    horizon = _horizon(found)
    pairs = () if found.unlike is None else found.unlike.pairs
    differs = [
        [other for pair in pairs if at in pair for other in pair if other != at] for at in range(len(names))
    ]
    rows = pd.DataFrame(
        [
            {
                "group": called,
                "count": one.count,
                "ended": one.ended,
                **_ends("median", one.median),
                **_ends("within", None if horizon is None else one.within.get(horizon)),
                "mean": one.mean.value,
                "differs": ", ".join(names[other] for other in differs[at]),
            }
            for at, (one, called) in enumerate(zip(found.groups, names, strict=True))
        ]
    )
    low, high = reader.say("column.low"), reader.say("column.high")
    within = (
        {}
        if horizon is None
        else {
            "within": Column(reader.say("retention.column.within", days=_days(reader, horizon)), "share"),
            "within_low": Column(low, "share"),
            "within_high": Column(high, "share"),
        }
    )
    count = "column.customers" if found.kind == "purchase" else "retention.column.contracts"
    return Table(
        rows,
        {
            "group": Column(reader.say("retention.column.group")),
            "count": Column(reader.say(count), "count"),
            "ended": Column(reader.say(f"retention.column.{_WORDS[found.kind]}ended"), "count"),
            "median": Column(reader.say("retention.column.median"), "count"),
            "median_low": Column(low, "count"),
            "median_high": Column(high, "count"),
            **within,
            "differs": Column(reader.say("retention.column.differs")),
        },
    )


def _ends(name: str, ranged: Ranged | None) -> dict[str, float | None]:
    """A number and the ends of its interval, in three columns."""
    if ranged is None:
        return {name: None, f"{name}_low": None, f"{name}_high": None}
    return {name: ranged.value, f"{name}_low": ranged.low, f"{name}_high": ranged.high}


def _age_row(reader: Reader, look: Look, found: Survival, one: Age) -> dict[str, object]:
    chance = one.chance
    high = 1.0 if chance.high is None else chance.high
    begins, ends = (reader.language.number(day) for day in (one.begins, one.ends))
    return {
        "label": reader.say("retention.age", begins=begins, ends=ends),
        "cell": reader.say("retention.age.cell", begins=begins, ends=ends),
        "begins": one.begins,
        "ends": one.ends,
        "at_risk": one.at_risk,
        "ended": one.ended,
        "chance": chance.value,
        "low": chance.low,
        "high": high,
        "text": look.percent(chance.value),
        "told": reader.say(
            f"retention.ages.{_WORDS[found.kind]}told",
            begins=begins,
            ends=ends,
            share=look.percent(chance.value),
            low=look.percent(chance.low),
            high=look.percent(high),
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
    days = _days(reader, ages[0].ends)
    if len(ages) == 1:
        return reader.say("retention.ages.title.one", first=first, days=days)
    late, last = _days(reader, ages[-1].begins), look.percent(ages[-1].chance.value)
    return reader.say("retention.ages.title", first=first, days=days, late=late, last=last)
