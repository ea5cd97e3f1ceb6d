"""Dates and periods in three languages and three calendars."""

from __future__ import annotations

import datetime as dt

import jdatetime
import pytest
from hypothesis import given
from hypothesis import strategies as st
from persiantools.jdatetime import JalaliDate

from crm_core import periods
from crm_core.i18n import LANGUAGES, language
from crm_core.periods import Calendar

EN, FA, TH = (language(code) for code in LANGUAGES)
DAY = dt.date(2011, 12, 9)
MARKS = dict.fromkeys(map(ord, "\u2066\u2067\u2068\u2069"))


def plain(text: str) -> str:
    return text.translate(MARKS)


@pytest.mark.parametrize(
    ("calendar", "style", "en", "fa", "th"),
    [
        ("gregorian", "short", "2011-12-09", "۲۰۱۱/۱۲/۰۹", "09/12/2011"),
        ("gregorian", "medium", "9 Dec 2011", "۹ دسامبر ۲۰۱۱", "9 ธ.ค. ค.ศ. 2011"),
        ("gregorian", "long", "9 December 2011", "۹ دسامبر ۲۰۱۱", "9 ธันวาคม ค.ศ. 2011"),
        ("jalali", "short", "1390-09-18", "۱۳۹۰/۰۹/۱۸", "18/09/1390"),
        ("jalali", "medium", "18 Azar 1390", "۱۸ آذر ۱۳۹۰", "18 อะซาร์ 1390"),
        ("jalali", "long", "18 Azar 1390", "۱۸ آذر ۱۳۹۰", "18 อะซาร์ 1390"),
        ("buddhist", "short", "2554-12-09", "۲۵۵۴/۱۲/۰۹", "09/12/2554"),
        ("buddhist", "medium", "9 Dec 2554 BE", "۹ دسامبر ۲۵۵۴ بودایی", "9 ธ.ค. 2554"),
        ("buddhist", "long", "9 December 2554 BE", "۹ دسامبر ۲۵۵۴ بودایی", "9 ธันวาคม 2554"),
    ],
)
def test_date(calendar: Calendar, style: str, en: str, fa: str, th: str) -> None:
    said = [plain(each.date(DAY, calendar, style)) for each in (EN, FA, TH)]  # type: ignore[arg-type]  # a parameter of the test is plain text
    assert said == [en, fa, th]


def test_a_day_may_be_a_date_a_moment_or_a_number() -> None:
    moment = dt.datetime(2011, 12, 9, 23, 59)
    assert EN.date(DAY) == EN.date(moment) == EN.date(periods.day_of(DAY)) == "9 Dec 2011"


def test_the_reader_chooses_the_calendar() -> None:
    assert language("en", "jalali").date(DAY) == "18 Azar 1390"
    assert plain(language("fa", "gregorian").say("page.as_of", date=DAY)) == "تا ۹ دسامبر ۲۰۱۱"


@pytest.mark.parametrize(
    ("unit", "style", "en", "fa", "th"),
    [
        ("month", "narrow", "Dec", "آذر", "ธ.ค."),
        ("month", "short", "Dec 2011", "آذر ۱۳۹۰", "ธ.ค. 2554"),
        ("month", "long", "December 2011", "آذر ۱۳۹۰", "ธันวาคม 2554"),
        ("quarter", "narrow", "Q4", "پاییز", "ไตรมาส 4"),
        ("quarter", "short", "Q4 2011", "پاییز ۱۳۹۰", "ไตรมาส 4/2554"),
        ("quarter", "long", "Q4 2011", "سه‌ماههٔ سوم ۱۳۹۰", "ไตรมาส 4 ปี 2554"),
        ("week", "narrow", "5 Dec", "۱۲ آذر", "5 ธ.ค."),
        ("week", "short", "5 Dec 2011", "۱۲ آذر ۱۳۹۰", "5 ธ.ค. 2554"),
        ("week", "long", "the week of 5 December 2011", "هفتهٔ ۱۲ آذر ۱۳۹۰", "สัปดาห์ที่เริ่ม 5 ธันวาคม 2554"),
        ("year", "narrow", "2011", "۱۳۹۰", "2554"),
        ("year", "short", "2011", "۱۳۹۰", "2554"),
        ("year", "long", "2011", "سال ۱۳۹۰", "ปี พ.ศ. 2554"),
        ("day", "narrow", "9 Dec", "۱۸ آذر", "9 ธ.ค."),
        ("day", "short", "9 Dec 2011", "۱۸ آذر ۱۳۹۰", "9 ธ.ค. 2554"),
        ("day", "long", "9 December 2011", "۱۸ آذر ۱۳۹۰", "9 ธันวาคม 2554"),
    ],
)
def test_period_in_the_languages_own_calendar(unit: str, style: str, en: str, fa: str, th: str) -> None:
    said = [
        plain(each.period(periods.period_of(periods.day_of(DAY), unit, each.calendar), unit, style=style))  # type: ignore[arg-type]  # a parameter of the test is plain text
        for each in (EN, FA, TH)
    ]
    assert said == [en, fa, th]


@pytest.mark.parametrize(
    ("calendar", "unit", "style", "en", "fa", "th"),
    [
        ("gregorian", "month", "long", "December 2011", "دسامبر ۲۰۱۱", "ธันวาคม ค.ศ. 2011"),
        ("gregorian", "quarter", "short", "Q4 2011", "سه‌ماههٔ چهارم ۲۰۱۱ میلادی", "ไตรมาส 4/ค.ศ. 2011"),
        ("gregorian", "year", "long", "2011", "سال ۲۰۱۱ میلادی", "ปี ค.ศ. 2011"),
        ("jalali", "month", "short", "Azar 1390", "آذر ۱۳۹۰", "อะซาร์ 1390"),
        ("jalali", "month", "narrow", "Aza", "آذر", "อะซา"),
        ("jalali", "year", "short", "1390 SH", "۱۳۹۰", "1390 (ปฏิทินอิหร่าน)"),
        ("buddhist", "month", "short", "Dec 2554 BE", "دسامبر ۲۵۵۴ بودایی", "ธ.ค. 2554"),
        ("buddhist", "year", "short", "2554 BE", "۲۵۵۴ بودایی", "2554"),
    ],
)
def test_period_in_a_chosen_calendar(
    calendar: Calendar, unit: str, style: str, en: str, fa: str, th: str
) -> None:
    index = periods.period_of(periods.day_of(DAY), unit, calendar)  # type: ignore[arg-type]  # a parameter of the test is plain text
    said = [plain(each.period(index, unit, calendar, style)) for each in (EN, FA, TH)]  # type: ignore[arg-type]  # a parameter of the test is plain text
    assert said == [en, fa, th]


def test_a_gregorian_month_is_joined_to_its_year_in_persian() -> None:
    january = periods.period_of(periods.day_of(dt.date(2011, 1, 5)), "month")
    assert FA.period(january, "month", "gregorian", "long") == "ژانویهٔ ۲۰۱۱"
    assert FA.period(january, "month", "gregorian", "narrow") == "ژانویه"


@pytest.mark.parametrize(
    ("first", "last", "en", "fa", "th"),
    [
        (
            (2010, 12, 10),
            (2011, 12, 9),
            "10 Dec 2010 – 9 Dec 2011",
            "۱۹ آذر ۱۳۸۹ تا ۱۸ آذر ۱۳۹۰",
            "10 ธ.ค. 2553 – 9 ธ.ค. 2554",
        ),
        ((2011, 12, 2), (2011, 12, 9), "2–9 Dec 2011", "۱۱ تا ۱۸ آذر ۱۳۹۰", "2–9 ธ.ค. 2554"),
        (
            (2011, 11, 2),
            (2011, 12, 9),
            "2 Nov – 9 Dec 2011",
            "۱۱ آبان تا ۱۸ آذر ۱۳۹۰",
            "2 พ.ย. – 9 ธ.ค. 2554",
        ),
        ((2011, 12, 9), (2011, 12, 9), "9 Dec 2011", "۱۸ آذر ۱۳۹۰", "9 ธ.ค. 2554"),
        ((2011, 12, 1), (2011, 12, 31), "Dec 2011", "۱۰ آذر تا ۱۰ دی ۱۳۹۰", "ธ.ค. 2554"),
        (
            (2010, 12, 1),
            (2011, 11, 30),
            "Dec 2010 – Nov 2011",
            "۱۰ آذر ۱۳۸۹ تا ۹ آذر ۱۳۹۰",
            "ธ.ค. 2553 – พ.ย. 2554",
        ),
        ((2011, 1, 1), (2011, 12, 31), "2011", "۱۱ دی ۱۳۸۹ تا ۱۰ دی ۱۳۹۰", "2554"),
        ((2010, 1, 1), (2011, 12, 31), "2010 – 2011", "۱۱ دی ۱۳۸۸ تا ۱۰ دی ۱۳۹۰", "2553 – 2554"),
        ((2011, 3, 21), (2012, 3, 19), "21 Mar 2011 – 19 Mar 2012", "۱۳۹۰", "21 มี.ค. 2554 – 19 มี.ค. 2555"),
        (
            (2011, 3, 21),
            (2011, 5, 21),
            "21 Mar – 21 May 2011",
            "فروردین تا اردیبهشت ۱۳۹۰",
            "21 มี.ค. – 21 พ.ค. 2554",
        ),
    ],
)
def test_date_range(
    first: tuple[int, int, int], last: tuple[int, int, int], en: str, fa: str, th: str
) -> None:
    said = [plain(each.date_range(dt.date(*first), dt.date(*last))) for each in (EN, FA, TH)]
    assert said == [en, fa, th]


def test_long_date_range_and_years_of_another_calendar() -> None:
    said = EN.date_range(dt.date(2011, 2, 1), DAY, style="long")
    assert said == "1 February – 9 December 2011"
    assert EN.date_range(dt.date(2010, 1, 1), dt.date(2011, 12, 31), "buddhist") == "2553 – 2554 BE"
    assert (
        plain(FA.date_range(dt.date(2011, 1, 1), dt.date(2011, 2, 28), "gregorian", "long"))
        == "ژانویه تا فوریهٔ ۲۰۱۱"
    )


def test_persian_dates_keep_their_order_in_any_line() -> None:
    assert FA.date(DAY) == "\u2067۱۸ آذر ۱۳۹۰\u2069"
    assert FA.date(DAY, style="short") == "\u2066۱۳۹۰/۰۹/۱۸\u2069"
    assert FA.period(1390 * 12 + 8, "month") == "آذر ۱۳۹۰"


@given(st.dates(dt.date(1950, 1, 1), dt.date(2089, 12, 31)))
def test_jalali_dates_agree_with_two_libraries(date: dt.date) -> None:
    one, other = JalaliDate(date), jdatetime.date.fromgregorian(date=date)
    assert (one.year, one.month, one.day) == (other.year, other.month, other.day)
    month = jdatetime.date.j_months_fa[other.month - 1]
    said = plain(FA.date(date)).translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789"))
    assert said == f"{one.day} {month} {one.year}"
    assert EN.date(date, "jalali", "short") == f"{one.year:04}-{one.month:02}-{one.day:02}"


@given(st.dates(dt.date(1901, 1, 1), dt.date(2099, 12, 31)))
def test_buddhist_years_are_543_ahead(date: dt.date) -> None:
    assert TH.date(date, style="short") == f"{date.day:02}/{date.month:02}/{date.year + 543}"
