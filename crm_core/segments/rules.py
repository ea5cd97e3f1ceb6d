"""Which RFM scores make which segment, what to do with it, and where A, B and C end."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args

Strategy = Literal["invest", "hold", "win_back", "let_go"]
Way = Literal["up", "down", "new"]

STRATEGIES: Final[tuple[Strategy, ...]] = get_args(Strategy)
"""In the order in which they are shown."""

SEGMENTS: Final[tuple[str, ...]] = (
    "champions",
    "loyal",
    "potential_loyalists",
    "new_customers",
    "promising",
    "need_attention",
    "about_to_sleep",
    "at_risk",
    "cannot_lose_them",
    "hibernating",
    "lost",
)
"""From the most to the least engaged, the order in which they are shown."""

SEGMENT_GRID: Final[tuple[tuple[str, ...], ...]] = (
    ("lost", "lost", "at_risk", "at_risk", "cannot_lose_them"),
    ("hibernating", "hibernating", "at_risk", "at_risk", "cannot_lose_them"),
    ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    ("promising", "potential_loyalists", "potential_loyalists", "loyal", "champions"),
    ("new_customers", "potential_loyalists", "potential_loyalists", "champions", "champions"),
)
"""Segment by `r_score` (rows, 1 to 5) and value score (columns, 1 to 5)."""

STRATEGY: Final[dict[str, Strategy]] = {
    "champions": "invest",
    "loyal": "invest",
    "potential_loyalists": "invest",
    "new_customers": "invest",
    "promising": "hold",
    "need_attention": "hold",
    "about_to_sleep": "hold",
    "at_risk": "win_back",
    "cannot_lose_them": "win_back",
    "hibernating": "let_go",
    "lost": "let_go",
}

A_BELOW: Final = 0.80
B_BELOW: Final = 0.95

_NEAR_A_TENTH: Final = 0.015


def value_score(f_score: Any, m_score: Any) -> Any:
    """How much a customer buys, 1 to 5: the mean of the frequency and the monetary score, halves upward.

    Integers or columns of them, as in `crm_core.periods`; of the kind that came in.
    """
    return (f_score + m_score + 1) // 2


def way(before: str | None, now: str) -> Way:
    """Whether a customer who was in one segment and is in another became more or less engaged, or is new."""
    if before is None:
        return "new"
    return "up" if SEGMENTS.index(now) < SEGMENTS.index(before) else "down"


def in_ten(share: float) -> int | None:
    """How many in ten a share is, 1 to 9, when it is so near to it that people would say so; else None."""
    tenths = round(10 * share)
    return tenths if 1 <= tenths <= 9 and abs(share - tenths / 10) <= _NEAR_A_TENTH else None
