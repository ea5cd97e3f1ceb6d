"""What a newly won customer is worth."""

from __future__ import annotations

import numpy as np
import pandas as pd

from crm_core.customers.metrics import Grouping
from crm_core.tables import Ask, AsOf, Estimate
from crm_core.value import rules
from crm_core.value.estimates.fitted import in_order, models_by_group, models_of_groups
from crm_core.value.estimates.lifetime import Basis, CannotForecast, basis_of
from crm_core.value.estimates.options import DiscountRate
from crm_core.value.estimates.tried import horizon_days
from crm_core.value.metrics import grouped_cells
from crm_core.value.models import PurchaseModel
from crm_core.value.models.cells import Floats


@Estimate
def new_customer_value(
    ask: Ask, *, as_of: AsOf, group: Grouping, horizon_months: int = 12, discount_rate: DiscountRate = 0.1
) -> pd.DataFrame:
    """What a customer of each group is worth in the months after the first purchase, and with it.

    The model that did best for all customers is fitted to those of each group; its purchases times the mean
    spend of their repeat purchase days, times what was left of purchases in the year before.

    Args:
        group: By what customers are parted, such as the channel through which they were won.
        horizon_months: Gregorian months for which the forecast did best in trials.

    Returns:
        Grain: a group x month after the first purchase, 0 to 36 or to the end of a longer horizon; not groups
        of too few customers.

        - `group`: text
        - `months`: months since the first purchase; 0 is the first purchase alone
        - `customers`: customers whose histories it was fitted to
        - `value`: money, expected margin up to then, discounted to the first purchase; revenue after returns
            where costs are not known

    Raises:
        CannotForecast: Too few customers came back to fit any model, or nothing was left of what they bought.
        NotProvided: The base does not know what the grouping needs.
    """
    basis = basis_of(ask, as_of=as_of, horizon_months=horizon_months, discount_rate=discount_rate)
    days = [horizon_days(as_of, month) for month in range(max(rules.PAY_BACK_MONTHS, horizon_months) + 1)]
    weeks = np.array(days) / rules.DAYS_PER_WEEK
    rows = in_order(ask(grouped_cells, as_of=as_of, group=group))
    models = models_by_group(ask(models_of_groups, as_of=as_of, group=group, model=basis.model.name))
    found = [pd.DataFrame({"group": [], "months": [], "customers": [], "value": []})]
    for name, cells in rows.groupby("group", sort=True):
        if str(name) not in models:
            continue
        values = _values(cells, models[str(name)], basis, weeks, ask.tables.money_scale)
        found.append(
            pd.DataFrame(
                {
                    "group": name,
                    "months": np.arange(len(values)),
                    "customers": int(cells["customers"].sum()),
                    "value": np.rint(values * ask.tables.money_scale).astype("int64"),
                }
            )
        )
    if len(found) == 1:
        raise CannotForecast("value.too_few_won", least=rules.FEWEST_WON)
    return pd.concat(found[1:], ignore_index=True)


def _values(
    rows: pd.DataFrame, model: PurchaseModel, basis: Basis, weeks: Floats, money_scale: int
) -> Floats:
    """What a customer of these histories is worth so many weeks after the first purchase."""
    repeat = float((rows["frequency"] * rows["customers"]).sum())
    spend = float(rows["repeat_revenue"].sum()) / money_scale / repeat
    purchases = model.discounted_purchases(weeks, basis.weekly_rate, 0.0, 0.0, 0.0)
    return (1 + purchases) * spend * basis.kept
