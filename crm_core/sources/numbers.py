"""Exact numbers from text: arrays of fractions that are rounded once, at the end.

A fast path reads plain ASCII numbers of up to 15 digits through floats, where no digit can be lost; all
others are read one by one. Arithmetic is in 64-bit integers as long as a bound says that nothing can
overflow, and in Python's own integers from there.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from crm_core.sources.characters import plain
from crm_core.sources.states import BAD, DIVISION_BY_ZERO, MISSING, NULL_WORDS, OK, OUT_OF_RANGE, States

Integers = NDArray[Any]
"""int64, or objects that are Python integers."""

_PLAIN: Final = r"^-?[0-9]{1,11}(\.[0-9]{1,4})?$"
_WHOLE: Final = r"^-?[0-9]{1,11}$"
_GROUPED: Final = r"\d{{1,3}}(?:{mark}\d{{2,3}})*{mark}\d{{3}}"
_LONGEST: Final = 60
_LARGEST_EXPONENT: Final = 40
_SAFE: Final = 1 << 62
_LARGEST: Final = (1 << 63) - 1


@dataclass(frozen=True)
class Fractions:
    """Numbers `numerator / denominator` with a positive denominator, and what became of each.

    Args:
        numerators: Array of shape (n,).
        denominator: One for all, or an array of shape (n,).
        states: Of shape (n,); where it is not OK the number means nothing.
    """

    numerators: Integers
    denominator: int | Integers
    states: States

    def take(self, codes: NDArray[np.int32]) -> Fractions:
        """The numbers at these places."""
        denominator = self.denominator
        if not isinstance(denominator, int):
            denominator = denominator[codes]
        return Fractions(self.numerators[codes], denominator, self.states[codes])


def constant(digits: str, count: int) -> Fractions:
    """A number that was written in an expression, for every row."""
    mantissa, decimals = _mantissa(digits, ".") or (0, 0)
    numerators: Integers = np.full(count, mantissa, dtype="int64" if abs(mantissa) < _SAFE else object)
    return Fractions(numerators, 10**decimals, np.zeros(count, np.int8))


def parse(values: pa.Array, decimal: str) -> Fractions:
    """Numbers from their texts.

    Accepted: a sign before or after, parentheses for a negative number, thousands separated in groups by the
    other one of point and comma, by spaces or apostrophes; exponents; Persian, Arabic and Thai digits.

    Args:
        values: Texts without null.
        decimal: The decimal separator, `.` or `,`.
    """
    plainly = _PLAIN if decimal == "." else _WHOLE
    if len(values) and pc.all(pc.match_substring_regex(values, plainly)).as_py():
        return _parse_plain(values)
    texts = values.to_pylist()
    read = [_mantissa(plain(text), "." if "\u066b" in text else decimal) for text in texts]
    decimals = max((pair[1] for pair in read if pair), default=0)
    exact = [pair[0] * 10 ** (decimals - pair[1]) if pair else 0 for pair in read]
    fits = max((abs(number) for number in exact), default=0) < _SAFE
    states = np.fromiter(
        (OK if pair else _missing_or_bad(text) for pair, text in zip(read, texts, strict=True)),
        np.int8,
        len(texts),
    )
    return Fractions(np.array(exact, dtype="int64" if fits else object), 10**decimals, states)


def _parse_plain(values: pa.Array) -> Fractions:
    states = np.zeros(len(values), np.int8)
    if not pc.any(pc.match_substring(values, ".")).as_py():
        return Fractions(values.cast(pa.int64()).to_numpy(), 1, states)
    scale = 10_000 if pc.any(pc.match_substring_regex(values, r"\.[0-9]{3}")).as_py() else 100
    scaled = values.cast(pa.float64()).to_numpy() * scale
    return Fractions(np.rint(scaled).astype(np.int64), scale, states)


def _missing_or_bad(text: str) -> int:
    return MISSING if plain(text).casefold() in NULL_WORDS else BAD


def _pattern(decimal: str) -> re.Pattern[str]:
    marks = "".join({".", ",", "'", " "} - {decimal})
    grouped = "|".join(_GROUPED.format(mark=re.escape(mark)) for mark in sorted(marks))
    point = re.escape(decimal)
    whole = rf"(?P<whole>{grouped}|\d+)(?:{point}(?P<part>\d*))?|{point}(?P<only>\d+)"
    return re.compile(
        rf"(?P<open>\()?\s*(?P<sign>[+-])?\s*(?:{whole})(?:[eE](?P<exponent>[+-]?\d{{1,3}}))?"
        r"\s*(?P<after>[+-])?\s*(?P<close>\))?",
        re.ASCII,
    )


_PATTERNS: Final = {decimal: _pattern(decimal) for decimal in (".", ",")}
_NO_DIGIT: Final = re.compile(r"[^0-9]")


def _mantissa(text: str, decimal: str) -> tuple[int, int] | None:
    """A number as integer and count of decimals (negative exponents only), or None where it is none."""
    if len(text) > _LONGEST:
        return None
    match = _PATTERNS[decimal].fullmatch(text)
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    if sum(map(bool, (match["sign"], match["after"], match["open"]))) > 1:
        return None
    part = match["part"] or match["only"] or ""
    mantissa = int(_NO_DIGIT.sub("", match["whole"] or "") + part)
    decimals = len(part) - int(match["exponent"] or 0)
    if not -_LARGEST_EXPONENT <= decimals <= _LONGEST + _LARGEST_EXPONENT:
        return None
    if "-" in (match["sign"], match["after"]) or match["open"]:
        mantissa = -mantissa
    return (mantissa, decimals) if decimals >= 0 else (mantissa * 10**-decimals, 0)


def negate(operand: Fractions) -> Fractions:
    """The numbers with the other sign."""
    return Fractions(-operand.numerators, operand.denominator, operand.states)


def multiply(left: Fractions, right: Fractions) -> Fractions:
    """Products, exact."""
    return Fractions(
        _array(_times(left.numerators, right.numerators)),
        _times(left.denominator, right.denominator),
        np.maximum(left.states, right.states),
    )


def add(left: Fractions, right: Fractions) -> Fractions:
    """Sums, exact."""
    a, b = left.denominator, right.denominator
    if isinstance(a, int) and isinstance(b, int):
        common: int | Integers = math.lcm(a, b)
        raised = _times(left.numerators, common // a), _times(right.numerators, common // b)
    else:
        common = _times(a, b)
        raised = _times(left.numerators, b), _times(right.numerators, a)
    numerators = _array(_plus(*raised))
    return Fractions(numerators, common, np.maximum(left.states, right.states))


def divide(left: Fractions, right: Fractions) -> Fractions:
    """Quotients, exact; a division by zero is a state of its own."""
    states = np.maximum(left.states, right.states)
    zero = (right.numerators == 0) & (states == OK)
    divisor = np.where(right.numerators == 0, 1, right.numerators)
    numerators = _array(_times(left.numerators, right.denominator))
    denominator = _array(_times(divisor, left.denominator))
    sign = np.where(denominator < 0, -1, 1)
    states = np.where(zero, DIVISION_BY_ZERO, states).astype(np.int8)
    return Fractions(numerators * sign, denominator * sign, states)


def rounded(numbers: Fractions, scale: int) -> tuple[NDArray[np.int64], States]:
    """Whole numbers of 1/scale, halves away from zero.

    Returns:
        The whole numbers (0 where the state is not OK) and the states; OUT_OF_RANGE beyond 64 bits.
    """
    denominator = numbers.denominator
    if isinstance(denominator, int):
        shared = math.gcd(scale, denominator)
        scale, denominator = scale // shared, denominator // shared
    raised = _array(_times(numbers.numerators, scale))
    if isinstance(denominator, int) and denominator == 1:
        whole = raised
    else:
        doubled = _array(_plus(_times(abs(raised), 2), denominator))
        whole = doubled // _times(denominator, 2) * np.where(raised < 0, -1, 1)
    states = numbers.states
    if whole.dtype == object:
        too_large = np.array([abs(number) > _LARGEST for number in whole], dtype=bool)
        states = np.where(too_large & (states == OK), OUT_OF_RANGE, states).astype(np.int8)
    return np.where(states == OK, whole, 0).astype(np.int64), states


def as_floats(numbers: Fractions) -> NDArray[np.float64]:
    """The nearest floats: each is what Python's own division of the two integers gives."""
    small = 1 << 53
    if _bound(numbers.numerators) < small and _bound(numbers.denominator) < small:
        return np.asarray(numbers.numerators.astype(np.float64) / numbers.denominator, dtype=np.float64)
    exact = numbers.numerators.astype(object) / numbers.denominator
    return exact.astype(np.float64)


def _array(numbers: int | Integers) -> Integers:
    return np.asarray(numbers)


def _bound(numbers: int | Integers) -> int:
    if isinstance(numbers, int):
        return abs(numbers)
    if not len(numbers):
        return 0
    return max(-int(numbers.min()), int(numbers.max()))


def _as_objects(numbers: int | Integers) -> int | Integers:
    return numbers if isinstance(numbers, int) else numbers.astype(object)


def _times(left: int | Integers, right: int | Integers) -> Any:
    if _bound(left) * _bound(right) < _SAFE:
        return left * right
    return _as_objects(left) * _as_objects(right)


def _plus(left: int | Integers, right: int | Integers) -> Any:
    if _bound(left) + _bound(right) < _SAFE:
        return left + right
    return _as_objects(left) + _as_objects(right)
