"""What the pictures of the customer club share: the key above them, the months below them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, grid_line, label, square

_LINE: Final = 44
"""Letters of the key that find room in a line on a telephone."""
_LINE_HEIGHT: Final = 17
_ABOVE: Final = 14
_FIRST_STRONG, _END = "\u2068", "\u2069"
"""Around a name that a base or a programme has: two of them in another script would change places."""


def key_lines(names: Mapping[str, str]) -> list[list[str]]:
    """The names of the key, by the colour that each stands for, in lines that a telephone has room for."""
    lines: list[list[str]] = [[]]
    for colour, name in names.items():
        taken = sum(len(names[one]) + 3 for one in lines[-1])
        if lines[-1] and taken + len(name) > _LINE:
            lines.append([])
        lines[-1].append(colour)
    return lines


def key_height(names: Mapping[str, str]) -> int:
    """Pixels that the key takes above a picture."""
    return 2 * _ABOVE + _LINE_HEIGHT * len(key_lines(names))


def key(names: Mapping[str, str], look: Look) -> list[dict[str, object]]:
    """What the colours are, above the picture, where lines begin; `names` by colour."""
    where: dict[str, Any] = {"x": 1 if look.rtl else 0, "xref": "paper", "xanchor": look.start}
    lines = [
        "   ".join(f"{square(one)} {_FIRST_STRONG}{names[one]}{_END}" for one in line)
        for line in key_lines(names)
    ]
    return label(look, "<br>".join(lines), y=1, yref="paper", yanchor="bottom", yshift=_ABOVE, **where)


def time_axis(figure: go.Figure, months: pd.DataFrame, look: Look) -> None:
    """Months as their `label` and `year` say, in the direction in which time runs."""
    figure.update_xaxes(
        range=look.across(-0.6, len(months) - 0.4),
        tickvals=[place for place, label in enumerate(months["label"]) if label],
        ticktext=[
            f"{label}<br>{year}" for label, year in zip(months["label"], months["year"], strict=True) if label
        ],
    )


def zero_line(look: Look) -> dict[str, object]:
    """The line from which bars go up and down."""
    return {**grid_line(look, y=0), "layer": "above", "line": {"color": look.colours.ink, "width": 1}}


def bars(colour: str, whole: pd.Series[bool], look: Look) -> dict[str, object]:
    """How bars of a colour look, hatched where they are not of a whole month."""
    return {
        "color": colour,
        "line": {"width": 1, "color": look.colours.ground},
        "pattern": {
            "shape": ["" if one else "/" for one in whole],
            "fillmode": "replace",
            "fgcolor": colour,
            "bgcolor": "rgba(0,0,0,0)",
            "size": 5,
            "solidity": 0.45,
        },
    }
