"""What sets a ranking: weights to be moved, bands to be set, indicators to be taken in or left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from itertools import pairwise
from typing import Final

import streamlit as st

from crm_core.base import InputError
from crm_core.loyalty.answers import Standing, known_indicators
from crm_core.loyalty.metrics import Looked, looked_at
from crm_core.loyalty.rules import Band, Indicator, sayable_below, usual_days
from crm_core.ui import markup, report, state
from crm_core.ui.loyalty.weighing import LARGEST, MOST_POINTS, SHARES, name_of, part_of
from crm_core.ui.shell import Reader

OPENED: Final = "indicator"
"""The part of the address that tells whose bands are open, by its place from 1."""
WEIGHTS: Final = (0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0)
IN_A_ROW: Final = 4
To = Callable[[Sequence[Indicator]], "list[str] | None"]
"""What the address then says of indicators."""

_DAYS: Final = (90, 180, 365, 730, 0)
_MOST_BANDS: Final = 8
_FAULT: Final = "mo-band-fault"


def controls(
    reader: Reader, found: Standing, indicators: tuple[Indicator, ...], own: tuple[Indicator, ...]
) -> None:
    """Weights, bands, and what customers are ranked by.

    Args:
        reader: Who sets them.
        found: What customers come to, from which bands of an indicator that is taken in are proposed.
        indicators: As they are now.
        own: The programme's own.
    """

    def to(changed: Sequence[Indicator]) -> list[str] | None:
        return part_of(changed, own)

    with st.container(key="mo-weights"):
        for start in range(0, len(indicators), IN_A_ROW):
            for place, column in enumerate(st.columns(IN_A_ROW, gap="medium"), start):
                if place < len(indicators):
                    with column:
                        _weight(reader, indicators, place, to)
        opened = state.read_number(OPENED)
        lines = [_openers(reader, indicators, opened), _takers(reader, found, indicators, to)]
        if to(indicators) is not None:
            again = reader.here(by=None, indicator=None, page=None)
            lines.append(f"<p>{markup.link(reader.say('loyalty.weights.back'), again)}</p>")
        st.html(f'<div class="mo-offers">{"".join(lines)}</div>')
        if opened is not None and 1 <= opened <= len(indicators):
            _bands(reader, indicators, opened - 1, to)


def _weight(reader: Reader, indicators: tuple[Indicator, ...], place: int, to: To) -> None:
    one, key = indicators[place], f"mo-weight-{place}"
    st.session_state[key] = one.weight

    def write() -> None:
        weight = st.session_state[key]
        state.write(page=None, by=to(_with(indicators, place, replace(one, weight=weight))))

    st.select_slider(
        markup.plain(name_of(reader, one)),
        options=sorted({*WEIGHTS, one.weight}),
        key=key,
        format_func=lambda weight: reader.language.number(weight, None),
        on_change=write,
    )


def _openers(reader: Reader, indicators: tuple[Indicator, ...], opened: int | None) -> str:
    links = []
    for place, one in enumerate(indicators, 1):
        held = opened == place
        links.append(_held(name_of(reader, one), reader.here(indicator=None if held else str(place)), held))
    return f"<p>{escape(reader.say('loyalty.weights.bands_of'))} {' '.join(links)}</p>" if links else ""


def _takers(reader: Reader, found: Standing, indicators: tuple[Indicator, ...], to: To) -> str:
    """Indicators that the base knows and that customers are not ranked by yet."""
    used = {one.name for one in indicators}
    offered = [
        found.proposed(Looked(name, within_days=usual_days(name)))
        for name in known_indicators(reader.ask)
        if name not in used
    ]
    channels = reader.workspace.choices.channels
    if len(channels) > 1 and "channel_share" not in used:
        offered.append(found.proposed(Looked("channel_share", channels[:1], usual_days("channel_share"))))
    place = str(len(indicators) + 1)
    links = [
        markup.link(
            reader.say("loyalty.indicator.channel") if one.name == "channel_share" else name_of(reader, one),
            reader.here(page=None, by=to((*indicators, one)), indicator=place),
        )
        for one in offered
        if one is not None
    ]
    return f"<p>{escape(reader.say('loyalty.weights.also_by'))} {' '.join(links)}</p>" if links else ""


def _bands(reader: Reader, indicators: tuple[Indicator, ...], place: int, to: To) -> None:
    """From which values on an indicator gives how many points."""
    one = indicators[place]
    time = _time(reader, one.within_days)
    report.note(reader.say("loyalty.band.title", indicator=name_of(reader, one), time=time))
    fault = st.session_state.pop(_FAULT, None)
    if isinstance(fault, InputError):
        report.failure(reader, fault)
    for start in range(0, len(one.bands), IN_A_ROW):
        for number, column in enumerate(st.columns(IN_A_ROW, gap="medium"), start):
            if number < len(one.bands):
                with column:
                    _band(reader, indicators, place, number, to)
    st.html(f'<div class="mo-offers">{"".join(_offers(reader, indicators, place, to))}</div>')


def _band(reader: Reader, indicators: tuple[Indicator, ...], place: int, number: int, to: To) -> None:
    one = indicators[place]
    band, scale = one.bands[number], 100 if one.name in SHARES else 1
    at_key, points_key = f"mo-band-from-{number}", f"mo-band-points-{number}"
    st.session_state[at_key] = float(f"{scale * band.at:.12g}")
    st.session_state[points_key] = band.points

    def write() -> None:
        at, points = st.session_state[at_key], st.session_state[points_key]
        if at is None or points is None:
            return
        bands = [*one.bands[:number], Band(at / scale, points), *one.bands[number + 1 :]]
        bands.sort(key=lambda each: each.at)
        if any(lower.at == upper.at for lower, upper in pairwise(bands)):
            st.session_state[_FAULT] = InputError("loyalty.band.twice")
            return
        state.write(page=None, by=to(_with(indicators, place, replace(one, bands=tuple(bands)))))

    step = max(sayable_below(band.at / 10), 1.0) if one.name == "amount" and band.at > 0 else 1.0
    for words, key, most, by in (
        (f"loyalty.band.from.{one.name}", at_key, LARGEST, step),
        ("loyalty.band.points", points_key, MOST_POINTS, 1.0),
    ):
        st.number_input(
            reader.say(words),
            min_value=-most,
            max_value=most,
            # Else an emptied field is the least.
            value=None,
            step=by,
            format="%.10g",
            key=key,
            on_change=write,
        )


def _offers(reader: Reader, indicators: tuple[Indicator, ...], place: int, to: To) -> list[str]:
    """What else can be done with an indicator."""
    one = indicators[place]

    def address(changed: Indicator) -> str:
        return reader.here(page=None, by=to(_with(indicators, place, changed)))

    def link(key: str, changed: Indicator) -> str:
        return markup.link(reader.say(key), address(changed))

    links = []
    if len(one.bands) < _MOST_BANDS:
        links.append(link("loyalty.band.add", replace(one, bands=(*one.bands, _further(one.bands[-1])))))
    if len(one.bands) > 1:
        links.append(link("loyalty.band.drop", replace(one, bands=one.bands[:-1])))
    if len(indicators) > 1:
        left = to([*indicators[:place], *indicators[place + 1 :]])
        without = reader.here(page=None, by=left, indicator=None)
        links.append(markup.link(reader.say("loyalty.weights.leave_out"), without))
    lines = [f"<p>{' '.join(links)}</p>"]
    if one.name == "channel_share":
        lines.append(_channels(reader, one, address))
    if one.name != "tenure_days":
        used = {looked_at(other) for number, other in enumerate(indicators) if number != place}
        times = [
            _held(_time(reader, days), address(replace(one, within_days=days)), days == one.within_days)
            for days in sorted({*_DAYS, one.within_days}, key=lambda days: days or math.inf)
            if looked_at(replace(one, within_days=days)) not in used
        ]
        lines.append(f"<p>{escape(reader.say('loyalty.weights.within'))} {' '.join(times)}</p>")
    return lines


def _further(last: Band) -> Band:
    """A band above the highest one, to begin with."""
    return Band(2 * last.at if last.at > 0 else last.at + 1, last.points + math.copysign(1, last.points))


def _channels(reader: Reader, one: Indicator, address: Callable[[Indicator], str]) -> str:
    links = []
    for name in reader.workspace.choices.channels:
        held = name in one.channels
        chosen = tuple(each for each in one.channels if each != name) if held else (*one.channels, name)
        # Without any channel there would be nothing to look at.
        links.append(_held(name, address(replace(one, channels=chosen or one.channels)), held))
    return f"<p>{escape(reader.say('loyalty.weights.through'))} {' '.join(links)}</p>"


def _time(reader: Reader, days: int) -> str:
    return reader.say("loyalty.weights.days", days=days) if days else reader.say("loyalty.weights.ever")


def _held(words: str, address: str, held: bool) -> str:
    current = ' aria-current="true"' if held else ""
    return f'<a href="{escape(address)}"{current}>{escape(words)}</a>'


def _with(indicators: Sequence[Indicator], place: int, one: Indicator) -> tuple[Indicator, ...]:
    return (*indicators[:place], one, *indicators[place + 1 :])
