"""Numbers, shares and money as each language writes them."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache
from numbers import Integral, Real
from typing import Final, SupportsFloat, TypeGuard, cast

from babel import Locale
from babel.numbers import get_currency_name, get_currency_precision, get_currency_symbol

from crm_core.base import InputError
from crm_core.i18n.direction import ISOLATES, Direction, left_to_right, right_to_left
from crm_core.i18n.messages import Catalogue

Number = SupportsFloat | None

_MINUS: Final = "\u2212"
_JOINER: Final = "\u2060"
"""Between a sign and the symbol of a currency, where a browser would end a line."""
_PERSIAN_DIGITS: Final = "۰۱۲۳۴۵۶۷۸۹"
_SCALES: Final = (
    (3, "number.thousand"),
    (6, "number.million"),
    (9, "number.billion"),
    (12, "number.trillion"),
)
_SHORTENED_FROM: Final = 10_000
_CODES_OF_CURRENCIES: Final = re.compile(r"[A-Z]{3}")
_INVISIBLE: Final = dict.fromkeys(map(ord, ISOLATES + _JOINER + "\u200c\u200e\u200f\u061c"))
_SIGNS: Final = str.maketrans(
    {_MINUS: "-", "\u2010": "-", "\u066c": ",", "\u060c": ",", " ": ",", "\u066b": "."}
)
_WRITTEN_NUMBER: Final = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)?(\.\d+)?")
_PERSIAN_DECIMAL: Final = re.compile(r"[+-]?[۰-۹]+/[۰-۹]+")
_EXACT: Final = Context(prec=400)


@dataclass(frozen=True)
class Numbers:
    """How a language writes numbers.

    A number that is missing (None or not a number) is written as a dash, an infinite one as the sign for it.

    Args:
        catalogue: The language's messages, which hold the words for thousand, million and the currencies.
        direction: The direction of its lines.
    """

    catalogue: Catalogue
    direction: Direction

    def number(self, x: Number, digits: int | None = 0, *, signed: bool = False) -> str:
        """A number in full.

        Args:
            x: The number.
            digits: Digits after the decimal sign; None for as many as a reader needs at its size.
            signed: Write the plus of a positive number, too.
        """
        value = _decimal(x)
        if value is None:
            return self.catalogue.fill("number.missing", {})
        return self._one_run(self._written(_rounded(value, digits), signed))

    def compact(self, x: Number, digits: int = 1, *, signed: bool = False) -> str:
        """A number in short form, with a word for thousands, millions and so on, in full below 10,000.

        Args:
            x: The number.
            digits: At most so many digits after the decimal sign, and never more than three digits in all.
            signed: Write the plus of a positive number, too.
        """
        value = _decimal(x)
        if value is None or value.is_infinite():
            return self.number(x, signed=signed)
        return self._with_words(self._shortened(value, digits, signed))

    def percent(self, x: Number, digits: int | None = 0, *, signed: bool = False) -> str:
        """A share of 1 as per cent; `digits` None writes one after the decimal sign below ten per cent."""
        value = _decimal(x)
        if value is None:
            return self.catalogue.fill("number.missing", {})
        percent = value * 100
        share = _rounded(percent, _digits_of_percent(percent, 1) if digits is None else digits)
        return self._one_run(self._written(share, signed) + self._symbol("percentSign"))

    def chance(self, x: Number, digits: int = 1) -> str:
        """A probability as per cent; what is not certain never reads as 0 % or 100 %."""
        value = _decimal(x)
        if value is None or not 0 < value < 1:
            return self.percent(x, digits)
        least = Decimal(1).scaleb(-digits - 2)
        if _rounded(value * 100, digits) == 0:
            return self.catalogue.fill("number.under", {"number": self.percent(least, digits)})
        if _rounded(value * 100, digits) == 100:
            return self.catalogue.fill("number.over", {"number": self.percent(1 - least, digits)})
        return self.percent(value, digits)

    def change(self, x: Number, digits: int = 1) -> str:
        """A relative change of 1 as signed per cent, with digits after the decimal sign below ten per cent.

        A dash stands where there is nothing to compare with.
        """
        value = _decimal(x)
        if value is None or value.is_infinite():
            return self.percent(None)
        return self.percent(value, _digits_of_percent(value * 100, digits), signed=True)

    def points(self, x: Number, digits: int = 1) -> str:
        """A difference of two shares of 1 as signed percentage points."""
        value = _decimal(x)
        if value is None:
            return self.catalogue.fill("number.missing", {})
        written = self._one_run(self._written(_rounded(value * 100, digits), signed=True))
        return self._with_words(self.catalogue.fill("number.points", {"number": written}))

    def money(
        self,
        x: Number,
        currency: str,
        *,
        compact: bool = False,
        digits: int | None = None,
        signed: bool = False,
    ) -> str:
        """An amount in whole units of its currency.

        Args:
            x: The amount.
            currency: Code of the currency; empty writes the bare number.
            compact: Short form for large amounts.
            digits: Digits after the decimal sign; None for none from 100 up and the currency's own below.
                In short form so many as far as there are three digits in all, so that amounts beside each
                other are equally precise; when None at most 1.
            signed: Write the plus of a positive amount, too.
        """
        value = _decimal(x)
        if value is None:
            return self.catalogue.fill("number.missing", {})
        short = compact and value.is_finite() and abs(value) >= _SHORTENED_FROM
        if not short:
            usual = compact or digits is None
            value = _rounded(value, _digits_of_money(value, currency) if usual else cast(int, digits))
        sign_first = self.direction == "ltr"
        shown = abs(value) if sign_first else value
        if short:
            places, exact = (1, False) if digits is None else (digits, True)
            amount = self._shortened(shown, places, signed and not sign_first, exact=exact)
        else:
            amount = self._one_run(self._written(shown, signed and not sign_first))
        if currency:
            amount = self._with_currency(amount, currency)
        sign = self._sign(value, signed) if sign_first else ""
        return self._with_words(f"{sign}{_JOINER}{amount}" if sign else amount)

    def digits(self, text: str) -> str:
        """The text with its ASCII digits written in the language's own."""
        return text.translate(_digit_table(self.catalogue.code))

    def _symbol(self, name: str) -> str:
        return _symbols(self.catalogue.code)[name]

    def _sign(self, value: Decimal, signed: bool) -> str:
        if value < 0:
            return _MINUS
        return "+" if signed and value > 0 else ""

    def _written(self, value: Decimal, signed: bool) -> str:
        size = self._symbol("infinity") if value.is_infinite() else self._grouped(abs(value))
        return self._sign(value, signed) + size

    def _grouped(self, size: Decimal) -> str:
        signs = {",": self._symbol("group"), ".": self._symbol("decimal")}
        return self.digits("".join(signs.get(sign, sign) for sign in f"{size:,f}"))

    def _shortened(self, value: Decimal, digits: int, signed: bool, *, exact: bool = False) -> str:
        if abs(value) < _SHORTENED_FROM:
            return self._one_run(self._written(_rounded(value, None), signed))
        parts = [(_short_part(value.scaleb(-power), digits, exact=exact), key) for power, key in _SCALES]
        part, key = next((pair for pair in parts if abs(pair[0]) < 1000), parts[-1])
        return self.catalogue.fill(key, {"number": self._one_run(self._written(part, signed))})

    def _with_currency(self, amount: str, currency: str) -> str:
        symbol = self.currency(currency)
        key = "money.word" if symbol[-1].isalpha() else "money.symbol"
        return self.catalogue.fill(key, {"number": amount, "currency": symbol})

    def currency(self, currency: str) -> str:
        """What a currency is called or its sign, as it stands beside an amount; empty without a code."""
        if not currency:
            return ""
        key = f"currency.{currency.lower()}"
        if key in self.catalogue.messages:
            return self.catalogue.fill(key, {})
        if not _CODES_OF_CURRENCIES.fullmatch(currency):
            return currency
        if self.direction == "rtl":
            return get_currency_name(currency, locale=self.catalogue.code)
        return get_currency_symbol(currency, locale=self.catalogue.code)

    def _one_run(self, written: str) -> str:
        """A line from right to left would carry a sign to the other end of its number."""
        if self.direction == "ltr" or (written[:1].isdigit() and written[-1:].isdigit()):
            return written
        return left_to_right(written)

    def _with_words(self, written: str) -> str:
        """A line from left to right would carry the first number to the other end of its words."""
        if self.direction == "ltr" or not any(letter.isalpha() for letter in written):
            return written
        return right_to_left(written)


def parse_number(text: str) -> Decimal:
    """The number that a reader typed, in the digits of any of the languages.

    Args:
        text: Digits with an optional sign, groups of three (`,`, `٬` or a space) and decimal sign (`.` or
            `٫`, or the stroke that stands for it between Persian digits).

    Raises:
        InputError: The text is not a number, or its groups do not have three digits.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_INVISIBLE).strip().translate(_SIGNS)
    if _PERSIAN_DECIMAL.fullmatch(plain):
        plain = plain.replace("/", ".")
    if not _WRITTEN_NUMBER.fullmatch(plain) or not any(letter.isdigit() for letter in plain):
        raise InputError("error.not_a_number", text=text)
    return Decimal("".join(str(unicodedata.digit(letter, letter)) for letter in plain.replace(",", "")))


def is_number(value: object) -> TypeGuard[Number]:
    """Whether this is a number to be written; a truth value is none."""
    return isinstance(value, Real | Decimal) and not isinstance(value, bool)


def _decimal(x: Number) -> Decimal | None:
    """The shortest decimal that means the same number; None for what is missing."""
    if x is None or (isinstance(x, Decimal) and x.is_nan()):
        return None
    if isinstance(x, Decimal):
        return x
    if isinstance(x, Integral):
        return Decimal(int(x))
    value = float(x)
    return None if math.isnan(value) else Decimal(repr(value))


def _rounded(value: Decimal, digits: int | None) -> Decimal:
    """Half is rounded away from zero, as in commerce, and no zero has a sign."""
    if value.is_infinite():
        return value
    places = _digits_needed(value) if digits is None else digits
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, _EXACT)
    if rounded != 0:
        return rounded
    return Decimal(0) if digits is None else abs(rounded)


def _digits_needed(value: Decimal) -> int:
    if value == value.to_integral_value() or abs(value) >= 100:
        return 0
    if abs(value) >= 1:
        return 1 if abs(value) >= 10 else 2
    return min(1 - value.adjusted(), 4)


def _digits_of_percent(percent: Decimal, below_ten: int) -> int:
    rounded = _rounded(percent, below_ten)
    return below_ten if 0 < abs(rounded) < 10 else 0


def _digits_of_money(value: Decimal, currency: str) -> int:
    if value.is_infinite() or abs(value) >= 100 or value == value.to_integral_value():
        return 0
    return get_currency_precision(currency) if currency else 2


def _short_part(part: Decimal, digits: int, *, exact: bool) -> Decimal:
    before = max(part.adjusted() + 1, 1)
    rounded = _rounded(part, max(min(digits, 3 - before), 0))
    whole = rounded.to_integral_value()
    return whole if whole == rounded and not exact else rounded


@lru_cache
def _symbols(code: str) -> dict[str, str]:
    locale = Locale.parse(code)
    symbols = locale.number_symbols[locale.default_numbering_system]
    return {name: symbols[name] for name in ("group", "decimal", "percentSign", "infinity")}


@lru_cache
def _digit_table(code: str) -> dict[int, str]:
    persian = Locale.parse(code).default_numbering_system == "arabext"
    return {ord("0") + i: digit for i, digit in enumerate(_PERSIAN_DIGITS)} if persian else {}
