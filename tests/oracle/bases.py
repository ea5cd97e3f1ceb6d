"""Small random bases that hold what real ones hold, and worse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hypothesis import strategies as st

from tests.oracle.history import Base, Line, Rate

# Leading zeros, case, accents, three scripts, a quote and a space: all of them different customers.
CUSTOMERS = ("1", "01", "a", "B", "é", "e\u0301", "مشتری", "ลูกค้า", "o'x", "a ", "Z-9", "z9", "𝒳")
ORDERS = ("1", "01", "2", "R-2", "سفارش")
CHANNELS = ("shop", "web", "ช่อง")
CATEGORIES = ("tea", "rice")
PRODUCTS = ("p1", "p2")
REGIONS = ("north", "جنوب")
FIRST_DATES = (dt.date(1969, 12, 28), dt.date(2011, 12, 1), dt.date(2024, 2, 26), dt.date(2024, 3, 18))
# Before and after midnight, to the last microsecond.
TIMES = (
    dt.time(0, 0),
    dt.time(0, 0, 0, 1),
    dt.time(9, 30),
    dt.time(12, 0, 0, 500_000),
    dt.time(23, 59, 59),
    dt.time(23, 59, 59, 600_000),
    dt.time(23, 59, 59, 999_999),
)
# SQLite keeps moments to the millisecond.
TIMES_OF_ENGINE = {"sqlite": tuple(time for time in TIMES if time.microsecond % 1_000 == 0)}
AMOUNTS = st.one_of(
    st.integers(-3, 5),
    st.sampled_from((100, 250, -100, -250, 10_050, 119_950, -119_950)),
    st.integers(-5_000_000, 20_000_000),
)
RATES_WITH_FEW_DIGITS = st.one_of(
    st.sampled_from((0.5, 0.25, 1.5, 0.0001, 1.00005, 0.9135, 42_000.5)),
    st.decimals(min_value="0.0001", max_value="99.9999", places=4).map(float),
)


@st.composite
def bases(draw: st.DrawFn, foreign: bool | None = None, times: Sequence[dt.time] = TIMES) -> Base:
    """A base of up to 40 lines, with foreign currencies or without, or either."""
    first = draw(st.sampled_from(FIRST_DATES))
    costs = draw(st.sampled_from(("all", "some", "none")))
    if foreign is None:
        foreign = draw(st.booleans())
    rates = _rates(draw, first) if foreign else ()
    gaps = draw(st.sampled_from(((0, 1, 2), (0, 1, 7, 31), (0, 30, 89, 400))))
    days = st.builds(lambda one, two: one + two, st.sampled_from(gaps), st.sampled_from(gaps))
    lines = st.builds(
        Line,
        customer_id=st.sampled_from((*CUSTOMERS[: draw(st.integers(1, len(CUSTOMERS)))], None)),
        order_id=st.sampled_from((*ORDERS, None)),
        ordered_at=st.builds(
            lambda day, time: dt.datetime.combine(first + dt.timedelta(day), time),
            days,
            st.sampled_from(times),
        ),
        amount=AMOUNTS,
        cost=_cost(costs),
        currency=st.sampled_from((None, "EUR", "USD", "JPY") if foreign else (None, "EUR")),
        channel=st.sampled_from((*CHANNELS, None)),
        category=st.sampled_from((*CATEGORIES, None)),
        product_id=st.sampled_from((*PRODUCTS, None)),
        quantity=st.none(),
        discount=st.sampled_from((None, None, 0, 50, 10_050)),
    )
    drawn = draw(st.lists(lines, min_size=1, max_size=40))
    repeated = draw(st.sampled_from((0, 0, 1, 3)))
    return Base(
        lines=(*drawn, *drawn[:repeated]),
        rates=rates,
        regions=draw(st.dictionaries(st.sampled_from(CUSTOMERS), st.sampled_from(REGIONS))),
        money_scale=draw(st.sampled_from((10_000, 10_000, 1))) if foreign else 10_000,
        costed=costs != "none" or draw(st.booleans()),
    )


def days_within(base: Base) -> st.SearchStrategy[dt.date]:
    """The days of the base's lines, the days around them, and some after all of them."""
    days = {line.ordered_at.date() + dt.timedelta(offset) for line in base.lines for offset in (-1, 0, 1)}
    last = max(days)
    return st.sampled_from(sorted({*days, last + dt.timedelta(1), last + dt.timedelta(40)}))


def _rates(draw: st.DrawFn, first: dt.date) -> tuple[Rate, ...]:
    """Of USD some from before the first day; of JPY none before it, so that lines may lack one."""
    usd = draw(st.dictionaries(st.integers(-3, 40), RATES_WITH_FEW_DIGITS, min_size=1, max_size=4))
    jpy = draw(st.dictionaries(st.integers(1, 70), RATES_WITH_FEW_DIGITS, min_size=1, max_size=3))
    return tuple(
        Rate(currency, first + dt.timedelta(day), rate)
        for currency, rates in (("USD", usd), ("JPY", jpy))
        for day, rate in rates.items()
    )


def _cost(costs: str) -> st.SearchStrategy[int | None]:
    known = st.integers(0, 5_000_000)
    return {"all": known, "some": st.one_of(known, known, st.none()), "none": st.none()}[costs]
