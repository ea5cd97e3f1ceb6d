"""Every message in every language, whole and safe."""

from __future__ import annotations

import datetime as dt
import gettext
import re
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import numpy as np
import polib
import pytest
from babel import Locale

from crm_core.base import Id, InputError, Money, Sentence, Share
from crm_core.i18n import LANGUAGES, UnknownMessage, WrongPlaceholders, language
from crm_core.i18n import messages as messages_module
from crm_core.i18n.messages import CATALOGUES, Catalogue, Message, catalogue, plural_tags, template
from crm_core.overview.rules import PERIOD_CHOICES
from crm_core.periods import CALENDARS
from crm_core.schemas import SCHEMAS
from crm_core.segments.rules import SEGMENTS, STRATEGY
from crm_core.workspace.asked import describe
from crm_core.workspace.catalogue import METRICS

ENGLISH = catalogue("en").messages
ARABIC_NOT_PERSIAN = re.compile("[\u064a\u0643\u0629\u0660-\u0669]")


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_has_every_message(code: str) -> None:
    assert catalogue(code).messages.keys() == ENGLISH.keys()


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_message_asks_for_the_same_values_in_every_language(code: str) -> None:
    for key, message in catalogue(code).messages.items():
        assert message.plural == ENGLISH[key].plural, key
        assert message.placeholders == ENGLISH[key].placeholders, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_message_is_empty_and_every_plural_form_is_there(code: str) -> None:
    for key, message in catalogue(code).messages.items():
        assert len(message.texts) == (len(plural_tags(code)) if message.plural else 1), key
        for text in message.texts:
            assert text.strip() == text, key
            assert text, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_plural_form_shows_its_values(code: str) -> None:
    for key, message in catalogue(code).messages.items():
        for text in message.texts:
            named = {part.name for part in template(text) if not isinstance(part, str)}
            assert message.placeholders - named <= {"count"}, key


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_header_counts_plurals_as_the_language_does(code: str) -> None:
    header = polib.pofile(str(CATALOGUES / f"{code}.po")).metadata["Plural-Forms"]
    plural = gettext.c2py(header.partition("plural=")[2].rstrip(";"))
    rule = Locale.parse(code).plural_form
    for count in range(1_000):
        assert plural_tags(code)[plural(count)] == rule(count)


@pytest.mark.parametrize("code", LANGUAGES)
def test_entries_are_ordered_unique_and_grouped(code: str) -> None:
    entries = polib.pofile(str(CATALOGUES / f"{code}.po"), check_for_duplicates=True)
    keys = [entry.msgid for entry in entries]
    assert keys == sorted(set(keys))
    groups = [entry.msgid.split(".")[0] for entry in entries if entry.tcomment]
    assert groups == sorted({key.split(".")[0] for key in keys})
    assert not any(entry.fuzzy or entry.obsolete for entry in entries)


def test_persian_is_written_with_persian_letters() -> None:
    for key, message in catalogue("fa").messages.items():
        for text in message.texts:
            assert not ARABIC_NOT_PERSIAN.search(text), key
            assert not re.search(r"\bمی |\bنمی | ها\b", text), f"{key}: a half-space is missing"


def test_persian_and_thai_are_in_their_own_script() -> None:
    for code, script in (("fa", re.compile("[\u0600-\u06ff]")), ("th", re.compile("[\u0e00-\u0e7f]"))):
        for key, message in catalogue(code).messages.items():
            said, english = (re.sub(r"\{[^}]*\}", "", each.texts[0]) for each in (message, ENGLISH[key]))
            if re.search("[a-z]{4}", english.lower()) and key != "app.name":
                assert script.search(said), f"{code} {key}"


def test_what_rooms_name_by_code_has_its_words() -> None:
    expected = {f"segment.{name}" for name in SEGMENTS} | {f"segment.{name}.strategy" for name in SEGMENTS}
    expected |= {f"strategy.{name}" for name in STRATEGY.values()}
    expected |= {f"period.{name}" for name in PERIOD_CHOICES}
    expected |= {f"calendar.{name}" for name in CALENDARS} | {f"date.era.{name}" for name in CALENDARS}
    expected |= {f"table.{name}" for name in SCHEMAS}
    expected |= {f"column.{column}" for schema in SCHEMAS.values() for column in schema.columns}
    expected |= {f"column.{column}" for metric in METRICS.values() for column, _ in describe(metric).columns}
    assert expected - ENGLISH.keys() == set()


def test_catalogues_are_read_about_as_fast_as_polib_does() -> None:
    ours = min(_time_of(_read) for _ in range(3))
    theirs = min(_time_of(_read_by_polib) for _ in range(3))
    assert ours < 2 * theirs


def _read() -> None:
    catalogue.cache_clear()
    for code in LANGUAGES:
        catalogue(code)


def _read_by_polib() -> None:
    for code in LANGUAGES:
        polib.pofile(str(CATALOGUES / f"{code}.po"))


def _time_of(work: Callable[[], None]) -> float:
    start = time.thread_time()
    work()
    return time.thread_time() - start


def test_values_are_written_for_the_language() -> None:
    said = {code: language(code).say("page.as_of", date=dt.date(2011, 12, 9)) for code in LANGUAGES}
    assert said == {
        "en": "as of 9 December 2011",
        "fa": "تا \u2067۱۸ آذر ۱۳۹۰\u2069",
        "th": "ณ 9 ธันวาคม 2554",
    }
    assert "۵٬۳۰۰" in language("fa").say("base.no_such_version", version=5300)
    assert "4.16" in language("en").say("base.no_such_version", version=np.float64(4.16))
    assert "4.10" in language("en").say("base.no_such_version", version=Decimal("4.1"))


def test_count_chooses_the_plural_form() -> None:
    said = {code: [language(code).say("picture.n_customers", count=n) for n in (1, 2)] for code in LANGUAGES}
    assert said["en"] == ["n = 1 customer", "n = 2 customers"]
    assert said["fa"] == ["تعداد = ۱ مشتری", "تعداد = ۲ مشتری"]
    assert said["th"] == ["n = ลูกค้า 1 ราย", "n = ลูกค้า 2 ราย"]
    assert language("en").say("picture.n_customers", count=np.int64(1)) == "n = 1 customer"


def test_codes_become_words() -> None:
    said = language("en").say("base.table_not_provided", table="rates")
    assert said == "This needs the table “exchange rates”, which has not been brought in yet."
    assert language("en").say("base.table_not_provided", table="table.rates") == said
    with pytest.raises(UnknownMessage, match=r"table\.nothing"):
        language("en").say("base.table_not_provided", table="nothing")


def test_text_of_the_other_direction_is_set_apart() -> None:
    assert "\u2068orders.csv\u2069" in language("fa").say("import.empty_file", file="orders.csv")
    assert "\u2068مریم\u2069" in language("en").say("customer.orders_of", customer="مریم")
    assert language("en").say("import.empty_file", file="orders.csv") == "orders.csv is empty."


@pytest.mark.parametrize("key", ["00042", "10-42", "10 42", "#7/1", "AB-1042", "1042-AB", "مریم-12", "۱۲٣"])
def test_an_id_is_said_as_it_is_stored(key: str) -> None:
    for said in (
        language("fa").say("customer.orders_of", customer=Id(key)),
        language("fa").say("customer.lines_of", order=Id(key)),
        language("fa").tell(Sentence("customer.unknown", {"customer": Id(key)})),
    ):
        assert f"\u2066{key}\u2069" in said
    assert key in language("en").say("customer.orders_of", customer=Id(key))
    assert language("en").say("customer.orders_of", customer=Id("A-1")) == "Orders of A-1"
    assert "\u2066مریم\u2069" in language("en").say("customer.orders_of", customer=Id("مریم"))


def test_margin_is_one_word_in_persian() -> None:
    fa = catalogue("fa").messages
    assert not [key for key, message in fa.items() if any("حاشیه" in text for text in message.texts)]
    assert fa["figure.margin"].texts == fa["column.margin"].texts == ("سود ناخالص",)


def test_one_is_spoken_of_in_the_singular_in_persian() -> None:
    messages = catalogue("fa").messages
    headlines = [key for key, one in messages.items() if one.plural and key.startswith("customer.headline.")]
    assert headlines
    for key in headlines:
        assert not re.search(r"(?:ند|هستند)\.$", messages[key].texts[0]), key


def test_errors_are_explained_by_their_key() -> None:
    error = InputError("import.empty_file", file="orders.csv")
    assert language("en").explain(error) == "orders.csv is empty."
    with_more = InputError("import.empty_file", file="orders.csv", row=7)
    assert language("en").explain(with_more) == "orders.csv is empty."
    with pytest.raises(WrongPlaceholders, match=r"import\.empty_file"):
        language("en").explain(InputError("import.empty_file"))


def test_sentences_of_the_rooms_are_told_with_their_values() -> None:
    why = Sentence(
        "overview.reason.but",
        {
            "first": Sentence("overview.cause.purchases_per_customer.down"),
            "second": Sentence("overview.cause.basket.up"),
        },
    )
    held = Sentence(
        "overview.headline.held",
        {
            "revenue": Money(5_728_000, "GBP"),
            "change": Share(0.006),
            "period": Sentence("overview.during.last_12_months"),
            "reason": why,
        },
    )
    plain = {code: re.sub("[\u2066-\u2069]", "", language(code).tell(held)) for code in LANGUAGES}
    assert plain["en"] == (
        "Revenue held at £5.7m in the last 12 months: each customer bought less often, but the basket grew."
    )
    assert plain["fa"].replace("\u00a0", " ") == (
        "درآمد در دوازده ماه گذشته روی ۵٫۷ میلیون پوند ثابت ماند: "
        "هر مشتری دفعات کمتری خرید کرد، اما سبدها پُرتر شد."
    )
    assert plain["th"].replace("\u00a0", " ") == (
        "ในช่วง 12 เดือนที่ผ่านมา รายได้ทรงตัวที่ £5.7 ล้าน โดยลูกค้าแต่ละรายซื้อน้อยครั้งลง แต่แต่ละตะกร้ามีมูลค่าสูงขึ้น"
    )
    whole = Sentence(
        "segments.headline.share_revenue", {"customer_share": Share(0.28), "value_share": Share(0.7995, 1)}
    )
    assert language("en").tell(whole) == "28% of customers bring 80.0% of revenue."


def test_a_missing_message_is_an_error_that_names_it() -> None:
    with pytest.raises(UnknownMessage, match=r"overview\.nothing"):
        language("en").say("overview.nothing")


@pytest.mark.parametrize(
    "values", [{}, {"date": "x", "more": 1}, {"day": "x"}, {"date": None}, {"date": True}, {"date": []}]
)
def test_wrong_values_are_an_error_that_names_the_message(values: dict[str, object]) -> None:
    with pytest.raises(WrongPlaceholders, match=r"page\.as_of"):
        language("th").say("page.as_of", **values)


def test_a_plural_without_a_whole_count_is_an_error() -> None:
    for values in ({}, {"count": 1.5}, {"count": "1"}):
        with pytest.raises(WrongPlaceholders, match="n_customers"):
            language("en").say("picture.n_customers", **values)


@pytest.mark.parametrize(
    "text", ["{x.__class__}", "{x[0]}", "{x!r}", "{x:>100}", "{}", "{0}", "{x", "x}", "{{x}}", "{X}"]
)
def test_a_placeholder_reaches_nothing_but_its_value(text: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        template(text)


def test_values_are_not_read_as_messages() -> None:
    said = Catalogue("en", {"a.b": Message(("{x}",), plural=False)}).fill("a.b", {"x": "{y} {x.__class__}"})
    assert said == "{y} {x.__class__}"


def test_a_malformed_catalogue_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "en.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "a"\nmistake "b"\n', encoding="utf-8")
    monkeypatch.setattr(messages_module, "CATALOGUES", tmp_path)
    with pytest.raises(Exception, match="Unknown or misformatted keyword"):
        catalogue.__wrapped__("en")


def test_only_known_languages_and_calendars() -> None:
    with pytest.raises(InputError, match=r"error\.unknown_language"):
        language("de")
    with pytest.raises(InputError, match=r"error\.unknown_calendar"):
        language("en", "mayan")
    assert [language(code).direction for code in LANGUAGES] == ["ltr", "rtl", "ltr"]
    assert [language(code).calendar for code in LANGUAGES] == ["gregorian", "jalali", "buddhist"]
    assert [language(code).endonym for code in LANGUAGES] == ["English", "فارسی", "ไทย"]
    assert language("fa", "gregorian").calendar == "gregorian"
