"""What an offer costs and how often it works, to be set by the reader."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

from crm_core.base import ContactWay, Money, Sentence
from crm_core.churn.answers import Deal, Learnt, Terms
from crm_core.ui import markup, report, state
from crm_core.ui.churn import choices
from crm_core.ui.shell import Reader

_DIGITS: Final = (1, 1.5, 2, 3, 5, 7)
_DECADES: Final = range(-9, 13)
_LOWEST, _HIGHEST = 0.0005, 1.0
"""Of a usual purchase, between which a contact or an offer may cost."""
_CHANCES: Final = (
    *(0, 0.005, 0.01, 0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.06, 0.08, 0.1, 0.12, 0.15, 0.2, 0.25, 0.3),
    *(0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1),
)
_MOST: Final = 999_999_999
_REFUSED: Final = "mo-terms-refused"
"""Where it is kept for one run what a field was told that it cannot take."""
_SHARES: Final = tuple(tenth / 10 for tenth in range(11))


def sliders(reader: Reader, learnt: Learnt, offer: Deal, usual: Deal, terms: Terms) -> None:
    """What an offer costs and how often it works, to be moved, and how many can be contacted.

    Every move is a step in the address.

    Args:
        reader: Who moves them.
        learnt: What the base itself says of contacts and offers.
        offer: Where they stand.
        usual: Where they stand while the reader says nothing.
        terms: What the reader says.
    """
    currency = reader.workspace.tables.currency
    amounts = _amounts(learnt.purchase)

    def money(amount: float) -> str:
        return reader.language.money(amount, currency)

    def share(part: float) -> str:
        return reader.language.percent(part, None)

    with st.container(key="mo-terms"):
        places = st.columns(4, gap="medium")
        for place, (name, now, common, steps, said) in zip(
            places,
            (
                ("contact", offer.contact_cost, usual.contact_cost, amounts, money),
                ("offer", offer.offer_cost, usual.offer_cost, amounts, money),
                ("saved", offer.saved, usual.saved, _CHANCES, share),
                ("taken", offer.taken, usual.taken, _SHARES, share),
            ),
            strict=True,
        ):
            scale = 100 if said is share else 1
            with place:
                _slider(reader, name, now, common, sorted({*steps, now, common}), said, scale)
        limits = st.columns(4, gap="medium")
        with limits[0]:
            _most(reader, terms)
        with limits[1]:
            _budget(reader, terms, learnt.purchase)
    refused = st.session_state.pop(_REFUSED, None)
    if refused is not None:
        st.html(markup.note(reader.tell(refused), "mo-failure"))
    where_from = _where_from(learnt, terms)
    report.note(reader.say("churn.terms.of", terms=reader.tell(where_from)))


def _most(reader: Reader, terms: Terms) -> None:
    """How many customers can be contacted; empty for as many as pay."""
    key = "mo-term-most"
    st.session_state[key] = terms.most

    def write() -> None:
        chosen = st.session_state[key]
        if chosen is not None and not 1 <= chosen <= _MOST:
            said = {"number": chosen, "most": _MOST}
            st.session_state[_REFUSED] = Sentence("churn.terms.most_refused", said)
            return
        state.write(most=None if chosen is None else str(chosen))

    # No limits of the field's own: it rejects what lies beyond them without a word.
    st.number_input(
        reader.say("churn.terms.most"),
        # Else an emptied field is the least.
        value=None,
        step=1,
        key=key,
        placeholder=reader.say("churn.terms.any"),
        on_change=write,
    )


def _budget(reader: Reader, terms: Terms, purchase: float) -> None:
    """How much can be spent; empty for as much as pays."""
    key, currency = "mo-term-budget", reader.workspace.tables.currency
    st.session_state[key] = terms.budget

    def write() -> None:
        chosen = st.session_state[key]
        if chosen is not None and not choices.LEAST_BUDGET <= chosen <= choices.DEAREST:
            amount = Money(chosen, currency, compact=False)
            st.session_state[_REFUSED] = Sentence("churn.terms.budget_refused", {"amount": amount})
            return
        state.write(budget=None if chosen is None else f"{chosen:.15g}")

    st.number_input(
        f"{reader.say('churn.terms.budget')} {reader.language.currency(currency)}".strip(" ,،"),
        value=None,
        step=float(f"{purchase or 1:.1g}"),
        format="%.15g",
        key=key,
        placeholder=reader.say("churn.terms.any_money"),
        on_change=write,
    )


def _slider(
    reader: Reader,
    name: str,
    now: float,
    usual: float,
    steps: Sequence[float],
    said: Callable[[float], str],
    scale: int,
) -> None:
    key = f"mo-term-{name}"
    st.session_state[key] = now

    def write() -> None:
        chosen = st.session_state[key]
        state.write(**{name: None if chosen == usual else f"{scale * chosen:.15g}"})

    st.select_slider(
        reader.say(f"churn.terms.{name}"),
        options=steps,
        key=key,
        format_func=said,
        on_change=write,
    )


def _amounts(purchase: float) -> list[float]:
    """Round amounts from nothing to a usual purchase."""
    usual = purchase or 1.0
    found = [float(f"{digit * 10.0**decade:.3g}") for decade in _DECADES for digit in _DIGITS]
    return [0.0, *(one for one in found if _LOWEST * usual <= one <= _HIGHEST * usual)]


def _where_from(learnt: Learnt, terms: Terms) -> Sentence:
    """Which of the terms come from the base, and which are assumed until they are set."""
    contact = Sentence("churn.terms.assumed")
    if learnt.contact_cost is not None:
        contact = Sentence("churn.terms.contact_known")
        if terms.way is not None:
            key = "churn.terms.contact_of_way" if learnt.knows(terms.way) else "churn.terms.contact_of_all"
            contact = Sentence(key, {"way": ContactWay(terms.way)})
    if terms.saved is not None:
        saved = Sentence("churn.terms.saved_set")
    elif learnt.effect is None:
        saved = Sentence("churn.terms.saved_assumed")
    else:
        saved = Sentence("churn.terms.saved_learnt", {"count": learnt.effect.campaigns})
    return Sentence("churn.terms.both", {"contact": contact, "saved": saved})
