"""How likely it is that a customer buys nothing for a while."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_core.tables import Ask, AsOf, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import FITS, fitted_model, in_order, model_of
from crm_core.value.metrics import purchase_histories


@Estimate
def probability_of_none(
    ask: Ask, *, as_of: AsOf, horizon_days: int = 90, once_more: bool = False
) -> pd.DataFrame:
    """How likely each customer buys nothing in the days to come, by the likeliest model of repeat purchase.

    Args:
        horizon_days: How many days to come count.
        once_more: Whether it is asked what it were if each had bought once more on `as_of`.

    Returns:
        Grain: a customer with at least one purchase up to `as_of`.

        - `customer_id`: text
        - `probability_of_none`: of no purchase in the horizon, 0 to 1; null for everybody where too few came
            back to fit any model
    """
    fitted = [model_of(ask(fitted_model, as_of=as_of, model=name)) for name in FITS]
    models = [model for model in fitted if model is not None]
    customers = in_order(ask(purchase_histories, as_of=as_of))
    found = pd.DataFrame({"customer_id": customers["customer_id"], "probability_of_none": np.nan})
    if models:
        model = max(models, key=lambda one: one.log_likelihood)
        if once_more:
            before = customers["recency_days"] < customers["age_days"]
            customers["frequency"] += before
            customers["recency_days"] = customers["age_days"]
        history = customers[["frequency", "recency_days", "age_days"]].to_numpy("float64")
        cells, cell = np.unique(history, axis=0, return_inverse=True)
        frequency, recency, age = cells[:, 0], *(cells[:, 1:] / rules.DAYS_PER_WEEK).T
        weeks = horizon_days / rules.DAYS_PER_WEEK
        found["probability_of_none"] = model.probability_of_none(weeks, frequency, recency, age)[cell]
    return found
