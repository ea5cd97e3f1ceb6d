"""Who refuses every channel is on no list; of the others it is told what they have not refused."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from crm_core.base import InputError
from crm_core.churn.answers import Deal, Terms
from crm_core.churn.answers.keeping import keeping
from crm_core.customers.answers import CHANNELS, Consents, with_channels
from tests.churn.test_keeping import made
from tests.customers.test_contact import said

OFFER = Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)


def test_a_way_reaches_who_has_not_refused_it() -> None:
    found = made(50)
    told = replace(found, risks=with_channels(found.risks, said()), consents=said())
    assert told.reach == {"Email": 49, "Phone": 48}
    for way, away in (("Email", {"c0000"}), ("Phone", {"c0000", "c0002"})):
        rows = told.reached(way)
        assert set(found.risks["customer_id"]) - set(rows["customer_id"]) == away
        alone = replace(found, risks=rows.drop(columns=CHANNELS).reset_index(drop=True))
        kept, expected = (
            keeping(one, OFFER, calibration_error=0.02, terms=terms)
            for one, terms in ((told, Terms(most=9, way=way)), (alone, Terms(most=9)))
        )
        assert kept.reached == len(rows)
        assert (kept.curve, kept.kinds, kept.cost) == (expected.curve, expected.kinds, expected.cost)
        assert kept.first["customer_id"].tolist() == expected.first["customer_id"].tolist()


def test_there_is_no_list_where_everybody_refuses_the_way() -> None:
    found = made(3)
    refused = pd.DataFrame({"Email": False, "Phone": True}, index=["c0000", "c0001", "c0002"])
    phone = Consents(("Email", "Phone"), refused)
    told = replace(found, risks=with_channels(found.risks, phone), consents=phone)
    assert told.left_out == 0
    with pytest.raises(InputError, match="all_refuse_way"):
        keeping(told, OFFER, calibration_error=0.0, terms=Terms(way="Phone"))


def test_the_list_leaves_out_who_refuses_every_channel() -> None:
    found = made(50)
    found.risks.loc[0, ["churn_probability", "kept_margin"]] = [0.99, 9_999.0]
    told = replace(found, risks=with_channels(found.risks, said()), consents=said())
    assert told.risks[CHANNELS].tolist() == ["", "Email · Phone", "Email", *["Email · Phone"] * 47]
    assert told.left_out == 1
    before, kept = (keeping(one, OFFER, calibration_error=0.0) for one in (found, told))
    assert before.first["customer_id"].iloc[0] == "c0000"
    assert "c0000" not in set(kept.first["customer_id"])
    assert kept.curve.best.size == before.curve.best.size - 1
    assert sum(one.customers for one in kept.kinds) == 49


def test_there_is_no_list_where_everybody_refuses() -> None:
    found = made(3)
    told = replace(found, risks=found.risks.assign(**{CHANNELS: ""}))
    with pytest.raises(InputError, match="all_refuse"):
        keeping(told, OFFER, calibration_error=0.0)
    assert told.left_out == 3


def test_nothing_changes_without_consents() -> None:
    found = made(5)
    assert not found.reach
    assert found.left_out == 0


@pytest.mark.parametrize("known", [said(), None])
def test_a_way_that_the_base_does_not_know_is_refused_by_name(known: Consents | None) -> None:
    found = replace(made(10), consents=known)
    with pytest.raises(InputError) as told:
        keeping(found, OFFER, calibration_error=0.0, terms=Terms(way="pigeon"))
    assert told.value.key == "churn.no_such_way"
