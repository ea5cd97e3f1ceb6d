"""On which days forecasts are tried, and when they may be used."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crm_core.value.rules import MOST_CUT_OFFS, SHORTEST_TRIAL_DAYS, trials, verdict


@given(st.integers(0, 5_000), st.integers(0, 5_000), st.integers(1, 1_100))
def test_a_trial_looks_ahead_no_further_than_back(first: int, length: int, horizon: int) -> None:
    found = trials(first, first + length, horizon)
    assert len(found.cut_offs) <= MOST_CUT_OFFS
    for day in found.cut_offs:
        assert day - first >= found.horizon_days
        assert day + found.horizon_days <= first + length
    assert bool(found.cut_offs) == (min(horizon, length // 2) >= SHORTEST_TRIAL_DAYS)


def test_a_short_history_is_tried_by_halves() -> None:
    assert trials(0, 373, 365).cut_offs == (187,)
    assert not trials(0, 373, 365).whole_horizon
    assert trials(0, 1_095, 365).cut_offs == (730, 365)
    assert trials(0, 1_095, 365).whole_horizon


def test_verdicts() -> None:
    def judged(
        *errors: float,
        beats_everybody: bool = True,
        whole_horizon: bool = True,
        beats_simple: bool = True,
        identified: bool = True,
        width: float = 0.5,
    ) -> str:
        return verdict(
            errors,
            beats_everybody=beats_everybody,
            beats_simple=beats_simple,
            whole_horizon=whole_horizon,
            identified=identified,
            width=width,
        )

    assert judged(0.05, -0.08) == "use"
    assert judged(0.05) == "use_with_care"
    assert judged(0.05, -0.08, whole_horizon=False) == "use_with_care"
    assert judged(0.05, -0.08, beats_simple=False) == "use_with_care"
    assert judged(0.05, -0.08, identified=False) == "use_with_care"
    assert judged(0.05, -0.08, width=1.01) == "use_with_care"
    assert judged(0.05, -0.08, width=2.01) == "do_not_use"
    assert judged(0.3, -0.1, identified=False) == "do_not_use"
    assert judged(0.2, -0.1) == "use_with_care"
    assert judged(0.3, -0.1) == "do_not_use"
    assert judged(0.0, 0.0, beats_everybody=False) == "do_not_use"
    assert judged() == "do_not_use"
    assert judged(float("nan"), 0.0) == "do_not_use"
