"""Who refuses every channel is on no list; of the others it is told what they have not refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import pandas as pd
import pytest

from crm_core.base import InputError, NotProvided
from crm_core.churn.answers import CHANNELS, Contact, Deal, Terms, contact
from crm_core.churn.answers.consent import Consents, consents, with_channels
from crm_core.churn.answers.keeping import keeping
from crm_core.churn.estimates.consent import open_channels, refusing
from crm_core.churn.metrics.people import channel_consents
from tests.churn.test_keeping import AS_OF, TABLES, made
from tests.fake_ask import FakeAsk

OFFER = Deal(2.0, 5.0, 0.2, 0.5, None, sure=False)
CONSENTS = pd.DataFrame(
    [
        ("c0000", "Phone", True, dt.datetime(2024, 1, 1), None),
        ("c0000", "Phone", False, dt.datetime(2024, 2, 1), "news"),
        ("c0000", "Email", False, dt.datetime(2024, 2, 1), None),
        ("c0001", "Phone", False, dt.datetime(2024, 1, 1), None),
        ("c0001", "Phone", True, dt.datetime(2024, 12, 31, 23), None),
        ("c0001", "Email", True, dt.datetime(2024, 1, 1), None),
        ("c0001", "Email", False, dt.datetime(2025, 1, 1), None),
        ("c0002", "Phone", False, dt.datetime(2024, 1, 1), None),
        ("c0002", "Phone", True, dt.datetime(2024, 1, 1), None),
    ],
    columns=["customer_id", "channel", "allowed", "changed_at", "purpose"],
)
TOLD = {
    "c0000": ("Email\nPhone", ""),
    "c0001": ("", "Email\nPhone"),
    "c0002": ("Phone", ""),
}


def test_the_last_word_on_each_channel_holds() -> None:
    tables = replace(TABLES, others={"consents": ibis.memtable(CONSENTS)})
    rows = ibis.duckdb.connect().to_pandas(channel_consents(tables, as_of=AS_OF))
    assert {one.customer_id: (one.refused, one.granted) for one in rows.itertuples()} == TOLD


def test_a_channel_that_is_written_in_two_ways_is_one() -> None:
    consented = pd.DataFrame(
        [
            ("c0000", "Email", False, dt.datetime(2024, 1, 1)),
            ("c0000", "e-mail", True, dt.datetime(2024, 2, 1)),
            ("c0001", "email ", False, dt.datetime(2024, 1, 1)),
            ("c0002", "EMAIL", False, dt.datetime(2024, 3, 1)),
            ("c0002", "Phone", True, dt.datetime(2024, 3, 1)),
        ],
        columns=["customer_id", "channel", "allowed", "changed_at"],
    )
    tables = replace(TABLES, others={"consents": ibis.memtable(consented)})
    rows = ibis.duckdb.connect().to_pandas(channel_consents(tables, as_of=AS_OF))
    ask = FakeAsk(TABLES, {"channel_consents": rows.sort_values("customer_id", ignore_index=True)})
    found = consents(ask, as_of=AS_OF)
    assert found is not None
    assert found.channels == ("EMAIL", "Phone")
    who = pd.Series(["c0000", "c0001", "c0002"])
    assert found.allowed(who, "EMAIL").tolist() == [True, False, False]
    assert found.named("e-mail") == "EMAIL"
    assert found.named("pigeon") is None
    assert refusing(ask, as_of=AS_OF) == frozenset()


def asked() -> FakeAsk:
    rows = [(who, *told) for who, told in TOLD.items()]
    frame = pd.DataFrame(rows, columns=["customer_id", "refused", "granted"])
    return FakeAsk(TABLES, {"channel_consents": frame})


def said() -> Consents:
    found = consents(asked(), as_of=AS_OF)
    assert found is not None
    return found


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


def saying(*told: tuple[str, str, str]) -> FakeAsk:
    frame = pd.DataFrame(list(told), columns=["customer_id", "refused", "granted"])
    return FakeAsk(TABLES, {"channel_consents": frame})


@pytest.mark.parametrize(
    "told",
    [
        [(who, *said) for who, said in TOLD.items()],
        [("a", "Email", ""), ("b", "", ""), ("c", "Email", "")],
        [("a", "", "Email"), ("b", "Email", "Phone"), ("c", "Email\nPhone", "")],
        [("a", "", "Email"), ("b", "", "")],
        [("a", "", "")],
        [],
    ],
)
def test_who_refuses_everything_refuses_each_channel(told: list[tuple[str, str, str]]) -> None:
    ask = saying(*told)
    each = ask(open_channels, as_of=AS_OF)
    expected = {str(who) for who, own in each.groupby("customer_id") if own["refused"].all()}
    assert refusing(ask, as_of=AS_OF) == expected


def test_there_is_no_list_where_everybody_refuses() -> None:
    found = made(3)
    told = replace(found, risks=found.risks.assign(**{CHANNELS: ""}))
    with pytest.raises(InputError, match="all_refuse"):
        keeping(told, OFFER, calibration_error=0.0)
    assert told.left_out == 3


def test_nothing_changes_without_consents() -> None:
    tables = FakeAsk(TABLES, {"channel_consents": lambda *, as_of: channel_consents(TABLES, as_of=as_of)})
    found = made(5)
    assert consents(tables, as_of=AS_OF) is None
    assert with_channels(found.risks, None) is found.risks
    assert not found.reach
    assert found.left_out == 0


def test_of_one_customer_it_is_told_who_speaks_with_whom_in_which_ways() -> None:
    owners = pd.DataFrame({"customer_id": ["c0001"], "owner": ["KA-01"]})
    frame = asked().answers["channel_consents"]
    ask = FakeAsk(TABLES, {"channel_consents": frame, "customer_owners": owners})
    found = {who: contact(ask, who, as_of=AS_OF) for who in ("c0000", "c0001", "c0002", "c0009")}
    assert found["c0000"] == Contact((), ("Email", "Phone"), None)
    assert found["c0001"] == Contact(("Email", "Phone"), (), "KA-01")
    assert found["c0002"] == Contact(("Email",), ("Phone",), None)
    assert found["c0009"] == Contact(("Email", "Phone"), (), None)


def test_without_consents_and_owners_nothing_is_told_of_contact() -> None:
    def refused(*, as_of: dt.date) -> pd.DataFrame:
        raise NotProvided("base.table_not_provided", table="consents")

    ask = FakeAsk(TABLES, {"channel_consents": refused, "customer_owners": refused})
    assert contact(ask, "c0000", as_of=AS_OF) == Contact((), (), None)


@pytest.mark.parametrize("known", [said(), None])
def test_a_way_that_the_base_does_not_know_is_refused_by_name(known: Consents | None) -> None:
    found = replace(made(10), consents=known)
    with pytest.raises(InputError) as told:
        keeping(found, OFFER, calibration_error=0.0, terms=Terms(way="pigeon"))
    assert told.value.key == "churn.no_such_way"
