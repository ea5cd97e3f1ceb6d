"""Loyalty programmes as data: what they are, how they are read, checked and written."""

from crm_core.loyalty.rules.programme import (
    INDICATORS,
    Band,
    Caps,
    Expiry,
    Indicator,
    Measure,
    Members,
    Programme,
    Redemption,
    Reward,
    Rule,
    RunningCost,
    Step,
    Tiers,
)
from crm_core.loyalty.rules.reading import LONGEST, SCHEMA_FILE, programme_of, read_programme, write_programme

__all__ = [
    "INDICATORS",
    "LONGEST",
    "SCHEMA_FILE",
    "Band",
    "Caps",
    "Expiry",
    "Indicator",
    "Measure",
    "Members",
    "Programme",
    "Redemption",
    "Reward",
    "Rule",
    "RunningCost",
    "Step",
    "Tiers",
    "programme_of",
    "read_programme",
    "write_programme",
]
