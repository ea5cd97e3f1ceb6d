"""Which customers an address means: those behind a figure, a segment, a cohort, a class, or all."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast, get_args

from crm_core.base import Id, Sentence
from crm_core.churn.answers import KINDS, customers_of_kind, learnt, leaving, reliance
from crm_core.customers.answers import CHANNELS, owned
from crm_core.customers.metrics import customer_summary
from crm_core.i18n import Language
from crm_core.overview.metrics import customers_of_span
from crm_core.overview.rules import GROUPS
from crm_core.periods import CALENDARS, Calendar, date_of, day_of, period_of
from crm_core.retention.answers import Shape
from crm_core.retention.metrics import (
    MOST_RUNGS,
    Counting,
    Length,
    customers_of_cohort,
    customers_on_rung,
    overdue_customers,
)
from crm_core.retention.rules import bracket_edges
from crm_core.segments.metrics import customers_of_segment
from crm_core.segments.rules import SEGMENTS
from crm_core.ui import state
from crm_core.ui.ahead import ahead
from crm_core.ui.asked_for import Behind
from crm_core.ui.churn import choices as churn_choices
from crm_core.ui.churn.acting import margin_label, offer_told
from crm_core.ui.churn.one import ASKED_FOR
from crm_core.ui.groups import group_name
from crm_core.ui.loyalty import listed as listed_members
from crm_core.ui.report import Way
from crm_core.ui.retention import phrases
from crm_core.ui.retention.choices import parted
from crm_core.ui.shell import Reader
from crm_core.ui.tables import Kind
from crm_core.value.answers import customers_by_value
from crm_core.workspace.catalogue import GROUPINGS

_EXPECTED: Final[Mapping[str, Kind]] = {
    "customer_id": "id",
    "segment": "text",
    "last_ordered_at": "date",
    "customer_lifetime_value": "money",
    "bounds": "text",
    "probability_of_none": "chance",
    "recent_revenue": "money",
}
_AT_RISK: Final[Mapping[str, Kind]] = {
    "customer_id": "id",
    "segment": "text",
    "last_ordered_at": "date",
    "churn_probability": "share",
    "margin_of_year": "money",
    "kept_margin": "money",
    "save_chance": "share",
    "expected_profit": "money",
    "reasons": "text",
    "owner": "id",
    CHANNELS: "text",
}
_SPOKEN: Final = {
    "active": "customer.headline.active",
    "new": "customer.headline.new",
    "lost": "customer.headline.lost",
    "returning": "customer.headline.returning",
    "resurrected": "customer.headline.resurrected",
}


TENTHS: Final = tuple(str(tenth) for tenth in range(1, 11))
OVERLOOKED: Final = "overlooked"
FADING: Final = "fading"
_COHORT: Final = (
    "cohort",
    "after",
    "calendar",
    "unit",
    "counting",
    "brackets",
    "split",
    "since",
    "until",
)
"""What an address says of a cohort."""

NOT_YET: Final = "not_yet"
"""Where somebody came from who had not bought yet."""


def asked(reader: Reader) -> Behind:
    """The customers that the address asks for; all when it asks for nobody in particular."""
    language, as_of = reader.language, reader.as_of
    return (
        _of_churn(reader)
        or listed_members.asked(reader)
        or _of_span(language)
        or _of_cohort(language, as_of)
        or _of_move(language)
        or _of_retention()
        or _of_segment()
        or _of_value()
        or Behind(customer_summary)
    )


def _of_churn(reader: Reader) -> Behind | None:
    """The customers of a kind when an offer is thought of: worth keeping, staying or leaving anyway."""
    kind = state.read("kind", KINDS)
    if kind is None:
        return None
    asked, terms = churn_choices.asked(reader), churn_choices.terms(reader)
    relied = reliance(reader.ask, as_of=reader.as_of, asked=asked)
    few = kind == "worth_keeping" and terms.limited
    labels, context = {}, None
    if relied.usable:
        found = leaving(reader.ask, as_of=reader.as_of, asked=asked)
        labels = {"margin_of_year": margin_label(reader, found)}
        deal = learnt(reader.ask, as_of=reader.as_of, asked=asked).deal(terms, found)
        context = offer_told(deal, terms, found.currency)
    parts = churn_choices.parts(asked, terms)
    ways = (Way(reader.say("churn.one.page"), "churn", parts),)
    return Behind(
        customer_summary,
        {"kind": kind, "asked": asked, "terms": terms},
        f"customer.headline.{kind}{'.most' if few else ''}",
        {"days": asked.horizon_days},
        ways,
        rows_by=customers_of_kind,
        with_more=lambda rows: owned(reader.ask, rows, as_of=reader.as_of),
        columns=_AT_RISK,
        labels=labels,
        unsorted=("segment", "last_ordered_at", "reasons", "owner", CHANNELS),
        sort="-expected_profit",
        note=relied.care,
        context=context,
        nobody=None if relied.usable else relied.told,
        of_each={ASKED_FOR: "yes", **parts},
    )


@dataclass(frozen=True)
class _Cohort:
    """A cohort that an address names.

    Args:
        number: The integer of its period.
        shape: How cohorts are counted.
        name: In the reader's words.
        options: What `customers_of_cohort` is asked with.
    """

    number: int
    shape: Shape
    name: str
    options: dict[str, object]


def _of_cohort(language: Language, as_of: dt.date) -> Behind | None:
    """The customers of a cohort; those who came back some periods later, or those who did not."""
    found, after = _cohort(language), state.read_number("after")
    if found is None or (after is not None and after < 0):
        return None
    if after is None:
        return Behind(customers_of_cohort, found.options, "customer.headline.cohort", {"cohort": found.name})
    shape = found.shape
    if shape.brackets and after not in shape.brackets[:-1]:
        return None
    ends = dict(itertools.pairwise(shape.brackets))
    when = phrases.later(language, after, ends.get(after, after + 1) - 1, shape)
    if found.number + after > period_of(day_of(as_of), shape.unit, shape.calendar):
        everybody = {part: state.read_all(part) for part in _COHORT if part != "after"}
        return Behind(
            customers_of_cohort,
            nobody=Sentence("customer.cohort_not_yet", {"cohort": found.name, "when": when, "date": as_of}),
            ways=(Way(language.say("customer.cohort_all", cohort=found.name), "customer", everybody),),
        )
    back = state.read("back", ("yes", "no")) != "no"
    others = Way(
        language.say("retention.who_stayed_away" if back else "retention.who_came_back"),
        "customer",
        {**{part: state.read_all(part) for part in _COHORT}, "back": "no" if back else "yes"},
    )
    return Behind(
        customers_of_cohort,
        {**found.options, "period": after, "came_back": back},
        "customer.headline.cohort_back" if back else "customer.headline.cohort_away",
        {"cohort": found.name, "when": when},
        (others,),
    )


def _cohort(language: Language) -> _Cohort | None:
    number = state.read_number("cohort")
    if number is None or number < 0:
        return None
    split, within = parted(state.read("split"))
    shape = Shape(
        unit=cast(Length, state.read("unit", get_args(Length)) or "month"),
        calendar=cast(Calendar, state.read("calendar", CALENDARS) or language.calendar),
        counting=cast(Counting, state.read("counting", get_args(Counting)) or "on"),
        brackets=bracket_edges(state.read("brackets") or ""),
        group=None if split is None or within is None else GROUPINGS[split],
        within=within,
    )
    options: dict[str, object] = {
        "cohort": number,
        "unit": shape.unit,
        "calendar": shape.calendar,
        "counting": shape.counting,
        "brackets": shape.brackets,
    }
    won = _won()
    if won is not None:
        options |= {"won_from": won[0], "won_to": won[1]}
    name = phrases.cohort_name(language, number, shape, won, long=True)
    if shape.group is not None and within is not None:
        options |= {"group": shape.group, "within": within}
        name = language.say("retention.of_group", cohort=name, group=group_name(language, split, within))
    return _Cohort(number, shape, name, options)


def _won() -> tuple[dt.date, dt.date] | None:
    """Between which days the customers of a part of a cohort were won."""
    since, until = state.read_day("since"), state.read_day("until")
    if since is None or until is None or since > until:
        return None
    return date_of(since), date_of(until)


def _of_move(language: Language) -> Behind | None:
    segment, before = state.read("segment", SEGMENTS), state.read("from", (*SEGMENTS, NOT_YET))
    since = state.read_day("since")
    if segment is None or before is None or since is None:
        return None
    day = date_of(since)
    options: dict[str, object] = {"segment": segment, "since": day}
    if before == NOT_YET:
        return Behind(
            customers_of_segment, options, "customer.headline.moved_new", {"segment": segment, "day": day}
        )
    values: dict[str, object] = {"segment": segment, "before": before, "day": day}
    return Behind(
        customers_of_segment, {**options, "segment_before": before}, "customer.headline.moved", values
    )


def _of_span(language: Language) -> Behind | None:
    group = state.read("group", GROUPS)
    first, last = state.read_day("first"), state.read_day("last")
    if group is None or first is None or last is None or first > last:
        return None
    before = state.read_day("before")
    before = first if before is None else before
    values: dict[str, object] = {"span": language.date_range(first, last, style="long")}
    if group in ("lost", "returning"):
        values["earlier"] = language.date_range(before, max(first - 1, before), style="long")
    options: dict[str, object] = {"group": group, "before": before, "first": first, "last": last}
    return Behind(customers_of_span, options, _SPOKEN[group], values)


def _of_retention() -> Behind | None:
    """Who stands on a rung of the repeat ladder, or is overdue in a category."""
    rung = state.read("rung", [str(number) for number in range(1, MOST_RUNGS + 1)])
    if rung is not None:
        values: dict[str, object] = {} if rung == "1" else {"rung": int(rung)}
        standing: dict[str, object] = {"purchase": int(rung)}
        since = state.read_day("since")
        if since is None:
            key = "customer.headline.rung.1" if rung == "1" else "customer.headline.rung"
            return Behind(customers_on_rung, standing, key, values)
        key = "customer.headline.rung.1.since" if rung == "1" else "customer.headline.rung.since"
        values["first"] = standing["won_from"] = date_of(since)
        return Behind(customers_on_rung, standing, key, values)
    category, low, high = state.read("overdue"), state.read_number("longer_than"), state.read_number("up_to")
    if category is None or low is None:
        return None
    options: dict[str, object] = {"category": category, "longer_than": low}
    # An id is what a base holds: shown letter for letter.
    values = {"category": Id(category), "low": low}
    if high is None:
        return Behind(overdue_customers, options, "customer.headline.silent", values)
    options["up_to"], values = high, {"category": Id(category), "low": low + 1, "high": high}
    return Behind(overdue_customers, options, "customer.headline.overdue", values)


def _of_segment() -> Behind | None:
    segment = state.read("segment", SEGMENTS)
    if segment is not None:
        values: dict[str, object] = {"segment": segment}
        return Behind(customers_of_segment, values, "customer.headline.segment", values)
    scores = "12345"
    r, v = state.read("r", scores), state.read("v", scores)
    if r is not None and v is not None:
        options: dict[str, object] = {"r_score": int(r), "value_score": int(v)}
        return Behind(customers_of_segment, options, "customer.headline.cell", {"r": int(r), "v": int(v)})
    abc = state.read("abc", "ABC")
    if abc is not None:
        return Behind(customers_of_segment, {"abc_class": abc}, "customer.headline.abc", {"class": abc})
    return None


def _of_value() -> Behind | None:
    """Who is worth most in the time to come, or stands out by what is expected and what was brought."""
    tenth, worth = state.read("tenth", TENTHS), state.read("worth", (OVERLOOKED, FADING))
    if tenth is None and worth is None:
        return None
    seen = ahead()
    values: dict[str, object] = {"months": seen.horizon_months}
    if tenth is None:
        key = "customer.headline.fading" if worth == FADING else "customer.headline.overlooked"
    else:
        key = "customer.headline.best_tenth" if tenth == "1" else "customer.headline.tenth"
        values |= {} if tenth == "1" else {"tenth": int(tenth)}
    return Behind(
        customer_summary,
        {
            "who": worth if tenth is None else int(tenth),
            "horizon_months": seen.horizon_months,
            "discount_rate": seen.discount_rate,
        },
        key,
        values,
        rows_by=customers_by_value,
        columns=_EXPECTED,
        unsorted=("segment", "last_ordered_at", "bounds"),
        sort="-recent_revenue" if worth == FADING else "-customer_lifetime_value",
        note=Sentence("customer.note.expected", {"months": seen.horizon_months}),
    )
