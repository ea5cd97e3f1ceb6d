"""The ledger of points and tiers on arrays."""

from crm_core.loyalty.models.accounts import NEVER, Accounts, Entries, Flows, Replay
from crm_core.loyalty.models.ledger import replay

__all__ = ["NEVER", "Accounts", "Entries", "Flows", "Replay", "replay"]
