"""Members by tier over time, and how they move between tiers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd
import plotly.graph_objects as go

from crm_core.looks import Look, shade
from crm_core.loyalty.charts.marks import Part, stacked

_LIGHTEST: Final = 0.5


def members_by_tier(months: pd.DataFrame, names: Sequence[str], look: Look) -> go.Figure:
    """Members at the end of each month, by tier: those without one below, the highest above.

    Args:
        months: Oldest first: `tier_0` (those without a tier), `tier_1` ... (members), `complete`, `label` and
            `year` (what stands under the bar; empty for none), and for each tier `told_tier_…` (on hover).
        names: The tiers in the reader's words, from `tier_0` on.
        look: How it looks.
    """
    highest = max(len(names) - 2, 1)
    shades = [_LIGHTEST + (1 - _LIGHTEST) * place / highest for place in range(len(names) - 1)]
    fills = [look.colours.grey, *(shade(one, look.colours.amounts) for one in shades)]
    parts = [
        Part(f"tier_{place}", name, fill) for place, (name, fill) in enumerate(zip(names, fills, strict=True))
    ]
    return stacked(months, parts, look)


def moved(months: pd.DataFrame, rose: str, fell: str, look: Look) -> go.Figure:
    """Members who rose in each month above the line, and who fell below it.

    Args:
        months: Oldest first: `rose` and `fell` (members), `complete`, `label` and `year` (what stands under
            the bar; empty for none), `told_rose` and `told_fell` (on hover).
        rose: What rising is called.
        fell: What falling is called.
        look: How it looks.
    """
    colours = look.colours
    parts = [Part("rose", rose, colours.accent), Part("fell", fell, colours.warm, down=True)]
    return stacked(months, parts, look)
