"""Does the customer club earn its cost?"""

from crm_core.loyalty.answers.club import Club, Ranged, club
from crm_core.loyalty.answers.proposed import Question, Start, known_indicators, start

__all__ = ["Club", "Question", "Ranged", "Start", "club", "known_indicators", "start"]
