"""Which RFM scores make which segment, what to do with it, and where A, B and C end."""

from __future__ import annotations

from typing import Final, Literal

Strategy = Literal["invest", "hold", "win_back", "let_go"]

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


def value_score(f_score: int, m_score: int) -> int:
    """How much a customer buys, 1 to 5: the mean of the frequency and the monetary score, halves upward."""
    return (f_score + m_score + 1) // 2


def segment_of(r_score: int, f_score: int, m_score: int) -> str:
    """The segment of a customer with these scores (each 1 to 5)."""
    return SEGMENT_GRID[r_score - 1][value_score(f_score, m_score) - 1]
