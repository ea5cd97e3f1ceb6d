"""The ledger of points and tiers on arrays, and what it comes to."""

from crm_core.loyalty.models.accounts import NEVER, Accounts, Entries, Fates, Flows, Held, Replay
from crm_core.loyalty.models.effect import METHODS, Compared, Method, effects
from crm_core.loyalty.models.habits import steps_of
from crm_core.loyalty.models.jumps import Heap, Jump, Near, heap, jump
from crm_core.loyalty.models.ledger import replay, replays, reviewed
from crm_core.loyalty.models.matching import Balance, Matched, Moments, balances, matched, moments
from crm_core.loyalty.models.paces import NOT_JOINED, Histories
from crm_core.loyalty.models.ranking import indicator_points, ranks, summed
from crm_core.loyalty.models.tiers import next_review, thresholds
from crm_core.loyalty.models.worth import (
    Chance,
    Cost,
    break_even_lift,
    chance_of_use,
    cost_of,
    cost_of_point,
    rewards_cost,
    running_cost,
)

__all__ = [
    "METHODS",
    "NEVER",
    "NOT_JOINED",
    "Accounts",
    "Balance",
    "Chance",
    "Compared",
    "Cost",
    "Entries",
    "Fates",
    "Flows",
    "Heap",
    "Held",
    "Histories",
    "Jump",
    "Matched",
    "Method",
    "Moments",
    "Near",
    "Replay",
    "balances",
    "break_even_lift",
    "chance_of_use",
    "cost_of",
    "cost_of_point",
    "effects",
    "heap",
    "indicator_points",
    "jump",
    "matched",
    "moments",
    "next_review",
    "ranks",
    "replay",
    "replays",
    "reviewed",
    "rewards_cost",
    "running_cost",
    "steps_of",
    "summed",
    "thresholds",
]
