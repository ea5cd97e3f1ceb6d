"""Of each way of contact a customer's last word holds; who looks after a customer is told beside it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import pandas as pd
import pytest

from crm_core.base import NotProvided
from crm_core.customers.answers import Consents, Contact, consents, contact, with_channels
from crm_core.customers.estimates import open_channels, refusing
from crm_core.customers.metrics import channel_consents
from tests.fake_ask import FakeAsk, tables_between

AS_OF = dt.date(2024, 12, 31)
TABLES = tables_between(dt.date(2022, 1, 1), AS_OF)
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


def test_nothing_is_said_without_consents() -> None:
    tables = FakeAsk(TABLES, {"channel_consents": lambda *, as_of: channel_consents(TABLES, as_of=as_of)})
    rows = pd.DataFrame({"customer_id": ["c0000"]})
    assert consents(tables, as_of=AS_OF) is None
    assert with_channels(rows, None) is rows


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
