"""What tells, in the whole base, who is likely to leave: each thing once, over all days together."""

from __future__ import annotations

import pandas as pd

from crm_core.base import Sentence
from crm_core.churn.answers.reasons import feature_named
from crm_core.churn.rules import family_of


def drivers_by_thing(rows: pd.DataFrame) -> pd.DataFrame:
    """The drivers of a base, those that count one thing over several times put together.

    Args:
        rows: Of `churn_drivers`.

    Returns:
        The weightiest first: `family`: the features' common name, `feature`: the only one, or null where they
        are several, `share`: of the weights of all, `direction`: as in `churn_drivers`, `mixed` where several
        differ.
    """
    columns = ["family", "feature", "share", "direction"]
    whole = float(rows["mean_contribution"].sum())
    if not whole:
        return pd.DataFrame(columns=columns)
    families = rows["feature"].map(lambda feature: family_of(str(feature))[0])
    found = [
        (
            family,
            those["feature"].iloc[0] if len(those) == 1 else None,
            float(those["mean_contribution"].sum()) / whole,
            those["direction"].iloc[0] if those["direction"].nunique() == 1 else "mixed",
        )
        for family, those in rows.groupby(families, sort=False)
    ]
    things = pd.DataFrame(found, columns=columns)
    return things.sort_values("share", ascending=False, kind="stable", ignore_index=True)


def thing_named(family: str, feature: str | None) -> Sentence:
    """What a driver is called: as its only feature, or else whatever the days."""
    return Sentence(f"churn.thing.{family}") if feature is None else feature_named(feature)
