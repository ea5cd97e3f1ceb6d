"""Pictures of the segments: the RFM grid, the whale curve, and who moved."""

from __future__ import annotations

from crm_core.segments.charts.bars import moves
from crm_core.segments.charts.curve import whale_curve
from crm_core.segments.charts.grid import rfm_grid

__all__ = ["moves", "rfm_grid", "whale_curve"]
