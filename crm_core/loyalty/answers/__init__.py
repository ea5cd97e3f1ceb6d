"""Does the customer club earn its cost?"""

from crm_core.loyalty.answers.against import Against, against
from crm_core.loyalty.answers.ahead import Ahead, about_to_move
from crm_core.loyalty.answers.club import Club, Ranged, club
from crm_core.loyalty.answers.doubts import Doubt, doubts
from crm_core.loyalty.answers.parts import Moves, Parts, groups, moves, tiers
from crm_core.loyalty.answers.proposed import Question, Start, known_indicators, start

__all__ = [
    "Against",
    "Ahead",
    "Club",
    "Doubt",
    "Moves",
    "Parts",
    "Question",
    "Ranged",
    "Start",
    "about_to_move",
    "against",
    "club",
    "doubts",
    "groups",
    "known_indicators",
    "moves",
    "start",
    "tiers",
]
