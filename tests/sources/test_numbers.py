"""Numbers from text, against Python's own fractions."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.sources import numbers
from crm_core.sources.states import BAD, DIVISION_BY_ZERO, MISSING, OK, OUT_OF_RANGE


def fraction(text: str, decimal: str = ".") -> Fraction | int:
    """The number, or its state where it is none."""
    parsed = numbers.parse(pa.array([text]), decimal)
    denominator = parsed.denominator if isinstance(parsed.denominator, int) else parsed.denominator[0]
    state = int(parsed.states[0])
    return Fraction(int(parsed.numerators[0]), int(denominator)) if state == OK else state


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", "12"),
        ("-12.5", "-12.5"),
        ("+12", "12"),
        ("12.5-", "-12.5"),
        ("(12.50)", "-12.5"),
        ("−3", "-3"),
        ("1,234,567.89", "1234567.89"),
        ("12,34,567", "1234567"),
        ("1 234.5", "1234.5"),
        ("1'234", "1234"),
        ("1\u00a0234", "1234"),
        ("1\u202f234", "1234"),
        (".5", "0.5"),
        ("5.", "5"),
        ("1e3", "1000"),
        ("1.5E-3", "0.0015"),
        ("۱۲۳۴", "1234"),
        ("۱۲٫۵", "12.5"),
        ("۱٬۲۳۴٫۵", "1234.5"),
        ("\u200f-۱۲\u200f", "-12"),
        ("๑๒.๕", "12.5"),
        ("٣", "3"),
        ("００７", "7"),
        ("00123", "123"),
        ("0.00001", "0.00001"),
        ("123456789012345678901234567890.5", "123456789012345678901234567890.5"),
    ],
)
def test_numbers_as_people_write_them(text: str, expected: str) -> None:
    assert fraction(text) == Fraction(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12,5", "12.5"),
        ("1.234,50", "1234.5"),
        ("1.234.567", "1234567"),
        ("1 234,5", "1234.5"),
        ("۱۲٫۵", "12.5"),
    ],
)
def test_a_decimal_comma(text: str, expected: str) -> None:
    assert fraction(text, ",") == Fraction(expected)


@pytest.mark.parametrize(
    "text",
    [
        "12,5",  # with a point for decimals, this is no number: neither 125 nor 12.5
        "1,23,4",
        "1,2345",
        "1,,234",
        "1.2.3",
        "--1",
        "-(1)",
        "(1",
        "1)",
        "-1-",
        "£12",
        "12 GBP",
        "1e999999999",
        "1e99",
        "0x1F",
        "1_000",
        "inf",
        "½",
        "²",
        "1" * 61,
        "=1+1",
        "12%",
        "1/2",
        "一",
        "1 2",
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert fraction(text) == BAD


@pytest.mark.parametrize("text", ["", " ", "NULL", "null", "NaN", "N/A", "-", "None", "\u200f", "\\N", "—"])
def test_what_stands_for_nothing(text: str) -> None:
    assert fraction(text) == MISSING


@given(
    st.lists(st.decimals(-(10**14), 10**14, allow_nan=False, allow_infinity=False), min_size=1, max_size=20)
)
def test_any_decimal_comes_back_exactly(values: list[Decimal]) -> None:
    texts = [format(value, "f") for value in values]
    texts = [text for text in texts if len(text) <= 60] or ["0"]
    parsed = numbers.parse(pa.array(texts), ".")
    found = [Fraction(int(number), int(parsed.denominator)) for number in parsed.numerators]
    assert found == [Fraction(text) for text in texts]


@given(st.integers(-(10**11) + 1, 10**11 - 1), st.integers(0, 9_999), st.integers(0, 4))
def test_the_fast_path_loses_no_digit(whole: int, part: int, places: int) -> None:
    text = f"{whole}.{part % 10**places:0{places}d}" if places else str(whole)
    assert fraction(text) == Fraction(text)


def rounded(value: Fraction, scale: int) -> int:
    exact = abs(value) * scale
    whole = int(exact + Fraction(1, 2))
    return -whole if value < 0 else whole


def constants(values: list[Decimal]) -> numbers.Fractions:
    return numbers.parse(pa.array([format(value, "f") for value in values]), ".")


figures = st.decimals(-(10**9), 10**9, places=4, allow_nan=False) | st.decimals(
    -(10**17), 10**17, places=7, allow_nan=False
)


@given(
    st.lists(st.tuples(figures, figures, figures), min_size=1, max_size=10),
    st.sampled_from(["+", "-", "*", "/"]),
    st.sampled_from(["+", "-", "*", "/"]),
    st.sampled_from([1, 100, 10_000]),
)
def test_arithmetic_is_that_of_fractions(
    rows: list[tuple[Decimal, Decimal, Decimal]], first: str, second: str, scale: int
) -> None:
    slow = {
        "+": lambda a, b: a + b,
        "-": lambda a, b: a - b,
        "*": lambda a, b: a * b,
        "/": lambda a, b: a / b,
    }
    fast = {
        "+": numbers.add,
        "-": lambda a, b: numbers.add(a, numbers.negate(b)),
        "*": numbers.multiply,
        "/": numbers.divide,
    }
    a, b, c = (constants([row[place] for row in rows]) for place in range(3))
    whole, states = numbers.rounded(fast[second](fast[first](a, b), c), scale)
    for place, row in enumerate(rows):
        x, y, z = map(Fraction, row)
        if (first == "/" and y == 0) or (second == "/" and z == 0):
            assert states[place] == DIVISION_BY_ZERO
            continue
        expected = rounded(slow[second](slow[first](x, y), z), scale)
        if abs(expected) < 1 << 63:
            assert (states[place], whole[place]) == (OK, expected)
        else:
            assert states[place] == OUT_OF_RANGE


@pytest.mark.parametrize(
    ("text", "expected"), [("0.00005", 1), ("-0.00005", -1), ("0.00004999", 0), ("1.00015", 10_002)]
)
def test_halves_go_away_from_zero(text: str, expected: int) -> None:
    whole, _ = numbers.rounded(numbers.parse(pa.array([text]), "."), 10_000)
    assert whole.tolist() == [expected]
    context = Context(prec=50, rounding=ROUND_HALF_UP)
    assert expected == int(Decimal(text).scaleb(4, context).to_integral_value(ROUND_HALF_UP))


@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e30, max_value=1e30), min_size=1)
)
def test_floats_come_back_to_the_last_bit(values: list[float]) -> None:
    texts = [format(Decimal(repr(value)), "f") for value in values]
    kept = [(text, value) for text, value in zip(texts, values, strict=True) if len(text) <= 60]
    parsed = numbers.parse(pa.array([text for text, _ in kept], pa.string()), ".")
    assert numbers.as_floats(parsed).tolist() == [value for _, value in kept]


def test_no_rows_are_no_trouble() -> None:
    empty = numbers.parse(pa.array([], pa.string()), ".")
    whole, states = numbers.rounded(numbers.divide(numbers.add(empty, empty), empty), 100)
    assert len(whole) == len(states) == 0
    assert whole.dtype == np.int64
