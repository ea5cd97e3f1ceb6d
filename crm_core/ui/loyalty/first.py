"""The way to a first programme: what customers are to do more of, what is proposed for it, and its name."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Final, cast

import streamlit as st

from crm_core.base import CrmError, Sentence, Share
from crm_core.loyalty.answers import Question, Start, reasons, start
from crm_core.loyalty.rules import GOALS, TEMPLATES, Goal, Names, Programme, write_programme
from crm_core.ui import markup, navigation, report, state
from crm_core.ui.frame import Choice
from crm_core.ui.loyalty import choices, terms
from crm_core.ui.loyalty.choices import Chosen
from crm_core.ui.report import ShownHighlight, Way
from crm_core.ui.shell import Reader
from crm_core.workspace import programmes
from crm_core.workspace.programmes import ProgrammeChanged

GOAL: Final = "goal"
GIVEN: Final = "give"
_NAME: Final = "mo-programme-name"
_FAULT: Final = "mo-programme-fault"
_LONGEST_NAME: Final = 100


def goal() -> Goal | None:
    """What the address says that customers are to do more of."""
    return cast("Goal | None", state.read(GOAL, GOALS))


def begun(reader: Reader) -> Start:
    """What a first programme can begin with.

    Raises:
        CrmError: Nobody has bought in the last year.
    """
    return start(reader.ask, as_of=reader.as_of)


def leads(reader: Reader) -> bool:
    """Whether the reader is on the way to a first programme: none is saved, or a goal is being looked at."""
    if state.read("programme", choices.known(reader)) is not None:
        return False
    return goal() is not None or choices.usual(reader) is None


def ask(reader: Reader, found: Start) -> None:
    """What customers are to do more of: plain questions, the base's own numbers beside each."""
    report.answer(
        reader,
        Sentence("loyalty.first.headline"),
        Sentence("loyalty.first.context", {"count": found.habits.customers}),
    )
    report.highlights(reader, [_question(reader, one) for one in found.questions])
    links = [markup.link(choices.name_of(reader, code), reader.here(programme=code)) for code in TEMPLATES]
    words = escape(reader.say("loyalty.first.templates"))
    st.html(f'<div class="mo-offers"><p>{words} {" ".join(links)}</p></div>')


def _question(reader: Reader, one: Question) -> ShownHighlight:
    way = Way(reader.say("loyalty.first.propose"), "loyalty", {GOAL: one.goal})
    return ShownHighlight(
        headline=reader.say(f"loyalty.goal.{one.goal}"),
        text=reader.tell(one.told),
        way=way if one.known else None,
    )


def proposed(reader: Reader, found: Start, asked: Goal) -> Chosen:
    """The programme for a goal, as much given back as the address says.

    Raises:
        CrmError: Nothing can be given, or the base does not know what the goal is about.
    """
    programme = found.programme(asked, found.share(asked, _given()), names(reader, asked))
    if reader.calendar == "jalali":
        programme = replace(programme, calendar="jalali")
    return Chosen("", programme.name, programme, choices.months())


def names(reader: Reader, asked: Goal) -> Names:
    """What the parts of a programme are called, in the reader's words."""
    say = reader.say
    return Names(
        programme=say("loyalty.name.partners" if asked == "punctual" else "loyalty.name.club"),
        steps=(say("loyalty.name.silver"), say("loyalty.name.gold")),
        partners=(say("loyalty.name.partner"), say("loyalty.name.preferred")),
        small=say("loyalty.name.small"),
        large=say("loyalty.name.large"),
        credit=say("loyalty.name.credit"),
        thanks=say("loyalty.name.thanks"),
    )


def draw_terms(reader: Reader, found: Start, asked: Goal, programme: Programme) -> None:
    """The terms in words, what they were derived from, and how much is given back."""
    shares = found.of(asked).shares_given
    kind = "revenue" if found.of(asked).margin is None else "margin"
    now = found.share(asked, _given())
    usual = found.share(asked)
    shares_offered = [
        Choice(reader.language.percent(share), GIVEN, None if share == usual else str(place), share == now)
        for place, share in enumerate(shares, 1)
    ]
    goals = [
        Choice(reader.say(f"loyalty.goal.{one.goal}"), GOAL, one.goal, one.goal == asked)
        for one in found.questions
        if one.known
    ]
    report.offers(
        reader,
        {reader.say("loyalty.first.goal"): goals, reader.say(f"loyalty.first.given.{kind}"): shares_offered},
    )
    st.html(terms.drawn(reader, programme, reasons(found, asked, programme)))
    report.note(reader.say(f"loyalty.first.derived.{kind}", count=found.of(asked).customers))
    if any(rule.earning == "referral" for rule in programme.earn):
        report.note(reader.say("loyalty.first.thanks"))
    share = programme.redemption
    if share is not None:
        values = {"few": Share(share.low), "likely": Share(share.likely), "many": Share(share.high)}
        report.note(reader.say("loyalty.first.assumed", **values))


def _given() -> int | None:
    """Which of the shares that are offered the address names, from 0."""
    number = state.read_number(GIVEN)
    return number - 1 if number in (1, 2, 3, 4) else None


def save(reader: Reader, programme: Programme) -> None:
    """A name, and the button that keeps the programme under it."""
    fault = st.session_state.pop(_FAULT, None)
    report.section(reader.say("loyalty.first.save"))
    st.session_state.setdefault(_NAME, _free_name(reader, programme.name))

    def keep() -> None:
        _keep(reader, programme, st.session_state[_NAME].strip() or programme.name)

    with st.container(key="mo-first-name"):
        st.text_input(reader.say("loyalty.first.name"), key=_NAME, max_chars=_LONGEST_NAME)
    if isinstance(fault, CrmError):
        report.failure(reader, fault)
    if isinstance(fault, ProgrammeChanged):
        kept = _kept_as(reader, fault.name) or fault.name
        words = reader.say("loyalty.first.see", programme=kept)
        report.ways(reader, [Way(words, "loyalty", {"programme": kept})])
    st.button(reader.say("loyalty.first.keep"), type="primary", key="mo-first-keep", on_click=keep)


def _free_name(reader: Reader, name: str) -> str:
    """The name, with a number after it where a programme is kept by it already."""
    number, name = 1, " ".join(name.split())
    free = name
    while _kept_as(reader, free) is not None:
        number += 1
        free = f"{name} {reader.language.digits(str(number))}"
    return free


def _kept_as(reader: Reader, name: str) -> str | None:
    """How the name is written by which a programme is kept; None where none is."""
    kept = (one.name for one in programmes.listed(reader.workspace.location))
    return next((one for one in kept if programmes.is_same_name(one, name)), None)


def _keep(reader: Reader, programme: Programme, name: str) -> None:
    try:
        kept = programmes.save(reader.workspace.location, write_programme(replace(programme, name=name)))
    except CrmError as error:
        st.session_state[_FAULT] = error
        if isinstance(error, ProgrammeChanged):
            st.session_state[_NAME] = _free_name(reader, name)
        return
    st.session_state.pop(_NAME, None)
    navigation.go("loyalty", state.link(programme=kept.name))
