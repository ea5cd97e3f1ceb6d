"""Names of currencies and cities."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from crm_core.base import ContactWay, Sentence
from crm_core.i18n import LANGUAGES, language


@pytest.mark.parametrize(
    ("code", "rial", "tehran"),
    [("en", "Iranian Rial", "Tehran"), ("fa", "ریال ایران", "تهران"), ("th", "เรียลอิหร่าน", "เตหะราน")],
)
def test_names_are_in_the_readers_language(code: str, rial: str, tehran: str) -> None:
    assert language(code).currencies["IRR"] == rial
    assert language(code).time_zones["Asia/Tehran"] == tehran


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_offered_is_in_use(code: str) -> None:
    currencies = language(code).currencies
    assert {"EUR", "USD", "THB", "IRR", "GBP", "JPY"} <= currencies.keys()
    assert not {"DEM", "XXX", "XAU", "ITL"} & currencies.keys()
    zones = language(code).time_zones
    assert "UTC" in zones
    for name in zones:
        ZoneInfo(name)


def test_usual_ways_of_contact_are_said_in_the_readers_language_and_others_as_they_are_stored() -> None:
    assert [language(code).contact_way("Phone") for code in LANGUAGES] == ["phone", "تلفن", "โทรศัพท์"]
    assert language("th").contact_way("E-MAIL") == "อีเมล"
    assert language("en").contact_way("Pigeon") == "Pigeon"
    refused = language("fa").tell(Sentence("customer.reached", {"way": ContactWay("sms")}))
    assert refused == "تنها مشتریانی که تماس از راه پیامک را رد نکرده‌اند."
