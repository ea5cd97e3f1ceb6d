"""What the retention page opens with, for times made by hand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
import pytest

from crm_core.base import Sentence, Share
from crm_core.i18n import LANGUAGES, language
from crm_core.retention.answers import Comeback, comeback
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2024, 12, 31)
WON_FROM = dt.date(2022, 3, 1)
TABLES = tables_between(dt.date(2022, 1, 1), AS_OF)


def spells(*rows: tuple[int, int, int]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["duration_days", "observed", "spells"])


EVERYBODY = spells((10, 1, 40), (50, 1, 20), (400, 0, 40))


def said(
    everybody: pd.DataFrame, *years: pd.DataFrame, won_from: dt.date | None = WON_FROM, customers: int = 500
) -> tuple[Comeback, FakeAsk]:
    """The answer where those won in the latest year, and those won in the one before, are as given."""
    by_end = dict(zip((dt.date(2024, 10, 2), dt.date(2023, 10, 3)), years, strict=False))

    def times(*, as_of: dt.date, won_to: dt.date | None = None, **_: Any) -> pd.DataFrame:
        return everybody if won_to is None else by_end.get(won_to, EVERYBODY)

    ask = FakeAsk(TABLES, {"purchase_spells": times})
    return comeback(ask, as_of=AS_OF, won_from=won_from, customers=customers), ask


def test_the_headline_tells_of_new_customers_within_the_longest_time_that_is_known() -> None:
    found, ask = said(EVERYBODY)
    assert found.share is not None
    assert found.share.value == pytest.approx(0.6)
    shown = {"share": Share(found.share.value), "count": 365}
    assert found.headline == Sentence("retention.headline", shown)
    assert (found.customers, found.days) == (100, 365)
    assert found.context.values["first"] == WON_FROM
    assert ask.asked[0] == ("purchase_spells", {"won_from": WON_FROM})


def test_who_bought_lately_counts_only_for_as_long_as_could_be_watched() -> None:
    found, _ = said(spells((10, 1, 50), (5, 0, 100), (200, 0, 50)))
    assert found.days == 90
    assert found.share is not None
    assert found.share.value == pytest.approx(0.5)


def test_where_all_customers_are_new_they_count_from_the_first_day() -> None:
    found, ask = said(EVERYBODY, won_from=None)
    assert found.context.values["first"] == dt.date(2022, 1, 1)
    assert ask.asked[0] == ("purchase_spells", {})


FEWER = spells((10, 1, 100), (400, 0, 900))
MORE = spells((10, 1, 600), (400, 0, 400))


@pytest.mark.parametrize(("latest", "before", "way"), [(MORE, FEWER, "up"), (FEWER, MORE, "down")])
def test_two_years_are_compared_by_those_who_could_be_watched(
    latest: pd.DataFrame, before: pd.DataFrame, way: str
) -> None:
    found, ask = said(EVERYBODY, latest, before)
    assert found.context.key == f"retention.context.{way}"
    assert [one.last for one in found.years] == [dt.date(2024, 10, 2), dt.date(2023, 10, 3)]
    # Each year has 365 days, and the one begins where the other ends.
    spans = [(options["won_from"], options["won_to"]) for _, options in ask.asked[1:]]
    assert spans == [
        (dt.date(2023, 10, 4), dt.date(2024, 10, 2)),
        (dt.date(2022, 10, 4), dt.date(2023, 10, 3)),
    ]


def test_years_that_may_differ_by_chance_are_said_to() -> None:
    assert said(EVERYBODY, EVERYBODY, EVERYBODY)[0].context.key == "retention.context.level"


def test_a_year_that_is_not_whole_is_compared_with_nothing() -> None:
    found, ask = said(EVERYBODY, won_from=dt.date(2022, 10, 5))
    assert found.years == ()
    assert found.context.key == "retention.context"
    assert len(ask.asked) == 1
    # A day more, and it is whole.
    assert said(EVERYBODY, won_from=dt.date(2022, 10, 4))[0].years


@pytest.mark.parametrize(
    ("everybody", "customers", "headline"),
    [
        (EVERYBODY, 24, "few"),
        (spells((10, 1, 40), (20, 0, 100)), 140, "unknown"),
        (spells((400, 0, 500)), 500, "nobody"),
    ],
)
def test_what_cannot_be_told_is_said(everybody: pd.DataFrame, customers: int, headline: str) -> None:
    found, _ = said(everybody, customers=customers)
    assert found.headline.key == f"retention.headline.{headline}"
    assert found.share is None


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_sentence_can_be_said(code: str) -> None:
    spoken = language(code)
    for everybody, years in (
        (EVERYBODY, (MORE, FEWER)),
        (EVERYBODY, (FEWER, MORE)),
        (EVERYBODY, (MORE, MORE)),
        (spells((400, 0, 500)), ()),
        (spells((20, 0, 500)), ()),
    ):
        found, _ = said(everybody, *years)
        assert spoken.tell(found.headline)
        assert "{" not in spoken.tell(found.context)
