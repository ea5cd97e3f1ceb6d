"""What is known of a fit stays known when it is kept as rows and made again."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from crm_core.customers.metrics import first_channel
from crm_core.value.estimates import fitted_models
from crm_core.value.estimates.fitted import (
    cells_of,
    in_order,
    models_by_group,
    models_of_groups,
    purchase_models_of,
    spend_model_of,
)
from crm_core.value.models import fit_bg_nbd
from crm_core.value.models.cells import Floats
from tests.fake_ask import FakeAsk, tables_between
from tests.value.fits import FITS

AS_OF = dt.date(2026, 10, 31)


def _histories(*, drop_out: bool) -> pd.DataFrame:
    """Histories of customers who were won in the course of two years."""
    random = np.random.default_rng(5)
    rows = []
    for _ in range(3_000):
        age = int(random.integers(100, 731))
        until = min(age, random.exponential(1 / random.gamma(0.7, 1 / 150))) if drop_out else age
        days = np.cumsum(random.exponential(1 / random.gamma(1.5, 1 / 60), 200)).astype("int64") + 1
        days = np.unique(days[days <= until])
        rows.append((days.size, days[-1] if days.size else 0, age))
    histories = pd.DataFrame(rows, columns=["frequency", "recency_days", "age_days"]).astype("int64")
    return histories.value_counts(sort=False).reset_index(name="customers")


def _spend(q: float) -> pd.DataFrame:
    random = np.random.default_rng(8)
    mean: Floats = random.gamma(2.0, 1 / random.gamma(q, 1 / 30.0, 5_000))
    cents = np.maximum(np.rint(mean * 100), 1).astype("int64")
    return pd.DataFrame({"frequency": 1, "repeat_revenue": cents, "customers": 1})


def _fitted(histories: pd.DataFrame, spend: pd.DataFrame) -> pd.DataFrame:
    ask = FakeAsk(
        tables_between(dt.date(2023, 1, 1), AS_OF), {"purchase_cells": histories, "spend_cells": spend}
    )
    return fitted_models(ask, as_of=AS_OF)


@pytest.mark.parametrize("drop_out", [True, False])
def test_models_of_purchases_keep_what_the_data_do_not_determine(drop_out: bool) -> None:
    histories = _histories(drop_out=drop_out)
    found = purchase_models_of(_fitted(histories, _spend(3.0)))
    assert set(found) == set(FITS)
    for name, model in found.items():
        fresh = FITS[name](cells_of(in_order(histories)))
        assert model.parameters == pytest.approx(fresh.parameters)
        assert model.problems == fresh.problems
        assert model.identified == fresh.identified == drop_out
        assert ("dropout_at_zero" in model.problems) == (not drop_out)


@pytest.mark.parametrize(("q", "problems"), [(3.0, ()), (1.5, ("spend_variance_infinite",))])
def test_the_model_of_spend_is_as_determined_as_it_was(q: float, problems: tuple[str, ...]) -> None:
    found = spend_model_of(_fitted(_histories(drop_out=True), _spend(q)))
    assert found is not None
    assert found.problems == problems
    assert found.identified


def test_a_model_of_a_group_begins_with_that_of_all_and_is_that_of_its_histories() -> None:
    histories = _histories(drop_out=True)
    groups = pd.concat([histories.assign(group="shop"), histories.head(3).assign(group="fair", customers=1)])
    ask = FakeAsk(
        tables_between(dt.date(2023, 1, 1), AS_OF), {"purchase_cells": histories, "grouped_cells": groups}
    )
    found = models_by_group(ask(models_of_groups, as_of=AS_OF, group=first_channel, model="bg_nbd"))
    assert set(found) == {"shop"}
    whole = fit_bg_nbd(cells_of(in_order(histories)))
    assert found["shop"].parameters == pytest.approx(whole.parameters, rel=1e-3)
    nobody = FakeAsk(ask.tables, {"purchase_cells": histories.head(0), "grouped_cells": groups})
    assert nobody(models_of_groups, as_of=AS_OF, group=first_channel, model="bg_nbd").empty
