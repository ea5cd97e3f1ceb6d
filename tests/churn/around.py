"""Small random bases with everything that lies around the orders, put onto an engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from crm_core.schemas import SCHEMAS
from crm_core.sources.values import ARROW_TYPES
from tests.engines import Engine
from tests.oracle.bases import CHANNELS, CUSTOMERS, REGIONS, TIMES, TIMES_OF_ENGINE, bases, days_within
from tests.oracle.churn import Around
from tests.oracle.history import Base
from tests.oracle.loading import Loaded, as_arrow, open_on

NAMES = CUSTOMERS[:4]
TABLES = ("payments", "complaints", "surveys", "contacts", "consents", "contracts")
QUESTIONS = ("nps", "csat", "ces", "expectation:price", "perception:price", "perception:help", "other")


@st.composite
def arounds(draw: st.DrawFn, base: Base, times: Sequence[dt.time], foreign: bool) -> Around:
    """Up to eight rows of each table, about the days of a base's lines."""
    first = min(line.ordered_at for line in base.lines).date()
    moments = st.builds(
        lambda day, time: dt.datetime.combine(first + dt.timedelta(day), time),
        st.sampled_from((0, 1, 2, 7, 30, 31, 60, 89, 90, 120, 400)),
        st.sampled_from(times),
    )
    perhaps = st.none() | moments
    currencies = st.sampled_from((None, "EUR", "USD", "JPY") if foreign else (None, "EUR"))
    scores = st.sampled_from((0.0, 1.0, 3.5, 7.0, 10.0, 3.3333))
    channels = st.sampled_from(CHANNELS)

    def rows(**columns: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
        return st.lists(st.fixed_dictionaries({"customer_id": st.sampled_from(NAMES), **columns}), max_size=8)

    money = st.integers(1, 5_000_000)
    return Around(
        payments=draw(rows(due_at=moments, paid_at=perhaps, amount=money, currency=currencies)),
        complaints=draw(rows(opened_at=moments, resolved_at=perhaps, satisfaction=st.none() | scores)),
        surveys=draw(rows(answered_at=moments, question=st.sampled_from(QUESTIONS), score=scores)),
        contacts=draw(
            rows(
                contacted_at=moments,
                channel=channels,
                direction=st.sampled_from((None, "inbound", "outbound", "none")),
                campaign_id=st.sampled_from((None, "spring", "autumn")),
                outcome=st.sampled_from((None, "joined", "answered")),
            )
        ),
        consents=draw(
            rows(
                channel=channels,
                allowed=st.booleans(),
                changed_at=moments.map(lambda moment: moment.replace(microsecond=0)),
                purpose=st.sampled_from((None, "news")),
            )
        ),
        contracts=draw(
            rows(
                started_at=moments,
                ended_at=perhaps,
                plan=st.sampled_from((None, "gold", "Basic", "ช่อง")),
                monthly_amount=st.none() | money,
                currency=currencies,
            )
        ),
        customers=[
            {"customer_id": name, **draw(_attributes(perhaps, first))}
            for name in draw(st.sets(st.sampled_from(NAMES)))
        ],
    )


def drawn_around(data: st.DataObject, engine: Engine) -> tuple[Base, Around, dt.date]:
    """A base that an engine can hold, with what lies around it, and one of its days to ask on."""
    times = TIMES_OF_ENGINE.get(engine.name, TIMES)
    foreign = data.draw(st.booleans(), label="foreign")
    base = data.draw(bases(foreign, times), label="base")
    around = data.draw(arounds(base, times, foreign), label="around")
    return base, around, data.draw(days_within(base), label="as of")


def _attributes(moments: st.SearchStrategy[Any], first: dt.date) -> st.SearchStrategy[dict[str, Any]]:
    births = st.sampled_from((dt.date(1901, 1, 1), dt.date(1960, 2, 29), first, first + dt.timedelta(3)))
    return st.fixed_dictionaries(
        {
            "kind": st.sampled_from((None, "person", "company")),
            "region": st.sampled_from((None, *REGIONS)),
            "city": st.sampled_from((None, *REGIONS)),
            "acquisition_channel": st.sampled_from((None, *CHANNELS)),
            "birth_date": st.none() | births,
            "created_at": moments,
            "referred_by": st.sampled_from((None, *NAMES)),
        }
    )


def load_around(engine: Engine, base: Base, around: Around) -> Loaded:
    """Put a base and what lies around it onto an engine, in place of the one before, and open it."""
    for name in SCHEMAS:
        engine.connection.drop_table(name, force=True)
    engine.load({**as_arrow(replace(base, regions={})), **{n: _arrow(n, around) for n in _there(around)}})
    loaded = open_on(engine)
    tables = replace(loaded.tables, currency=base.currency, money_scale=base.money_scale)
    return replace(loaded, tables=tables)


def _there(around: Around) -> tuple[str, ...]:
    return (*TABLES, "customers") if around.customers else TABLES


_COLUMNS = {
    "payments": ("due_at", "paid_at", "amount", "currency"),
    "complaints": ("opened_at", "resolved_at", "satisfaction"),
    "surveys": ("answered_at", "question", "score"),
    "contacts": ("contacted_at", "channel", "direction", "campaign_id", "outcome"),
    "consents": ("channel", "allowed", "changed_at", "purpose"),
    "contracts": ("started_at", "ended_at", "plan", "monthly_amount", "currency"),
    "customers": (
        *("kind", "region", "city", "acquisition_channel", "birth_date", "created_at", "referred_by"),
    ),
}


def _arrow(name: str, around: Around) -> pa.Table:
    kinds = SCHEMAS[name].columns
    schema = pa.schema([(one, ARROW_TYPES[kinds[one]]) for one in ("customer_id", *_COLUMNS[name])])
    return pa.Table.from_pylist(list(getattr(around, name)), schema=schema)
