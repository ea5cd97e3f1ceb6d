"""Does the customer club earn its cost?"""

from crm_core.loyalty.answers.against import Against, against
from crm_core.loyalty.answers.ahead import Ahead, about_to_move
from crm_core.loyalty.answers.club import MONTHS_MONEY, Club, NobodyThere, Ranged, club
from crm_core.loyalty.answers.doubts import Doubt, doubts
from crm_core.loyalty.answers.effect import Estimated, Works, joined_campaigns, works
from crm_core.loyalty.answers.listed import MoveWay, members_about_to_move, members_of_tier
from crm_core.loyalty.answers.parts import Moves, Parts, groups, moves, tiers
from crm_core.loyalty.answers.proposed import Question, Start, known_indicators, start
from crm_core.loyalty.answers.ranked import (
    Bar,
    Part,
    Ranked,
    Standing,
    ranked,
    standing,
    tiers_of,
)
from crm_core.loyalty.answers.reasons import Term, reasons
from crm_core.loyalty.answers.sizes import size_of_templates
from crm_core.loyalty.answers.thresholds import Thresholds, thresholds
from crm_core.loyalty.estimates import NothingToCompare

__all__ = [
    "MONTHS_MONEY",
    "Against",
    "Ahead",
    "Bar",
    "Club",
    "Doubt",
    "Estimated",
    "MoveWay",
    "Moves",
    "NobodyThere",
    "NothingToCompare",
    "Part",
    "Parts",
    "Question",
    "Ranged",
    "Ranked",
    "Standing",
    "Start",
    "Term",
    "Thresholds",
    "Works",
    "about_to_move",
    "against",
    "club",
    "doubts",
    "groups",
    "joined_campaigns",
    "known_indicators",
    "members_about_to_move",
    "members_of_tier",
    "moves",
    "ranked",
    "reasons",
    "size_of_templates",
    "standing",
    "start",
    "thresholds",
    "tiers",
    "tiers_of",
    "works",
]
