"""The models beside those of lifetimes, called as another process."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from crm_core.value.models import (
    BgNbd,
    GammaGamma,
    MbgNbd,
    ParetoNbd,
    PurchaseModel,
    fit_gamma_gamma,
    group_days,
)
from tests.value.cdnow import TENTH, cdnow
from tests.value.fits import FITS

SCRIPT = """
import json, sys
import numpy as np
from lifetimes import BetaGeoFitter, GammaGammaFitter, ModifiedBetaGeoFitter, ParetoNBDFitter

held = np.load(sys.argv[1])
x, t_x, age, spend = (held[name] for name in ("frequency", "recency", "age", "spend"))
asked = held["asked"]
told = {}
for name, fitter in (
    ("bg_nbd", BetaGeoFitter()), ("mbg_nbd", ModifiedBetaGeoFitter()), ("pareto_nbd", ParetoNBDFitter())
):
    fitter.fit(x, t_x, age, **({"tol": 1e-9} if name == "pareto_nbd" else {}))
    told[name] = {
        "parameters": dict(fitter.params_),
        "expected": [list(map(float, fitter.predict(weeks, *asked))) for weeks in (4.0, 39.0)],
        "alive": list(map(float, np.ravel(fitter.conditional_probability_alive(*asked)))),
    }
repeats = x > 0
fitter = GammaGammaFitter()
fitter.fit(x[repeats], spend[repeats])
told["gamma_gamma"] = {
    "parameters": dict(fitter.params_),
    "expected": list(map(float, fitter.conditional_expected_average_profit(x[:50], spend[:50]))),
}
print(json.dumps(told))
"""


@pytest.fixture(scope="module")
def peer(shared_data: Path, peers_python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What lifetimes finds on the tenth of the CDNOW data, and foretells of some of its customers."""
    histories = cdnow(shared_data, *TENTH)
    asked = asked_of(shared_data)
    file = tmp_path_factory.mktemp("peer") / "cdnow.npz"
    np.savez(
        file,
        frequency=histories.frequency,
        recency=histories.recency_days / 7,
        age=histories.age_days / 7,
        spend=histories.mean_spend,
        asked=asked,
    )
    done = subprocess.run([peers_python, "-c", SCRIPT, file], check=True, capture_output=True, text=True)
    answers: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answers


def asked_of(shared_data: Path) -> np.ndarray[Any, np.dtype[np.float64]]:
    histories = cdnow(shared_data, *TENTH)
    rows = np.unique(histories.frequency, return_index=True)[1]
    return np.stack(
        [histories.frequency[rows], histories.recency_days[rows] / 7, histories.age_days[rows] / 7]
    )


@pytest.mark.parametrize("model", [BgNbd, MbgNbd, ParetoNbd])
def test_repeat_purchases(model: type[PurchaseModel], peer: dict[str, Any], shared_data: Path) -> None:
    theirs = peer[model.name]
    histories = cdnow(shared_data, *TENTH)
    cells, _ = group_days(histories.frequency, histories.recency_days, histories.age_days)
    assert FITS[model.name](cells).parameters == pytest.approx(theirs["parameters"], rel=1e-3)
    same = model(parameters=theirs["parameters"])
    asked = asked_of(shared_data)
    for weeks, expected in zip((4.0, 39.0), theirs["expected"], strict=True):
        assert same.expected_purchases(weeks, *asked) == pytest.approx(expected, rel=1e-6)
    assert same.probability_alive(*asked) == pytest.approx(theirs["alive"], rel=1e-6)


def test_spend(peer: dict[str, Any], shared_data: Path) -> None:
    theirs = peer["gamma_gamma"]
    histories = cdnow(shared_data, *TENTH)
    repeats = histories.frequency > 0
    ours = fit_gamma_gamma(
        histories.frequency[repeats], histories.mean_spend[repeats], np.ones(repeats.sum())
    )
    p, q, v = theirs["parameters"].values()
    assert list(ours.parameters.values()) == pytest.approx([p, q, v], rel=1e-3)
    same = GammaGamma(parameters={"p": p, "q": q, "gamma": v})
    spend = same.expected_spend(histories.frequency[:50], histories.mean_spend[:50])
    assert spend == pytest.approx(theirs["expected"], rel=1e-9)
