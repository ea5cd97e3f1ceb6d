"""Does the customer club earn its cost?"""

from crm_core.loyalty.answers.club import Club, Ranged, club
from crm_core.loyalty.answers.doubts import Doubt, doubts
from crm_core.loyalty.answers.proposed import Question, Start, known_indicators, start

__all__ = ["Club", "Doubt", "Question", "Ranged", "Start", "club", "doubts", "known_indicators", "start"]
