"""Expected profit against the number of customers contacted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import AXIS_TEXT, MARK_TEXT, Look, band, grid_line, label, on_hover, paper, steps

_HEIGHT: Final = 340
_DEEPEST: Final = -0.6
"""How far below nothing the picture goes, in heights of its best; what costs more is cut off."""
_LONGEST: Final = 2.0
"""In numbers of the best list, how much is shown at the least."""
_SEE_THROUGH: Final = 0.16
_MIDDLE: Final = 0.5


@dataclass(frozen=True)
class ProfitWords:
    """What is written into the picture; `<br>` ends a line.

    Args:
        chosen: At the list that is chosen.
        best: At the best one, where another is chosen.
        naive: What the dashed line is, above the picture.
        everybody: What contacting all earns, beside `naive`.
    """

    chosen: str
    best: str
    naive: str
    everybody: str


def profit_curve(rows: pd.DataFrame, best: int, chosen: int, words: ProfitWords, look: Look) -> go.Figure:
    """Expected profit with its band, as more customers are contacted; the best and the chosen are marked.

    The picture ends where contacting more costs more than it could ever be worth: well below nothing.

    Args:
        rows: From nobody to everybody: `size`, `profit`, `low`, `high`, `naive`, `told` (on hover).
        best: The size that earns most, one of `rows`.
        chosen: The size that is chosen, likewise; `best`, or less.
        words: What is written into it.
        look: How it looks.
    """
    drawn = _shown(rows, best)
    whole = len(drawn) == len(rows)
    sizes = drawn["size"].tolist()
    figure = paper(look, _HEIGHT, start=64, end=20, top=64, bottom=30)
    _lines(figure, drawn, look)
    ends = [*([best] if best != chosen else []), *([int(sizes[-1])] if whole else [])]
    _marks(figure, pd.concat([drawn[drawn["size"] == one] for one in (chosen, *ends)]), look)
    top, bottom = _heights(drawn, best)
    grid = steps(bottom, top)
    figure.update_layout(
        shapes=[*(grid_line(look, y=one) for one in grid), *_upright_and_nothing(chosen, look)],
        annotations=_words(drawn, best, chosen, words, look),
    )
    last = float(sizes[-1])
    ticks = [one for one in steps(0, last, whole=True) if one <= last]
    figure.update_xaxes(
        range=look.across(0, last or 1.0),
        tickvals=ticks,
        ticktext=[look.compact(one) for one in ticks],
        tickangle=0,
    )
    inside = [one for one in grid if bottom <= one <= top]
    figure.update_yaxes(
        range=[bottom, top],
        tickvals=inside,
        ticktext=[_beside_axis(look.money_compact(one), look) for one in inside],
    )
    return figure


def _lines(figure: go.Figure, drawn: pd.DataFrame, look: Look) -> None:
    """The band, what recency alone would earn, and what is expected."""
    colours, sizes = look.colours, drawn["size"].tolist()
    figure.add_scatter(**band(sizes, drawn["low"], drawn["high"], colours.accent, _SEE_THROUGH))
    lines = {"naive": (colours.muted, 2, "dash"), "profit": (colours.accent, 2.5, "solid")}
    for name, (colour, width, dash) in lines.items():
        figure.add_scatter(
            x=sizes,
            y=drawn[name].tolist(),
            mode="lines",
            line={"color": colour, "width": width, "dash": dash},
            **on_hover(look, drawn["told"]),
        )


def _marks(figure: go.Figure, marked: pd.DataFrame, look: Look) -> None:
    """The chosen list, which comes first, and the others that are marked."""
    colours, count = look.colours, len(marked)
    figure.add_scatter(
        x=marked["size"].tolist(),
        y=marked["profit"].tolist(),
        mode="markers",
        cliponaxis=False,
        marker={
            "size": [12, *[9] * (count - 1)],
            "color": [colours.accent, *[colours.ground] * (count - 1)],
            "line": {"color": [colours.ground, *[colours.accent] * (count - 1)], "width": 2},
        },
        **on_hover(look, marked["told"]),
    )


def _upright_and_nothing(chosen: int, look: Look) -> list[dict[str, Any]]:
    """The line at the chosen list, and that of nothing earned."""
    nothing: dict[str, Any] = {**grid_line(look, y=0.0)}
    nothing["line"] = {"color": look.colours.muted, "width": 1}
    upright: dict[str, Any] = {**grid_line(look, x=chosen), "layer": "above"}
    upright["line"] = {"color": look.colours.accent, "width": 1.5, "dash": "dot"}
    return [nothing, upright]


def _beside_axis(words: str, look: Look) -> str:
    """A number with room between it and the axis, which is on its other side in lines from right to left."""
    room = "\u00a0\u00a0"
    return f"{room}{words}" if look.rtl else f"{words}{room}"


def _shown(rows: pd.DataFrame, best: int) -> pd.DataFrame:
    """The rows up to where profit has fallen well below nothing."""
    most = float(rows["profit"].max())
    if most <= 0:
        return rows
    deep = (rows["profit"] < _DEEPEST * most) & (rows["size"] >= _LONGEST * best)
    return rows[: int(deep.to_numpy().argmax()) + 1] if deep.any() else rows


def _heights(rows: pd.DataFrame, best: int) -> tuple[float, float]:
    """The highest and the lowest amount in the picture; the band is whole where the best is marked."""
    most, least = float(rows["profit"].max()), float(rows[["profit", "naive"]].min().min())
    if most <= 0:
        return max(-0.12 * least, 1e-9), 1.04 * least or -1.0
    top = float(rows["high"].max())
    lowest = min(float(rows["low"].min()), least)
    deepest = min(_DEEPEST * max(most, 0.5 * top), 1.04 * float(rows.loc[rows["size"] == best, "low"].min()))
    return 1.06 * top, max(1.04 * lowest, deepest)


def _words(
    rows: pd.DataFrame, best: int, chosen: int, words: ProfitWords, look: Look
) -> list[dict[str, object]]:
    """The chosen above the picture, what else is drawn and what contacting everybody earns above that."""
    middle = _MIDDLE * (float(rows["size"].iloc[-1]) or 1.0)
    written = label(
        look,
        words.chosen,
        x=chosen,
        y=1,
        yref="paper",
        yanchor="bottom",
        xanchor=look.start if chosen < middle else look.end,
        yshift=2,
        font={"size": MARK_TEXT, "color": look.colours.accent},
    )
    if best != chosen:
        written += _at_best(rows, best, words.best, look.start if best < middle else look.end, look)
    naive = f"╌╌ {words.naive}"
    written += label(
        look,
        f"{naive} · {words.everybody}",
        AXIS_TEXT,
        x=0 if look.rtl else 1,
        xref="paper",
        xanchor=look.end,
        y=1,
        yref="paper",
        yanchor="bottom",
        yshift=42,
        font={"size": AXIS_TEXT, "color": look.colours.muted},
    )
    return written


def _at_best(rows: pd.DataFrame, best: int, words: str, anchor: str, look: Look) -> list[dict[str, object]]:
    return label(
        look,
        words,
        AXIS_TEXT,
        x=best,
        y=float(rows.loc[rows["size"] == best, "profit"].iloc[0]),
        xanchor=anchor,
        yanchor="bottom",
        yshift=8,
        font={"size": AXIS_TEXT, "color": look.colours.accent},
    )
