"""The parts of a programme that people change, as fields; whatever they say goes into a draft at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

import streamlit as st

from crm_core.base import CrmError
from crm_core.loyalty.answers import joined_campaigns
from crm_core.loyalty.rules import Earning, Expiring, Measure, ProgrammeCalendar
from crm_core.ui import markup, report
from crm_core.ui.loyalty.faults import explained
from crm_core.ui.loyalty.fields import Field, field_of, is_money, label_of
from crm_core.ui.shell import Reader
from crm_core.workspace.programme_drafts import NEW, Place, ProgrammeDraft

_MOST: Final = 1_000_000_000
_DEAREST: Final = 1e12
_MOST_DAYS: Final = 3_650
_RULE_DAYS: Final = 365
_NEVER: Final = "never"
_NEW_EXPIRY: Final[Mapping[str, Mapping[str, Any] | None]] = {
    _NEVER: None,
    "fixed": {"kind": "fixed", "days": 365},
    "year_end": {"kind": "year_end", "years": 1},
    "inactivity": {"kind": "inactivity", "days": 365},
}
_SOME_CLUB: Final = "club"
"""Stands for the campaign of a base that knows none by which anybody joined."""
_NARROWS: Final = ("amount", "purchase")
_SHARES: Final = ("low", "likely", "high")


@dataclass(frozen=True)
class ProgrammeForm:
    """The fields of a draft.

    Args:
        reader: Who changes it.
        draft: What it says now.
        change: Puts a value into a place of the draft, None for nothing; called in callbacks.
        empty: Told the place of a field that was emptied and must say something; called in callbacks.
        refused: Why the last change was not made, and where.
    """

    reader: Reader
    draft: ProgrammeDraft
    change: Callable[[Place, Any], None]
    empty: Callable[[Place], None]
    refused: tuple[Place, CrmError] | None = None

    def members(self) -> None:
        """What it is called, who takes part, whose months and years it means."""
        cells = st.columns(3, vertical_alignment="bottom")
        with cells[0]:
            self._words(("name",))
        with cells[1]:
            self._who()
        with cells[2]:
            self._choice(("calendar",), get_args(ProgrammeCalendar))
        if self._value(("members", "who")) == "joined":
            with st.columns(3)[0]:
                self._campaign()
        self._told(("name",), ("members",))

    def earning(self) -> None:
        """The rules by which points are earned, and the most that are."""
        for number, rule in enumerate(self._value(("earn",)) or ()):
            self._rule(number, rule)
        self._add(("earn",), "add_rule", NEW["amount"])
        for cell, name in zip(
            st.columns(3, vertical_alignment="bottom"), ("purchase", "day", "month"), strict=True
        ):
            with cell:
                self._number(("caps", name), 1, _MOST)

    def expiry(self) -> None:
        """When points expire."""
        kind = self._value(("expiry", "kind")) or _NEVER
        cells = st.columns(3, vertical_alignment="bottom")
        with cells[0]:
            self._select(
                ("expiry", "kind"),
                (_NEVER, *get_args(Expiring)),
                kind,
                lambda chosen: _NEW_EXPIRY[chosen],
                whole=("expiry",),
            )
        with cells[1]:
            if kind == "year_end":
                self._number(("expiry", "years"), 0, 10)
            elif kind != _NEVER:
                self._number(("expiry", "days"), 1, _MOST_DAYS)
        self._told(("expiry",))

    def tiers(self) -> None:
        """The steps, what they take and bring, and how members move between them."""
        steps = self._value(("tiers", "steps")) or ()
        if steps:
            self._tier_terms()
        for number, _ in enumerate(steps):
            place: Place = ("tiers", "steps", number)
            cells = st.columns([6, 4, 4, 4, 3], vertical_alignment="bottom")
            with cells[0]:
                self._words((*place, "name"), "tier")
            with cells[1]:
                self._number((*place, "from"), 0.0, _DEAREST)
            with cells[2]:
                self._number((*place, "multiplier"), 1.0, 100.0, step=0.25)
            with cells[3]:
                self._number((*place, "discount"), 0.0, 100.0, step=0.5)
            self._remove(cells[4], place)
            self._told(place)
        self._add_tier(steps)

    def rewards(self) -> None:
        """What points are used for, and who uses them."""
        rewards = self._value(("rewards",)) or ()
        for number, _ in enumerate(rewards):
            place: Place = ("rewards", number)
            cells = st.columns([10, 4, 4, 3], vertical_alignment="bottom")
            with cells[0]:
                self._words((*place, "name"), "reward")
            with cells[1]:
                self._number((*place, "points"), 1, _MOST)
            with cells[2]:
                self._number((*place, "cost"), 0.0, _DEAREST)
            self._remove(cells[3], place)
            self._told(place)
        most = max((reward["points"] for reward in rewards), default=0)
        name = self.reader.say("loyalty.edit.new_reward", number=len(rewards) + 1)
        self._add(("rewards",), "add_reward", {"name": name, "points": most + 100, "cost": 1})
        report.note(self.reader.say("loyalty.edit.shares"))
        for cell, name in zip(st.columns(3, vertical_alignment="bottom"), _SHARES, strict=True):
            with cell:
                self._number(("redemption", name), 0.0, 100.0, step=5.0)
        self._told(("redemption",))

    def running_cost(self) -> None:
        """What it costs beside rewards and discounts."""
        for cell, name in zip(
            st.columns(3, vertical_alignment="bottom"), ("year", "member_year"), strict=False
        ):
            with cell:
                self._number(("running_cost", name), 0.0, _DEAREST)

    def _who(self) -> None:
        def becomes(chosen: str) -> Mapping[str, Any]:
            kinds = self._value(("members", "kinds"))
            some = {"kinds": kinds} if kinds else {}
            campaign = next(iter(self._campaigns()), _SOME_CLUB)
            return {"who": chosen, **({"campaign": campaign} if chosen == "joined" else {}), **some}

        now = self._value(("members", "who"))
        self._select(("members", "who"), ("everybody", "joined"), now, becomes, whole=("members",))

    def _campaigns(self) -> tuple[str, ...]:
        return joined_campaigns(self.reader.ask, as_of=self.reader.as_of)

    def _campaign(self) -> None:
        """One by which customers joined, or one that the base will know later."""
        place: Place = ("members", "campaign")
        key, now, known = _key(place), self._value(place), self._campaigns()
        st.session_state[key] = now
        st.selectbox(
            self._label(place),
            [*known, *([now] if now not in known else [])],
            key=key,
            accept_new_options=True,
            on_change=lambda: self.change(place, st.session_state[key]),
        )

    def _rule(self, number: int, rule: Mapping[str, Any]) -> None:
        place, kind = ("earn", number), rule["for"]
        cells = st.columns([6, 4, 4, 4, 3], vertical_alignment="bottom")
        with cells[0]:
            self._select(
                (*place, "for"), get_args(Earning), kind, lambda one: self._other(rule, one), whole=place
            )
        with cells[1]:
            self._number((*place, "points"), 1, 100_000)
        with cells[2]:
            if kind in ("amount", "punctual"):
                self._number((*place, "unit"), 0.0001, _DEAREST, needed=kind == "amount")
        with cells[3]:
            if kind in _NARROWS:
                self._number((*place, "at_least"), 0.0, _DEAREST)
            elif kind == "punctual":
                self._number((*place, "days_early"), -_RULE_DAYS, _RULE_DAYS)
            elif kind == "repeat":
                self._number((*place, "number"), 1, 1_000)
        self._remove(cells[4], place)
        self._told(place)
        if kind in _NARROWS:
            choices = self.reader.workspace.choices
            channels, categories = st.columns(2)
            with channels:
                self._several((*place, "channels"), choices.channels)
            with categories:
                self._several((*place, "categories"), choices.categories)

    def _other(self, rule: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        """The rule for something else, with those of its terms that mean something there."""
        kept = {"points", *({"channels", "categories", "at_least"} if kind in _NARROWS else ())}
        kept |= {"unit"} if kind in ("amount", "punctual") else set()
        return {**NEW[kind], **{name: value for name, value in rule.items() if name in kept}, "for": kind}

    def _tier_terms(self) -> None:
        cells = st.columns(3, vertical_alignment="bottom")
        with cells[0]:
            self._choice(("tiers", "by"), get_args(Measure))
        with cells[1]:
            if self._value(("tiers", "by")) != "tenure":
                self._number(("tiers", "within_days"), 1, _MOST_DAYS)
        with cells[2]:
            self._choice(("tiers", "review"), ("month", "quarter", "year"))
        cells = st.columns(3, vertical_alignment="bottom")
        with cells[0]:
            self._number(("tiers", "grace"), 0, 24)
        with cells[1]:
            self._choice(("tiers", "way_down"), ("one_step", "straight"))

    def _add_tier(self, steps: Sequence[Mapping[str, Any]]) -> None:
        name = self.reader.say("loyalty.edit.new_tier", number=len(steps) + 1)
        step = {"name": name, "from": 2 * steps[-1]["from"] or 1} if steps else {"name": name, "from": 100}
        if steps:
            self._add(("tiers", "steps"), "add_tier", step)
        else:
            self._button(("tiers",), "add_tier", {"by": "amount", "within_days": 365, "steps": [step]})

    def _value(self, place: Place) -> Any:
        within: Any = self.draft.told
        for part in place:
            if isinstance(part, str):
                within = within.get(part) if isinstance(within, dict) else None
            else:
                within = within[part] if within is not None else None
        return within

    def _label(self, place: Place) -> str:
        words, unit = label_of(self.reader, place), self.reader.workspace.tables.currency
        money = is_money(place, self.draft.told)
        return self.reader.say("loyalty.edit.in_unit", label=words, unit=unit) if money and unit else words

    def _number(
        self,
        place: Place,
        least: float,
        most: float,
        *,
        needed: bool | None = None,
        step: float | None = None,
    ) -> None:
        """A number; whole where its bounds are. What it usually is, is not written down.

        `needed` is whether it must be there; by itself where nothing there means nothing.
        """
        whole, key, field = isinstance(least, int), _key(place), field_of(place) or Field("")
        usual, scale = field.usual, field.scale
        if needed is None:
            needed = usual is None and not field.nothing
        value = self._value(place)
        shown = usual if value is None else value * scale
        if shown is not None:
            shown = int(shown) if whole else float(f"{shown:.12g}")
            # What a field does not take it would not show: what the text says is seen all the same.
            least, most = min(least, shown), max(most, shown)
        st.session_state[key] = shown

        def write() -> None:
            said = st.session_state[key]
            if said is None and needed:
                self.empty(place)
                return
            said = None if said is None or said == usual else said / scale if scale != 1 else said
            self._put(place, int(said) if said is not None and float(said).is_integer() else said)

        st.number_input(
            self._label(place),
            min_value=least,
            max_value=most if not whole else int(most),
            value=None,
            step=step or (1 if whole else 1.0),
            format=None if whole else "%.10g",
            key=key,
            placeholder=None if needed or not field.nothing else self._say(field.nothing),
            on_change=write,
        )

    def _put(self, place: Place, value: float | None) -> None:
        if place[0] == "redemption" and self._value(place[:1]) is None:
            # A programme has all of the shares or none.
            self.change(place[:1], dict.fromkeys(_SHARES, value))
        else:
            self.change(place, value)

    def _words(self, place: Place, label: str = "") -> None:
        """A text; `label` where the field is called otherwise than what it is of."""
        key = _key(place)
        st.session_state[key] = self._value(place) or ""
        st.text_input(
            self._say(label) if label else self._label(place),
            max_chars=100,
            key=key,
            on_change=lambda: self.change(place, st.session_state[key]),
        )

    def _choice(self, place: Place, options: Sequence[str]) -> None:
        """One of some codes; the usual one is not written down."""
        usual = (field_of(place) or Field("")).usual
        now = self._value(place) or usual or options[0]
        self._select(place, options, now, lambda one: None if one == usual else one)

    def _select(
        self,
        place: Place,
        options: Sequence[str],
        now: str,
        becomes: Callable[[str], Any],
        *,
        whole: Place | None = None,
    ) -> None:
        """One of some codes, and what then stands in its place, or in that of the whole that it is of."""
        key, words = _key(place), (field_of(place) or Field("")).words
        st.session_state[key] = now
        st.selectbox(
            self._label(place),
            options,
            key=key,
            format_func=lambda one: self.reader.say(f"{words}{one}"),
            on_change=lambda: self.change(whole or place, becomes(st.session_state[key])),
        )

    def _several(self, place: Place, known: Sequence[str]) -> None:
        """Some of what the base knows, or anything that it will know later."""
        key, now = _key(place), self._value(place) or []
        st.session_state[key] = now
        st.multiselect(
            self._label(place),
            [*known, *(one for one in now if one not in known)],
            key=key,
            placeholder=self._say("all"),
            accept_new_options=True,
            on_change=lambda: self.change(place, list(st.session_state[key]) or None),
        )

    def _told(self, *places: Place) -> None:
        """Why the last change of one of these was not made, below them."""
        if self.refused is None:
            return
        where, error = self.refused
        if any(where[: len(place)] == place for place in places):
            st.html(markup.note(explained(self.reader, error), "mo-failure mo-here"))

    def _say(self, name: str) -> str:
        return self.reader.say(f"loyalty.edit.{name}")

    def _add(self, place: Place, words: str, item: Mapping[str, Any]) -> None:
        self._button((*place, len(self._value(place) or ())), words, item)

    def _button(self, place: Place, words: str, item: Mapping[str, Any]) -> None:
        st.button(self._say(words), key=f"{_key(place)}-new", on_click=lambda: self.change(place, dict(item)))

    def _remove(self, cell: Any, place: Place) -> None:
        with cell:
            st.button(
                self._say("remove"),
                key=f"{_key(place)}-remove",
                type="tertiary",
                on_click=lambda: self.change(place, None),
            )


def _key(place: Place) -> str:
    return "mo-edit-" + "-".join(map(str, place))
