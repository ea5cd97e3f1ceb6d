"""Figures beside those before, and the bridge from revenue before to revenue now."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from crm_core.customers.rules import ENOUGH_CUSTOMERS
from crm_core.overview.answers.spans import KINDS, FigureKind, FigureName, SpanFigures
from crm_core.overview.rules import revenue_bridge


@dataclass(frozen=True)
class Figure:
    """A figure of a period, what it was before, and its course.

    Args:
        name: What it is.
        kind: `money` (in units of currency), `count` or `ratio`.
        value: Now; None where the base cannot say.
        before: In the period before; None where there is no such period or it cannot say.
        last_year: In the same period a year earlier; None likewise.
        trend: The figure in the last whole calendar months up to `as_of`, oldest first; empty where one
            of them cannot say.
        more_is_better: Whether a rise is good news.
    """

    name: FigureName
    kind: FigureKind
    value: float | None
    before: float | None
    last_year: float | None
    trend: tuple[float, ...] = ()
    more_is_better: bool = True


@dataclass(frozen=True)
class Bridge:
    """Revenue before, what each cause added, and revenue now, in units of currency."""

    before: float
    steps: tuple[tuple[str, float], ...]
    now: float


def figure(
    name: FigureName,
    now: SpanFigures,
    before: SpanFigures | None,
    last_year: SpanFigures | None,
    months: pd.DataFrame,
) -> Figure:
    """One figure beside those before."""
    whole = months[months["complete"]]
    trend = whole[name].tolist() if name in whole and whole[name].notna().all() else []
    return Figure(
        name=name,
        kind=KINDS[name],
        value=now[name],
        before=None if before is None else before[name],
        last_year=None if last_year is None else last_year[name],
        trend=tuple(float(value) for value in trend),
        more_is_better=name != "lost_customers",
    )


def bridge_between(before: SpanFigures, now: SpanFigures) -> Bridge | None:
    """Why revenue changed; None where one of the two has too few customers to tell causes from chance."""
    if min(before.count("active_customers"), now.count("active_customers")) < ENOUGH_CUSTOMERS:
        return None
    steps = revenue_bridge(_causes(before), _causes(now))
    if steps is None:
        return None
    return Bridge(
        before=before.count("revenue") / now.scale,
        steps=tuple((step.cause, step.amount / now.scale) for step in steps),
        now=now.count("revenue") / now.scale,
    )


def _causes(figures: SpanFigures) -> tuple[int, int, int, int]:
    return (
        figures.count("active_customers"),
        figures.count("order_count"),
        figures.count("customer_revenue"),
        figures.count("guest_revenue"),
    )
