"""Which days a reader's period means, why revenue changed, and what stands out."""

from __future__ import annotations

from crm_core.overview.rules.bridge import HELD_WITHIN, BridgeStep, direction, revenue_bridge
from crm_core.overview.rules.spans import (
    GROUPS,
    PERIOD_CHOICES,
    Comparison,
    Group,
    PeriodChoice,
    Span,
    comparison,
)
from crm_core.overview.rules.standing_out import (
    BUYING_STANDS_OUT_FROM,
    COUNT_STANDS_OUT_FROM,
    FINDINGS_SHOWN,
    GUESTS_STAND_OUT_FROM,
    MARGIN_STANDS_OUT_FROM,
    REPEAT_STANDS_OUT_FROM,
    Buying,
    Finding,
    FindingName,
    Repeat,
    what_stands_out,
)

__all__ = [
    "BUYING_STANDS_OUT_FROM",
    "COUNT_STANDS_OUT_FROM",
    "FINDINGS_SHOWN",
    "GROUPS",
    "GUESTS_STAND_OUT_FROM",
    "HELD_WITHIN",
    "MARGIN_STANDS_OUT_FROM",
    "PERIOD_CHOICES",
    "REPEAT_STANDS_OUT_FROM",
    "BridgeStep",
    "Buying",
    "Comparison",
    "Finding",
    "FindingName",
    "Group",
    "PeriodChoice",
    "Repeat",
    "Span",
    "comparison",
    "direction",
    "revenue_bridge",
    "what_stands_out",
]
