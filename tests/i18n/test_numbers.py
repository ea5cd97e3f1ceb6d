"""Numbers, shares and money in three languages."""

from __future__ import annotations

import unicodedata
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.base import InputError
from crm_core.i18n import LANGUAGES, Language, language, parse_number

EN, FA, TH = (language(code) for code in LANGUAGES)
MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069\u2060"))


def plain(text: str) -> str:
    """Without invisible marks of direction, and with ordinary spaces."""
    return text.translate(MARKS).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("x", "digits", "en", "fa"),
    [
        (0, 0, "0", "۰"),
        (1234567.5, 0, "1,234,568", "۱٬۲۳۴٬۵۶۸"),
        (-1234.5, 1, "−1,234.5", "−۱٬۲۳۴٫۵"),
        (2.5, 0, "3", "۳"),
        (-0.4, 0, "0", "۰"),
        (4.156, None, "4.16", "۴٫۱۶"),
        (41.56, None, "41.6", "۴۱٫۶"),
        (415.6, None, "416", "۴۱۶"),
        (4.0, None, "4", "۴"),
        (0.0123, None, "0.012", "۰٫۰۱۲"),
        (0.0000123, None, "0", "۰"),
        (10**24, 0, "1,000,000,000,000,000,000,000,000", "۱٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰٬۰۰۰"),
        (np.int64(7), 0, "7", "۷"),
        (np.float32(0.5), 1, "0.5", "۰٫۵"),
        (Decimal("1.25"), 1, "1.3", "۱٫۳"),
        (None, 0, "–", "–"),
        (float("nan"), 0, "–", "–"),
        (float("-inf"), 0, "−∞", "−∞"),
    ],
)
def test_number(x: float | None, digits: int | None, en: str, fa: str) -> None:
    assert EN.number(x, digits) == en
    assert plain(FA.number(x, digits)) == fa
    assert TH.number(x, digits) == en


def test_a_sign_is_written_when_asked_for() -> None:
    assert [EN.number(x, signed=True) for x in (21, 0, -21)] == ["+21", "0", "−21"]
    assert [FA.number(x, signed=True) for x in (21, 0, -21)] == ["\u2066+۲۱\u2069", "۰", "\u2066−۲۱\u2069"]


@pytest.mark.parametrize(
    ("x", "digits", "en", "fa", "th"),
    [
        (5_728_000, 1, "5.7m", "۵٫۷ میلیون", "5.7 ล้าน"),
        (5_728_000, 2, "5.73m", "۵٫۷۳ میلیون", "5.73 ล้าน"),
        (57_280, 2, "57.3k", "۵۷٫۳ هزار", "57.3 พัน"),
        (572_800, 2, "573k", "۵۷۳ هزار", "573 พัน"),
        (999_960, 1, "1m", "۱ میلیون", "1 ล้าน"),
        (-1_250_000_000, 2, "−1.25bn", "−۱٫۲۵ میلیارد", "−1.25 พันล้าน"),
        (3.2e12, 1, "3.2tn", "۳٫۲ هزار میلیارد", "3.2 ล้านล้าน"),
        (4.5e15, 1, "4,500tn", "۴٬۵۰۰ هزار میلیارد", "4,500 ล้านล้าน"),
        (9_999, 1, "9,999", "۹٬۹۹۹", "9,999"),
        (4.16, 1, "4.16", "۴٫۱۶", "4.16"),
        (None, 1, "–", "–", "–"),
        (float("inf"), 1, "∞", "∞", "∞"),
    ],
)
def test_compact(x: float | None, digits: int, en: str, fa: str, th: str) -> None:
    assert [plain(each.compact(x, digits)) for each in (EN, FA, TH)] == [en, fa, th]


@pytest.mark.parametrize(
    ("x", "digits", "en", "fa"),
    [
        (0.58, 0, "58%", "۵۸٪"),
        (-0.0123, 1, "−1.2%", "−۱٫۲٪"),
        (0.0123, None, "1.2%", "۱٫۲٪"),
        (None, 0, "–", "–"),
    ],
)
def test_percent(x: float | None, digits: int | None, en: str, fa: str) -> None:
    assert [plain(each.percent(x, digits)) for each in (EN, FA, TH)] == [en, fa, en]


@pytest.mark.parametrize(
    ("x", "en", "fa"),
    [
        (0.004, "+0.4%", "+۰٫۴٪"),
        (-0.04, "−4.0%", "−۴٫۰٪"),
        (-0.58, "−58%", "−۵۸٪"),
        (0.0997, "+10%", "+۱۰٪"),
        (12.5, "+1,250%", "+۱٬۲۵۰٪"),
        (-0.0001, "0%", "۰٪"),
        (None, "–", "–"),
        (float("inf"), "–", "–"),
    ],
)
def test_change(x: float | None, en: str, fa: str) -> None:
    assert [plain(each.change(x)) for each in (EN, FA, TH)] == [en, fa, en]


@pytest.mark.parametrize(
    ("x", "en", "fa"),
    [
        (3_996_000, "£4.00m", "۴٫۰۰ میلیون پوند"),
        (3_860_000, "£3.86m", "۳٫۸۶ میلیون پوند"),
        (40_000_000, "£40.0m", "۴۰٫۰ میلیون پوند"),
        (400_000, "£400k", "۴۰۰ هزار پوند"),
        (9_999, "£9,999", "۹٬۹۹۹ پوند"),
        (84.372, "£84.37", "۸۴٫۳۷ پوند"),
    ],
)
def test_amounts_beside_each_other_are_equally_precise(x: float, en: str, fa: str) -> None:
    assert [plain(each.money(x, "GBP", True, digits=2)) for each in (EN, FA)] == [en, fa]


def test_points() -> None:
    said = [plain(each.points(-0.0123)) for each in (EN, FA, TH)]
    assert said == ["−1.2 pts", "−۱٫۲ واحد درصد", "−1.2 จุดเปอร์เซ็นต์"]


@pytest.mark.parametrize(
    ("x", "currency", "compact", "en", "fa", "th"),
    [
        (5_728_000, "GBP", True, "£5.7m", "۵٫۷ میلیون پوند", "£5.7 ล้าน"),
        (-5_728_000, "GBP", True, "−£5.7m", "−۵٫۷ میلیون پوند", "−£5.7 ล้าน"),
        (323.4, "GBP", False, "£323", "۳۲۳ پوند", "£323"),
        (4.5, "GBP", False, "£4.50", "۴٫۵۰ پوند", "£4.50"),
        (12, "GBP", False, "£12", "۱۲ پوند", "£12"),
        (4.5, "JPY", False, "¥5", "۵ ین", "¥5"),
        (1_234_567, "IRR", False, "IRR 1,234,567", "۱٬۲۳۴٬۵۶۷ ریال", "IRR 1,234,567"),
        (52e9, "IRR", True, "IRR 52bn", "۵۲ میلیارد ریال", "IRR 52 พันล้าน"),
        (1_200, "THB", False, "฿1,200", "۱٬۲۰۰ بات", "฿1,200"),
        (1_200_000, "SEK", True, "SEK 1.2m", "۱٫۲ میلیون کرون سوئد", "SEK 1.2 ล้าน"),
        (1_234.5, "", False, "1,235", "۱٬۲۳۵", "1,235"),
        (5_728_000, "", True, "5.7m", "۵٫۷ میلیون", "5.7 ล้าน"),
        (20, "points", False, "points 20", "۲۰ points", "points 20"),
        (None, "GBP", True, "–", "–", "–"),
    ],
)
def test_money(x: float | None, currency: str, compact: bool, en: str, fa: str, th: str) -> None:
    assert [plain(each.money(x, currency, compact)) for each in (EN, FA, TH)] == [en, fa, th]


def test_signed_money() -> None:
    said = [plain(each.money(21_000, "GBP", True, signed=True)) for each in (EN, FA, TH)]
    assert said == ["+£21k", "+۲۱ هزار پوند", "+£21 พัน"]
    assert EN.money(0.001, "GBP", signed=True) == "£0.00"


def test_rial_is_never_turned_into_toman() -> None:
    for amount in (10, 10_000, 1e7, 1e12):
        assert "ریال" in FA.money(amount, "IRR", True)
        assert "تومان" not in FA.money(amount, "IRR", True)


def test_persian_signs_and_words_keep_their_order_in_any_line() -> None:
    assert FA.money(-5_728_000, "GBP", True) == "\u2067\u2066−۵٫۷\u2069\u00a0میلیون\u00a0پوند\u2069"
    assert FA.change(-0.58) == "\u2066−۵۸٪\u2069"
    for text in (FA.money(-5e6, "USD", True), FA.points(0.1), FA.compact(-1e6), FA.percent(0.5)):
        opened = sum(unicodedata.bidirectional(letter) in {"LRI", "RLI", "FSI"} for letter in text)
        assert opened == text.count("\u2069")


def test_digits_within_a_text() -> None:
    assert [each.digits("R5 F1") for each in (EN, FA, TH)] == ["R5 F1", "R۵ F۱", "R5 F1"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1234", "1234"),
        ("1,234.50", "1234.50"),
        ("۱٬۲۳۴٫۵", "1234.5"),
        ("۵/۷", "5.7"),
        ("١٢٣٤٫٥", "1234.5"),
        ("๑๒๓.๕", "123.5"),
        (" −۵ ", "-5"),
        ("+5", "5"),
        ("1 234 567", "1234567"),
        ("1\u00a0234", "1234"),
        (".5", "0.5"),
        ("\u2066−۵۸\u2069", "-58"),
        ("１２", "12"),
    ],
)
def test_parse_number(text: str, number: str) -> None:
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        ".",
        "1,5",
        "12 34",
        "1.2.3",
        "abc",
        "1e5",
        "5/7",
        "5%",
        "£5",
        "--5",
        "1,,000",
        "nan",
        "٫",
    ],
)
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"error\.not_a_number"):
        parse_number(text)


@given(st.decimals(-(10**15), 10**15, places=3), st.sampled_from(LANGUAGES))
def test_what_is_written_can_be_read_again(x: Decimal, code: str) -> None:
    assert parse_number(language(code).number(x, 3)) == x


@given(st.floats(allow_nan=True, allow_infinity=True), st.sampled_from(LANGUAGES))
def test_any_float_can_be_written(x: float, code: str) -> None:
    each = language(code)
    written = [
        each.number(x, None),
        each.compact(x),
        each.percent(x),
        each.change(x),
        each.money(x, "EUR", True),
    ]
    assert all(written)


@pytest.mark.parametrize(
    ("x", "en", "fa"),
    [
        (1.0, "100.0%", "۱۰۰٫۰٪"),
        (0.99951, "over 99.9%", "بیش از ۹۹٫۹٪"),
        (0.9994, "99.9%", "۹۹٫۹٪"),
        (0.0004, "under 0.1%", "کمتر از ۰٫۱٪"),
        (0.0, "0.0%", "۰٫۰٪"),
    ],
)
def test_only_what_is_certain_reads_so(x: float, en: str, fa: str) -> None:
    assert plain(EN.chance(x)) == en
    assert plain(FA.chance(x)) == fa


@pytest.mark.parametrize("each", [EN, FA, TH])
def test_no_line_ends_within_an_amount(each: Language) -> None:
    told = each.money(-5_728_000, "GBP", compact=True)
    assert " " not in told
    assert ("\u2212\u2060£" in told) == (each is not FA)
    assert parse_number("\u2212\u2060" + "12") == -12
