"""Pictures of the overview: the revenue bridge, and who bought month by month."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import (
    Look,
    bars_of_months,
    grid_line,
    label,
    months_axis,
    on_hover,
    paper,
    row_labels,
    square,
    steps,
    zero_line,
)

ABOVE: Final = ("returning", "resurrected", "new")
"""Who bought in a month, from the line upward."""
BELOW: Final = "dormant"

_NAMES_WIDTH: Final = 150
_AMOUNTS_WIDTH: Final = 92
_CUT_FROM: Final = 0.5
"""A bridge whose lowest level is at least this share of its highest begins near it and not at zero."""


def bridge_axis(rows: pd.DataFrame) -> float:
    """Where the axis of a bridge begins: at zero, or at a round number well below its lowest level.

    Args:
        rows: As `revenue_bridge` takes them.
    """
    levels = pd.concat([rows["high"], rows.loc[rows["kind"].isin(["up", "down"]), "low"]])
    low, high = float(levels.min()), float(levels.max())
    if low <= 0 or low < _CUT_FROM * high:
        return min(float(rows["low"].min()), 0.0)
    room = max(1.2 * (high - low), 0.02 * high)
    below = [level for level in steps(0.0, high, 41) if level <= low - room]
    return max(below, default=0.0)


def revenue_bridge(rows: pd.DataFrame, look: Look) -> go.Figure:
    """Revenue before, what each cause added, and revenue now, as horizontal bars that hang together.

    Args:
        rows: In their order: `label`, `low` and `high` (the levels that the bar spans), `kind` (`before`,
            `up`, `down`, `now`), `text` (at the mark), `told` (on hover), `code` (what a click means).
        look: How it looks.
    """
    colours = look.colours
    begins = bridge_axis(rows)
    ends = float(rows["high"].max())
    width = (ends - begins) or 1.0
    low = rows["low"].clip(lower=begins)
    fills = {"before": colours.grey, "up": colours.accent, "down": colours.warm, "now": colours.ink}
    places = list(range(len(rows)))
    figure = paper(look, 34 + 44 * len(rows), start=_NAMES_WIDTH, end=_AMOUNTS_WIDTH)
    figure.add_bar(
        orientation="h",
        y=places,
        base=low.tolist(),
        x=(rows["high"] - low).tolist(),
        width=0.46,
        marker={"color": [fills[kind] for kind in rows["kind"]], "line": {"width": 0}},
        customdata=rows["code"].tolist(),
        **on_hover(look, rows["told"]),
    )
    figure.update_xaxes(range=look.across(begins, begins + 1.001 * width), showticklabels=False)
    figure.update_yaxes(range=[len(rows) - 0.5, -0.5], showticklabels=False)
    figure.update_layout(
        shapes=_joints(rows, low, look),
        annotations=[
            *row_labels(look, rows["label"].tolist(), places, _NAMES_WIDTH),
            *_amounts(rows, look),
        ],
    )
    return figure


def _amounts(rows: pd.DataFrame, look: Look) -> list[dict[str, object]]:
    """What each bar stands for, where it ends."""
    beside: dict[str, Any] = {"xanchor": look.start, "xshift": -4 if look.rtl else 4, "yanchor": "middle"}
    return [
        one
        for place, (high, text) in enumerate(zip(rows["high"], rows["text"], strict=True))
        for one in label(look, text, x=high, y=place, **beside)
    ]


def _joints(rows: pd.DataFrame, low: pd.Series, look: Look) -> list[dict[str, object]]:
    """Thin lines from the level that one bar leaves to the bar that takes it up."""
    drops = rows["kind"] == "down"
    left = low.where(drops, rows["high"]).tolist()
    return [
        {
            "type": "line",
            "x0": left[place],
            "x1": left[place],
            "y0": place + 0.23,
            "y1": place + 0.77,
            "line": {"color": look.colours.muted, "width": 1, "dash": "dot"},
        }
        for place in range(len(rows) - 1)
    ]


def lifecycle(months: pd.DataFrame, names: Mapping[str, str], look: Look) -> go.Figure:
    """Who bought in each month by what they did before, and below the line who fell silent.

    Args:
        months: Oldest first: `new`, `returning`, `resurrected`, `dormant` (customers), `complete`, `label`
            and `year` (what stands under the bar; empty for none), and for each state `told_…` (on hover) and
            `code_…` (what a click means).
        names: The states in the reader's words.
        look: How it looks.
    """
    colours = look.colours
    fills = {
        "returning": colours.accent,
        "resurrected": colours.accent_light,
        "new": colours.ink,
        "dormant": colours.warm_light,
    }
    figure = paper(look, 300, start=44, end=96, bottom=40)
    for state in (*ABOVE, BELOW):
        figure.add_bar(
            x=list(range(len(months))),
            y=(months[state] * (-1 if state == BELOW else 1)).tolist(),
            width=0.74,
            marker=bars_of_months(fills[state], months["complete"], look),
            customdata=months[f"code_{state}"].tolist(),
            **on_hover(look, months[f"told_{state}"]),
        )
    high = float(months[list(ABOVE)].sum(axis=1).max())
    low = -float(months[BELOW].max())
    lines = [line for line in steps(low, max(high, 1.0), 6, whole=True) if line]
    figure.update_layout(
        barmode="relative",
        shapes=[*(grid_line(look, y=line) for line in lines), zero_line(look)],
        annotations=_state_labels(months, names, fills, look),
    )
    months_axis(figure, months, look)
    figure.update_yaxes(
        range=[1.06 * low, 1.04 * max(high, 1.0)],
        tickvals=lines,
        ticktext=[f"{look.compact(abs(line))} " for line in lines],
    )
    return figure


def _state_labels(
    months: pd.DataFrame, names: Mapping[str, str], fills: Mapping[str, str], look: Look
) -> list[dict[str, object]]:
    """The name of each state beside its piece of the last whole month, apart where they would touch."""
    whole = months[months["complete"]]
    last = (whole if len(whole) else months).iloc[-1]
    top, places = 0.0, {}
    for state in ABOVE:
        places[state] = top + float(last[state]) / 2
        top += float(last[state])
    places[BELOW] = -float(last[BELOW]) / 2
    span = float(months[list(ABOVE)].sum(axis=1).max()) + float(months[BELOW].max())
    apart = 0.085 * max(span, 1.0)
    labels = [(BELOW, min(places[BELOW], -apart / 2))]
    at = -apart / 2
    for state in ABOVE:
        at = max(places[state], at + apart)
        labels.append((state, at))
    where: dict[str, Any] = {
        "x": 0 if look.rtl else 1,
        "xref": "paper",
        "xanchor": look.start,
        "xshift": -8 if look.rtl else 8,
        "yanchor": "middle",
    }
    return [
        one
        for state, place in labels
        for one in label(look, f"{square(fills[state])} {names[state]}", y=place, **where)
    ]
