"""Who takes part in a loyalty programme, and what they did day by day."""

from crm_core.loyalty.metrics.entries import loyalty_entries
from crm_core.loyalty.metrics.members import JOINED, loyalty_bought, loyalty_members

__all__ = ["JOINED", "loyalty_bought", "loyalty_entries", "loyalty_members"]
