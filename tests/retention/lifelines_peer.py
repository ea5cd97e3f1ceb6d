"""Run by the peers' Python: samples as JSON on standard input, what lifelines makes of them on the output.

A sample has `durations`, `observed`, `groups` and `horizon`.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

from lifelines import KaplanMeierFitter  # type: ignore[import-not-found]  # only the peers have it
from lifelines.statistics import (  # type: ignore[import-not-found]  # only the peers have it
    multivariate_logrank_test,
    pairwise_logrank_test,
)
from lifelines.utils import (  # type: ignore[import-not-found]  # only the peers have it
    median_survival_times,
    restricted_mean_survival_time,
)


def answer(sample: dict[str, Any]) -> dict[str, Any]:
    """The curve, its median, its restricted mean and the log-rank tests."""
    fitted = KaplanMeierFitter().fit(sample["durations"], sample["observed"])
    band = fitted.confidence_interval_
    median = median_survival_times(band)
    log_rank = multivariate_logrank_test(sample["durations"], sample["groups"], sample["observed"])
    pairs = pairwise_logrank_test(sample["durations"], sample["groups"], sample["observed"])
    return {
        "times": fitted.survival_function_.index.tolist(),
        "survival": fitted.survival_function_.iloc[:, 0].tolist(),
        "low": band.iloc[:, 0].tolist(),
        "high": band.iloc[:, 1].tolist(),
        "at_risk": fitted.event_table["at_risk"].tolist(),
        "median": float(fitted.median_survival_time_),
        "median_interval": [float(median.iloc[0, 0]), float(median.iloc[0, 1])],
        "restricted_mean": float(restricted_mean_survival_time(fitted, sample["horizon"])),
        "statistic": float(log_rank.test_statistic),
        "p_value": float(log_rank.p_value),
        "pairs": {
            "-".join(map(str, pair)): float(p) for pair, p in zip(pairs.name, pairs.p_value, strict=True)
        },
    }


warnings.simplefilter("ignore")
json.dump([answer(one) for one in json.load(sys.stdin)], sys.stdout)
