"""Bars as markup."""

from __future__ import annotations

import re
from dataclasses import replace

from crm_core.ui.bars import Bar, Group, Row, drawn

HOSTILE = '"><script>alert(1)</script>'


def row(*values: float, name: str = "Loyal", leading: bool = True) -> Row:
    return Row(
        name, "customer?a=1&b=2", "told", "12", tuple(Bar(one, f"{one:.0%}") for one in values), leading
    )


def sizes(markup: str) -> list[tuple[float, float]]:
    found = re.findall(r"margin-inline-start: ([0-9.]+)%; width: ([0-9.]+)%", markup)
    return [(float(start), float(width)) for start, width in found]


def test_bars_begin_at_zero_and_the_longest_is_as_long_as_there_is_room() -> None:
    markup = drawn(["Customers", "Revenue"], [Group("Invest", (row(0.2, 0.4), row(0.0, 0.1)))], "All")
    assert sizes(markup) == [(0.0, 50.0), (0.0, 100.0), (0.0, 0.0), (0.0, 25.0)]


def test_a_negative_bar_ends_where_the_others_begin() -> None:
    markup = drawn(["Margin"], [Group("Invest", (row(0.3), row(-0.1)))], "All")
    assert sizes(markup) == [(25.0, 75.0), (0.0, 25.0)]


def test_nothing_at_all_has_no_length() -> None:
    assert sizes(drawn(["Revenue"], [Group("Invest", (row(0.0),))], "All")) == [(0.0, 0.0)]


def test_a_name_is_a_link_and_text() -> None:
    markup = drawn([HOSTILE], [Group(HOSTILE, (row(0.1, name=HOSTILE),))], HOSTILE)
    assert "<script" not in markup
    assert '<a href="customer?a=1&amp;b=2" title="told">' in markup


def test_the_longest_value_has_room_behind_the_longest_bar() -> None:
    def rooms(written: str) -> set[str]:
        group = Group("", (replace(row(0.2), bars=(Bar(1.0, written), Bar(0.5, "€1"))),))
        return set(re.findall(r"padding-inline-end: (\d+)px", drawn(["Cost", "Value"], [group], "All")))

    assert rooms("71%") == {"44"}
    assert rooms("۱٬۲۳۵ یورو") == {"70"}
    assert rooms("\u2067۱٬۲۳۵ یورو\u2069") == {"70"}


def test_a_whisker_too_short_to_be_seen_is_left_out() -> None:
    bars = (Bar(1.0, "100%", bounds=(0.9, 1.1)), Bar(0.0001, "0.01%", bounds=(0.0, 0.0004)))
    markup = drawn(["Value", "Share"], [Group("", (replace(row(0.2), bars=bars),))], "All")
    assert markup.count("<s ") == 1


def test_a_warning_is_marked() -> None:
    group = Group("", (replace(row(0.2), beside="▼ More is spent", warns=True), row(0.1)))
    markup = drawn(["Cost"], [group], "All")
    assert markup.count("mo-warns") == 1
    assert '<p class="mo-beside mo-warns">▼ More is spent</p>' in markup


def test_what_is_not_foremost_waits_on_a_narrow_screen() -> None:
    markup = drawn(["Revenue"], [Group("Invest", (row(0.1), row(0.1, leading=False)))], "All")
    assert markup.count('<li class="mo-minor">') == 1
    assert "<summary>All</summary>" in markup
