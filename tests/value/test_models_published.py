"""The models on the data of the literature: what was published, and what other implementations find."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from crm_core.value.models import PurchaseCells, PurchaseModel, fit_bg_nbd, fit_mbg_nbd, group_days
from tests.value.cdnow import ALL, TENTH, cdnow

Fit = Callable[[PurchaseCells], PurchaseModel]


def cells_of(directory: Path, name: str, customer: str) -> PurchaseCells:
    histories = cdnow(directory, name, customer)
    return group_days(histories.frequency, histories.recency_days, histories.age_days)[0]


@pytest.mark.parametrize(
    ("fit", "data", "log_likelihood"),
    [
        (fit_bg_nbd, TENTH, -9582.43),
        (fit_mbg_nbd, TENTH, -9582.14),
        (fit_bg_nbd, ALL, -95368.44),
        (fit_mbg_nbd, ALL, -95336.96),
    ],
)
def test_log_likelihood(fit: Fit, data: tuple[str, str], log_likelihood: float, shared_data: Path) -> None:
    model = fit(cells_of(shared_data, *data))
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=0.006)
    assert model.identified
    assert model.problems == ()


def test_parameters_of_fader_hardie_and_lee(shared_data: Path) -> None:
    model = fit_bg_nbd(cells_of(shared_data, *TENTH))
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert model.parameters == pytest.approx(published, abs=5e-4)


def test_their_customer_with_two_repeat_purchases(shared_data: Path) -> None:
    """Fader, Hardie, Lee (2005), Implementing the BG/NBD Model in Excel: 1.226 purchases in 39 weeks."""
    model = fit_bg_nbd(cells_of(shared_data, *TENTH))
    assert model.expected_purchases(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)
