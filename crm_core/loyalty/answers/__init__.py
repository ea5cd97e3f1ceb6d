"""Does the customer club earn its cost?"""

from crm_core.loyalty.answers.club import Club, Ranged, club

__all__ = ["Club", "Ranged", "club"]
