"""The map: which pages exist, in which order. `python -m crm_core serve` starts it."""

from crm_core.ui import app

app.run((("overview", "segments", "value", "retention", "churn", "loyalty"), ("customer",), ("data",)))
