"""What tells who leaves: each thing once, however many times it is counted over."""

from __future__ import annotations

import pandas as pd
import pytest

from crm_core.churn.answers import drivers_by_thing, thing_named
from crm_core.churn.metrics import churn_features
from crm_core.churn.rules import family_of
from crm_core.i18n import LANGUAGES, language
from crm_core.workspace import Workspace

DRIVERS = pd.DataFrame(
    [
        ("no_purchase_log_odds", 0.5, "rising"),
        ("order_count_365", 0.2, "falling"),
        ("region", 0.1, "names"),
        ("order_count_90", 0.1, "falling"),
        ("contact_count_30", 0.06, "rising"),
        ("contact_count_90", 0.04, "falling"),
    ],
    columns=["feature", "mean_contribution", "direction"],
)


def test_the_times_over_which_a_thing_is_counted_are_put_together() -> None:
    rows = drivers_by_thing(DRIVERS)
    assert rows["family"].tolist() == ["no_purchase_log_odds", "order_count", "region", "contact_count"]
    assert rows["share"].tolist() == pytest.approx([0.5, 0.3, 0.1, 0.1])
    assert rows["direction"].tolist() == ["rising", "falling", "names", "mixed"]
    assert [one if isinstance(one, str) else None for one in rows["feature"]] == [
        *("no_purchase_log_odds", None, "region", None)
    ]


def test_where_nothing_tells_there_is_no_driver() -> None:
    assert drivers_by_thing(DRIVERS.assign(mean_contribution=0.0)).empty


@pytest.mark.parametrize("code", LANGUAGES)
def test_whatever_is_counted_several_times_has_a_name(code: str, workspace: Workspace) -> None:
    features = workspace.ask()(churn_features, as_of=workspace.as_of).columns[1:]
    families = pd.Series([family_of(one)[0] for one in features])
    counted = families.value_counts()
    several = [str(one) for one in counted.index[counted > 1]]
    assert "order_count" in several
    for family in several:
        assert language(code).tell(thing_named(family, None))
