"""Who takes part in a loyalty programme, and what they did day by day."""

from crm_core.loyalty.metrics.compared import loyalty_early, loyalty_early_contacts, loyalty_early_days
from crm_core.loyalty.metrics.entries import loyalty_entries
from crm_core.loyalty.metrics.indicators import Looked, looked_at, loyalty_indicators
from crm_core.loyalty.metrics.members import (
    JOINED,
    loyalty_bought,
    loyalty_clubs,
    loyalty_grouped,
    loyalty_members,
)
from crm_core.loyalty.metrics.met import loyalty_rule_met
from crm_core.loyalty.metrics.rhythm import loyalty_rhythm
from crm_core.loyalty.metrics.usual import loyalty_usual_purchase

__all__ = [
    "JOINED",
    "Looked",
    "looked_at",
    "loyalty_bought",
    "loyalty_clubs",
    "loyalty_early",
    "loyalty_early_contacts",
    "loyalty_early_days",
    "loyalty_entries",
    "loyalty_grouped",
    "loyalty_indicators",
    "loyalty_members",
    "loyalty_rhythm",
    "loyalty_rule_met",
    "loyalty_usual_purchase",
]
