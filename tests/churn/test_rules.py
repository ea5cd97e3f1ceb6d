"""The horizon that fits a rhythm."""

from __future__ import annotations

import pytest

from crm_core.churn.rules import ProposedHorizon, proposed_horizon

LONG = 10_000


@pytest.mark.parametrize(
    ("gaps", "days", "share"),
    [
        ([(10, 80), (100, 20)], 30, 0.8),
        ([(10, 79), (31, 21)], 60, 1.0),
        ([(10, 70), (60, 9), (90, 1), (180, 20)], 90, 0.8),
        ([(181, 90), (30, 10)], 365, 1.0),
        ([(400, 90), (30, 10)], 365, 0.1),
    ],
)
def test_the_shortest_within_which_four_in_five_came(
    gaps: list[tuple[int, int]], days: int, share: float
) -> None:
    assert proposed_horizon(gaps, LONG) == ProposedHorizon(days, 100, share, shortened=False)


def test_too_few_repeat_purchases_make_no_rhythm() -> None:
    assert proposed_horizon([(5, 99)], LONG) == ProposedHorizon(90, 99, None, shortened=False)
    assert proposed_horizon([], LONG) == ProposedHorizon(90, 0, None, shortened=False)


def test_a_short_history_shortens_it() -> None:
    assert proposed_horizon([(170, 100)], 539) == ProposedHorizon(90, 100, 0.0, shortened=True)
    assert proposed_horizon([(170, 100)], 540) == ProposedHorizon(180, 100, 1.0, shortened=False)
    assert proposed_horizon([(170, 100)], 20) == ProposedHorizon(30, 100, 0.0, shortened=True)
