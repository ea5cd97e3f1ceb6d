"""Who comes back, and when do we lose them?"""

from crm_core.retention.answers.cohorts import Cell, Cohorts, Row, Shape, cohorts
from crm_core.retention.answers.comeback import Comeback, comeback

__all__ = ["Cell", "Cohorts", "Comeback", "Row", "Shape", "cohorts", "comeback"]
