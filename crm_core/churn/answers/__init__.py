"""Who is about to leave, why, and whom does it pay to keep?"""

from crm_core.churn.answers.leaving import Asked, Leaving, asked, leaving

__all__ = ["Asked", "Leaving", "asked", "leaving"]
