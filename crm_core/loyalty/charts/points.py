"""Points by month: what members are given, what becomes of it, and what is outstanding."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, Palette, band, grid_line, months_axis, on_hover, paper, steps
from crm_core.loyalty.charts.marks import HEIGHT, Part, key, key_height, stacked

ABOVE: Final = "issued"
BELOW: Final = ("redeemed", "expired", "taken_back")
"""What becomes of points, from the line downward."""
FATES: Final = (*BELOW, "balance")

_SEE_THROUGH: Final = 0.16
_LEAST_ROOM: Final = 60
_LETTER: Final = 5.6
"""Pixels of a letter beside an axis, about."""
_UNSEEN: Final = ("Cf", "Mn")
"""Letters that take no room: marks of direction, vowels above and below."""


def points_by_month(months: pd.DataFrame, names: Mapping[str, str], look: Look) -> go.Figure:
    """Points issued in each month above the line; below it those used, expired and taken back.

    Args:
        months: Oldest first: `issued`, `redeemed`, `expired`, `taken_back` (points), `complete`, `label` and
            `year` (what stands under the bar; empty for none), and for each of the four `told_…` (on hover).
        names: The four in the reader's words.
        look: How it looks.
    """
    fills = _fills(look.colours)
    parts = [Part(name, names[name], fills[name], down=name != ABOVE) for name in (ABOVE, *BELOW)]
    return stacked(months, parts, look)


def fates(months: pd.DataFrame, names: Mapping[str, str], look: Look) -> go.Figure:
    """What became of the points issued in each month, as shares of them.

    Args:
        months: Oldest first: `redeemed`, `expired`, `taken_back`, `balance` (shares, 0 to 1, that add up to
            1), `complete` (no share will change), `label` and `year` (what stands under the bar; empty for
            none), and for each of the four `told_…` (on hover).
        names: The four in the reader's words.
        look: How it looks.
    """
    fills = {**_fills(look.colours), "balance": look.colours.grey}
    return stacked(months, [Part(name, names[name], fills[name]) for name in FATES], look, shares=True)


def _room(labels: Sequence[str]) -> int:
    """The margin that labels beside an axis need, pixels: long ones were cut, and said another amount."""
    longest = max(sum(unicodedata.category(letter) not in _UNSEEN for letter in label) for label in labels)
    return max(_LEAST_ROOM, math.ceil(longest * _LETTER))


def outstanding(months: pd.DataFrame, names: tuple[str, str], look: Look) -> go.Figure:
    """What the points outstanding at the end of each month would cost: all, and those that will be used.

    Args:
        months: Oldest first: `expected_use`, with `least` and `most` (amounts; NaN where nothing is known of
            it), `outstanding` (amount), `label` and `year` (what stands under the mark; empty for none),
            `told` (on hover).
        names: What is expected, and all, in the reader's words.
        look: How it looks.
    """
    colours, places = look.colours, list(range(len(months)))
    known = bool(months["expected_use"].notna().all())
    shown = {colours.accent: names[0]} if known else {}
    shown[colours.muted] = names[1]
    high = max(*months["outstanding"].tolist(), *months["most"].tolist()) or 1.0
    lines = steps(0.0, high)
    amounts = [f"{look.money_compact(line)} " for line in lines]
    figure = paper(look, HEIGHT, start=_room(amounts), end=16, top=key_height(shown), bottom=40)
    told = on_hover(look, months["told"])
    figure.add_scatter(
        x=places,
        y=months["outstanding"].tolist(),
        mode="lines",
        cliponaxis=False,
        line={"color": colours.muted, "width": 1.5, "dash": "dot"},
        **told,
    )
    if known:
        figure.add_scatter(**band(places, months["least"], months["most"], colours.accent, _SEE_THROUGH))
        figure.add_scatter(
            x=places,
            y=months["expected_use"].tolist(),
            mode="lines+markers",
            cliponaxis=False,
            line={"color": colours.accent, "width": 2.5},
            marker={"size": [*[5] * (len(places) - 1), 10], "color": colours.accent, "opacity": 1},
            **told,
        )
    figure.update_layout(shapes=[grid_line(look, y=line) for line in lines], annotations=key(shown, look))
    months_axis(figure, months, look)
    figure.update_yaxes(
        range=[0, 1.06 * high],
        tickvals=lines,
        ticktext=amounts,
    )
    return figure


def _fills(colours: Palette) -> dict[str, str]:
    return {
        "issued": colours.accent,
        "redeemed": colours.ink,
        "expired": colours.warm,
        "taken_back": colours.warm_light,
    }
