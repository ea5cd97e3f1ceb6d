"""Who comes back, and when do we lose them?"""

from crm_core.retention.answers.cohorts import Cell, Cohorts, Comeback, Row, Shape, cohorts

__all__ = ["Cell", "Cohorts", "Comeback", "Row", "Shape", "cohorts"]
