"""The models on the data of the literature: what was published, and what other implementations find."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from crm_core.value.models import PurchaseCells, fit_bg_nbd, fit_gamma_gamma, group_days
from tests.value.cdnow import ALL, TENTH, cdnow
from tests.value.fits import FITS


def cells_of(directory: Path, name: str, customer: str) -> PurchaseCells:
    histories = cdnow(directory, name, customer)
    return group_days(histories.frequency, histories.recency_days, histories.age_days)[0]


@pytest.mark.parametrize(
    ("name", "data", "log_likelihood"),
    [
        ("bg_nbd", TENTH, -9582.43),
        ("mbg_nbd", TENTH, -9582.14),
        ("pareto_nbd", TENTH, -9594.98),
        ("bg_nbd", ALL, -95368.44),
        ("mbg_nbd", ALL, -95336.96),
        ("pareto_nbd", ALL, -95415.12),
    ],
)
def test_log_likelihood(name: str, data: tuple[str, str], log_likelihood: float, shared_data: Path) -> None:
    model = FITS[name](cells_of(shared_data, *data))
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=0.006)
    assert model.problems == ()


@pytest.mark.parametrize(("data", "log_likelihood"), [(TENTH, -4055.92), (ALL, -40763.48)])
def test_log_likelihood_of_spend(data: tuple[str, str], log_likelihood: float, shared_data: Path) -> None:
    histories = cdnow(shared_data, *data)
    spent = histories.mean_spend > 0  # one of all customers took something for nothing on every repeat day
    model = fit_gamma_gamma(histories.frequency[spent], histories.mean_spend[spent], np.ones(spent.sum()))
    assert model.log_likelihood == pytest.approx(log_likelihood, abs=0.006)
    assert model.problems == ()


def test_parameters_of_fader_hardie_and_lee(shared_data: Path) -> None:
    model = fit_bg_nbd(cells_of(shared_data, *TENTH))
    published = {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}
    assert model.parameters == pytest.approx(published, abs=5e-4)


def test_parameters_of_the_pareto_model(shared_data: Path) -> None:
    """Fader, Hardie, Lee (2005), table 2."""
    model = FITS["pareto_nbd"](cells_of(shared_data, *TENTH))
    published = {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}
    assert model.parameters == pytest.approx(published, abs=1.1e-3)


def test_parameters_of_the_spend_model(shared_data: Path) -> None:
    """Fader, Hardie (2013): p = 6.25, q = 3.74, gamma = 15.44."""
    histories = cdnow(shared_data, *TENTH)
    repeats = histories.frequency > 0
    model = fit_gamma_gamma(
        histories.frequency[repeats], histories.mean_spend[repeats], np.ones(repeats.sum())
    )
    assert model.parameters == pytest.approx({"p": 6.25, "q": 3.74, "gamma": 15.44}, abs=5e-3)


def test_their_customer_with_two_repeat_purchases(shared_data: Path) -> None:
    """Fader, Hardie, Lee (2005), Implementing the BG/NBD Model in Excel: 1.226 purchases in 39 weeks."""
    model = fit_bg_nbd(cells_of(shared_data, *TENTH))
    assert model.expected_purchases(39, 2, 30.43, 38.86) == pytest.approx(1.226, abs=5e-4)


def test_all_purchases_of_the_following_weeks(shared_data: Path) -> None:
    cells = cells_of(shared_data, *ALL)
    bought = float(cdnow(shared_data, *ALL).held_out.sum())
    for fit in FITS.values():
        expected, error = fit(cells).total(39, cells)
        assert 0 < error < 0.05 * expected
        assert expected == pytest.approx(bought, rel=0.2)
