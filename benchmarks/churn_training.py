"""What it takes to learn who leaves of 10 million order lines and to score every customer, from nothing.

In a process of its own, whose memory is watched, engine included; and the scoring of a million customers
whose features are there.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np

from benchmarks.bases import demonstration_base
from benchmarks.report import Check, Figure, Report
from benchmarks.settings import REPOSITORY, Settings
from benchmarks.timing import seconds_of
from crm_core.churn.estimates import churn_scores, trained_churn
from crm_core.churn.estimates.questions import Question
from crm_core.churn.estimates.snapshots import known_on
from crm_core.churn.estimates.trained import Stored
from crm_core.engine.connection import Limits
from crm_core.periods import day_of
from crm_core.workspace import open_base
from crm_core.workspace.catalogue import HANDED_IN

TRAINING_SECONDS: Final = 90.0
MEGABYTES: Final = 3_000.0
SCORING_SECONDS: Final = 10.0
HORIZON_DAYS: Final = 90
ENGINE_MEGABYTES: Final = 1_200
"""What the engine may use of the memory."""
_SCORED_PER_CUSTOMER: Final = 1_000_000 / 475_000
"""How many customers are scored whose features are there, for each customer of the base."""


def run(settings: Settings) -> Report:
    """Learn and score as often as pairs are timed, each time in a new process."""
    base = demonstration_base(settings, settings.customers)
    scored = round(settings.customers * _SCORED_PER_CUSTOMER)
    told = [_told(base, settings.threads, scored) for _ in range(settings.pairs)]
    whole = median(one["training"] + one["scoring"] for one in told)
    sound = all(one["sound"] for one in told)
    return Report(
        "churn_training",
        f"{told[0]['customers']:,} customers, {settings.threads} threads",
        (
            Figure("learnt and scored", whole, limit=TRAINING_SECONDS),
            Figure("of that, learnt", median(one["training"] for one in told)),
            Figure("most memory", max(one["megabytes"] for one in told), "MB", MEGABYTES),
            Figure(
                f"{scored:,} customers scored whose features are there",
                median(one["known"] for one in told),
                limit=SCORING_SECONDS,
            ),
            Check("everybody has a chance between 0 and 1", sound, "" if sound else "somebody has not"),
        ),
    )


def _told(base: Path, threads: int, scored: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.churn_training", str(base), str(threads), str(scored)]
    said = subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True, text=True).stdout
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _measure(base: str, threads: int, scored: int) -> dict[str, float]:
    workspace = open_base(base, limits=Limits(f"{ENGINE_MEGABYTES}MB", threads))
    ask, as_of = workspace.ask(), workspace.as_of
    options: dict[str, object] = {**HANDED_IN, "horizon_days": HORIZON_DAYS}
    training = seconds_of(lambda: ask(trained_churn, as_of=as_of, **options))
    scoring = seconds_of(lambda: ask(churn_scores, as_of=as_of, **options))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    chance = ask(churn_scores, as_of=as_of, **options)["churn_probability"].to_numpy("float64")
    model = Stored.of(ask(trained_churn, as_of=as_of, **options)).model
    question = Question(HORIZON_DAYS, "purchases", HANDED_IN["no_purchase"])
    known = known_on(ask, day_of(as_of), question)
    places = np.arange(scored) % len(known.ids)
    columns = {
        name: column[places] if isinstance(column, np.ndarray) else column.at(places)
        for name, column in known.of(model).items()
    }
    return {
        "training": training,
        "scoring": scoring,
        "known": seconds_of(lambda: model.probability(columns)),
        "megabytes": megabytes,
        "customers": len(chance),
        "sound": bool(((chance > 0) & (chance < 1)).all()),
    }


if __name__ == "__main__":
    _base, _threads, _scored = sys.argv[1:]
    print(json.dumps(_measure(_base, int(_threads), int(_scored))))
