"""Options for metrics that cannot be asked for without any."""

from __future__ import annotations

import datetime as dt
import inspect

from crm_core.churn.estimates import METRICS as CHURN
from crm_core.loyalty.estimates import METRICS as LOYALTY
from crm_core.loyalty.rules import read_programme, template
from crm_core.segments.metrics import segment
from crm_core.tables import Metric

OF_CLUBS = frozenset({"loyalty_effect", "loyalty_balance", "loyalty_effect_members", "loyalty_thresholds"})
LEARNT = (*CHURN, *(metric for metric in LOYALTY if metric.name in OF_CLUBS))
"""Of few customers, or where none joined a club, nothing is learnt; tests of the rooms have more."""


def options_needed(metric: Metric, as_of: dt.date) -> dict[str, object]:
    """A value for each option that has none unless told.

    Raises:
        KeyError: An option is new here.
    """
    values: dict[str, object] = {
        "cut_off": as_of - dt.timedelta(days=120),
        "window_days": 90,
        "horizon_days": 60,
        "group": segment,
        "programme": read_programme(template("points_club")),
        "other": read_programme(template("discount_ladder")),
    }
    parameters = inspect.signature(metric.build).parameters
    return {
        name: values[name]
        for name, option in parameters.items()
        if option.kind is inspect.Parameter.KEYWORD_ONLY
        and option.default is inspect.Parameter.empty
        and name != "as_of"
    }
