"""Dates and times from text, against the calendars of two other libraries."""

from __future__ import annotations

import datetime
from zoneinfo import ZoneInfo

import jdatetime
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.base import InputError
from crm_core.periods import CALENDARS, Calendar
from crm_core.sources.moments import MomentReader, wall_clock
from crm_core.sources.states import BAD, MISSING, OK, OUT_OF_RANGE

EPOCH = datetime.datetime(1970, 1, 1)
FIRST, LAST = datetime.datetime(1901, 1, 1), datetime.datetime(2099, 12, 31, 23, 59, 59)


def read(
    text: str, calendar: Calendar = "gregorian", day_order: str = "ymd", zone: str | None = None
) -> datetime.datetime | int:
    """The moment, or its state where it is none."""
    reader = MomentReader(calendar, day_order, ZoneInfo(zone) if zone else None, "ordered_at")
    moments, states = reader.parse(pa.array([text]))
    if states[0] != OK:
        return int(states[0])
    return EPOCH + datetime.timedelta(microseconds=int(moments[0]))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2011-12-09", "2011-12-09T00:00:00"),
        ("2011-12-09 08:26", "2011-12-09T08:26:00"),
        ("2011-12-09 08:26:01", "2011-12-09T08:26:01"),
        ("2011-12-09T08:26:01.5", "2011-12-09T08:26:01.500000"),
        ("2011-12-09 08:26:01.123456789", "2011-12-09T08:26:01.123456"),
        ("2011/12/9 8:26", "2011-12-09T08:26:00"),
        ("2011.12.09", "2011-12-09T00:00:00"),
        ("20111209", "2011-12-09T00:00:00"),
        ("۲۰۱۱/۱۲/۰۹ ۰۸:۲۶", "2011-12-09T08:26:00"),
        ("๒๐๑๑-๑๒-๐๙", "2011-12-09T00:00:00"),
        ("\u200e2011-12-09\u200e", "2011-12-09T00:00:00"),
        ("9 Dec 2011", "2011-12-09T00:00:00"),
        ("09-DEC-2011 11:05 PM", "2011-12-09T23:05:00"),
        ("December 9, 2011", "2011-12-09T00:00:00"),
        ("Dec 9 2011 12:00 am", "2011-12-09T00:00:00"),
        ("2011-12-09 12:30 PM", "2011-12-09T12:30:00"),
        ("9 ธ.ค. 2011", "2011-12-09T00:00:00"),
        ("9 ธันวาคม 2011 เวลา", None),
        ("1901-01-01 00:00:00", "1901-01-01T00:00:00"),
        ("2099-12-31 23:59:59.999999", "2099-12-31T23:59:59.999999"),
    ],
)
def test_dates_as_people_write_them(text: str, expected: str | None) -> None:
    assert read(text) == (BAD if expected is None else datetime.datetime.fromisoformat(expected))


@pytest.mark.parametrize(
    "text",
    [
        "2011-13-01",
        "2011-02-29",
        "2011-12-32",
        "2011-00-10",
        "12/09/2011",  # neither order was stated
        "09/12/11",
        "11-12-09",
        "2011-12",
        "2011",
        "40148.5",
        "2011-12-09 24:00",
        "2011-12-09 08:60",
        "2011-12-09 08:26:60",
        "2011-12-09 13:00 PM",
        "2011-12-09 08",
        "08:26",
        "2011-12-09 x",
        "yesterday",
        "2011--12-09",
        "2011-12-09-10",
        "2011-12-09 08:26 +0330x",
        "9 Foo 2011",
        "=NOW()",
        "2011-12-09" + " " * 10_000 + "x",
    ],
)
def test_what_is_no_date(text: str) -> None:
    assert read(text) == BAD


@pytest.mark.parametrize("text", ["", "  ", "NULL", "NaT", "-", "n/a"])
def test_what_stands_for_nothing(text: str) -> None:
    assert read(text) == MISSING


@pytest.mark.parametrize(
    "text", ["1900-12-31", "2100-01-01", "1402/05/12", "2567-01-01", "0001-01-01", "9999/12/31"]
)
def test_a_date_of_another_calendar_or_century_is_out_of_range(text: str) -> None:
    assert read(text) == OUT_OF_RANGE


def test_one_bad_date_does_not_spoil_its_neighbours() -> None:
    reader = MomentReader("gregorian", "ymd", None, "ordered_at")
    moments, states = reader.parse(
        pa.array(["2011-12-09", "2011-13-09", "", "2200-01-01", "2011-12-10 00:00:01"])
    )
    assert states.tolist() == [OK, BAD, MISSING, OUT_OF_RANGE, OK]
    assert moments[4] - moments[0] == 86_401_000_000
    assert moments[1:4].tolist() == [0, 0, 0]


@given(st.datetimes(FIRST, LAST), st.sampled_from(["ymd", "dmy", "mdy"]), st.sampled_from(["-", "/", "."]))
def test_the_order_of_day_and_month_is_as_stated(moment: datetime.datetime, order: str, mark: str) -> None:
    parts = {"y": f"{moment.year:04d}", "m": str(moment.month), "d": f"{moment.day:02d}"}
    text = mark.join(parts[letter] for letter in order) + moment.strftime(" %H:%M:%S.%f")
    assert read(text, day_order=order) == moment


@given(st.dates(FIRST.date(), LAST.date()))
def test_jalali_dates(date: datetime.date) -> None:
    jalali = jdatetime.date.fromgregorian(date=date)
    expected = datetime.datetime(date.year, date.month, date.day)
    assert read(f"{jalali.year}/{jalali.month:02d}/{jalali.day:02d}", "jalali") == expected
    digits = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
    assert read(f"{jalali.day}/{jalali.month}/{jalali.year}".translate(digits), "jalali", "dmy") == expected


@given(st.integers(1279, 1478), st.integers(0, 13), st.integers(0, 32))
def test_days_that_the_jalali_calendar_does_not_have(year: int, month: int, day: int) -> None:
    try:
        date: datetime.date | None = jdatetime.date(year, month, day).togregorian()
    except ValueError:
        date = None
    found = read(f"{year}/{month}/{day}", "jalali")
    if date is None:
        assert found == BAD
    elif FIRST.date() <= date <= LAST.date():
        assert found == datetime.datetime(date.year, date.month, date.day)
    else:
        assert found == OUT_OF_RANGE


def test_jalali_months_by_name() -> None:
    assert read("۱۲ آبان ۱۴۰۲", "jalali") == datetime.datetime(2023, 11, 3)
    assert read("12 آبان 1402 ساعت 10:00", "jalali") == BAD


@given(st.dates(FIRST.date(), LAST.date()))
def test_buddhist_dates(date: datetime.date) -> None:
    expected = datetime.datetime(date.year, date.month, date.day)
    assert read(f"{date.day}/{date.month}/{date.year + 543}", "buddhist", "dmy") == expected
    digits = str.maketrans("0123456789", "๐๑๒๓๔๕๖๗๘๙")
    assert read(f"{date.year + 543}-{date.month}-{date.day}".translate(digits), "buddhist") == expected


@given(
    st.datetimes(datetime.datetime(1902, 1, 1), datetime.datetime(2099, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["Asia/Tehran", "Asia/Bangkok", "Europe/London", "America/St_Johns", "UTC"]),
)
def test_offsets_become_local_time(moment: datetime.datetime, minutes: int, zone: str) -> None:
    moment = moment.replace(microsecond=0)
    written = moment.replace(tzinfo=datetime.timezone(datetime.timedelta(minutes=minutes)))
    expected = written.astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    if expected.year >= 1902:
        sign = "-" if minutes < 0 else "+"
        offset = f"{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
        shown = expected.replace(microsecond=0)
        found = read(moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + offset, zone=zone)
        assert isinstance(found, datetime.datetime)
        # Before railways, local mean time had offsets of odd seconds; zoneinfo keeps them, and so do we.
        assert found == shown


def test_zulu_and_short_offsets() -> None:
    assert read("2023-06-01T20:30:00Z", zone="Asia/Tehran") == datetime.datetime(2023, 6, 2, 0, 0)
    assert read("2023-06-01 20:30 +07", zone="Asia/Tehran") == datetime.datetime(2023, 6, 1, 17, 0)
    assert read("2023-06-01 20:30+0330", zone="UTC") == datetime.datetime(2023, 6, 1, 17, 0)


def test_an_offset_without_a_time_zone_to_go_to_is_refused() -> None:
    with pytest.raises(InputError) as refusal:
        read("2023-06-01T20:30:00Z")
    assert refusal.value.key == "import.time_zone_missing"
    assert refusal.value.values == {"column": "ordered_at", "value": "2023-06-01T20:30:00Z"}


@given(st.lists(st.integers(-2_000_000_000, 4_000_000_000), min_size=1, max_size=50))
def test_wall_clock_equals_zoneinfo_to_the_second(seconds: list[int]) -> None:
    zone = ZoneInfo("Asia/Tehran")
    found = wall_clock(np.array(seconds, dtype=np.int64) * 1_000_000, zone)
    for second, local in zip(seconds, found.tolist(), strict=True):
        moment = datetime.datetime.fromtimestamp(0, datetime.UTC) + datetime.timedelta(seconds=second)
        expected = moment.astimezone(zone).replace(tzinfo=None)
        assert EPOCH + datetime.timedelta(microseconds=local) == expected


def test_every_calendar_is_read() -> None:
    for calendar in CALENDARS:
        assert read("", calendar) == MISSING
