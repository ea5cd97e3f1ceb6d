"""The answer on value to come as it is shown, in the reader's words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from crm_core.base import Sentence
from crm_core.customers.metrics import Grouping
from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.ui import state
from crm_core.ui.ahead import (
    HORIZONS_MONTHS,
    RATES_PERCENT,
    USUAL_GROUP,
    USUAL_HORIZON,
    USUAL_RATE,
    Ahead,
    ahead,
)
from crm_core.ui.frame import Choice
from crm_core.ui.groups import groupings
from crm_core.ui.plot import kept, look_of
from crm_core.ui.report import Picture, ShownFigure, Table, Twin, Undrawn, Way
from crm_core.ui.shell import Reader
from crm_core.ui.value.cohorts import COHORT, cohorts
from crm_core.ui.value.groups import groups_picture, tenths_picture
from crm_core.ui.value.past import calibration_picture, course_picture, every_trial, forecasts_table
from crm_core.ui.value.phrases import figures
from crm_core.ui.value.standing_out import Shown, standing_out
from crm_core.ui.value.won import channels_picture
from crm_core.value import answers
from crm_core.value.answers import value, won
from crm_core.workspace.catalogue import GROUPINGS

_WORK: Final = {
    "fitting": "value.work.fitting",
    "trying": "value.work.trying",
    "trying_money": "value.work.trying_money",
    "comparing": "value.work.comparing",
    "valuing": "value.work.valuing",
}


@dataclass(frozen=True)
class View:
    """All that the page shows.

    `figures`, `worth` and `standing_out` are empty where the forecast is not to be used; `instead` then says
    what may be relied on, and `ways` lead to shorter times ahead. `not_churn` says what parts the customers
    who are expected to buy nothing from those of the page on churn. `why` is one sentence on the choice of
    the forecast.
    """

    headline: Sentence
    context: Sentence
    figures: tuple[ShownFigure, ...]
    not_churn: str
    worth: tuple[tuple[Picture | Undrawn, ...], ...]
    tried: tuple[Picture | Undrawn, ...]
    why: str
    forecasts: Table
    trials: Twin | None
    standing_out: tuple[Shown, ...]
    instead: str
    ways: tuple[Way, ...]


def offered(reader: Reader, shown: View) -> Mapping[str, tuple[Choice, ...]]:
    """How far ahead one may look, how much less later money may count, and by what customers are parted.

    Where the forecast is not to be used only the first changes anything.
    """
    seen, grouping = ahead(), _grouping(reader)
    months = [
        Choice(
            reader.say("value.months", months=int(one)),
            "horizon",
            None if one == USUAL_HORIZON else one,
            one == seen.horizon,
        )
        for one in HORIZONS_MONTHS
    ]
    if not shown.figures:
        return {reader.say("value.horizon"): tuple(months)}
    rates = [
        Choice(
            reader.language.percent(int(one) / 100),
            "rate",
            None if one == USUAL_RATE else one,
            one == seen.rate,
        )
        for one in RATES_PERCENT
    ]
    groups = [
        Choice(reader.say(f"grouping.{name}"), "by", None if name == USUAL_GROUP else name, name == grouping)
        for name in _groupings(reader)
    ]
    return {
        reader.say("value.horizon"): tuple(months),
        reader.say("value.rate"): tuple(rates),
        reader.say("value.by"): tuple(groups),
    }


def steps(reader: Reader) -> tuple[tuple[str, Callable[[], object]], ...]:
    """What is worked out before a view can be shown, each in words, in order; what is known takes no time."""
    found = answers.steps(reader.ask, as_of=reader.as_of, horizon_months=ahead().horizon_months)
    return tuple((reader.say(_WORK[name]), work) for name, work in found.items())


def view(reader: Reader) -> View:
    """What the page shows to a reader.

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
    """
    seen, grouping = ahead(), _grouping(reader)
    return kept(reader, lambda: _view(reader, seen, grouping), seen.horizon, seen.rate, grouping)


def _shorter(reader: Reader, seen: Ahead) -> tuple[Way, ...]:
    """The same question over shorter times, for which the history may suffice."""
    return tuple(
        Way(
            reader.say("value.instead.shorter", months=int(one)),
            "value",
            {**seen.parts, "horizon": None if one == USUAL_HORIZON else one},
        )
        for one in HORIZONS_MONTHS
        if int(one) < seen.horizon_months
    )


def _groupings(reader: Reader) -> dict[str, Grouping]:
    """Those that the base can serve, the usual one first."""
    usual, *others = groupings(reader).items()
    return dict((usual, (COHORT, cohorts(reader)), *others))


def _grouping(reader: Reader) -> str:
    return state.read("by", _groupings(reader)) or USUAL_GROUP


def _view(reader: Reader, seen: Ahead, grouping: str) -> View:
    ask, as_of = reader.ask, reader.as_of
    found = value(
        ask,
        as_of=as_of,
        group=_groupings(reader)[grouping],
        horizon_months=seen.horizon_months,
        discount_rate=seen.discount_rate,
    )
    look = look_of(reader)
    past = (course_picture(reader, found, look), calibration_picture(reader, found, look))
    relied_on = found.tried.verdict != "do_not_use"
    worth: tuple[tuple[Picture | Undrawn, ...], ...] = ()
    if relied_on:
        channels = won(
            ask,
            as_of=as_of,
            group=GROUPINGS["acquisition_channel"],
            horizon_months=seen.horizon_months,
            discount_rate=seen.discount_rate,
            narrowed=bool(reader.selection.channels or reader.selection.categories),
        )
        worth = (
            (groups_picture(reader, found, grouping, look),),
            (tenths_picture(reader, found, seen, look), channels_picture(reader, found, channels, look)),
        )
    shown = relied_on and found.customers >= ENOUGH_CUSTOMERS
    return View(
        headline=found.headline,
        context=found.tried.told,
        figures=figures(reader, found, look) if relied_on else (),
        not_churn=reader.say("value.silent.note", months=found.horizon_months, page=reader.say("page.churn")),
        worth=worth,
        tried=past,
        why=reader.tell(found.tried.why),
        forecasts=forecasts_table(reader, found),
        trials=every_trial(reader, found),
        standing_out=standing_out(reader, found, seen) if shown else (),
        instead=" ".join(reader.tell(one) for one in found.tried.instead),
        ways=() if relied_on else _shorter(reader, seen),
    )
