"""Members by tier over time, and how they move between tiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, grid_line, paper, shade, steps
from crm_core.loyalty.charts.marks import bars, key, key_height, time_axis, zero_line

_HEIGHT: Final = 300
_LIGHTEST: Final = 0.5


def members_by_tier(months: pd.DataFrame, names: Sequence[str], look: Look) -> go.Figure:
    """Members at the end of each month, by tier: those without one below, the highest above.

    Args:
        months: Oldest first: `tier_0` (those without a tier), `tier_1` ... (members), `complete`, `label` and
            `year` (what stands under the bar; empty for none), and for each tier `told_…` (on hover).
        names: The tiers in the reader's words, from `tier_0` on.
        look: How it looks.
    """
    highest = max(len(names) - 2, 1)
    shades = [_LIGHTEST + (1 - _LIGHTEST) * place / highest for place in range(len(names) - 1)]
    fills = [look.colours.grey, *(shade(one, look.colours.amounts) for one in shades)]
    shown = dict(zip(fills, names, strict=True))
    figure = paper(look, _HEIGHT, start=52, end=8, top=key_height(shown), bottom=40)
    for place, fill in enumerate(fills):
        figure.add_bar(
            x=list(range(len(months))),
            y=months[f"tier_{place}"].tolist(),
            width=0.74,
            marker=bars(fill, months["complete"], look),
            hovertext=[look.line(told) for told in months[f"told_{place}"]],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    high = max(float(months[[f"tier_{place}" for place in range(len(fills))]].sum(axis=1).max()), 1.0)
    lines = steps(0.0, high, 5, whole=True)
    figure.update_layout(
        barmode="stack", shapes=[grid_line(look, y=line) for line in lines], annotations=key(shown, look)
    )
    time_axis(figure, months, look)
    figure.update_yaxes(
        range=[0, 1.04 * high], tickvals=lines, ticktext=[f"{look.compact(line)} " for line in lines]
    )
    return figure


def moved(months: pd.DataFrame, rose: str, fell: str, look: Look) -> go.Figure:
    """Members who rose in each month above the line, and who fell below it.

    Args:
        months: Oldest first: `rose` and `fell` (members), `complete`, `label` and `year` (what stands under
            the bar; empty for none), `told_rose` and `told_fell` (on hover).
        rose: What rising is called.
        fell: What falling is called.
        look: How it looks.
    """
    fills = {"rose": look.colours.accent, "fell": look.colours.warm}
    shown = {fills["rose"]: rose, fills["fell"]: fell}
    figure = paper(look, _HEIGHT, start=52, end=8, top=key_height(shown), bottom=40)
    for name, sign in (("rose", 1), ("fell", -1)):
        figure.add_bar(
            x=list(range(len(months))),
            y=(sign * months[name]).tolist(),
            width=0.74,
            marker=bars(fills[name], months["complete"], look),
            hovertext=[look.line(told) for told in months[f"told_{name}"]],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    high, low = max(float(months["rose"].max()), 1.0), -float(months["fell"].max())
    lines = [line for line in steps(low, high, 6, whole=True) if line]
    figure.update_layout(
        barmode="relative",
        shapes=[*(grid_line(look, y=line) for line in lines), zero_line(look)],
        annotations=key(shown, look),
    )
    time_axis(figure, months, look)
    figure.update_yaxes(
        range=[1.06 * low, 1.04 * high],
        tickvals=lines,
        ticktext=[f"{look.compact(abs(line))} " for line in lines],
    )
    return figure
