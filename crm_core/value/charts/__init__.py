"""Pictures of value to come: where it comes from, and forecasts against what came."""

from __future__ import annotations

from crm_core.value.charts.bars import tenths
from crm_core.value.charts.past import calibration, course

__all__ = ["calibration", "course", "tenths"]
