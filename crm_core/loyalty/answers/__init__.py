"""Does the customer club earn its cost?"""

from crm_core.loyalty.answers.proposed import Question, Start, known_indicators, start

__all__ = ["Question", "Start", "known_indicators", "start"]
